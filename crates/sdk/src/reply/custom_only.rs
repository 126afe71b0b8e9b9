//! What only a customer-service message says (protocol section 7.3), and no passive reply.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What only a customer-service message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomOnly {
    /// A page of a mini program that is linked to the account.
    MiniProgram(MiniProgramPage),
    /// A question with answers to tap. The tap comes back as a text with `bizmsgmenuid`.
    Menu(ChoiceMenu),
    /// A published article.
    Article {
        /// From the publishing.
        article_id: String,
    },
    /// A draft; WeChat gives it up in favour of published articles.
    MpNews {
        /// Permanent.
        media_id: String,
    },
}

/// A page of a mini program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MiniProgramPage {
    /// Shown on the card.
    pub title: String,
    /// The mini program's own app id.
    pub app_id: String,
    /// For example `pages/index/index`.
    pub page_path: String,
    /// The picture on the card, by its media id.
    pub thumb_media_id: String,
}

/// A question with answers to tap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceMenu {
    /// The question, above the answers.
    pub head: String,
    /// From top to bottom.
    pub choices: Vec<Choice>,
    /// Below the answers.
    #[serde(default)]
    pub tail: String,
}

/// One answer to tap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Comes back as `bizmsgmenuid`.
    pub id: String,
    /// What the follower sees, and then says.
    pub content: String,
}

impl ChoiceMenu {
    /// A question without answers yet.
    pub fn new(head: impl Into<String>) -> Self {
        Self { head: head.into(), ..Self::default() }
    }

    /// With one more answer.
    #[must_use]
    pub fn choice(mut self, id: impl Into<String>, content: impl Into<String>) -> Self {
        self.choices.push(Choice { id: id.into(), content: content.into() });
        self
    }
}

impl CustomOnly {
    /// The msgtype on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MiniProgram(_) => "miniprogrampage",
            Self::Menu(_) => "msgmenu",
            Self::Article { .. } => "mpnewsarticle",
            Self::MpNews { .. } => "mpnews",
        }
    }

    pub(super) fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::MiniProgram(MiniProgramPage { title, app_id, page_path, thumb_media_id }) => {
                vec![title, app_id, page_path, thumb_media_id]
            }
            Self::Menu(ChoiceMenu { head, choices, tail }) => {
                let choices = choices.iter_mut().flat_map(|one| [&mut one.id, &mut one.content]);
                [head].into_iter().chain(choices).chain([tail]).collect()
            }
            Self::Article { article_id: id } | Self::MpNews { media_id: id } => vec![id],
        }
    }
}
