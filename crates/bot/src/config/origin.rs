//! Where a configuration comes from, and what is said about that.

use std::fmt;

use wxbot_sdk::settings::Problem;

use super::environment::Variables;
use super::report::Report;

/// The file that was read. Where a configuration comes from is no difference: any two are equal.
#[derive(Clone)]
pub(super) struct Origin {
    name: String,
    text: String,
    /// Those that the environment filled in.
    variables: Variables,
    warnings: Vec<Problem>,
}

impl Origin {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let (name, text) = (name.to_owned(), text.to_owned());
        Self { name, text, variables: Variables::default(), warnings: Vec::new() }
    }

    pub(super) fn set_variables(&mut self, variables: Variables) {
        self.variables = variables;
    }

    pub(super) fn set_warnings(&mut self, warnings: Vec<Problem>) {
        self.warnings = in_order(warnings);
    }

    pub(super) fn add_warnings(&mut self, warnings: Vec<Problem>) {
        self.warnings.extend(warnings);
        self.warnings = in_order(std::mem::take(&mut self.warnings));
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        let report = self.report();
        self.warnings.iter().map(|warning| report.in_short(warning)).collect()
    }

    pub(super) fn warnings_with_lines(&self) -> Vec<String> {
        let report = self.report();
        self.warnings.iter().map(|warning| report.with_line(warning)).collect()
    }

    /// Every problem, in the order of the file.
    pub(super) fn error(&self, problems: Vec<Problem>) -> ConfigError {
        let (report, problems) = (self.report(), in_order(problems));
        let problems = problems.iter().map(|problem| report.with_line(problem)).collect();
        ConfigError { problems }
    }

    fn report(&self) -> Report<'_> {
        Report::new(&self.name, &self.text, &self.variables)
    }
}

fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| problem.span.as_ref().map(|span| span.start));
    problems
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Its text may hold secrets.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What is wrong with a configuration: every error, with its line.
#[derive(Debug, thiserror::Error)]
#[error("{}", problems.join("\n\n"))]
pub struct ConfigError {
    problems: Vec<String>,
}

impl ConfigError {
    pub(super) fn new(problem: String) -> Self {
        Self { problems: vec![problem] }
    }

    /// What is wrong, in the order of the file: a line that begins with `FILE:LINE:COLUMN:`, then the
    /// line of the file and a caret.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}
