//! HTML in Markdown: tags that say how something looks are left out; what only looks like a tag,
//! such as `Vec<String>`, stays.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

static TAGS: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = Regex::new(
        r"(?is)<!--.*?-->|</?(br|hr|a|abbr|b|big|blockquote|center|code|dd|del|details|div|dl|dt|em|font|h[1-6]|i|img|ins|kbd|li|mark|ol|p|pre|s|small|span|strike|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul)(?:\s[^>]*)?/?>",
    );
    pattern.expect("the pattern is right")
});

/// What a phone shows of it.
pub(super) fn without_tags(piece: &str) -> Cow<'_, str> {
    TAGS.replace_all(piece, |tag: &Captures<'_>| match tag.get(1) {
        Some(name) if name.as_str().eq_ignore_ascii_case("br") => "\n",
        _ => "",
    })
}
