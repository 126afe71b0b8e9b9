//! Links, and how a phone finds them in a text (section 5.1).

use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::act::Act;

/// Something to tap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The text on the screen.
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
        /// The mini program's app id.
        app_id: String,
        /// The page in it.
        path: String,
        /// The URL that old clients open instead.
        fallback: String,
    },
    /// Sends a text with an id.
    MenuItem {
        /// The text that is sent.
        content: String,
        /// The id sent along with it.
        id: String,
    },
}

impl Link {
    /// What the follower does by tapping it; none if the bot is not told.
    pub fn tap(&self) -> Option<Act> {
        match &self.target {
            Target::MenuItem { content, id } => Some(Act::menu_item(content, id)),
            Target::Url(_) | Target::MiniProgram { .. } => None,
        }
    }
}

const MENU_ITEM: &str = "weixin://bizmsgmenu?";

/// Splits a text message into the text on the screen and its links, in order.
pub(crate) fn find_links(content: &str) -> (String, Vec<Link>) {
    let (mut text, mut links) = (String::new(), Vec::new());
    let mut rest = content;
    while let Some(start) = rest.find("<a ") {
        let Some((link, behind)) = anchor(&rest[start..]) else {
            let (bare, more) = rest.split_at(start + 3);
            push_text(bare, &mut text, &mut links);
            rest = more;
            continue;
        };
        push_text(&rest[..start], &mut text, &mut links);
        text.push_str(&link.label);
        links.push(link);
        rest = behind;
    }
    push_text(rest, &mut text, &mut links);
    (text, links)
}

/// `<a href="…">label</a>` at the start, and the text behind it.
fn anchor(text: &str) -> Option<(Link, &str)> {
    let (attributes, rest) = text.strip_prefix("<a ")?.split_once('>')?;
    let (label, behind) = rest.split_once("</a>")?;
    let href = attribute(attributes, "href")?;
    let app_id = attribute(attributes, "data-miniprogram-appid");
    let target = match (app_id, href.strip_prefix(MENU_ITEM)) {
        (Some(app_id), _) => Target::MiniProgram {
            app_id: app_id.to_owned(),
            path: attribute(attributes, "data-miniprogram-path").unwrap_or_default().to_owned(),
            fallback: href.to_owned(),
        },
        (None, Some(query)) => Target::MenuItem {
            content: parameter(query, "msgmenucontent"),
            id: parameter(query, "msgmenuid"),
        },
        (None, None) => Target::Url(href.to_owned()),
    };
    Some((Link { label: label.to_owned(), target }, behind))
}

/// The value of an attribute, in single or double quotes.
fn attribute<'t>(attributes: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = attributes;
    while let Some((key, value)) = rest.split_once('=') {
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, behind) = value[1..].split_once(quote)?;
        if key.trim() == name {
            return Some(value);
        }
        rest = behind;
    }
    None
}

fn parameter(query: &str, name: &str) -> String {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.find(|(key, _)| *key == name).map_or("", |(_, value)| value);
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

/// Appends text outside of tags, in which bare URLs are links.
fn push_text(part: &str, text: &mut String, links: &mut Vec<Link>) {
    text.push_str(part);
    let mut rest = part;
    while let Some(start) = first_url(rest) {
        let url = &rest[start..];
        let end = url.find(|c: char| !c.is_ascii_graphic() || "<>\"'".contains(c));
        let (url, behind) = url.split_at(end.unwrap_or(url.len()));
        links.push(Link { label: url.to_owned(), target: Target::Url(url.to_owned()) });
        rest = behind;
    }
}

fn first_url(text: &str) -> Option<usize> {
    [text.find("http://"), text.find("https://")].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &str, text: &str, links: &[(&str, Target)]) {
        let links = links
            .iter()
            .map(|(label, target)| Link { label: (*label).to_owned(), target: target.clone() });
        assert_eq!(find_links(content), (text.to_owned(), links.collect()));
    }

    #[test]
    fn a_link_shows_its_label() {
        let url = |url: &str| Target::Url(url.into());
        check(
            "a <a href=\"https://e.com/?b=1&c=2\">b</a> c",
            "a b c",
            &[("b", url("https://e.com/?b=1&c=2"))],
        );
        check("<a class='x' href='http://e.com'>b</a>", "b", &[("b", url("http://e.com"))]);
    }

    #[test]
    fn a_bare_url_is_a_link() {
        let url = Target::Url("https://e.com/x?y=1".into());
        check(
            "看https://e.com/x?y=1，好",
            "看https://e.com/x?y=1，好",
            &[("https://e.com/x?y=1", url)],
        );
    }

    #[test]
    fn a_mini_program_link_says_which() {
        let content = "<a href=\"https://f.com\" data-miniprogram-appid=\"wx1\" \
                       data-miniprogram-path=\"pages/i\">m</a>";
        let (app_id, path) = ("wx1".into(), "pages/i".into());
        let target = Target::MiniProgram { app_id, path, fallback: "https://f.com".into() };
        check(content, "m", &[("m", target)]);
    }

    #[test]
    fn a_menu_item_can_be_tapped() {
        let content =
            "<a href=\"weixin://bizmsgmenu?msgmenucontent=%E6%BB%A1 意&msgmenuid=7\">好</a>";
        let target = Target::MenuItem { content: "满 意".into(), id: "7".into() };
        check(content, "好", &[("好", target)]);
    }

    #[test]
    fn what_is_no_link_is_shown_as_is() {
        for content in ["<b>bold</b>", "<a >x</a>", "<a href=\"x\">no end", "a < b, <a"] {
            check(content, content, &[]);
        }
    }
}
