//! What a chat shows: the bubble that a reply becomes, and what in it can be tapped.

mod words;

use serde::Serialize;

use crate::act::Act;
use crate::element::Element;
use crate::links;

/// One bubble in the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Bubble {
    /// Words.
    Text {
        /// As one reads it: of a link its label.
        text: String,
        /// What can be tapped, in order.
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
        /// What is below it.
        description: Option<String>,
    },
    /// A piece of music.
    Music {
        /// Its name.
        title: Option<String>,
        /// What is below it.
        description: Option<String>,
        /// Where it is.
        url: Option<String>,
        /// Where it is for who has WLAN.
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
        /// What can be tapped.
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
    /// Nothing to see: a human takes over.
    Transfer {
        /// A certain one, `name@account`.
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

/// Something that can be tapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What one sees.
    pub label: String,
    /// What a tap does.
    pub target: Target,
}

/// What a tap does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Opens a page.
    Url(String),
    /// Opens a mini program.
    MiniProgram {
        /// Which.
        app_id: String,
        /// The page in it.
        path: String,
        /// What old clients open.
        fallback: String,
    },
    /// Sends a text with an id.
    MenuItem {
        /// What is sent.
        content: String,
        /// The id that goes along.
        id: String,
    },
}

impl Link {
    /// What the follower does by tapping it, where the bot hears of that.
    pub fn tap(&self) -> Option<Act> {
        match &self.target {
            Target::MenuItem { content, id } => Some(Act::menu_item(content, id)),
            Target::Url(_) | Target::MiniProgram { .. } => None,
        }
    }
}

impl Bubble {
    /// Words, with links in them (section 5.1).
    pub(crate) fn text(content: &str) -> Self {
        let (text, links) = links::read(content);
        Self::Text { text, links }
    }

    /// The words, of a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// What can be tapped in it.
    pub fn links(&self) -> &[Link] {
        match self {
            Self::Text { links, .. } | Self::Menu { items: links, .. } => links,
            _ => &[],
        }
    }
}

/// What a passive reply lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lack {
    /// An element, or what should be in it.
    Element(String),
    /// A MsgType that there is.
    Kind(String),
}

/// The bubble of a passive reply (section 5). Surplus articles are in it still.
pub(crate) fn of_reply(reply: &Element) -> Result<Bubble, Lack> {
    Ok(match required(reply, "MsgType")?.as_str() {
        "text" => Bubble::text(&required(reply, "Content")?),
        "image" => Bubble::Image { media_id: media_id(reply, "Image")? },
        "voice" => Bubble::Voice { media_id: media_id(reply, "Voice")? },
        "video" => Bubble::Video {
            media_id: media_id(reply, "Video")?,
            title: optional(reply.child("Video"), "Title"),
            description: optional(reply.child("Video"), "Description"),
        },
        "music" => music(inside(reply, "Music")?),
        "news" => news(reply)?,
        "transfer_customer_service" => {
            Bubble::Transfer { kf_account: optional(reply.child("TransInfo"), "KfAccount") }
        }
        other => return Err(Lack::Kind(other.to_owned())),
    })
}

fn music(music: &Element) -> Bubble {
    let text = |name: &str| optional(Some(music), name);
    Bubble::Music {
        title: text("Title"),
        description: text("Description"),
        url: text("MusicUrl"),
        hq_url: text("HQMusicUrl"),
        thumb_media_id: text("ThumbMediaId"),
    }
}

fn news(reply: &Element) -> Result<Bubble, Lack> {
    let count = required(reply, "ArticleCount")?;
    let articles = inside(reply, "Articles")?;
    let items = articles.children().iter().filter(|child| child.name == "item");
    let cards = items.map(card).collect::<Result<Vec<_>, _>>()?;
    if cards.is_empty() || count.trim().parse() != Ok(cards.len()) {
        return Err(Lack::Element("ArticleCount".into()));
    }
    Ok(Bubble::News(cards))
}

/// All four elements are required; only the headline has to say something.
fn card(item: &Element) -> Result<Card, Lack> {
    let text = |name: &str| {
        let text = item.child_text(name).map(str::to_owned);
        text.ok_or_else(|| Lack::Element(name.to_owned()))
    };
    Ok(Card {
        title: required(item, "Title")?,
        description: text("Description")?,
        pic_url: text("PicUrl")?,
        url: text("Url")?,
    })
}

fn media_id(reply: &Element, name: &str) -> Result<String, Lack> {
    required(inside(reply, name)?, "MediaId")
}

fn inside<'r>(reply: &'r Element, name: &str) -> Result<&'r Element, Lack> {
    reply.child(name).ok_or_else(|| Lack::Element(name.to_owned()))
}

/// A text that is there and says something.
fn required(element: &Element, name: &str) -> Result<String, Lack> {
    optional(Some(element), name).ok_or_else(|| Lack::Element(name.to_owned()))
}

fn optional(element: Option<&Element>, name: &str) -> Option<String> {
    element?.child_text(name).filter(|text| !text.is_empty()).map(str::to_owned)
}
