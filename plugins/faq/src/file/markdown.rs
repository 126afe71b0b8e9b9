//! Markdown: each heading is a question, quoted lines below it are other wordings, and the rest is
//! the answer. WeChat shows no Markdown, so links and bold text become what it shows.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::entry::Entry;

/// A question and what is below it, so far.
struct Section<'t> {
    line: usize,
    question: &'t str,
    also: Vec<String>,
    answer: String,
}

/// What stands above the first heading below the title is about the file.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, String> {
    let (mut entries, mut section) = (Vec::new(), None::<Section<'_>>);
    for (number, line) in text.lines().enumerate() {
        if let Some(question) = heading(line) {
            entries.extend(section.replace(Section::new(number + 1, question)).map(Section::end));
        } else if let Some(section) = &mut section {
            section.add(line);
        }
    }
    entries.extend(section.map(Section::end));
    entries.into_iter().collect()
}

/// The title of the file, with one `#`, is no question.
fn heading(line: &str) -> Option<&str> {
    let question = line.trim_start_matches('#');
    let level = line.len() - question.len();
    ((2..=6).contains(&level) && question.starts_with(' ')).then(|| question.trim())
}

impl<'t> Section<'t> {
    fn new(line: usize, question: &'t str) -> Self {
        Self { line, question, also: Vec::new(), answer: String::new() }
    }

    fn add(&mut self, line: &str) {
        match line.strip_prefix('>') {
            Some(wording) if self.answer.trim().is_empty() => {
                let wording = wording.trim();
                self.also.extend((!wording.is_empty()).then(|| wording.to_owned()));
            }
            _ => {
                self.answer.push_str(line);
                self.answer.push('\n');
            }
        }
    }

    fn end(self) -> Result<Entry, String> {
        let Self { line, question, also, answer } = self;
        if question.is_empty() || answer.trim().is_empty() {
            return Err(format!("the heading of line {line} has no question or no answer"));
        }
        let entry = Entry::new(question, also, &as_wechat_shows_it(answer.trim()));
        entry.map_err(|problem| format!("the answer below the heading of line {line}: {problem}"))
    }
}

fn as_wechat_shows_it(answer: &str) -> Cow<'_, str> {
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\[([^\]\n]+)\]\((\S+?)\)").expect("the pattern is right"));
    static BOLD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\*\*([^*\n]+)\*\*").expect("the pattern is right"));
    match LINK.replace_all(answer, "<a href=\"$2\">$1</a>") {
        Cow::Borrowed(answer) => BOLD.replace_all(answer, "$1"),
        Cow::Owned(answer) => BOLD.replace_all(&answer, "$1").into_owned().into(),
    }
}
