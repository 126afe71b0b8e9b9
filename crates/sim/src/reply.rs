//! Passive replies: the bubble that a reply's elements describe (section 5).

use crate::bubble::{Bubble, Card};
use crate::element::Element;

/// Why elements are no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReplyError {
    /// This element is missing or empty.
    Missing(String),
    /// There is no such MsgType.
    UnknownKind(String),
}

/// Reads a reply. Surplus articles are still in the bubble.
pub(crate) fn read_reply(reply: &Element) -> Result<Bubble, ReplyError> {
    Ok(match required(reply, "MsgType")?.as_str() {
        "text" => Bubble::text(&required(reply, "Content")?),
        "image" => Bubble::Image { media_id: media_id(reply, "Image")? },
        "voice" => Bubble::Voice { media_id: media_id(reply, "Voice")? },
        "video" => Bubble::Video {
            media_id: media_id(reply, "Video")?,
            title: optional(reply.child("Video"), "Title"),
            description: optional(reply.child("Video"), "Description"),
        },
        "music" => music(child(reply, "Music")?),
        "news" => news(reply)?,
        "transfer_customer_service" => {
            Bubble::Transfer { kf_account: optional(reply.child("TransInfo"), "KfAccount") }
        }
        other => return Err(ReplyError::UnknownKind(other.to_owned())),
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

fn news(reply: &Element) -> Result<Bubble, ReplyError> {
    let count = required(reply, "ArticleCount")?;
    let articles = child(reply, "Articles")?;
    let items = articles.children().iter().filter(|child| child.name == "item");
    let cards = items.map(card).collect::<Result<Vec<_>, _>>()?;
    if cards.is_empty() || count.trim().parse() != Ok(cards.len()) {
        return Err(ReplyError::Missing("ArticleCount".into()));
    }
    Ok(Bubble::News(cards))
}

/// All four elements are required, but only the headline must not be empty.
fn card(item: &Element) -> Result<Card, ReplyError> {
    let text = |name: &str| {
        let text = item.child_text(name).map(str::to_owned);
        text.ok_or_else(|| ReplyError::Missing(name.to_owned()))
    };
    Ok(Card {
        title: required(item, "Title")?,
        description: text("Description")?,
        pic_url: text("PicUrl")?,
        url: text("Url")?,
    })
}

fn media_id(reply: &Element, name: &str) -> Result<String, ReplyError> {
    required(child(reply, name)?, "MediaId")
}

fn child<'r>(reply: &'r Element, name: &str) -> Result<&'r Element, ReplyError> {
    reply.child(name).ok_or_else(|| ReplyError::Missing(name.to_owned()))
}

/// A text that is not empty.
fn required(element: &Element, name: &str) -> Result<String, ReplyError> {
    optional(Some(element), name).ok_or_else(|| ReplyError::Missing(name.to_owned()))
}

fn optional(element: Option<&Element>, name: &str) -> Option<String> {
    element?.child_text(name).filter(|text| !text.is_empty()).map(str::to_owned)
}
