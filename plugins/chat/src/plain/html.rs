//! HTML in Markdown: tags that say how something looks are left out, what only looks like a tag
//! stays.

/// What becomes of a piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Html {
    /// It is no HTML, such as `Vec<String>`.
    Text,
    /// `<br>`.
    LineBreak,
    /// It shows nothing.
    Nothing,
}

/// Tags that models write.
const TAGS: [&str; 44] = [
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "center",
    "code",
    "details",
    "del",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

pub(super) fn html(piece: &str) -> Html {
    let inside = piece.trim().trim_start_matches(['<', '/']);
    if piece.trim().starts_with("<!--") {
        return Html::Nothing;
    }
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inside.len());
    let name = inside[..end].to_ascii_lowercase();
    match name.as_str() {
        "br" => Html::LineBreak,
        name if TAGS.contains(&name) && is_one_tag(piece) => Html::Nothing,
        _ => Html::Text,
    }
}

/// A block of HTML comes line by line, with text between its tags.
fn is_one_tag(piece: &str) -> bool {
    piece.trim().find('>') == Some(piece.trim().len().saturating_sub(1))
}
