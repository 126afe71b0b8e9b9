//! A `\n` that is no line break: in single quotes, or in what the environment fills in.

use toml::Spanned;
use wxbot_sdk::settings::{Entries, Problem, Settings, Value};

/// One warning for each such text among what is said to followers, and the settings of plugins.
/// `file` is the text from which `settings` were read; variables are filled in.
pub(super) fn written_out(file: &str, settings: &Settings) -> Vec<Problem> {
    let mut search = Search { file, warnings: Vec::new() };
    for (section, value) in settings.entries() {
        match section.get_ref().as_str() {
            "late" | "chain" => search.value(value),
            "account" => search.accounts(value),
            _ => {}
        }
    }
    search.warnings
}

struct Search<'f> {
    file: &'f str,
    warnings: Vec<Problem>,
}

impl Search<'_> {
    fn accounts(&mut self, accounts: &Spanned<Value>) {
        let Value::List(accounts) = accounts.get_ref() else { return };
        let tables = accounts.iter().filter_map(|account| account.get_ref().as_table());
        tables.filter_map(|account| account.get("late")).for_each(|late| self.value(late));
    }

    fn value(&mut self, value: &Spanned<Value>) {
        match value.get_ref() {
            Value::Text(text) => self.warnings.extend(self.text(value, text)),
            Value::List(items) => items.iter().for_each(|item| self.value(item)),
            Value::Table(entries) => self.entries(entries),
            Value::Bare(_) => {}
        }
    }

    fn entries(&mut self, entries: &Entries) {
        for (key, value) in entries {
            // There it is a line break.
            if key.get_ref() != "regex" {
                self.value(value);
            }
        }
    }

    fn text(&self, value: &Spanned<Value>, text: &str) -> Option<Problem> {
        let start = value.span().start;
        let written = self.file.get(value.span())?;
        let in_single_quotes = written.find("\\n").filter(|_| written.starts_with('\''));
        if let Some(at) = in_single_quotes {
            let message = "`\\n` in single quotes is a backslash and an `n`, not a line break; in \
                           double quotes it is one";
            return Some(Problem::at(start + at..start + at + 2, message));
        }
        // In double quotes a backslash is written `\\`.
        let from_outside = written.contains("${") && text.contains("\\n");
        (from_outside && !written.contains("\\\\n")).then(|| {
            let message = "`\\n` in an environment variable is a backslash and an `n`, not a line \
                           break; write the text here, in double quotes";
            Problem::at(value.span(), message)
        })
    }
}
