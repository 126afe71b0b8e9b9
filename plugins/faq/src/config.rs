//! What can be set, and what is said unless it is set otherwise.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::settings::{DurationText, duration};
use wxbot_sdk::template::Template;

use crate::entry::Entry;

/// `[chain.config]` of `faq`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Files with questions and answers: `.csv`, `.md` or `.toml`. Default: none.
    pub files: Vec<PathBuf>,
    /// Questions and answers that stand here. Default: none.
    pub entries: Vec<Entry>,
    /// How near a question has to be to be answered, from 0 to 1. Default: 0.75.
    pub answer: f32,
    /// How near it has to be to be suggested. Default: 0.38.
    pub suggest: f32,
    /// How much nearer than the next one, or both are suggested. Default: 0.05.
    pub lead: f32,
    /// So many are suggested at most. Default: 3.
    pub suggestions: usize,
    /// An entry of the chain, by id, that makes vectors of questions, such as a `chat` with
    /// `embeddings`: they find what means the same in other words. What followers ask goes to its
    /// provider. Default: none, the full text alone.
    pub embeddings: Option<String>,
    /// The cosine of two vectors that counts as not near at all, and that of the same meaning. Default:
    /// [0.4, 0.9].
    pub cosine: [f32; 2],
    /// How often it is looked whether the files changed. Default: 5s.
    #[serde(with = "duration")]
    #[schemars(with = "DurationText")]
    pub reload: Duration,
    /// What is said.
    pub texts: Texts,
}

/// What is said.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Texts {
    /// Above the suggestions. Default: 您是不是想问：
    pub suggest: Template,
    /// The last choice; "" for none. Default: 都不是
    pub none: String,
    /// To whoever chose it.
    pub other: Template,
    /// Where nothing is near. Default: "", which passes the message.
    pub nothing: Template,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            entries: Vec::new(),
            answer: 0.75,
            suggest: 0.38,
            lead: 0.05,
            suggestions: 3,
            embeddings: None,
            cosine: [0.4, 0.9],
            reload: Duration::from_secs(5),
            texts: Texts::default(),
        }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            suggest: "您是不是想问：".into(),
            none: "都不是".into(),
            other: "抱歉，请换个说法再问一次。".into(),
            nothing: Template::default(),
        }
    }
}
