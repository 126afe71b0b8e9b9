//! `[audience.NAME]`: followers who are named together.

use std::ops::Range;

use toml::Spanned;
use wxbot_sdk::matcher::{Audience, AudienceSettings, Audiences};
use wxbot_sdk::settings::{Entries, Settings, Value, nearest};

use super::findings::Findings;
use super::table::Table;

/// Reads every audience.
pub(super) fn read(table: Settings, findings: &mut Findings) -> Table<Audiences> {
    let mut audiences = Audiences::default();
    for (name, value) in table.entries() {
        let name = name.get_ref();
        let Some(entries) = value.get_ref().as_table() else {
            let message = format!("`{name}` is a table: write `[audience.{name}]`");
            findings.error(Some(value.span()), message);
            continue;
        };
        let settings = Settings::new(entries.clone(), value.span());
        let errors = findings.errors.len();
        let settings = findings.rest::<AudienceSettings>(settings);
        // Without what is wrong with it, it may seem to be of nobody.
        let Some(settings) = settings.filter(|_| findings.errors.len() == errors) else { continue };
        match Audience::new(settings) {
            Ok(audience) => audiences.insert(name, audience),
            Err(error) => findings.error(Some(value.span()), error),
        }
    }
    Table::new(audiences, table)
}

/// Each audience that a `when` names and that is not there is an error at its place. Returns whether
/// there is one.
pub(super) fn check_names(
    when: &Entries,
    audiences: &Table<Audiences>,
    findings: &mut Findings,
) -> bool {
    let mut all_are_known = true;
    for (name, place) in named(when) {
        // One that is wrong itself is one error, not two.
        if audiences.has(name) {
            continue;
        }
        all_are_known = false;
        let names: Vec<_> = audiences.names().collect();
        let cure = match nearest(name, names.iter().copied()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None if names.is_empty() => "; write one, with `openid = [\"…\"]`".to_owned(),
            None => format!(" (there are: {})", names.join(", ")),
        };
        findings.error(Some(place), format!("there is no `[audience.{name}]`{cure}"));
    }
    all_are_known
}

/// The audiences in a `when` and in what is in it, with their places.
fn named(when: &Entries) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    for (key, value) in when {
        match (key.get_ref().as_str(), value.get_ref()) {
            ("audience", Value::List(names)) => found.extend(names.iter().filter_map(text)),
            ("audience", _) => found.extend(text(value)),
            (_, Value::Table(inner)) => found.extend(named(inner)),
            (_, Value::List(list)) => {
                let tables = list.iter().filter_map(|item| item.get_ref().as_table());
                found.extend(tables.flat_map(named));
            }
            _ => {}
        }
    }
    found
}

fn text(value: &Spanned<Value>) -> Option<(&str, Range<usize>)> {
    Some((value.get_ref().as_text()?, value.span()))
}
