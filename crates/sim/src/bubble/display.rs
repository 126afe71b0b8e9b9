//! Bubbles as text, for terminals and reports: `[image M1]`, `[article] title url`.

use std::fmt;

use super::Bubble;

impl fmt::Display for Bubble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: &Option<String>| text.clone().unwrap_or_default();
        match self {
            Self::Text { text, .. } => f.write_str(text),
            Self::Image { media_id } => write!(f, "[image {media_id}]"),
            Self::Voice { media_id } => write!(f, "[voice {media_id}]"),
            Self::Video { media_id, title, .. } => write!(f, "[video {media_id}] {}", or(title)),
            Self::Music { title, url, .. } => write!(f, "[music {}] {}", or(url), or(title)),
            Self::News(cards) => {
                let lines =
                    cards.iter().map(|card| format!("[article] {} {}", card.title, card.url));
                f.write_str(&lines.collect::<Vec<_>>().join("\n"))
            }
            Self::Menu { head, items, tail } => {
                let labels = items.iter().map(|item| format!("[{}]", item.label));
                let lines = [head.clone()].into_iter().chain(labels).chain([tail.clone()]);
                let lines = lines.filter(|line| !line.is_empty());
                f.write_str(&lines.collect::<Vec<_>>().join("\n"))
            }
            Self::Article { id } => write!(f, "[article {id}]"),
            Self::MiniProgram { title, app_id, path } => {
                write!(f, "[mini program {app_id}/{path}] {title}")
            }
            Self::Coupon { card_id } => write!(f, "[coupon {card_id}]"),
            Self::Notification { template_id, fields, .. } => {
                let fields = fields.iter().map(|(name, value)| format!(" {name}={value}"));
                write!(f, "[notification {template_id}]{}", fields.collect::<String>())
            }
            Self::Transfer { .. } => f.write_str("[transfer to a human]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bubble::Card;
    use crate::link::{Link, Target};

    #[test]
    fn a_bubble_is_one_line_or_one_per_part() {
        let card = |title: &str| Card {
            title: title.into(),
            description: String::new(),
            pic_url: String::new(),
            url: "https://e.com".into(),
        };
        let item = Target::MenuItem { content: "yes".into(), id: "1".into() };
        let items = vec![Link { label: "yes".into(), target: item }];
        let menu = Bubble::Menu { head: "ok?".into(), items, tail: String::new() };
        let rows = [
            (Bubble::Image { media_id: "M1".into() }, "[image M1]"),
            (
                Bubble::News(vec![card("a"), card("b")]),
                "[article] a https://e.com\n[article] b https://e.com",
            ),
            (menu, "ok?\n[yes]"),
            (Bubble::Transfer { kf_account: None }, "[transfer to a human]"),
        ];
        for (bubble, words) in rows {
            assert_eq!(bubble.to_string(), words);
        }
    }
}
