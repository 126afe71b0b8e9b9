//! `wxbot docs`: the reference of every linked plugin, in Markdown.

use std::fmt::{self, Write};

use anyhow::Error;
use wxbot_sdk::plugin::Registration;

use super::output::print;
use super::reference::{self, Setting, Table};

pub(crate) fn docs() -> Result<(), Error> {
    let mut text =
        "# Plugins\n\nThe plugins of this bot, for `plugin = \"NAME\"` in an entry of the \
                    chain.\n"
            .to_owned();
    for plugin in Registration::all() {
        write_plugin(&mut text, plugin)?;
    }
    print(&text)
}

fn write_plugin(text: &mut String, plugin: &Registration) -> fmt::Result {
    writeln!(text, "\n## {}\n\n{}", plugin.name, sentence(plugin.summary))?;
    writeln!(text, "It is in `{}` {}.", plugin.package, plugin.version)?;
    if plugin.dialogs.is_some() {
        writeln!(text, "It asks questions: `[chain.dialog]` of the entry holds for it.")?;
    }
    let tables = reference::tables((plugin.schema)().as_value());
    for table in tables.iter().filter(|table| !table.settings.is_empty()) {
        write_table(text, table)?;
    }
    let Some(commands) = plugin.commands else { return Ok(()) };
    writeln!(text, "\nCommands, {}:\n", reference::slash(commands.slash))?;
    for command in commands.commands {
        let others = reference::other_names(command);
        writeln!(text, "* `{}`{others}: {}", commands.written(command), command.help)?;
    }
    Ok(())
}

fn write_table(text: &mut String, table: &Table) -> fmt::Result {
    writeln!(text, "\n`{}`\n\n| key | value | meaning |\n| --- | --- | --- |", table.heading)?;
    for Setting { key, value, meaning } in &table.settings {
        writeln!(text, "| `{}` | {} | {} |", cell(key), cell(value), cell(meaning))?;
    }
    Ok(())
}

/// `says back` as a sentence.
fn sentence(summary: &str) -> String {
    let mut letters = summary.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).chain(['.']).collect()
}

fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
