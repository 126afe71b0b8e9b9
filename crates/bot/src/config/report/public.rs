//! What may be shown of the file: the keys whose values are known to hold no secret.

use std::ops::Range;

use Kind::{Id, Public, Secret, Table, Url};

/// What stands under a key, as far as others may see it.
pub(super) enum Kind {
    /// Nothing that has to be hidden.
    Public,
    /// An id beginning with `wx` or `gh_`. Whatever else is there may be a secret in the wrong place.
    Id,
    /// A URL. Who logs in, and its arguments, are hidden.
    Url,
    /// A secret, or something of which nobody knows what it is.
    Secret,
    /// Keys with values of their own.
    Table(&'static [(&'static str, Kind)]),
}

/// The whole file. What is not listed is hidden, nearly all settings of plugins among it.
pub(super) const FILE: Kind = Table(SECTIONS);

const SECTIONS: &[(&str, Kind)] = &[
    (
        "server",
        Table(&[
            ("listen", Public),
            ("workers", Public),
            ("max_connections", Public),
            ("clock_skew", Public),
            ("files", Public),
        ]),
    ),
    ("console", Table(&[("listen", Public), ("token", Secret)])),
    ("store", Table(&[("url", Url), ("prefix", Public)])),
    (
        "limits",
        Table(&[
            ("remember", Public),
            ("memory", Public),
            ("waiting", Public),
            ("running", Public),
        ]),
    ),
    ("late", LATE),
    ("account", ACCOUNT),
    ("chain", CHAIN),
    ("audience", Secret),
];

const LATE: Kind = Table(&[
    ("window", Public),
    ("deliveries", Public),
    ("customer_service", Public),
    ("notice", Public),
    ("word", Public),
    ("more", Public),
    ("label", Public),
    ("nothing", Public),
    ("busy", Public),
    ("ttl", Public),
    ("unclear", Public),
]);

const ACCOUNT: Kind = Table(&[
    ("id", Public),
    ("path", Public),
    ("url", Url),
    ("token", Secret),
    ("previous_token", Secret),
    ("mode", Public),
    ("app_id", Id),
    ("encoding_aes_key", Secret),
    ("previous_encoding_aes_key", Secret),
    ("original_id", Id),
    ("app_secret", Secret),
    ("api_base", Url),
    ("proxy", Secret),
    ("access_token", Public),
    ("bind_queries", Public),
    ("allow_demo_token", Public),
    ("late", LATE),
    (
        "menu",
        Table(&[
            ("button", BUTTON),
            (
                "conditional",
                Table(&[
                    ("matchrule", Table(&[("tag_id", Public), ("client_platform_type", Public)])),
                    ("button", BUTTON),
                ]),
            ),
        ]),
    ),
]);

const BUTTON: Kind = Table(&[
    ("name", Public),
    ("type", Public),
    ("key", Public),
    ("url", Url),
    ("appid", Id),
    ("pagepath", Public),
    ("media_id", Public),
    ("article_id", Public),
    ("sub_button", SUB_BUTTON),
]);

const SUB_BUTTON: Kind = Table(&[
    ("name", Public),
    ("type", Public),
    ("key", Public),
    ("url", Url),
    ("appid", Id),
    ("pagepath", Public),
    ("media_id", Public),
    ("article_id", Public),
]);

const CHAIN: Kind = Table(&[
    ("plugin", Public),
    ("id", Public),
    ("enabled", Public),
    ("when", WHEN),
    ("timeout", Public),
    ("on_error", Public),
    ("cooldown", Table(&[("every", Public), ("per", Public), ("say", Public)])),
    ("dialog", DIALOG),
    ("later", Public),
    ("help", Public),
    ("refusal", Public),
    ("config", PLUGIN),
]);

/// Settings of plugins are hidden, but for what followers read and write, and for times.
const PLUGIN: Kind = Table(&[
    ("reply", Public),
    ("question", Public),
    ("texts", Public),
    ("scenes", Public),
    (
        "rules",
        Table(&[
            ("full", Public),
            ("prefix", Public),
            ("suffix", Public),
            ("contains", Public),
            ("regex", Public),
            ("event", Public),
            ("key", Public),
            ("reply", Public),
        ]),
    ),
    ("choices", Table(&[("label", Public), ("reply", Public)])),
    (
        "entries",
        Table(&[
            ("cron", Public),
            ("zone", Public),
            ("question", Public),
            ("also", Public),
            ("reply", Public),
            ("send", Table(&[("account", Public), ("text", Public)])),
        ]),
    ),
]);

const DIALOG: Kind = Table(&[
    ("ttl", Public),
    ("tries", Public),
    ("cancel", Public),
    ("cancelled", Public),
    ("given_up", Public),
    ("outdated", Public),
    ("links", Public),
]);

const WHEN: Kind = Table(&[
    ("kind", Public),
    ("event", Public),
    ("key", Public),
    ("full", Public),
    ("prefix", Public),
    ("suffix", Public),
    ("contains", Public),
    ("regex", Public),
    ("command", Public),
    ("account", Public),
    ("openid", Public),
    ("hours", Public),
    ("ignore_case", Public),
    ("voice", Public),
    ("audience", Public),
    ("not", INNER_WHEN),
    ("any", INNER_WHEN),
]);

const INNER_WHEN: Kind = Table(&[
    ("kind", Public),
    ("event", Public),
    ("key", Public),
    ("full", Public),
    ("prefix", Public),
    ("suffix", Public),
    ("contains", Public),
    ("regex", Public),
    ("command", Public),
    ("account", Public),
    ("openid", Public),
    ("hours", Public),
    ("ignore_case", Public),
    ("voice", Public),
    ("audience", Public),
]);

impl Kind {
    /// What stands under a key. A long one with one letter wrong is the one that was meant.
    pub(super) fn of(&self, key: &str) -> &Kind {
        let Table(keys) = self else { return self };
        let meant = |name: &str| {
            key == name || key.len() > 4 && strsim::damerau_levenshtein(key, name) == 1
        };
        keys.iter().find(|(name, _)| meant(name)).map_or(&Secret, |(_, kind)| kind)
    }

    /// The parts of a value that are hidden.
    pub(super) fn hides(&self, value: &str) -> Vec<Range<usize>> {
        let all = 0..value.len();
        match self {
            Public => Vec::new(),
            Id if value.starts_with("wx") || value.starts_with("gh_") => Vec::new(),
            Url => hidden_in_url(value),
            Id | Secret | Table(_) => vec![all],
        }
    }

    fn names(&self, name: &str) -> bool {
        let Table(keys) = self else { return false };
        keys.iter().any(|(key, kind)| *key == name || kind.names(name))
    }
}

/// Whoever logs in, up to the last `@`; a port that is no number, as a password may stand there;
/// all arguments. Without a scheme it is no URL: then all of it.
fn hidden_in_url(url: &str) -> Vec<Range<usize>> {
    let slashes = url.find("//").map(|at| at + 2);
    let Some(start) = slashes.or(url.find(':').map(|at| at + 1)) else { return Secret.hides(url) };
    let login = start..url.rfind('@').unwrap_or(start).max(start);
    let arguments = url[start..].find('?').map_or(url.len(), |at| start + at + 1);
    let hosts_end = url[login.end..].find(['/', '?']).map_or(url.len(), |at| login.end + at);
    let mut hidden = vec![login.clone(), arguments..url.len()];
    let mut at = login.end;
    for host in url[login.end..hosts_end].split(',') {
        let port = host.rfind(':').map_or(host.len(), |colon| colon + 1);
        if host.len() - port > 5 || !host[port..].bytes().all(|byte| byte.is_ascii_digit()) {
            hidden.push(at + port..at + host.len());
        }
        at += host.len() + 1;
    }
    hidden
}

/// The sections that have such a key, as they are written.
pub(in crate::config) fn sections_with(key: &str) -> impl Iterator<Item = String> {
    let has =
        move |kind: &Kind| matches!(kind, Table(keys) if keys.iter().any(|(name, _)| *name == key));
    SECTIONS.iter().filter(move |(_, kind)| has(kind)).map(|(name, _)| match *name {
        "account" | "chain" => format!("[[{name}]]"),
        _ => format!("[{name}]"),
    })
}

/// Whether every entry of the chain has such a key.
pub(in crate::config) fn is_of_entry(key: &str) -> bool {
    matches!(CHAIN, Table(keys) if keys.iter().any(|(name, _)| *name == key))
}

/// Whether it is the name of any key or section.
pub(super) fn is_a_name(word: &str) -> bool {
    FILE.names(word)
}
