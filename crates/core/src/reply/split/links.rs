//! The links of a text (protocol section 5.1): cut in two, they lead nowhere.

use std::ops::Range;

/// A bare URL is made a link by WeChat if it begins with one of these.
const SCHEMES: [&str; 3] = ["http", "https", "weixin"];

/// The bytes of every URL and every `<a …>…</a>` of `most` bytes at most, by where they begin. A
/// URL may lie inside an element.
pub(super) fn find(text: &str, most: usize) -> Vec<Range<usize>> {
    let mut links = elements(text);
    links.extend(urls(text));
    links.retain(|link| link.len() <= most);
    links.sort_unstable_by_key(|link| link.start);
    links
}

/// `<a` and the next `</a>` behind it. One that is opened anew was not meant.
fn elements(text: &str) -> Vec<Range<usize>> {
    let (mut elements, mut open) = (Vec::new(), None);
    for (start, _) in text.match_indices('<') {
        let tag = &text.as_bytes()[start..];
        if begins_with(tag, "<a") && tag.get(2).is_some_and(u8::is_ascii_whitespace) {
            open = Some(start);
        } else if begins_with(tag, "</a>") {
            elements.extend(open.take().map(|open| open..start + "</a>".len()));
        }
    }
    elements
}

fn urls(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    text.match_indices("://").filter_map(move |(colon, _)| {
        let before = &text.as_bytes()[end.min(colon)..colon]; // nothing, inside another URL
        let scheme = SCHEMES.iter().find(|scheme| ends_with(before, scheme))?;
        end = colon + text[colon..].bytes().take_while(is_of_a_url).count();
        Some(colon - scheme.len()..end)
    })
}

fn is_of_a_url(byte: &u8) -> bool {
    byte.is_ascii_graphic() && !b"<>\"".contains(byte)
}

fn begins_with(text: &[u8], start: &str) -> bool {
    text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start.as_bytes()))
}

fn ends_with(text: &[u8], end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.is_some_and(|start| text[start..].eq_ignore_ascii_case(end.as_bytes()))
}
