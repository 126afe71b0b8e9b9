//! What is found: what was seen, what it means, and what to do about it.

use std::fmt::Write;

use anyhow::Error;
use serde::Serialize;
use serde_json::json;

use crate::language::Language;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Good,
    Warning,
    Fault,
    Skipped,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    /// For programs; the same in every language.
    check: &'static str,
    /// None is about the machine.
    account: Option<String>,
    status: Status,
    seen: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    meaning: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    cure: String,
}

/// A text in Chinese and in English.
pub(super) type Words<'w> = (&'w str, &'w str);

/// All that was found, in order.
pub(super) struct Findings {
    lang: Language,
    account: Option<String>,
    found: Vec<Finding>,
}

impl Findings {
    pub(super) fn new(lang: Language) -> Self {
        Self { lang, account: None, found: Vec::new() }
    }

    /// What follows is about this account.
    pub(super) fn begin(&mut self, account: &str) {
        self.account = Some(account.to_owned());
    }

    pub(super) fn good(&mut self, check: &'static str, seen: Words<'_>) {
        self.push(check, Status::Good, seen, ("", ""), ("", ""));
    }

    pub(super) fn skip(&mut self, check: &'static str, seen: Words<'_>, cure: Words<'_>) {
        self.push(check, Status::Skipped, seen, ("", ""), cure);
    }

    pub(super) fn warn(
        &mut self,
        check: &'static str,
        seen: Words<'_>,
        meaning: Words<'_>,
        cure: Words<'_>,
    ) {
        self.push(check, Status::Warning, seen, meaning, cure);
    }

    pub(super) fn fault(
        &mut self,
        check: &'static str,
        seen: Words<'_>,
        meaning: Words<'_>,
        cure: Words<'_>,
    ) {
        self.push(check, Status::Fault, seen, meaning, cure);
    }

    fn push(
        &mut self,
        check: &'static str,
        status: Status,
        seen: Words<'_>,
        meaning: Words<'_>,
        cure: Words<'_>,
    ) {
        let picked = |(chinese, english): Words<'_>| self.lang.pick(chinese, english).to_owned();
        let (seen, meaning, cure) = (picked(seen), picked(meaning), picked(cure));
        let account = self.account.clone();
        self.found.push(Finding { check, account, status, seen, meaning, cure });
    }

    /// How many have to be mended.
    pub(super) fn faults(&self) -> usize {
        self.found.iter().filter(|finding| finding.status == Status::Fault).count()
    }

    /// One line for what is good, three for what is not.
    pub(super) fn text(&self) -> String {
        let (means, cure) = self.lang.pick(("说明", "处理"), ("means", "do"));
        let (mut text, mut about) = (String::new(), None);
        for finding in &self.found {
            if finding.account != about {
                about.clone_from(&finding.account);
                let _ = writeln!(text, "[{}]", about.as_deref().unwrap_or_default());
            }
            let mark = match finding.status {
                Status::Good => "✓",
                Status::Warning => "!",
                Status::Fault => "✗",
                Status::Skipped => "-",
            };
            let _ = writeln!(text, "{mark} {}: {}", finding.check, finding.seen);
            for (name, words) in [(means, &finding.meaning), (cure, &finding.cure)] {
                if !words.is_empty() {
                    let _ = writeln!(text, "    {name}: {words}");
                }
            }
        }
        text
    }

    pub(super) fn json(&self) -> Result<String, Error> {
        let report = json!({ "ok": self.faults() == 0, "findings": self.found });
        Ok(serde_json::to_string_pretty(&report)? + "\n")
    }
}
