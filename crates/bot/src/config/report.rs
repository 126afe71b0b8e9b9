//! What is wrong with a file, as it is shown: each problem with its line, a caret below, and no
//! secret in either.

mod mask;
pub(super) mod public;
mod redact;

use wxbot_sdk::settings::Problem;

use self::mask::Masked;
use super::environment::Variables;

/// Shows problems of one file.
pub(super) struct Report<'f> {
    name: &'f str,
    text: &'f str,
    variables: &'f Variables,
    masked: Masked,
}

impl<'f> Report<'f> {
    /// `variables` are those that were filled in.
    pub(super) fn new(name: &'f str, text: &'f str, variables: &'f Variables) -> Self {
        Self { name, text, variables, masked: Masked::new(text) }
    }

    /// One line: where, and what.
    pub(super) fn in_short(&self, problem: &Problem) -> String {
        let (name, message) = (self.name, self.message(problem));
        match self.place(problem) {
            None => format!("{name}: {message}"),
            Some(Place { line, column, .. }) => format!("{name}:{line}:{}: {message}", column + 1),
        }
    }

    /// Also the line of the file, and a caret below it.
    pub(super) fn with_line(&self, problem: &Problem) -> String {
        let short = self.in_short(problem);
        let Some(Place { line, column, length }) = self.place(problem) else { return short };
        let shown = self.masked.text.lines().nth(line - 1).unwrap_or_default();
        let margin = " ".repeat(line.to_string().len());
        let (indent, carets) = (" ".repeat(column), "^".repeat(length));
        format!("{short}\n{margin} |\n{line} | {shown}\n{margin} | {indent}{carets}")
    }

    fn place(&self, problem: &Problem) -> Option<Place> {
        let text = self.text;
        let span = problem.span.clone().filter(|span| span.start <= text.len())?;
        let start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let end = span.end.clamp(span.start, span.start.max(start + line.len()));
        Some(Place {
            line: text[..start].matches('\n').count() + 1,
            column: text[start..span.start].chars().count(),
            length: text[span.start..end].chars().count().max(1),
        })
    }

    /// The message without what has to be hidden: the values of variables, and of the value that
    /// it is about what the line does not show either.
    fn message(&self, problem: &Problem) -> String {
        let mut message = problem.message.clone();
        for (name, value) in self.variables.iter() {
            message = redact::everywhere(&message, value, &format!("${{{name}}}"));
        }
        let scalar = problem.span.as_ref().and_then(|span| self.masked.scalar_at(span));
        match scalar {
            Some(scalar) => {
                let filled_in = self.variables.fill_in(&scalar.value);
                let message = redact::pieces(&message, &filled_in, &scalar.shown);
                redact::pieces(&message, &scalar.value, &scalar.shown)
            }
            // What serde says of a value may come without the value's place.
            None if redact::is_of_serde(&message) => {
                let hidden = self.masked.hidden();
                hidden.fold(message, |message, it| redact::whole(&message, &it.value, &it.shown))
            }
            None => message,
        }
    }
}

/// Where a problem is: lines from 1, columns from 0, in characters.
struct Place {
    line: usize,
    column: usize,
    length: usize,
}

#[cfg(test)]
mod tests;
