//! `wxbot plugins`: what is linked, what of it is in the chain, and what settings it has.

use std::fmt::Write;

use anyhow::Error;
use serde_json::Value;
use wxbot_sdk::command::{CommandSet, Slash};
use wxbot_sdk::plugin::Registration;
use wxbot_sdk::settings::nearest;

use super::input::{WrongInput, config};
use super::output::print;
use crate::cli::Cli;

pub(crate) fn plugins(cli: &Cli, name: Option<&str>) -> Result<(), Error> {
    match name {
        Some(name) => settings_of(name),
        None => list(cli),
    }
}

fn list(cli: &Cli) -> Result<(), Error> {
    let config = config(cli)?;
    let mut text = format!("{:12} {:10} {:16} SUMMARY\n", "PLUGIN", "VERSION", "IN THE CHAIN AS");
    for plugin in Registration::all() {
        let ids: Vec<_> = config
            .chain
            .iter()
            .filter(|link| link.enabled && link.plugin == plugin.name)
            .map(|link| link.id.as_str())
            .collect();
        let ids = if ids.is_empty() { "-".to_owned() } else { ids.join(", ") };
        writeln!(text, "{:12} {:10} {ids:16} {}", plugin.name, plugin.version, plugin.summary)?;
    }
    print(&text)
}

/// The keys of `[chain.config]`, from the schema that the settings' type has.
fn settings_of(name: &str) -> Result<(), Error> {
    let plugins = Registration::all();
    let Some(plugin) = plugins.iter().find(|plugin| plugin.name == name) else {
        let names: Vec<_> = plugins.iter().map(|plugin| plugin.name).collect();
        let near = nearest(name, names.iter().copied());
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let names = names.join(", ");
        let message = format!("no plugin is called `{name}` (this bot has: {names}){hint}");
        return Err(WrongInput(message).into());
    };
    let mut text = String::new();
    writeln!(text, "{} {} ({} {})", plugin.name, plugin.summary, plugin.package, plugin.version)?;
    writeln!(text, "\n[chain.config]")?;
    let schema = (plugin.schema)();
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, property) in properties.into_iter().flatten() {
        let description = property.get("description").and_then(Value::as_str).unwrap_or_default();
        writeln!(text, "  {key:12} {}", description.replace('\n', " "))?;
    }
    if let Some(commands) = plugin.commands {
        write_commands(&mut text, commands)?;
    }
    print(&text)
}

/// How each command is written, what else it is called, and what it does.
fn write_commands(text: &mut String, set: &CommandSet) -> std::fmt::Result {
    let slash = match set.slash {
        Slash::Required => "with a slash before them",
        Slash::Optional => "with or without a slash before them",
        Slash::None => "without a slash",
    };
    writeln!(text, "\nCommands, {slash}")?;
    for command in set.commands {
        writeln!(text, "  {}", set.written(command))?;
        let others = command.names[1..].join(", ");
        let others = if others.is_empty() { others } else { format!(" ({others})") };
        writeln!(text, "  {:12} {}{others}", "", command.help)?;
    }
    Ok(())
}
