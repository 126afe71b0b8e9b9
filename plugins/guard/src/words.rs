//! What may not be said: many words, looked for in one pass.

use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError};
use wxbot_sdk::matcher::{normalize, pieces};

/// Words and exceptions, in one automaton. Texts are compared as `when` compares them, in any case.
pub struct Words {
    automaton: AhoCorasick,
    /// So many are words; behind them are the exceptions.
    count: usize,
}

/// Words that can't be looked for.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// Every text would have it.
    #[error("`{0}` has nothing in it that is seen")]
    Empty(String),
    /// Beyond what the automaton takes, which is hundreds of megabytes.
    #[error("there are too many words")]
    TooMany(#[from] BuildError),
}

impl Words {
    /// Makes words ready, and harmless ones that have such a word in them.
    pub fn new(words: &[String], except: &[String]) -> Result<Self, WordsError> {
        let folded = words.iter().chain(except).map(|word| match folded(word.trim()) {
            empty if empty.is_empty() => Err(WordsError::Empty(word.clone())),
            folded => Ok(folded),
        });
        let automaton = AhoCorasick::new(folded.collect::<Result<Vec<_>, _>>()?)?;
        Ok(Self { automaton, count: words.len() })
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether a normalised text has one of them.
    pub fn are_in(&self, normalized: &str) -> bool {
        !self.is_empty() && !self.found(&lower_case(normalized)).is_empty()
    }

    /// The text with this in place of each character of each word; `None` where it has no word.
    pub fn mask(&self, text: &str, mask: char) -> Option<String> {
        if !self.are_in(&normalize(text)) {
            return None;
        }
        let mut folded_text = String::with_capacity(text.len());
        let ends = pieces(text).map(|piece| {
            folded_text.push_str(&folded(piece));
            (piece, folded_text.len())
        });
        let ends: Vec<_> = ends.collect();
        let found = self.found(&folded_text);
        let (mut masked, mut start, mut next) = (String::with_capacity(text.len()), 0, 0);
        for (piece, end) in ends {
            while found.get(next).is_some_and(|word| word.end <= start) {
                next += 1;
            }
            match found.get(next) {
                Some(word) if word.start < end => masked.push(mask),
                _ => masked.push_str(piece),
            }
            start = end;
        }
        Some(masked)
    }

    /// Where words are in a folded text, in order and apart from each other.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
        let (mut words, mut exceptions) = (Vec::<Range<usize>>::new(), Vec::new());
        for found in self.automaton.find_overlapping_iter(text) {
            match found.pattern().as_usize() < self.count {
                true if stands_alone(text, found.range()) => words.push(found.range()),
                true => {}
                false => exceptions.push(found.range()),
            }
        }
        let covers = |exception: &Range<usize>, word: &Range<usize>| {
            exception.start <= word.start && word.end <= exception.end
        };
        words.retain(|word| !exceptions.iter().any(|exception| covers(exception, word)));
        words.sort_unstable_by_key(|word| word.start);
        words.dedup_by(|next, word| {
            let touches = next.start < word.end;
            word.end = if touches { word.end.max(next.end) } else { word.end };
            touches
        });
        words
    }
}

/// The text as it is compared.
fn folded(text: &str) -> String {
    lower_case(&normalize(text))
}

/// Letter by letter, so that pieces of a text fold like the whole.
fn lower_case(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// A word of Latin letters is none in the middle of another: `av` is not in `avatar`. The same goes
/// for numbers.
fn stands_alone(text: &str, word: Range<usize>) -> bool {
    let inside = &text[word.clone()];
    let before = text[..word.start].chars().next_back().zip(inside.chars().next());
    let behind = inside.chars().next_back().zip(text[word.end..].chars().next());
    let goes_on = |(one, next): (char, char)| {
        (one.is_ascii_alphabetic() && next.is_ascii_alphabetic())
            || (one.is_ascii_digit() && next.is_ascii_digit())
    };
    !before.is_some_and(goes_on) && !behind.is_some_and(goes_on)
}

#[cfg(test)]
mod tests;
