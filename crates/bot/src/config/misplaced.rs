//! A key that is known, and stands at the wrong level of the file.

use wxbot_sdk::plugin::Registration;
use wxbot_sdk::settings::{Entries, Problem, Value};

use super::report::public;

/// A problem of a section or of an entry, and where the key belongs if it is one of another.
pub(super) fn hinted(problem: Problem) -> Problem {
    let Some(key) = unknown(&problem) else { return problem };
    let sections: Vec<_> = public::sections_with(key).map(|name| format!("`{name}`")).collect();
    match sections.is_empty() || problem.message.contains("did you mean") {
        true => problem,
        false => with_hint(&problem, &format!("`{key}` is a key of {}", sections.join(" and "))),
    }
}

/// The same for an entry, with this plugin: what it lacks may be one of the plugin's settings.
pub(super) fn hinted_in_entry(problem: Problem, entry: &Entries) -> Problem {
    let Some(key) = unknown(&problem) else { return problem };
    let plugin = entry.get("plugin").and_then(|value| value.get_ref().as_text());
    let plugin = plugin.filter(|plugin| settings_of(plugin).iter().any(|setting| setting == key));
    let Some(plugin) = plugin else { return hinted(problem) };
    let place = match entry.get(key).map(|value| value.get_ref()) {
        Some(Value::Table(_)) => format!("write `[chain.config.{key}]`"),
        Some(Value::List(items))
            if items.iter().any(|item| item.get_ref().as_table().is_some()) =>
        {
            format!("write `[[chain.config.{key}]]`")
        }
        _ => "write it below `[chain.config]`".to_owned(),
    };
    with_hint(&problem, &format!("`{key}` is a setting of `{plugin}`: {place}"))
}

/// The same for a plugin's settings. A key of a table among them is meant for that table.
pub(super) fn hinted_in_config(problem: Problem, config: &Entries) -> Problem {
    let Some(key) = unknown(&problem) else { return problem };
    let place = config.get_key_value(key).map(|(key, _)| key.span());
    let is_direct = place.is_some() && place == problem.span;
    match is_direct && public::is_of_entry(key) && !problem.message.contains("did you mean") {
        true => with_hint(
            &problem,
            &format!("`{key}` is a key of the entry: write it above `[chain.config]`"),
        ),
        false => problem,
    }
}

/// The key that a problem says is not known.
fn unknown(problem: &Problem) -> Option<&str> {
    let rest = problem.message.strip_prefix("unknown field `")?;
    rest.split_once('`').map(|(key, _)| key)
}

/// A suggestion of another name is dropped: this one is the right name.
fn with_hint(problem: &Problem, hint: &str) -> Problem {
    let message = problem.message.split("; did you mean").next().unwrap_or_default();
    Problem { span: problem.span.clone(), message: format!("{message}; {hint}") }
}

fn settings_of(plugin: &str) -> Vec<String> {
    let plugin = Registration::all().into_iter().find(|known| known.name == plugin);
    let schema = plugin.map(|plugin| (plugin.schema)());
    let properties = schema.as_ref().and_then(|schema| schema.get("properties")?.as_object());
    properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}
