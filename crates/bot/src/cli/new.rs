//! `wxbot new`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum New {
    /// A plugin, `wxbot-plugin-NAME`: its settings, an answer, a test, and its entry for bot.toml
    Plugin {
        /// What `plugin = "…"` in bot.toml says
        name: String,
        #[command(flatten)]
        shape: Shape,
        #[command(flatten)]
        origin: Origin,
    },
    /// A bot: the program with the plugins of its own Cargo.toml, a bot.toml and a test
    Bot {
        /// What the program is called
        name: String,
        #[command(flatten)]
        origin: Origin,
    },
}

/// What the plugin does, instead of answering a word.
#[derive(Debug, Clone, Copy, Args)]
#[group(id = "shape", multiple = false)]
pub(crate) struct Shape {
    /// It asks questions and hears the answers
    #[arg(long)]
    pub(crate) dialog: bool,
    /// It takes a command with arguments
    #[arg(long)]
    pub(crate) command: bool,
}

/// Where wxbot's packages come from; by default from the registry, in this program's version.
#[derive(Debug, Clone, Args)]
#[group(id = "origin", multiple = false)]
pub(crate) struct Origin {
    /// Depend on a checkout of wxbot in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) path: Option<PathBuf>,
    /// Depend on a Git repository of wxbot
    #[arg(long, value_name = "URL")]
    pub(crate) git: Option<String>,
}
