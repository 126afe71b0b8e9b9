//! The bubbles of a chat: what a reply looks like on the phone.

mod display;

use serde::Serialize;

use crate::link::{Link, find_links};

/// Bytes of a text, in a passive reply and in a customer-service message (section 5.1).
pub const MAX_TEXT_BYTES: usize = 2048;

/// One bubble in the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Bubble {
    /// A text.
    Text {
        /// As it is on the screen: of each link the label.
        text: String,
        /// Its links, in order.
        links: Vec<Link>,
    },
    /// A picture.
    Image {
        /// Uploaded, or received.
        media_id: String,
    },
    /// A voice message.
    Voice {
        /// Uploaded, or received.
        media_id: String,
    },
    /// A video.
    Video {
        /// Uploaded, or received.
        media_id: String,
        /// Its headline.
        title: Option<String>,
        /// The text below it.
        description: Option<String>,
    },
    /// A piece of music.
    Music {
        /// Its name.
        title: Option<String>,
        /// The text below it.
        description: Option<String>,
        /// Where it is streamed from.
        url: Option<String>,
        /// Where it is streamed from over Wi-Fi.
        hq_url: Option<String>,
        /// Its picture.
        thumb_media_id: Option<String>,
    },
    /// Cards with links.
    News(Vec<Card>),
    /// A question with answers to tap (`msgmenu`).
    Menu {
        /// Above the items.
        head: String,
        /// The answers.
        items: Vec<Link>,
        /// Below the items.
        tail: String,
    },
    /// A published article.
    Article {
        /// Its id.
        id: String,
    },
    /// The card of a mini program.
    MiniProgram {
        /// Its headline.
        title: String,
        /// The mini program's app id.
        app_id: String,
        /// The page in it.
        path: String,
    },
    /// A coupon.
    Coupon {
        /// Its id.
        card_id: String,
    },
    /// A template message or a subscription notice.
    Notification {
        /// The template.
        template_id: String,
        /// Each field and its value, in order of their names.
        fields: Vec<(String, String)>,
        /// Where a tap leads.
        url: Option<String>,
    },
    /// Nothing to see: a human agent takes over.
    Transfer {
        /// The agent, `name@account`, if it is a certain one.
        kf_account: Option<String>,
    },
}

/// A card with a picture, a headline and a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    /// The headline.
    pub title: String,
    /// The summary.
    pub description: String,
    /// Its picture.
    pub pic_url: String,
    /// Where a tap leads.
    pub url: String,
}

impl Bubble {
    /// A text with the links in it.
    pub(crate) fn text(content: &str) -> Self {
        let (text, links) = find_links(content);
        Self::Text { text, links }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Everything in it to tap.
    pub fn links(&self) -> &[Link] {
        match self {
            Self::Text { links, .. } | Self::Menu { items: links, .. } => links,
            _ => &[],
        }
    }
}
