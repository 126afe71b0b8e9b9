//! One question with its answer.

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::reply::settings::ReplyChoice;
use wxbot_sdk::settings::OneOrMany;

/// A question, how else it is asked, and the answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The question, as it is suggested.
    pub question: String,
    /// Other wordings. Default: none.
    #[serde(default)]
    pub(crate) also: OneOrMany,
    /// A text, a table for any reply kind, or a list to pick from.
    pub(crate) reply: ReplyChoice,
}

impl Entry {
    /// One with a text as its answer, which may be a template; `Err` says what is wrong with it.
    pub fn new(question: &str, also: Vec<String>, answer: &str) -> Result<Self, String> {
        let reply = Reply::text(answer).try_into()?;
        Ok(Self { question: question.to_owned(), also: OneOrMany(also), reply })
    }

    /// All its wordings.
    pub fn wordings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.question).chain(&self.also.0).map(String::as_str)
    }

    /// The answer in words, the first of those to pick from that has any. Nothing in it comes from a
    /// follower: what is a template may say what they wrote, and is left out.
    pub(crate) fn text(&self) -> Option<&str> {
        self.reply.replies().find_map(|reply| match reply.as_plain() {
            Some(Reply::Text(text)) => Some(&**text),
            _ => None,
        })
    }
}
