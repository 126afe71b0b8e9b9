//! Texts, and what is left of them.

use proptest::prelude::*;

use super::*;

fn words(words: &[&str], except: &[&str]) -> Words {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Words::new(&owned(words), &owned(except)).unwrap()
}

#[test]
fn a_word_is_masked_wherever_it_is() {
    let words =
        words(&["赌博", "博彩", "av", "Fuck You", "微x", "110", "é"], &["赌博罪", "加微x群"]);
    let table = [
        ("参与赌博违法", "参与**违法", "in the middle"),
        ("赌博", "**", "all of it"),
        ("赌博彩", "***", "one in another"),
        ("赌，博", "赌，博", "not the word"),
        ("赌\u{200b}博，好", "**，好", "with a zero-width space, and the rest as it was"),
        ("ＡＶ片，ａｖatar", "**片，ａｖatar", "full width; whole words only"),
        ("avatar java av", "avatar java **", "whole words only"),
        ("FUCK YOU!", "********!", "in any case, blanks included"),
        ("微X号", "**号", "a Latin letter at the end"),
        ("微xy", "微xy", "that goes on"),
        ("打110，不打1105", "打***，不打1105", "numbers go on, too"),
        ("cafe\u{301}", "caf*", "a letter with its mark"),
        ("赌博罪，赌博", "赌博罪，**", "the exception holds where it is"),
        ("加微x群", "加微x群", "an exception around a word"),
    ];
    for (text, expected, reason) in table {
        let masked = words.mask(text, '*').unwrap_or(text.to_owned());
        assert_eq!(masked, expected, "{text}: {reason}");
        assert_eq!(words.are_in(&normalize(text)), text != expected, "{text}: {reason}");
    }
}

#[test]
fn no_word_is_in_nothing() {
    assert!(words(&[], &[]).is_empty());
    assert_eq!(words(&[], &["好"]).mask("好", '*'), None);
}

#[test]
fn a_word_that_nobody_sees_is_an_error() {
    let error = Words::new(&["\u{200b}".into()], &[]).err().unwrap();
    assert!(error.to_string().contains("has nothing in it that is seen"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_masked_has_no_word(text in "[赌博坏，ＡＶav\u{200b}\u{301} ]{0,12}") {
        let words = words(&["赌博", "坏", "av"], &[]);
        if let Some(masked) = words.mask(&text, '□') {
            prop_assert!(!words.are_in(&normalize(&masked)), "{masked}");
            prop_assert_eq!(masked.chars().filter(|c| *c == '，').count(),
                            text.chars().filter(|c| *c == '，').count());
        }
    }
}
