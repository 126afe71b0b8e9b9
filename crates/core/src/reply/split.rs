//! Where a long text is cut: where it hurts least, and never inside what a reader sees as one.

mod links;

use std::collections::VecDeque;

use unicode_segmentation::UnicodeSegmentation;

use super::xml::allowed;

/// Splits a text into parts of `most` bytes at most: behind a paragraph, a line, a sentence, a
/// blank or a word, if there is one of them in the second half of a part, and otherwise between
/// two characters as a reader counts them. A link stays whole. What would not be seen goes first,
/// or a part might have nothing else; so do blanks where it is cut.
///
/// Only what is longer than a part is cut inside: a link between two characters, and a character
/// of that many code points between two of these.
pub(crate) fn split(text: &str, most: usize) -> Vec<String> {
    let text = allowed(text);
    let parts = Splitter::new(text.trim_end(), most).split();
    parts.into_iter().map(str::to_owned).collect()
}

/// As much of a text as one part of `most` bytes takes.
pub(crate) fn first_part(text: String, most: usize) -> String {
    match (text.len() <= most, most) {
        (true, _) => text,
        (false, 0) => String::new(),
        (false, _) => split(&text, most).into_iter().next().unwrap_or_default(),
    }
}

/// One pass over a text. Of the part that is being filled it knows where that may end.
struct Splitter<'t> {
    text: &'t str,
    most: usize,
    /// Of the part that is being filled.
    start: usize,
    ends: VecDeque<End>,
    parts: Vec<&'t str>,
}

/// Where a part may end.
struct End {
    at: usize,
    behind: Behind,
}

/// What a part would end with, the better the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Behind {
    HalfAWord,
    Character,
    Blank,
    Sentence,
    Line,
    Paragraph,
}

impl<'t> Splitter<'t> {
    fn new(text: &'t str, most: usize) -> Self {
        Self { text, most, start: 0, ends: VecDeque::new(), parts: Vec::new() }
    }

    fn split(mut self) -> Vec<&'t str> {
        let mut links = links::find(self.text, self.most).into_iter().peekable();
        for (start, character) in self.text.grapheme_indices(true) {
            let end = start + character.len();
            while end > self.start + self.most {
                self.cut();
            }
            while links.next_if(|link| link.end <= end).is_some() {}
            if links.peek().is_none_or(|link| end <= link.start) {
                self.ends.push_back(End { at: end, behind: Behind::of(self.text.split_at(end)) });
                self.skip_blanks();
            }
        }
        if self.start < self.text.len() {
            self.parts.push(&self.text[self.start..]);
        }
        self.parts
    }

    /// Ends a part, and begins the next one.
    fn cut(&mut self) {
        let half = self.start + self.most / 2;
        let in_second_half = self.ends.iter().filter(|end| end.at > half);
        let best = in_second_half.max_by_key(|end| end.behind).or(self.ends.back());
        let end = best.map_or_else(|| self.end_inside_a_character(), |end| end.at);
        self.parts.push(self.text[self.start..end].trim_end());
        self.start = end;
        while self.ends.pop_front_if(|passed| passed.at <= end).is_some() {}
        self.skip_blanks();
    }

    fn end_inside_a_character(&self) -> usize {
        let (least, most) = (self.start + 1, self.start + self.most);
        self.text.floor_char_boundary(most).max(self.text.ceil_char_boundary(least))
    }

    /// No part begins with a blank.
    fn skip_blanks(&mut self) {
        let (text, start) = (self.text, self.start);
        let is_blank = |end: &mut End| text[start..end.at].trim().is_empty();
        while let Some(end) = self.ends.pop_front_if(is_blank) {
            self.start = end.at;
        }
    }
}

impl Behind {
    fn of((before, after): (&str, &str)) -> Self {
        if let Some(line) = before.strip_suffix('\n') {
            let is_empty = line.strip_suffix('\r').unwrap_or(line).ends_with('\n');
            return if is_empty { Self::Paragraph } else { Self::Line };
        }
        let western =
            before.strip_suffix(' ').is_some_and(|text| text.ends_with(['.', '!', '?', ';']));
        if western || before.ends_with(['。', '！', '？', '；']) {
            Self::Sentence
        } else if before.ends_with([' ', '，', '、']) {
            Self::Blank
        } else if before.ends_with(is_of_a_word) && after.starts_with(is_of_a_word) {
            Self::HalfAWord
        } else {
            Self::Character
        }
    }
}

/// Of a word between blanks, or among Chinese: a number, an address, a name.
fn is_of_a_word(character: char) -> bool {
    character.is_ascii_graphic()
}

#[cfg(test)]
mod tests;
