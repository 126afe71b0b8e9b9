//! The command line, by what its parser knows.

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory};

use super::markdown::{heading, sentence, table};
use crate::cli::Cli;
use crate::telemetry::LOG_VARIABLE;

/// All commands, and the variables that they read.
pub(super) fn reference() -> String {
    let mut program = Cli::command();
    program.build();
    let mut text = heading(2, "Commands");
    text += &format!("{}\n\n", sentence(&words(program.get_after_help())));
    text += "All of them take:\n\n";
    text += &arguments(program.get_arguments().filter(|arg| arg.is_global_set()));
    for command in commands_of(&program) {
        text += &of_command(command);
    }
    text + "\n" + &variables(&program)
}

/// Without `help`, which every command has.
fn commands_of(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help")
}

/// A command and those below it.
fn of_command(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let mut text = format!("\n{}", heading(3, name));
    text += &format!("{}\n\n`{usage}`\n", sentence(&words(command.get_about())));
    let arguments = arguments(command.get_arguments().filter(|arg| is_own(arg)));
    if arguments.lines().count() > 2 {
        text += &format!("\n{arguments}");
    }
    text + &commands_of(command).map(of_command).collect::<String>()
}

fn is_own(arg: &Arg) -> bool {
    !arg.is_global_set()
        && !arg.is_hide_set()
        && !["help", "version"].contains(&arg.get_id().as_str())
}

fn arguments<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    let rows = arguments
        .map(|arg| [format!("`{}`", written(arg)), values(arg), default(arg), meaning(arg)]);
    table(["argument", "value", "default", "meaning"], rows)
}

/// `--as OPENID`, `TEXT`.
fn written(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let value = names.first().map(ToString::to_string).unwrap_or_default();
    match arg.get_long() {
        None => value,
        Some(name) if arg.get_action().takes_values() => format!("--{name} {value}"),
        Some(name) => format!("--{name}"),
    }
}

fn values(arg: &Arg) -> String {
    let values = arg.get_possible_values();
    let values = values.iter().filter(|_| arg.get_action().takes_values());
    let values: Vec<_> = values.map(|value| format!("`{}`", value.get_name())).collect();
    values.join(" or ")
}

fn default(arg: &Arg) -> String {
    let values = arg.get_default_values().iter().filter(|_| arg.get_action().takes_values());
    let values: Vec<_> = values.map(|value| format!("`{}`", value.to_string_lossy())).collect();
    if arg.is_required_set() { "needed".to_owned() } else { values.join(", ") }
}

fn meaning(arg: &Arg) -> String {
    let meaning = sentence(&words(arg.get_help()));
    match arg.get_env() {
        Some(name) => format!("{meaning} Or in `{}`.", name.to_string_lossy()),
        None => meaning,
    }
}

fn words(text: Option<&StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default().replace('\n', " ")
}

fn variables(program: &Command) -> String {
    let of = |command: &Command| {
        let name = command.get_name().to_owned();
        let arguments = command.get_arguments().filter_map(|arg| Some((arg.get_env()?, arg)));
        let rows = arguments.map(move |(variable, arg)| {
            let meaning = format!("`{}` of `wxbot {name}`.", written(arg));
            [format!("`{}`", variable.to_string_lossy()), meaning]
        });
        rows.collect::<Vec<_>>()
    };
    let (name, meaning) = LOG_VARIABLE;
    let log = [format!("`{name}`"), meaning.to_owned()];
    let rows = std::iter::once(log).chain(commands_of(program).flat_map(of));
    heading(2, "Environment variables")
        + "Besides these, every `${NAME}` in `bot.toml` is one; what the environment lacks is looked up in `wxbot.env` \
           beside it.\n\n"
        + &table(["variable", "meaning"], rows)
}
