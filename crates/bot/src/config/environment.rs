//! `${NAME}` in a text takes an environment variable; `$${` is a literal `${`.

use std::ops::Range;

use toml::Spanned;
use wxbot_sdk::settings::{Entries, Problem, Value};

/// Fills in every text of the file; one problem for each text with a variable that is not set.
pub(super) fn fill_in(
    table: &mut Entries,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for value in table.values_mut() {
        fill_in_value(value, variable, &mut problems);
    }
    problems
}

fn fill_in_value(
    value: &mut Spanned<Value>,
    variable: &dyn Fn(&str) -> Option<String>,
    problems: &mut Vec<Problem>,
) {
    let span = value.span();
    match value.get_mut() {
        Value::Text(text) if text.contains("${") => {
            *text = filled_in(text, &span, variable, problems);
        }
        Value::List(items) => {
            items.iter_mut().for_each(|item| fill_in_value(item, variable, problems));
        }
        Value::Table(table) => problems.extend(fill_in(table, variable)),
        _ => {}
    }
}

fn filled_in(
    text: &str,
    span: &Range<usize>,
    variable: &dyn Fn(&str) -> Option<String>,
    problems: &mut Vec<Problem>,
) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, behind) = (&rest[..at], &rest[at + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            filled.push_str(before);
            filled.push_str("${");
            rest = behind;
            continue;
        }
        filled.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            let message = "`${` without its `}`; a literal `${` is written `$${`";
            problems.push(Problem::at(span.clone(), message));
            return filled;
        };
        match variable(name) {
            Some(value) => filled.push_str(&value),
            None => {
                let message = format!("the environment variable `{name}` is not set");
                problems.push(Problem::at(span.clone(), message));
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}
