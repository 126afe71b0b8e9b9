//! `when` as it is written, and what is wrong with it.

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::settings::OneOrMany;

/// `when = { … }`: every key that is given must hold; a list holds when one of its texts does.
///
/// `full`, `prefix`, `suffix`, `contains`, `regex` and `command` speak of text messages, and of voice
/// messages that WeChat put into words. Both these conditions and the words are
/// [normalised](super::normalize) first: full width, zero-width characters and the like make no difference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// The kind of message: `text`, `image`, …, `event`.
    pub kind: Option<OneOrMany>,
    /// The event's name, in any case: `subscribe`, `CLICK`, …
    pub event: Option<OneOrMany>,
    /// The event's key, for a subscription by QR code the scene.
    pub key: Option<OneOrMany>,
    /// The text is this, blanks around it aside.
    pub full: Option<OneOrMany>,
    /// The text begins with this.
    pub prefix: Option<OneOrMany>,
    /// The text ends with this.
    pub suffix: Option<OneOrMany>,
    /// The text has this in it.
    pub contains: Option<OneOrMany>,
    /// The text matches this regular expression somewhere.
    pub regex: Option<OneOrMany>,
    /// The text's first word is this with a `/` before it: `help` means `/help me`.
    pub command: Option<OneOrMany>,
    /// The account's id; `*` and `?` stand for any characters and any one.
    pub account: Option<OneOrMany>,
    /// The follower's openid; `*` and `?` stand for any characters and any one.
    pub openid: Option<OneOrMany>,
    /// A part of the day in Beijing, `09:00-18:00` or `Mon-Fri 09:00-18:00`; `22:00-06:00` goes over
    /// midnight.
    pub hours: Option<String>,
    /// Whether `full`, `prefix`, `suffix`, `contains`, `regex` and `command` ignore case.
    pub ignore_case: bool,
    /// Whether they hold for what WeChat recognised of a voice message, too. Default: true.
    pub voice: Option<bool>,
    /// The follower is one of `[audience.NAME]`.
    pub audience: Option<OneOrMany>,
    /// These conditions do not all hold.
    pub not: Option<Box<When>>,
    /// One of these tables of conditions holds.
    pub any: Option<Vec<When>>,
}

/// Why a `when` can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// Not a regular expression.
    #[error("`{0}` is not a regular expression: {1}")]
    Regex(String, String),
    /// Not a part of the day.
    #[error("`{0}` is not a part of the day; write `09:00-18:00` or `Mon-Fri 09:00-18:00`")]
    Hours(String),
    /// A literal that every text has.
    #[error("`{0}` has an empty text, which every message has")]
    Empty(&'static str),
    /// An audience that is not there.
    #[error("there is no `[audience.{0}]`")]
    Audience(String),
    /// An audience of nobody.
    #[error("an audience needs `openid` or `tag`")]
    Nobody,
    /// `not` or `any` without a condition.
    #[error("`{0}` has no conditions")]
    NoConditions(&'static str),
}

impl When {
    /// Whether it has no conditions at all.
    pub(super) fn is_empty(&self) -> bool {
        let Self { ignore_case, voice, .. } = *self;
        *self == Self { ignore_case, voice, ..Self::default() }
    }
}

pub(super) fn texts_of(texts: &Option<OneOrMany>) -> &[String] {
    texts.as_ref().map_or(&[], |texts| &texts.0)
}

/// No pattern at all means anything.
pub(super) fn any(patterns: &[Regex], text: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(text))
}

/// The pattern of a text in which `*` and `?` stand for others.
pub(super) fn glob(glob: &str) -> String {
    let pattern = regex::escape(glob).replace(r"\*", ".*").replace(r"\?", ".");
    format!("(?s)^{pattern}$")
}

/// Whether nothing in it stands for others.
pub(super) fn is_exact(glob: &str) -> bool {
    !glob.contains(['*', '?'])
}

pub(super) fn compile(
    texts: &Option<OneOrMany>,
    pattern: impl Fn(&str) -> String,
) -> Result<Vec<Regex>, MatcherError> {
    let compile = |text: &String| {
        Regex::new(&pattern(text)).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default();
            MatcherError::Regex(text.clone(), reason.trim_start_matches("error: ").to_owned())
        })
    };
    texts_of(texts).iter().map(compile).collect()
}
