//! `wxbot plugins`: what is linked, what of it is in the chain, and what settings it has.

use std::fmt::Write;

use anyhow::Error;
use wxbot_sdk::command::CommandSet;
use wxbot_sdk::plugin::Registration;
use wxbot_sdk::settings::nearest;

use super::input::{WrongInput, config};
use super::output::print;
use super::reference;
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
    let tables = reference::tables((plugin.schema)().as_value());
    for setting in tables.first().into_iter().flat_map(|table| &table.settings) {
        writeln!(text, "  {:12} {}", setting.key, setting.meaning.replace('\n', " "))?;
    }
    if let Some(commands) = plugin.commands {
        write_commands(&mut text, commands)?;
    }
    print(&text)
}

/// How each command is written, what else it is called, and what it does.
fn write_commands(text: &mut String, set: &CommandSet) -> std::fmt::Result {
    writeln!(text, "\nCommands, {}", reference::slash(set.slash))?;
    for command in set.commands {
        writeln!(text, "  {}", set.written(command))?;
        writeln!(text, "  {:12} {}{}", "", command.help, reference::other_names(command))?;
    }
    Ok(())
}
