//! The command line.

use anyhow::{Result, ensure};
use clap::{Parser, value_parser};
use std::path::PathBuf;
use std::process::Command;

use crate::message::Mode;

/// Measures the echo bot against a bare actix-web.
#[derive(Parser)]
pub(crate) struct Options {
    /// Rounds; the figures are medians over them
    #[arg(long, default_value_t = 5, value_parser = value_parser!(u32).range(1..=100))]
    pub(crate) rounds: u32,

    /// Distinct messages to each server in a round; all are held in memory, about 1 KB each
    #[arg(long, default_value_t = 200_000, value_parser = value_parser!(u64).range(1..=500_000))]
    pub(crate) requests: u64,

    /// Keep the servers on core 0 and the load generator on core 1
    #[arg(long)]
    pub(crate) pinned: bool,

    /// Also measure wxbot with so many chain entries before the echo, none of which matches
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=10_000))]
    pub(crate) chain: Option<u32>,

    /// Also measure another wxbot, for example one that was built from an older commit
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) against: Option<PathBuf>,

    /// Instead of rounds, send so many messages to wxbot and report its memory
    #[arg(long, value_name = "N", conflicts_with_all = ["chain", "rounds", "against"])]
    pub(crate) memory: Option<u64>,

    /// Measure the bare server against itself: the noise of this machine
    #[arg(long, conflicts_with_all = ["chain", "memory", "against"])]
    pub(crate) self_check: bool,

    /// Be the bare server on this port
    #[arg(long, hide = true)]
    pub(crate) bare: Option<u16>,

    /// What the bare server answers with
    #[arg(long, hide = true, default_value = "plain")]
    pub(crate) mode: Mode,

    /// Said by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// How a server is started, on its core if it has one.
    pub(crate) fn command(&self, program: &std::path::Path) -> Command {
        if !self.pinned {
            return Command::new(program);
        }
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(program);
        command
    }

    /// Called when the servers run: what is started afterwards would share this core.
    pub(crate) fn pin_generator(&self) -> Result<()> {
        if !self.pinned {
            return Ok(());
        }
        let pid = std::process::id().to_string();
        let done = Command::new("taskset").args(["-cp", "1", &pid]).output()?;
        let complaint = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "`--pinned` wants two cores and taskset: {complaint}");
        Ok(())
    }
}
