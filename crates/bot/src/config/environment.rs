//! `${NAME}` in a text takes an environment variable; `$${` is a literal `${`.

use std::collections::BTreeMap;
use std::fmt;

use toml::Spanned;
use wxbot_sdk::settings::{Entries, Problem, Value};

/// The variables that a file took. Prints their names only.
#[derive(Clone, Default)]
pub(super) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Each with its value.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A text of the file with these variables.
    pub(super) fn fill_in(&self, text: &str) -> String {
        let lookup = |name: &str| self.0.get(name).cloned();
        Filler { lookup: &lookup, taken: Self::default(), problems: Vec::new() }.text(text).0
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Fills in every text of a file. A text with a variable that is not set is a problem.
pub(super) fn fill_in(
    file: &mut Entries,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> (Variables, Vec<Problem>) {
    let mut filler = Filler { lookup, taken: Variables::default(), problems: Vec::new() };
    filler.entries(file);
    (filler.taken, filler.problems)
}

struct Filler<'l> {
    lookup: &'l dyn Fn(&str) -> Option<String>,
    taken: Variables,
    problems: Vec<Problem>,
}

impl Filler<'_> {
    fn entries(&mut self, entries: &mut Entries) {
        entries.values_mut().for_each(|value| self.value(value));
    }

    fn value(&mut self, value: &mut Spanned<Value>) {
        let span = value.span();
        match value.get_mut() {
            Value::Text(text) => {
                let (filled, faults) = self.text(text);
                *text = filled;
                let problems = faults.into_iter().map(|fault| Problem::at(span.clone(), fault));
                self.problems.extend(problems);
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Table(entries) => self.entries(entries),
            Value::Bare(_) => {}
        }
    }

    /// The text with what could be filled in, and what could not.
    fn text(&mut self, text: &str) -> (String, Vec<String>) {
        let (mut filled, mut faults, mut rest) = (String::new(), Vec::new(), text);
        while let Some((before, behind)) = rest.split_once("${") {
            if let Some(before) = before.strip_suffix('$') {
                filled += before;
                filled += "${";
                rest = behind;
                continue;
            }
            filled += before;
            let Some((name, after)) = behind.split_once('}') else {
                faults.push("`${` without its `}`; a literal `${` is written `$${`".to_owned());
                return (filled, faults);
            };
            match self.take(name) {
                Some(value) => filled += &value,
                None if name.is_empty() => {
                    faults.push("the environment variable `` is not set: write its name".to_owned());
                }
                None => faults.push(format!(
                    "the environment variable `{name}` is not set, nor is it in wxbot.env beside this \
                     file: add the line {name}=… there"
                )),
            }
            rest = after;
        }
        (filled + rest, faults)
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?;
        self.taken.0.insert(name.to_owned(), value.clone());
        Some(value)
    }
}
