//! Where Redis is, and how to log in: a URL, read.

mod kind;
mod login;
mod percent;

use std::fmt;

use self::percent::decoded;
use crate::open_error::OpenError;
use crate::redaction::redacted;

pub(super) use self::kind::Kind;
pub(super) use self::login::Login;

/// What wxbot's keys begin with, unless something else is said.
const PREFIX: &str = "wxbot:";

/// One server, or several that belong together, read from a URL. Prints without passwords.
#[derive(Clone)]
pub struct Address {
    url: String,
    pub(super) kind: Kind,
    tls: bool,
    /// Never empty: the server, the Sentinels, or some nodes of the cluster.
    pub(super) hosts: Vec<(String, u16)>,
    pub(super) database: i64,
    pub(super) login: Login,
    pub(super) sentinel_login: Login,
    /// Only if the URL names one.
    prefix: Option<String>,
}

impl Address {
    /// Whether URLs of this scheme are for Redis.
    pub(crate) fn is_scheme(scheme: &str) -> bool {
        Kind::of_scheme(scheme).is_some()
    }

    pub(super) fn is_tls(&self) -> bool {
        self.tls
    }

    /// Reads `redis://USER:PASSWORD@HOST:PORT/DB?prefix=wxbot:`, also with `rediss` for TLS, with
    /// `+sentinel` (hosts, then `/MASTER/DB`; `sentinel_user` and `sentinel_password` as
    /// arguments) and with `+cluster` (hosts).
    pub fn read(url: &str) -> Result<Self, OpenError> {
        let scheme = url.split(':').next().unwrap_or_default();
        let Some((tls, kind)) = Kind::of_scheme(scheme) else {
            return Err(OpenError::Unknown { url: redacted(url) });
        };
        let right = kind.form();
        parse(url, tls, kind).map_err(|what| OpenError::Address { url: redacted(url), what, right })
    }

    /// What keys begin with.
    pub(super) fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or(PREFIX)
    }

    /// With another prefix, which the URL must not name, too.
    pub(crate) fn with_prefix(mut self, prefix: &str) -> Result<Self, OpenError> {
        let checked = match &self.prefix {
            Some(_) => Err("the prefix is in the URL already".to_owned()),
            None => checked(prefix.to_owned()),
        };
        let wrong = |what| OpenError::Prefix { prefix: prefix.to_owned(), what };
        self.prefix = Some(checked.map_err(wrong)?);
        Ok(self)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
            && self.prefix == other.prefix
            && self.login == other.login
            && self.sentinel_login == other.sentinel_login
    }
}

impl Eq for Address {}

fn parse(url: &str, tls: bool, kind: Kind) -> Result<Address, String> {
    let (_, rest) = url.split_once("://").ok_or("`//` is missing after the first `:`")?;
    let (login, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (rest, arguments) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = if matches!(kind, Kind::Sentinel(_)) { 26379 } else { 6379 };
    let (kind, database) = kind.with_path(path)?;
    let mut address = Address {
        url: redacted(url),
        kind,
        tls,
        hosts: hosts.split(',').map(|host| read_host(host, port)).collect::<Result<_, _>>()?,
        database,
        login: Login::read(login)?,
        sentinel_login: Login::default(),
        prefix: None,
    };
    read_arguments(&mut address, arguments)?;
    match (&address.kind, address.hosts.len()) {
        (Kind::One, 2..) => {
            Err("it has several hosts; use `redis+sentinel` or `redis+cluster`".into())
        }
        _ => Ok(address),
    }
}

/// `host`, `host:port`, `[::1]:port`.
fn read_host(text: &str, default_port: u16) -> Result<(String, u16), String> {
    let (host, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((host, ""))) => (host, None),
        Some(Some((host, port))) => (host, Some(port.trim_start_matches(':'))),
        Some(None) => return Err(format!("`{text}` has no `]`")),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        None => default_port,
        Some(port) => port.parse().map_err(|_| format!("`{port}` is no port"))?,
    };
    match host {
        "" => Err("the host is missing".into()),
        host => Ok((host.to_owned(), port)),
    }
}

fn read_arguments(address: &mut Address, text: &str) -> Result<(), String> {
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value)?.into_owned();
        match (name, &address.kind) {
            ("prefix", _) => address.prefix = Some(checked(value)?),
            ("sentinel_user", Kind::Sentinel(_)) => address.sentinel_login.user = Some(value),
            ("sentinel_password", Kind::Sentinel(_)) => {
                address.sentinel_login.password = Some(value.into());
            }
            _ => {
                let known = "prefix; for Sentinel: sentinel_user, sentinel_password";
                return Err(format!("there is no argument `{name}` (there are: {known})"));
            }
        }
    }
    Ok(())
}

/// In a cluster, a part in braces decides on the node.
fn checked(prefix: String) -> Result<String, String> {
    match prefix.contains(['{', '}']) {
        true => Err("the prefix has a brace".into()),
        false => Ok(prefix),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(url: &str) -> Address {
        Address::read(url).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_url_of_one_server_is_read() {
        let address = read("redis://bot:p%40ss%2F@10.0.0.1:6380/3?prefix=shop:");
        assert_eq!(address.hosts, [("10.0.0.1".to_owned(), 6380)]);
        assert_eq!(address.prefix(), "shop:");
        assert_eq!((address.database, address.tls, address.kind), (3, false, Kind::One));
        assert_eq!(address.login.user.as_deref(), Some("bot"));
        assert_eq!(address.login.password.unwrap().expose_secret(), "p@ss/");
    }

    #[test]
    fn what_is_not_written_has_its_usual_value() {
        let address = read("rediss://cache.example");
        assert_eq!(address.hosts, [("cache.example".to_owned(), 6379)]);
        assert_eq!((address.database, address.tls), (0, true));
        assert_eq!(address.prefix(), "wxbot:");
        assert!(address.login.password.is_none());
        assert_eq!(read("redis://[::1]").hosts, [("::1".to_owned(), 6379)]);
        assert_eq!(read("redis://[::1]:7").hosts, [("::1".to_owned(), 7)]);
    }

    #[test]
    fn a_prefix_is_given_once() {
        assert_eq!(read("redis://h").with_prefix("shop:").unwrap().prefix(), "shop:");
        for (url, prefix, expected) in [
            ("redis://h?prefix=a:", "a:", "`a:` is no prefix of a store: the prefix is in the URL"),
            ("redis://h", "{a}", "`{a}` is no prefix of a store: the prefix has a brace"),
        ] {
            let error = read(url).with_prefix(prefix).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn sentinels_and_nodes_are_lists() {
        let address = read("redis+sentinel://:pw@a,b:7/main/2?sentinel_password=other");
        assert_eq!(address.hosts, [("a".to_owned(), 26379), ("b".to_owned(), 7)]);
        assert_eq!((address.kind, address.database), (Kind::Sentinel("main".into()), 2));
        assert_eq!(address.sentinel_login.password.unwrap().expose_secret(), "other");
        let address = read("rediss+cluster://a:1,b:2,c:3/");
        assert_eq!((address.hosts.len(), address.kind), (3, Kind::Cluster));
    }

    #[test]
    fn a_wrong_url_is_refused_with_the_reason() {
        let cases = [
            ("redis:localhost", "`//` is missing"),
            ("redis://", "the host is missing"),
            ("redis://h:99999", "`99999` is no port"),
            ("redis://h/x", "`x` is no number of a database"),
            ("redis://h/-1", "`-1` is no number of a database"),
            ("redis://a,b", "it has several hosts"),
            ("redis://user@h", "it has a user without a password"),
            ("redis://[::1", "`[::1` has no `]`"),
            ("redis://h?prefix={x}", "the prefix has a brace"),
            ("redis://h?timeout=1", "there is no argument `timeout`"),
            ("redis://h?sentinel_user=x", "there is no argument `sentinel_user`"),
            ("redis+cluster://h/1", "a cluster has only database 0, not `1`"),
            ("redis+sentinel://h:1//0", "the master's name is missing"),
        ];
        for (url, expected) in cases {
            let error = Address::read(url).unwrap_err().to_string();
            assert!(error.contains(expected), "{url}: {error}");
            assert!(error.contains("; write `redis"), "{url}: {error}");
        }
    }

    #[test]
    fn nothing_that_prints_shows_a_password() {
        let address = read("redis+sentinel://bot:hunter2@a/main?sentinel_password=hunter2");
        let printed = format!("{address} {address:?}");
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
