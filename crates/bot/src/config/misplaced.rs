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
    with_hint(&problem, &setting_of(plugin, key, entry))
}

/// The same for what stands on top of the file: it may lack the `chain.` that is before it.
pub(super) fn hinted_on_top(problem: Problem, file: &Entries) -> Problem {
    let Some(key) = unknown(&problem) else { return problem };
    if key == "config" {
        let inside = file.get(key).and_then(|config| config.get_ref().as_table());
        let place = inside.and_then(|inside| {
            let key = inside.keys().next()?.get_ref();
            Some(place_of(key, inside)).filter(|place| place.contains("[["))
        });
        let place = place.unwrap_or_else(|| "write `[chain.config]`".to_owned());
        return with_hint(&problem, &format!("`config` is a key of `[[chain]]`: {place}"));
    }
    let has_key = |plugin: &&str| settings_of(plugin).iter().any(|setting| setting == key);
    match plugins_of(file).find(has_key) {
        Some(plugin) => with_hint(&problem, &setting_of(plugin, key, file)),
        None => hinted(problem),
    }
}

fn plugins_of(file: &Entries) -> impl Iterator<Item = &str> {
    let chain = match file.get("chain").map(|chain| chain.get_ref()) {
        Some(Value::List(chain)) => chain.as_slice(),
        _ => &[],
    };
    let entries = chain.iter().filter_map(|entry| entry.get_ref().as_table());
    entries.filter_map(|entry| entry.get("plugin")?.get_ref().as_text())
}

fn setting_of(plugin: &str, key: &str, entries: &Entries) -> String {
    format!("`{key}` is a setting of `{plugin}`: {}", place_of(key, entries))
}

/// How a setting of a plugin is headed, as what these entries have of it.
fn place_of(key: &str, entries: &Entries) -> String {
    match entries.get(key).map(|value| value.get_ref()) {
        Some(Value::Table(_)) => format!("write `[chain.config.{key}]`"),
        Some(Value::List(items))
            if items.iter().any(|item| item.get_ref().as_table().is_some()) =>
        {
            format!("write `[[chain.config.{key}]]`")
        }
        _ => "write it below `[chain.config]`".to_owned(),
    }
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
