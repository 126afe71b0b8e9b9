//! A text as terms: words of letters, and of Chinese each character and each two that are neighbours.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

/// A term, as a number. Words are hashed; two of one number are as good as impossible.
pub(crate) type Term = u64;

/// The terms of a normalised text, each once, in order.
pub(crate) fn terms(normalized: &str) -> Vec<Term> {
    let text: String = normalized.chars().flat_map(char::to_lowercase).collect();
    let mut terms = Vec::with_capacity(2 * text.chars().count());
    for run in text.split(|letter: char| !letter.is_alphanumeric()) {
        let mut rest = run;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|letter| is_of_a_word(letter) != is_of_a_word(first));
            let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
            match is_of_a_word(first) {
                true => terms.push(FixedState::default().hash_one(part) | 1 << 63),
                false => add_characters(part, &mut terms),
            }
            rest = behind;
        }
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// Whether a term is a single character of such a script.
pub(crate) fn is_character(term: Term) -> bool {
    term < 1 << 21
}

/// Each character, and each two: no dictionary is needed to know the words among them.
fn add_characters(part: &str, terms: &mut Vec<Term>) {
    let mut before = None;
    for letter in part.chars().map(Term::from) {
        terms.push(letter);
        terms.extend(before.map(|before: Term| before << 21 | letter));
        before = Some(letter);
    }
}

/// Scripts with blanks between words; of the others every character is taken alone.
fn is_of_a_word(letter: char) -> bool {
    !matches!(letter,
        '\u{0e00}'..='\u{0eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' // Burmese, Khmer
        | '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' // Chinese, Japanese
        | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_taken_by_one_and_two_characters_and_letters_by_words() {
        let count = |text: &str| terms(text).len();
        assert_eq!(count(""), 0);
        assert_eq!(count("？！"), 0);
        assert_eq!(count("退货"), 3);
        assert_eq!(count("怎么退货"), 7);
        assert_eq!(count("vip 会员 2026"), 5);
        assert_eq!(count("vip会员"), 4);
        assert_eq!(terms("VIP"), terms("vip"));
        assert_eq!(count("退货，退货"), 3);
        assert_ne!(terms("退，货"), terms("退货"));
    }
}
