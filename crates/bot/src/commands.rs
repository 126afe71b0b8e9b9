//! What the command line can do, one file for each command.

mod run;
mod init;
mod new;
mod check;
mod health;
mod plugins;
mod docs;
mod schema;
mod reference; // what both say
mod columns;
mod say;
mod sim;
mod outbox;
mod doctor;
mod menu;
mod api;
mod account;
mod sessions;
mod jobs;
mod send;
mod store;
mod console;
mod stop;
mod input;
mod output;

use std::process::ExitCode;

use anyhow::Error;
use clap::CommandFactory;

use self::input::WrongInput;
use self::output::print;
use crate::cli::{Cli, Command};
use crate::config::ConfigError;
use crate::telemetry;

pub(crate) fn run(cli: Cli) -> Result<(), Error> {
    let chosen = cli.chosen();
    if is_about_a_bot_of_ones_own(&chosen) {
        input::note_built_in(&cli);
    }
    match chosen {
        Command::Run => run::run(&cli),
        Command::Init(init) => init::init(&cli, &init),
        Command::New { what } => new::new(&what),
        Command::Check => check::check(&cli),
        Command::Health => health::health(&cli),
        Command::Plugins { name } => plugins::plugins(&cli, name.as_deref()),
        Command::Docs { all } => docs::docs(all),
        Command::Schema => schema::schema(),
        Command::Say(say) => say::say(&cli, &say),
        Command::Sim(sim) => sim::sim(&cli, &sim),
        Command::Outbox { what } => outbox::outbox(&cli, what),
        Command::Doctor(doctor) => doctor::doctor(&cli, &doctor),
        Command::Menu(menu) => menu::menu(&cli, &menu),
        Command::Api(api) => api::api(&cli, &api),
        Command::Sessions { what } => sessions::sessions(&cli, what),
        Command::Jobs { what } => jobs::jobs(&cli, what),
        Command::Send(message) => send::send(&cli, &message),
        Command::Store { what } => store::store(&cli, &what),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "wxbot", &mut script);
            print(&String::from_utf8(script)?)
        }
        Command::Man { folder } => Ok(clap_mangen::generate_to(Cli::command(), folder)?),
    }
}

/// Whether the built-in example is most likely not the bot that is meant.
fn is_about_a_bot_of_ones_own(command: &Command) -> bool {
    use Command::{Api, Doctor, Health, Jobs, Menu, Outbox, Say, Send, Sessions, Store};
    matches!(
        command,
        Api(_)
            | Doctor(_)
            | Health
            | Jobs { .. }
            | Menu(_)
            | Outbox { .. }
            | Say(_)
            | Send(_)
            | Sessions { .. }
            | Store { .. }
    )
}

/// Prints an error with its causes once, and picks the exit code. Each error of a configuration has
/// a label of its own, so that a search for `error:` finds them all.
pub(crate) fn report(error: &Error) -> ExitCode {
    let config_error = error.downcast_ref::<ConfigError>();
    let text = match config_error {
        Some(wrong) => wrong.problems().iter().map(|one| format!("error: {one}\n")).collect(),
        None => vec![format!("error: {error:#}\n")],
    };
    let _ = telemetry::write(&text.join("\n"));
    let wrong_input = config_error.is_some() || error.is::<WrongInput>();
    if wrong_input { ExitCode::from(2) } else { ExitCode::FAILURE }
}
