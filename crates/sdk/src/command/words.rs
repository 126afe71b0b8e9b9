//! The words behind a command's name, taken one by one.

use super::table::Command;

/// What is left of them.
#[derive(Debug)]
pub struct Words<'t> {
    rest: &'t str,
    command: &'static Command,
    now: u64,
}

/// Why they are not what the command takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// The argument at this place is not there.
    Missing(usize),
    /// It is there, and another thing.
    Wrong {
        /// Which argument.
        place: usize,
        /// What was there.
        word: String,
        /// What would be right, or nothing.
        example: &'static str,
    },
    /// There is a word too many.
    Extra(String),
}

/// What is read, or an example of what could be.
type Read<T> = Result<T, &'static str>;

impl<'t> Words<'t> {
    pub(super) fn new(rest: &'t str, command: &'static Command, now: u64) -> Self {
        Self { rest: rest.trim(), command, now }
    }

    /// One that must be there.
    pub fn one<T>(
        &mut self,
        place: usize,
        read: impl FnOnce(&str, u64) -> Read<T>,
    ) -> Result<T, Misfit> {
        self.optional(place, read)?.ok_or(Misfit::Missing(place))
    }

    /// One that may be there.
    pub fn optional<T>(
        &mut self,
        place: usize,
        read: impl FnOnce(&str, u64) -> Read<T>,
    ) -> Result<Option<T>, Misfit> {
        let Some(word) = self.next() else { return Ok(None) };
        self.read_word(place, word, read).map(Some)
    }

    /// All that are left.
    pub fn many<T>(
        &mut self,
        place: usize,
        read: impl Fn(&str, u64) -> Read<T>,
    ) -> Result<Vec<T>, Misfit> {
        let mut all = Vec::new();
        while let Some(word) = self.next() {
            all.push(self.read_word(place, word, &read)?);
        }
        Ok(all)
    }

    /// All that is left, as it was written.
    pub fn rest<T>(
        &mut self,
        place: usize,
        read: impl FnOnce(&str, u64) -> Read<T>,
    ) -> Result<T, Misfit> {
        self.optional_rest(place, read)?.ok_or(Misfit::Missing(place))
    }

    /// The same, which may be nothing.
    pub fn optional_rest<T>(
        &mut self,
        place: usize,
        read: impl FnOnce(&str, u64) -> Read<T>,
    ) -> Result<Option<T>, Misfit> {
        let rest = std::mem::take(&mut self.rest);
        if rest.is_empty() {
            return Ok(None);
        }
        self.read_word(place, rest, read).map(Some)
    }

    /// That nothing is left.
    pub(super) fn end(&mut self) -> Result<(), Misfit> {
        match self.next() {
            Some(word) => Err(Misfit::Extra(word.to_owned())),
            None => Ok(()),
        }
    }

    fn read_word<T>(
        &self,
        place: usize,
        word: &str,
        read: impl FnOnce(&str, u64) -> Read<T>,
    ) -> Result<T, Misfit> {
        let own = self.command.arguments.get(place).and_then(|argument| argument.example);
        let wrong = |example: &'static str| {
            let (word, example) = (word.to_owned(), own.unwrap_or(example));
            Misfit::Wrong { place, word, example }
        };
        read(word, self.now).map_err(wrong)
    }

    /// A word, or what stands between two quotes.
    fn next(&mut self) -> Option<&'t str> {
        let text = self.rest;
        let first = text.chars().next()?;
        let quoted =
            closing(first).and_then(|closing| text[first.len_utf8()..].split_once(closing));
        let (word, rest) = match quoted {
            Some(quoted) => quoted,
            None => text.split_once(char::is_whitespace).unwrap_or((text, "")),
        };
        self.rest = rest.trim_start();
        Some(word)
    }
}

/// Quotes, each with the one that ends it.
pub(super) const PAIRS: [(char, char); 7] =
    [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('「', '」'), ('『', '』'), ('＂', '＂')];

/// The quote that ends what another one begins.
fn closing(quote: char) -> Option<char> {
    PAIRS.iter().find(|(opening, _)| *opening == quote).map(|(_, closing)| *closing)
}
