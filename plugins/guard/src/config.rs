//! What can be set, and what is said unless it is set otherwise.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::settings::{DurationText, duration};
use wxbot_sdk::template::Template;
use wxbot_sdk::template::variables::{Variable, Variables};

/// `[chain.config]` of `guard`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Openids that are refused; `*` and `?` stand for any characters and any one. Default: none.
    pub block: Vec<String>,
    /// Files with more of them, one per line; what is behind a `#` is a comment. Default: none.
    pub block_files: Vec<PathBuf>,
    /// Openids that are let in, and nobody else is. Default: none, which is everybody.
    pub allow: Vec<String>,
    /// Files with more of them. Default: none.
    pub allow_files: Vec<PathBuf>,
    /// How often a follower may write.
    pub flood: FloodSettings,
    /// The longest text that is let in, in characters; 0 is no limit. Default: 0.
    pub max_chars: usize,
    /// Words that are looked for; those of letters only as whole words. Default: none.
    pub words: Vec<String>,
    /// Files with more of them, one per line, in UTF-8. Default: none.
    pub word_files: Vec<PathBuf>,
    /// Harmless words that have such a word in them. Default: none.
    pub except: Vec<String>,
    /// What becomes of a message with such a word: "refuse", "mask" it for the links below, "transfer"
    /// to human customer service, or "pass". Default: refuse.
    pub incoming: Incoming,
    /// What becomes of a reply with such a word: "mask" it, "replace" the reply, or "pass".
    /// Default: mask.
    pub outgoing: Outgoing,
    /// Stands in place of each character. Default: *
    pub mask: char,
    /// What is said. An empty text is not said.
    pub texts: Texts,
}

/// How often a follower may write.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FloodSettings {
    /// So many messages and menu clicks within `every`; 0 is no limit. Default: 20.
    pub messages: u32,
    /// Within this time. Default: 1m.
    #[serde(with = "duration")]
    #[schemars(with = "DurationText")]
    pub every: Duration,
    /// Whoever writes more is refused for so long. Default: 1m.
    #[serde(with = "duration")]
    #[schemars(with = "DurationText")]
    pub pause: Duration,
}

/// What becomes of a message with a sensitive word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Incoming {
    /// `texts.word` is said.
    #[default]
    Refuse,
    /// The links below hear it masked.
    Mask,
    /// Human customer service gets it.
    Transfer,
    /// Nothing.
    Pass,
}

/// What becomes of a reply with a sensitive word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outgoing {
    /// The word is masked.
    #[default]
    Mask,
    /// `texts.replaced` is said instead.
    Replace,
    /// Nothing.
    Pass,
}

/// What is said. An empty text is not said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Texts {
    /// To whoever is on the block list. Default: nothing.
    pub blocked: Template,
    /// To whoever is not on the allow list.
    pub not_allowed: Template,
    /// To whoever writes too often, once; {seconds} is the pause.
    pub flood: Template<Pause>,
    /// To a text that is too long; {max} is the limit.
    pub too_long: Template<Max>,
    /// To a message with a sensitive word.
    pub word: Template,
    /// In place of a reply with a sensitive word.
    pub replaced: Template,
}

/// How long a pause takes.
#[derive(Debug)]
pub enum Pause {}

impl Variables for Pause {
    const OWN: &'static [Variable] = &[Variable::plain("seconds")];
}

/// The longest text that is let in.
#[derive(Debug)]
pub enum Max {}

impl Variables for Max {
    const OWN: &'static [Variable] = &[Variable::plain("max")];
}

impl Default for Config {
    fn default() -> Self {
        Self {
            block: Vec::new(),
            block_files: Vec::new(),
            allow: Vec::new(),
            allow_files: Vec::new(),
            flood: FloodSettings::default(),
            max_chars: 0,
            words: Vec::new(),
            word_files: Vec::new(),
            except: Vec::new(),
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            mask: '*',
            texts: Texts::default(),
        }
    }
}

impl Default for FloodSettings {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self { messages: 20, every: minute, pause: minute }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            blocked: Template::default(),
            not_allowed: "抱歉，本公众号目前只对部分用户开放。".into(),
            flood: "您发得太快了，请 {seconds} 秒后再发。".into(),
            too_long: "这条消息太长了，请精简到 {max} 字以内再发。".into(),
            word: "抱歉，这条消息里有不合适的内容，请换个说法。".into(),
            replaced: "抱歉，这个问题我不便回答，换个问题吧。".into(),
        }
    }
}
