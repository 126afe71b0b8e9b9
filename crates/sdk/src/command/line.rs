//! A command as a line that a follower could have written: the way back from its arguments.

use super::table::{ArgumentSpec, Command, CommandSet, Slash, Takes};
use super::words::PAIRS;

/// An argument that has to be there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is missing")]
pub struct LineError(&'static str);

impl CommandSet {
    /// What a follower writes for this command with these words for each of its arguments; no words
    /// are an argument that is left out.
    pub fn line(&self, command: &Command, arguments: &[Vec<String>]) -> Result<String, LineError> {
        let slash = if self.slash == Slash::None { "" } else { "/" };
        let mut line = format!("{slash}{}", command.names[0]);
        let mut left_out = None;
        for (argument, words) in command.arguments.iter().zip(arguments) {
            if words.is_empty() {
                if matches!(argument.takes, Takes::One | Takes::Rest) {
                    return Err(LineError(argument.field));
                }
                left_out = left_out.or(Some(argument.field));
                continue;
            }
            if let Some(field) = left_out {
                return Err(LineError(field));
            }
            line.push_str(&written(argument, words));
        }
        Ok(line)
    }
}

/// With a blank before each word. Whatever is in a word, it stays one.
fn written(argument: &ArgumentSpec, words: &[String]) -> String {
    match argument.takes {
        Takes::Rest | Takes::OptionalRest => format!(" {}", words.join(" ")),
        Takes::One | Takes::Optional => format!(" {}", quoted(&words.join(" "))),
        Takes::Many => words.iter().map(|word| format!(" {}", quoted(word))).collect(),
    }
}

/// In quotes, where it would not be one word otherwise.
fn quoted(word: &str) -> String {
    let is_word = |c: char| !c.is_whitespace() && PAIRS.iter().all(|(opening, _)| *opening != c);
    if !word.is_empty() && word.chars().all(is_word) {
        return word.to_owned();
    }
    let fits = PAIRS.iter().find(|(_, closing)| !word.contains(*closing));
    let (opening, closing) = fits.copied().unwrap_or(PAIRS[0]);
    format!("{opening}{}{closing}", word.replace(closing, ""))
}
