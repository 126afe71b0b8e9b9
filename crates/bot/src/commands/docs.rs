//! `wxbot docs`: the reference of every linked plugin, in Markdown; with `--all` that of everything.

mod commands; // of the command line
mod sections; // of bot.toml
mod routes; // over HTTP
mod metrics; // and in numbers
mod settings; // of both
mod markdown;

use anyhow::Error;
use serde_json::Value;
use wxbot_sdk::plugin::Registration;

use self::markdown::{heading, sentence};
use self::settings::tables;
use super::output::print;
use super::reference;
use crate::config::schema;

/// What `docs/en/reference.md` begins with.
const INTRODUCTION: &str = "\
# Reference

All there is, as `wxbot docs --all` prints it: for a bot of your own, with its plugins.
`bot.toml` in the repository has the same keys with examples, `wxbot plugins NAME` the settings of one plugin.
";

pub(crate) fn docs(all: bool) -> Result<(), Error> {
    let schema = schema();
    print(&if all { reference(&schema) } else { plugins(1, &schema) })
}

fn reference(schema: &Value) -> String {
    let parts = [
        INTRODUCTION.to_owned(),
        commands::reference(),
        sections::reference(schema),
        plugins(2, schema),
        routes::reference(),
        metrics::reference(),
    ];
    parts.join("\n")
}

/// `level` is that of the heading above them.
fn plugins(level: usize, schema: &Value) -> String {
    let introduction = "The plugins of this bot, for `plugin = \"NAME\"` in an entry of the chain.";
    let mut text = heading(level, "Plugins") + introduction + "\n";
    for plugin in Registration::all() {
        text += &format!("\n{}{}", heading(level + 1, plugin.name), of_plugin(plugin, schema));
    }
    text + "\n" + &replies(level, schema)
}

fn of_plugin(plugin: &Registration, schema: &Value) -> String {
    let mut text = sentence(plugin.summary) + "\n";
    text += &format!("It is in `{}` {}.\n", plugin.package, plugin.version);
    if plugin.dialogs.is_some() {
        text += "It asks questions: `[chain.dialog]` of the entry holds for it.\n";
    }
    text += &tables(&reference::settings_of(plugin.name, schema));
    let Some(commands) = plugin.commands else { return text };
    text += &format!("\nCommands, {}:\n\n", reference::slash(commands.slash));
    for command in commands.commands {
        let others = reference::other_names(command);
        text += &format!("* `{}`{others}: {}\n", commands.written(command), command.help);
    }
    text
}

/// What every plugin takes whose value is a reply.
fn replies(level: usize, schema: &Value) -> String {
    let introduction =
        "A *reply* is a text, a table with one of these keys, or a list to pick from:\n";
    heading(level, "Replies") + introduction + &tables(&reference::reply(schema))
}
