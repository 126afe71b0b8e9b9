//! What WeChat takes (protocol section 5), and how a reply is put right before it is sent.

use std::fmt;

use wxbot_sdk::reply::{CustomOnly, Reply};

pub(crate) use super::split::{first_part, split};
use super::xml::{allowed, is_forbidden};
use wxbot_sdk::message::Content;

/// Beyond this WeChat may show its failure notice instead.
pub(crate) const TEXT_BYTES: usize = 2048;
/// A text beyond the limit is split into parts of this size, with room for a hint that there are
/// more.
const PART_BYTES: usize = 1960;
/// For an event.
const MOST_ARTICLES: usize = 8;
/// A reply of more parts is a plugin gone wild.
const MOST_PARTS: usize = 32;

/// What was changed so that WeChat takes the reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// A reply with nothing in it is not sent: WeChat would show its failure notice.
    Empty(&'static str),
    /// Text beyond the limit was split.
    TextSplit {
        /// How long it was.
        bytes: usize,
        /// Into how many texts.
        parts: usize,
    },
    /// Articles beyond the limit were left out.
    ArticlesCut {
        /// How many there were.
        articles: usize,
        /// How many are sent.
        kept: usize,
    },
    /// Parts beyond the limit were left out.
    PartsCut {
        /// How many there were.
        parts: usize,
    },
}

impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(what) => write!(f, "its {what} is empty, so nothing is sent"),
            Self::TextSplit { bytes, parts } => {
                write!(f, "its {bytes} bytes of text become {parts} texts of at most {PART_BYTES}")
            }
            Self::ArticlesCut { articles, kept } => {
                write!(f, "of its {articles} articles {kept} is the most that is taken here")
            }
            Self::PartsCut { parts } => {
                write!(f, "of its {parts} parts {MOST_PARTS} is the most that is sent")
            }
        }
    }
}

/// Fits a reply into WeChat's limits for the message it answers: returns what can be sent, part by
/// part, and what was changed for that, of several corrections the last one.
pub(crate) fn fit(reply: Reply, answers: &Content) -> (Vec<Reply>, Option<Correction>) {
    let mut correction = None;
    if matches!(&reply, Reply::Text(text) if text.len() <= TEXT_BYTES) {
        return fit_part(reply, most_articles(answers));
    }
    let mut parts = Vec::new();
    for part in reply.into_parts() {
        // Only the first part is a passive reply, which has more room for an event.
        let articles = if parts.is_empty() { most_articles(answers) } else { 1 };
        let (right, changed) = fit_part(part, articles);
        correction = changed.or(correction);
        parts.extend(right);
    }
    if parts.len() > MOST_PARTS {
        correction = Some(Correction::PartsCut { parts: parts.len() });
        parts.truncate(MOST_PARTS);
    }
    (parts, correction)
}

/// The customer-service messages that a reply becomes where it answers nothing. Nothing is left out:
/// whoever sends it can put it right.
pub(crate) fn messages(reply: Reply) -> Result<Vec<Reply>, Correction> {
    let mut messages = Vec::new();
    for part in reply.into_parts() {
        match fit_part(part, 1) {
            (_, Some(wrong @ (Correction::Empty(_) | Correction::ArticlesCut { .. }))) => {
                return Err(wrong);
            }
            (right, _) => messages.extend(right),
        }
    }
    Ok(messages)
}

fn fit_part(part: Reply, most_articles: usize) -> (Vec<Reply>, Option<Correction>) {
    if let Some(what) = empty_part(&part) {
        return (Vec::new(), Some(Correction::Empty(what)));
    }
    match part {
        Reply::Text(text) if text.len() > TEXT_BYTES => {
            // What would not be seen goes first: perhaps the rest fits.
            if let Some(seen) = Some(allowed(&text).trim()).filter(|seen| seen.len() <= TEXT_BYTES)
            {
                return (vec![Reply::text(seen)], None);
            }
            let parts: Vec<_> = split(&text, PART_BYTES).into_iter().map(Reply::text).collect();
            let correction = Correction::TextSplit { bytes: text.len(), parts: parts.len() };
            (parts, Some(correction))
        }
        Reply::News(mut articles) if articles.len() > most_articles => {
            let correction =
                Correction::ArticlesCut { articles: articles.len(), kept: most_articles };
            articles.truncate(most_articles);
            (vec![Reply::News(articles)], Some(correction))
        }
        Reply::Custom { content, otherwise } => fit_custom(content, *otherwise, most_articles),
        part => (vec![part], None),
    }
}

/// In its place a passive reply is given, of which there is one.
fn fit_custom(
    content: CustomOnly,
    otherwise: Reply,
    most_articles: usize,
) -> (Vec<Reply>, Option<Correction>) {
    let Some(first) = otherwise.into_parts().into_iter().next() else {
        return (Vec::new(), Some(Correction::Empty("`otherwise`")));
    };
    let (right, correction) = fit_part(first, most_articles);
    let otherwise = right.into_iter().next();
    (otherwise.map(|otherwise| Reply::custom(content, otherwise)).into_iter().collect(), correction)
}

fn empty_part(reply: &Reply) -> Option<&'static str> {
    let (part, what) = match reply {
        Reply::Text(text) => (text, "text"),
        Reply::Image { media_id } | Reply::Voice { media_id } => (media_id, "media id"),
        Reply::Video(video) => (&video.media_id, "media id"),
        Reply::Music(music) => (&music.music_url, "music URL"),
        Reply::News(articles) if articles.is_empty() => return Some("list of articles"),
        Reply::News(_) | Reply::Transfer { .. } | Reply::Custom { .. } | Reply::Several(_) => {
            return None;
        }
    };
    let says_nothing = part.chars().all(|c| c.is_whitespace() || is_forbidden(c));
    says_nothing.then_some(what)
}

fn most_articles(answers: &Content) -> usize {
    if matches!(answers, Content::Event(_)) { MOST_ARTICLES } else { 1 }
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::reply::Article;

    use super::*;

    #[test]
    fn what_stands_in_place_of_a_menu_is_one_reply_and_not_empty() {
        let menu = || CustomOnly::Article { article_id: "A".into() };
        let put = |otherwise: Reply| fit(Reply::custom(menu(), otherwise), &TEXT);
        let (parts, correction) = put(Reply::several(["a", "b"]));
        assert_eq!((parts, correction), (vec![Reply::custom(menu(), "a")], None));
        let (parts, correction) = put(Reply::text("a".repeat(3000)));
        assert!(parts[0].passive().text_bytes() <= 2048 && correction.is_some());
        for nothing in [Reply::text(" "), Reply::Several(Vec::new())] {
            let (parts, correction) = put(nothing);
            assert!(parts.is_empty() && matches!(correction, Some(Correction::Empty(_))));
        }
    }

    const TEXT: Content = Content::Text { content: String::new(), menu_id: None };

    #[test]
    fn every_part_is_put_right() {
        let two = Reply::news([Article::new("a"), Article::new("b")]);
        let reply = Reply::several([two.clone(), Reply::text(" "), two, Reply::text("c")]);
        let event = Content::Event(wxbot_sdk::event::Event::Unsubscribe {});
        let (parts, correction) = fit(reply, &event);
        let counts: Vec<_> = parts
            .iter()
            .map(|part| if let Reply::News(news) = part { news.len() } else { 0 })
            .collect();
        assert_eq!(counts, [2, 1, 0], "only the first is a passive reply to an event");
        assert_eq!(correction, Some(Correction::ArticlesCut { articles: 2, kept: 1 }));
        let (parts, correction) = fit(Reply::several(["a"; 40]), &event);
        assert_eq!((parts.len(), correction), (32, Some(Correction::PartsCut { parts: 40 })));
    }
}
