//! Takes values out of messages, which quote them in backticks or, as serde does, escaped in quotes.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::public::is_a_name;

/// A shorter value may be part of any sentence.
const LONG: usize = 8;
/// A shorter piece tells nothing about the rest.
const TELLING: usize = 4;

/// A message that says `shown` where it says `value`: quoted, alone or in a longer text, and
/// anywhere if it is long.
pub(super) fn everywhere(message: &str, value: &str, shown: &str) -> String {
    let replace = |text: &str| text.replace(value, shown).replace(&escaped(value), shown);
    let message = whole(message, value, shown);
    match value.chars().count() {
        LONG.. => replace(&message),
        TELLING.. => in_quotes(&message, |_, quoted| replace(quoted)),
        _ => message,
    }
}

/// A message that says `shown` where it quotes `value`.
pub(super) fn whole(message: &str, value: &str, shown: &str) -> String {
    if value.is_empty() || value == shown {
        return message.to_owned();
    }
    let message = message.replace(&format!("`{value}`"), &format!("`{shown}`"));
    message.replace(&format!("\"{}\"", escaped(value)), &format!("\"{shown}\""))
}

/// The same, and stars where it quotes a piece of `value` that is not in `shown`.
pub(super) fn pieces(message: &str, value: &str, shown: &str) -> String {
    let escaped = escaped(value);
    in_quotes(&whole(message, value, shown), |piece, quoted| {
        let is_of_value = value.contains(piece) || escaped.contains(piece);
        let is_harmless = piece.len() < TELLING || is_a_name(piece) || shown.contains(piece);
        match is_of_value && !is_harmless {
            true => quoted.replace(piece, "***"),
            false => quoted.to_owned(),
        }
    })
}

/// Whether serde made the message, without anybody asking what it quotes.
pub(super) fn is_of_serde(message: &str) -> bool {
    let starts = ["invalid type: ", "invalid value: ", "unknown variant "];
    starts.iter().any(|start| message.starts_with(start))
}

/// Replaces whatever is quoted, given without and with its quotes.
fn in_quotes(message: &str, replace: impl Fn(&str, &str) -> String) -> String {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"`([^`]+)`|"((?:[^"\\]|\\.)+)""#).expect("the pattern is right")
    });
    let replace = |found: &Captures<'_>| {
        let inside = found.get(1).or(found.get(2)).map_or("", |inside| inside.as_str());
        replace(inside, &found[0])
    };
    QUOTED.replace_all(message, replace).into_owned()
}

/// As `{:?}` writes it, without the quotes.
fn escaped(value: &str) -> String {
    let quoted = format!("{value:?}");
    quoted[1..quoted.len() - 1].to_owned()
}
