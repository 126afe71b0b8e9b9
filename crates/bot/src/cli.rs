//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// The endpoint of a WeChat Official Account.
#[derive(Debug, Parser)]
#[command(name = "wxbot", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// The configuration; without one here or in this folder, the built-in default
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How to log; by default text on a terminal, JSON elsewhere
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(crate) log: Option<LogFormat>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Json,
    Text,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Serve until SIGTERM or Ctrl-C; what `wxbot` alone does
    Run,
    /// Read the configuration and build everything, without opening a port
    Check,
    /// List the plugins that are linked, or the settings of one
    Plugins {
        /// The plugin whose settings to show
        name: Option<String>,
    },
    /// Say something to the bot as a follower, and see the reply
    Say(Say),
    /// Late answers: list them, try one again, or drop it
    Outbox {
        #[command(subcommand)]
        what: Option<Outbox>,
    },
    /// The store: write it out as JSON lines, or read such lines in
    Store {
        #[command(subcommand)]
        what: StoreCommand,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Outbox {
    /// List what is promised, to be sent, or was given up; what `wxbot outbox` alone does
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Try one now, also one that was given up
    Retry {
        /// From the list
        id: String,
    },
    /// Take one out for good
    Drop {
        /// From the list
        id: String,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum StoreCommand {
    /// Write everything in the store to standard output
    Export,
    /// Read what `export` wrote from standard input into the store
    Import,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Say {
    /// What the follower writes
    #[arg(required_unless_present_any = ["event", "xml"], conflicts_with_all = ["event", "xml"])]
    pub(crate) text: Option<String>,
    /// The follower's openid
    #[arg(long = "as", value_name = "OPENID", default_value = "oWXBOT_say_000000000000000000")]
    pub(crate) openid: String,
    /// The account that is written to; by default the first one
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// An event instead of a text: subscribe, CLICK, …
    #[arg(long, value_name = "NAME", conflicts_with = "xml")]
    pub(crate) event: Option<String>,
    /// The event's key
    #[arg(long, requires = "event")]
    pub(crate) key: Option<String>,
    /// A whole message body instead, from a file; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) xml: Option<PathBuf>,
    /// Show which link was asked, what it decided and how long it took
    #[arg(long)]
    pub(crate) trace: bool,
}

impl Cli {
    pub(crate) fn chosen(&self) -> Command {
        self.command.clone().unwrap_or(Command::Run)
    }
}

/// Reads the command line; help goes to stdout with 0, errors to stderr with 2.
pub(crate) fn parse() -> Result<Cli, ExitCode> {
    Cli::try_parse().map_err(|error| {
        let _ = error.print();
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    })
}
