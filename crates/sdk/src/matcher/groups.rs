//! What a regular expression caught.

use regex::Regex;

/// The groups of a regular expression, and the texts that they caught.
#[derive(Debug, Clone)]
pub struct Groups(Vec<Group>);

#[derive(Debug, Clone)]
struct Group {
    name: Option<String>,
    text: Option<String>,
}

impl Groups {
    pub(super) fn of(regex: &Regex, text: &str) -> Option<Self> {
        let caught = regex.captures(text)?;
        let group = |(name, caught): (Option<&str>, Option<regex::Match<'_>>)| Group {
            name: name.map(str::to_owned),
            text: caught.map(|caught| caught.as_str().to_owned()),
        };
        Some(Self(regex.capture_names().zip(caught.iter()).map(group).collect()))
    }

    /// What the group of this number caught; 0 is all of it.
    pub fn numbered(&self, number: usize) -> Option<&str> {
        self.0.get(number)?.text.as_deref()
    }

    /// What the group of this name caught.
    pub fn named(&self, name: &str) -> Option<&str> {
        let of_name = self.0.iter().find(|group| group.name.as_deref() == Some(name));
        of_name?.text.as_deref()
    }
}
