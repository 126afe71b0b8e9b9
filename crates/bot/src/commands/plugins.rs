//! `wxbot plugins`: what is linked, what of it is in the chain, and what settings it has.

use std::fmt::Write;

use anyhow::Error;
use wxbot_sdk::command::CommandSet;
use wxbot_sdk::plugin::Registration;
use wxbot_sdk::settings::nearest;

use super::columns::aligned;
use super::input::{WrongInput, config};
use super::output::print;
use super::reference::{self, Setting, Table};
use crate::cli::Cli;
use crate::config::schema;

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

/// The keys of `[chain.config]` and of the tables in it, from the schema that editors have.
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
    let schema = schema();
    let tables = reference::settings_of(name, &schema);
    text += &aligned(&settings("chain.config.", &tables));
    if tables.iter().flat_map(|table| &table.settings).any(Setting::takes_reply) {
        writeln!(text, "\nA reply is a text, a list to pick from, or a table with one of")?;
        text += &aligned(&settings("reply.", &reference::reply(&schema)));
    }
    if let Some(commands) = plugin.commands {
        write_commands(&mut text, commands)?;
    }
    print(&text)
}

/// All keys, those in tables behind the key of the table: `history`, `history.turns`.
fn settings(root: &str, tables: &[Table]) -> Vec<(String, String)> {
    let keys = tables.iter().flat_map(|table| table.settings.iter().map(move |it| (table, it)));
    let rows = keys.map(|(table, setting)| {
        let name = format!("{}.{}", table.path, setting.key);
        (name.replacen(root, "", 1), told(setting).replace(root, ""))
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    rows
}

/// `How long. [duration, default: 30m]`
fn told(setting: &Setting) -> String {
    let Setting { value, default, meaning, .. } = setting;
    let default = match &**default {
        "" => String::new(),
        "needed" => ", needed".to_owned(),
        default => format!(", default: {default}"),
    };
    let facts = format!("[{value}{default}]").replace('`', "");
    format!("{meaning} {facts}")
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
