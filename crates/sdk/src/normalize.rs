//! Text as it is compared: what looks the same to a person is the same.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfkc};

/// The text as conditions see it: NFKC, so that full width is half width (`ＯＫ` is `OK`) and an
/// accent is part of its letter, and without what has no width. Blanks and case stay.
///
/// A zero-width joiner (U+200D) stays between two emoji: without it a family is three people. A
/// variation selector goes, as phones differ in whether they send one behind `❤`.
///
/// ```
/// use wxbot_sdk::matcher::normalize;
///
/// assert_eq!(normalize("ＯＫ！"), "OK!");
/// assert_eq!(normalize("价\u{200b}格"), "价格");
/// ```
pub fn normalize(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || (is_nfkc(text) && !text.contains(is_invisible)) {
        return text.into();
    }
    visible(text).nfkc().collect::<String>().into()
}

/// The text in pieces that are [normalised](normalize) one by one: a letter with its marks, and what
/// has no width behind it. Who finds something in a normalised text finds its place by them.
///
/// ```
/// use wxbot_sdk::matcher::pieces;
///
/// assert_eq!(pieces("价\u{200b}e\u{301}").collect::<Vec<_>>(), ["价\u{200b}", "e\u{301}"]);
/// ```
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut letters = rest.char_indices().skip(1);
        let end = letters.find(|(_, letter)| !belongs_to_the_one_before(*letter));
        let (piece, behind) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

fn belongs_to_the_one_before(letter: char) -> bool {
    // Vowels and finals of Hangul, which NFKC puts together with what is before them.
    is_invisible(letter)
        || is_combining_mark(letter)
        || matches!(letter, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}')
}

/// The word in a text: normalised, and without the blanks, brackets and quotes around it. A notice
/// that says 「1」 is answered with 「1」.
///
/// ```
/// use wxbot_sdk::matcher::keyword_of;
///
/// assert_eq!(keyword_of(" 「１」\n"), "1");
/// ```
pub fn keyword_of(text: &str) -> Cow<'_, str> {
    match normalize(text) {
        Cow::Borrowed(text) => text.trim_matches(is_around_a_word).into(),
        Cow::Owned(text) => text.trim_matches(is_around_a_word).to_owned().into(),
    }
}

/// The characters that are seen, and the joiners between emoji.
pub(crate) fn visible(text: &str) -> impl Iterator<Item = char> {
    let mut before = None;
    text.char_indices().filter_map(move |(place, character)| {
        if !is_invisible(character) {
            before = Some(character);
            return before;
        }
        let after = text[place + character.len_utf8()..].chars().next();
        let joins = character == JOINER && [before, after].into_iter().all(is_emoji);
        joins.then_some(character)
    })
}

const JOINER: char = '\u{200d}';

pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' // soft hyphen
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' // directions
        | '\u{200b}'..=JOINER // zero-width space, non-joiner, joiner
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' // word joiner, operators, isolates
        | '\u{feff}' // byte order mark
        | '\u{180b}'..='\u{180e}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' // variants
    )
}

/// One that a joiner may stand beside; none of these changes with NFKC.
fn is_emoji(character: Option<char>) -> bool {
    matches!(
        character,
        Some(
            '\u{2190}'..='\u{21ff}'
            | '\u{2600}'..='\u{27bf}'
            | '\u{2b00}'..='\u{2bff}'
            | '\u{1f300}'..='\u{1faff}',
        )
    )
}

/// What stands around a word in NFKC, where `（` is `(` and `＂` is `"`.
fn is_around_a_word(character: char) -> bool {
    const AROUND: &[char] = &[
        '「', '」', '『', '』', '【', '】', '《', '》', '〈', '〉', '〔', '〕', '“', '”', '‘', '’',
        '"', '\'', '(', ')', '[', ']', '<', '>',
    ];
    character.is_whitespace() || AROUND.contains(&character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_normal_is_not_copied() {
        for text in ["", "hello, 12 + 3 = 15\n", "你好", "❤👨\u{1f3fd}", "é"] {
            assert!(matches!(normalize(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn a_joiner_stays_between_emoji_only() {
        let table = [
            ("👨\u{200d}👩\u{200d}👧", "👨\u{200d}👩\u{200d}👧"),
            ("❤\u{fe0f}\u{200d}🔥", "❤\u{200d}🔥"),
            ("🧔🏽\u{200d}♂\u{fe0f}", "🧔🏽\u{200d}♂"),
            ("👨\u{200d}\u{200d}👩", "👨\u{200d}👩"),
            ("👨\u{200d}", "👨"),
            ("\u{200d}👨", "👨"),
            ("a\u{200d}👨\u{200d}b", "a👨b"),
            ("می\u{200c}خواهم", "میخواهم"),
        ];
        for (text, expected) in table {
            assert_eq!(normalize(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_word_is_found_in_what_stands_around_it() {
        let table = [
            ("1", "1"),
            ("「1」", "1"),
            (" 『１』 \n", "1"),
            ("【1】", "1"),
            ("“1”", "1"),
            ("\"1\"", "1"),
            ("＂1＇", "1"),
            ("（1）", "1"),
            ("(「 1 」)", "1"),
            ("｢1｣", "1"),
            ("「1", "1"),
            ("\u{feff}「\u{200b}继续」", "继续"),
            ("发送「1」", "发送「1"),
            ("「1」「2」", "1」「2"),
            ("「」", ""),
        ];
        for (text, expected) in table {
            assert_eq!(keyword_of(text), expected, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_normal_text_is_normal(
            text in "([\u{200b}-\u{200f}]|[\u{fe00}-\u{feff}]|[\u{300}-\u{330}]|[👨-👿]|[e❤…]|.)*"
        ) {
            let normal = normalize(&text);
            prop_assert!(matches!(normalize(&normal), Cow::Borrowed(same) if same == normal));
            let word = keyword_of(&text);
            prop_assert_eq!(&keyword_of(&word), &word);
        }

        #[test]
        fn pieces_are_all_of_the_text(
            text in "([\u{200b}-\u{200f}]|[\u{300}-\u{330}]|[Ａ-Ｚ]|[ｦ-ﾟ]|[e❤…价]|.)*"
        ) {
            prop_assert_eq!(pieces(&text).collect::<String>(), text);
        }

        #[test]
        fn pieces_are_normalised_like_the_text(text in "[\u{200b}\u{301}Ａ-Ｚｦ-ﾟ①㎏价格，！a-zé가-힣]*") {
            let normal: String = pieces(&text).map(normalize).collect();
            prop_assert_eq!(normal, normalize(&text).into_owned());
        }
    }
}
