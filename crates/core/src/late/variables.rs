//! What the texts of `[late]` know beside what every template knows.

use wxbot_sdk::template::variables::{Variable, Variables};

/// Of a text that tells a follower to write the pull keyword: `{word}`.
pub enum PullKeyword {}

impl Variables for PullKeyword {
    const OWN: &'static [Variable] = &[Variable::plain("word")];
}

/// Of the label of an answer to an earlier message: `{question}`.
pub enum EarlierQuestion {}

impl Variables for EarlierQuestion {
    const OWN: &'static [Variable] = &[Variable::plain("question")];
}
