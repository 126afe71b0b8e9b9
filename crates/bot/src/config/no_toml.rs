//! What is no TOML, with what is right where we know it.

use wxbot_sdk::settings::Problem;

const QUOTES: &str = "“ ” ‘ ’ are no quotes in TOML: write \"";
const NAMES: &str = "quote names with other than A-Z a-z 0-9 _ -: [audience.\"员工\"]";

/// The same problem, and a hint at what an input method or a word processor made of it.
pub(super) fn hinted(text: &str, problem: Problem) -> Problem {
    match hint(text, &problem) {
        Some(hint) => Problem { message: format!("{}; hint: {hint}", problem.message), ..problem },
        None => problem,
    }
}

fn hint(text: &str, problem: &Problem) -> Option<&'static str> {
    let at = problem.span.as_ref()?.start.min(text.len());
    let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let bare = outside_of_quotes(line);
    if bare.contains(['“', '”', '‘', '’']) {
        return Some(QUOTES);
    }
    bare.contains(|c: char| c.is_alphanumeric() && !c.is_ascii()).then_some(NAMES)
}

/// A line without its strings and its comment.
fn outside_of_quotes(line: &str) -> String {
    let (mut bare, mut open) = (String::new(), None);
    for c in line.chars() {
        match (open, c) {
            (Some(quote), _) if c == quote => open = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => open = Some(c),
            (None, '#') => break,
            (None, _) => bare.push(c),
        }
    }
    bare
}
