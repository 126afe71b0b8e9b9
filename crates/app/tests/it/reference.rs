//! `docs/en/reference.md` is what the program says of itself, and `docs/zh/reference.md` the same line by
//! line, in Chinese. What is new is not translated by itself: it stands there in English, and the test
//! names it, until somebody translates it.

use std::collections::HashMap;
use std::fs;

use wxbot_tests::markdown::in_repository;
use wxbot_tests::program::Program;

const RENEW: &str = "WXBOT_RECORD=1 cargo test -p wxbot-app --test it reference";

fn read(language: &str) -> String {
    let page = in_repository(&format!("docs/{language}/reference.md"));
    fs::read_to_string(page).unwrap_or_default()
}

fn write(language: &str, text: &str) {
    let page = in_repository(&format!("docs/{language}/reference.md"));
    fs::write(page, text).expect("the folder is there");
}

#[test]
fn the_reference_is_what_the_program_says_in_both_languages() {
    let ran = Program::new(env!("CARGO_BIN_EXE_wxbot")).run(&["docs", "--all"]);
    let english = ran.exits(0).says_nothing().stdout;
    if std::env::var_os("WXBOT_RECORD").is_some() {
        let known = Known::from(&read("en"), &read("zh"));
        write(
            "zh",
            &english.lines().map(|line| known.translation(line) + "\n").collect::<String>(),
        );
        write("en", &english);
    }
    assert!(read("en") == english, "docs/en/reference.md is out of date: {RENEW}");
    let chinese = read("zh");
    assert_eq!(chinese.lines().count(), english.lines().count(), "docs/zh/reference.md: {RENEW}");
    let lines = english.lines().zip(chinese.lines());
    let faults = lines.enumerate().filter_map(|(at, (english, chinese))| {
        let fault = fault(english, chinese)?;
        Some(format!("docs/zh/reference.md:{}: {fault}: {chinese}\n", at + 1))
    });
    let faults: String = faults.collect();
    assert!(faults.is_empty(), "{faults}");
}

/// What is wrong with a translation: each part of a row has the same code, and words that are Chinese.
fn fault(english: &str, chinese: &str) -> Option<&'static str> {
    let parts = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
    let (english, chinese) = (parts(english), parts(chinese));
    if english.len() != chinese.len() {
        return Some("not as many columns");
    }
    english.iter().zip(&chinese).find_map(|(english, chinese)| {
        let ((code, words), (same_code, translated)) = (code_of(english), code_of(chinese));
        let has_words = words.contains(|c: char| c.is_ascii_alphabetic());
        let is_copied =
            !is_name(english) && words == translated && words.split(' ').any(is_english);
        if code != same_code {
            Some("not the same code")
        } else if is_copied || has_words && !is_name(english) && !translated.contains(is_chinese) {
            Some("not translated")
        } else {
            None
        }
    })
}

/// The heading of a command, plugin or table.
fn is_name(line: &str) -> bool {
    line.strip_prefix("### ").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// A word, and no name; in brackets may be those of a command.
fn is_english(word: &str) -> bool {
    let word = word.trim_end_matches([',', '.', ':', ';']);
    word.len() > 1 && word.chars().all(|letter| letter.is_ascii_lowercase())
}

fn is_chinese(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

/// What is in backticks, in any order, and all else.
fn code_of(text: &str) -> (Vec<&str>, String) {
    let mut code: Vec<_> = text.split('`').skip(1).step_by(2).collect();
    code.sort_unstable();
    (code, text.split('`').step_by(2).collect())
}

/// What was translated before: lines, and parts of rows.
struct Known(HashMap<String, String>);

impl Known {
    fn from(english: &str, chinese: &str) -> Self {
        let mut known = HashMap::new();
        for (english, chinese) in english.lines().zip(chinese.lines()) {
            known.insert(english.to_owned(), chinese.to_owned());
            for (english, chinese) in english.split('|').zip(chinese.split('|')) {
                known.entry(english.to_owned()).or_insert(chinese.to_owned());
            }
        }
        Self(known)
    }

    fn translation(&self, line: &str) -> String {
        let part = |part: &str| self.0.get(part).map_or(part, String::as_str).to_owned();
        let parts = || line.split('|').map(part).collect::<Vec<_>>().join("|");
        self.0.get(line).cloned().unwrap_or_else(parts)
    }
}
