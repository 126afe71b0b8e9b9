//! Regular expressions that look at normalised text.

use std::iter::{Peekable, once};

use unicode_normalization::UnicodeNormalization;

use crate::normalize::visible;

/// The same regular expression for normalised texts. What it says in full width is said in half
/// width, and still means itself: `（` becomes `\(`, which is no group.
pub(super) fn normalize(pattern: &str) -> String {
    if pattern.is_ascii() {
        return pattern.to_owned();
    }
    let mut normal = String::with_capacity(pattern.len());
    let mut classes = 0_usize;
    let mut rest = visible(pattern).peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => normal.extend(once(character).chain(rest.next())),
            '[' => {
                classes += 1;
                normal.push(character);
                normal.extend(start_of_class(&mut rest));
            }
            ']' => {
                classes = classes.saturating_sub(1);
                normal.push(character);
            }
            _ if character.is_ascii() => normal.push(character),
            _ => normal += &literal(character, classes > 0),
        }
    }
    normal.nfc().collect()
}

/// What a class may begin with: `^`, and a `]` that does not end it.
fn start_of_class(rest: &mut Peekable<impl Iterator<Item = char>>) -> impl Iterator<Item = char> {
    let negation = rest.next_if_eq(&'^');
    negation.into_iter().chain(rest.next_if_eq(&']'))
}

/// Some become several characters, which are repeated together.
fn literal(character: char, in_class: bool) -> String {
    let normal: String = once(character).nfkc().collect();
    let literal = regex::escape(&normal);
    let is_one = in_class || normal.chars().nth(1).is_none();
    if is_one { literal } else { format!("(?:{literal})") }
}
