//! What WeChat takes (protocol section 5), and how a reply is put right before it is sent.

use std::fmt;

use super::Reply;
use super::xml::{allowed, is_forbidden};
use crate::message::Content;

/// Beyond this WeChat may show its failure notice instead.
const TEXT_BYTES: usize = 2048;
/// For an event.
const MOST_ARTICLES: usize = 8;

/// What was changed so that WeChat takes the reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// A reply with nothing in it is not sent: WeChat would show its failure notice.
    Empty(&'static str),
    /// Text beyond the limit was cut at a character.
    TextCut {
        /// How long it was.
        bytes: usize,
    },
    /// Articles beyond the limit were left out.
    ArticlesCut {
        /// How many there were.
        articles: usize,
        /// How many are sent.
        kept: usize,
    },
}

impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(what) => write!(f, "its {what} is empty, so nothing is sent"),
            Self::TextCut { bytes } => {
                write!(f, "its {bytes} bytes of text are cut to {TEXT_BYTES}")
            }
            Self::ArticlesCut { articles, kept } => {
                write!(f, "of its {articles} articles {kept} is the most that is taken here")
            }
        }
    }
}

/// Puts a reply right for the message it answers; `None` when there is nothing left to say.
pub(crate) fn put_right(reply: Reply, answers: &Content) -> (Option<Reply>, Option<Correction>) {
    if let Some(what) = empty_part(&reply) {
        return (None, Some(Correction::Empty(what)));
    }
    match reply {
        Reply::Text(text) if text.len() > TEXT_BYTES => {
            let bytes = text.len();
            (Some(Reply::Text(cut(&text))), Some(Correction::TextCut { bytes }))
        }
        Reply::News(mut articles) if articles.len() > most_articles(answers) => {
            let (articles_before, kept) = (articles.len(), most_articles(answers));
            articles.truncate(kept);
            let correction = Correction::ArticlesCut { articles: articles_before, kept };
            (Some(Reply::News(articles)), Some(correction))
        }
        reply => (Some(reply), None),
    }
}

fn empty_part(reply: &Reply) -> Option<&'static str> {
    let (part, what) = match reply {
        Reply::Text(text) => (text, "text"),
        Reply::Image { media_id } | Reply::Voice { media_id } => (media_id, "media id"),
        Reply::Video(video) => (&video.media_id, "media id"),
        Reply::Music(music) => (&music.music_url, "music URL"),
        Reply::News(articles) if articles.is_empty() => return Some("list of articles"),
        Reply::News(_) | Reply::Transfer { .. } => return None,
    };
    let says_nothing = part.chars().all(|c| c.is_whitespace() || is_forbidden(c));
    says_nothing.then_some(what)
}

fn most_articles(answers: &Content) -> usize {
    if matches!(answers, Content::Event(_)) { MOST_ARTICLES } else { 1 }
}

/// What would not be seen goes first, or nothing else might be left.
fn cut(text: &str) -> String {
    let seen = allowed(text);
    let seen = seen.trim();
    seen[..seen.floor_char_boundary(TEXT_BYTES)].to_owned()
}
