//! Who is measured, and the rounds.

use anyhow::{Context, Result};
use std::path::Path;
use tempfile::TempDir;

use crate::answer::{Expected, Says};
use crate::child::Server;
use crate::load::{self, Round};
use crate::message::{Messages, Mode};
use crate::options::Options;
use crate::{bare, table, wxbot};

/// One server of the contest, and how it did.
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) expected: Expected,
    pub(crate) server: Server,
    pub(crate) rounds: Vec<Round>,
}

/// All servers, round by round, then the table.
pub(crate) fn rounds(options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = if options.self_check { None } else { Some(wxbot::build()?) };
    let mut field = field(options, &folder, program.as_deref())?;
    options.pin_generator()?;
    let mut messages = Messages::new();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        for mode in [Mode::Plain, Mode::Safe] {
            messages.write(mode, options.requests);
            let mut turns: Vec<_> =
                field.iter_mut().filter(|who| who.expected.mode == mode).collect();
            // Nobody always goes first.
            if round.is_multiple_of(2) {
                turns.reverse();
            }
            turns.into_iter().try_for_each(|contender| contender.play(&messages))?;
        }
    }
    table::print_rounds(&field, program.as_deref())?;
    field.iter_mut().try_for_each(|contender| contender.server.stop())
}

/// Many distinct messages to one server, portion by portion, with its memory after each.
pub(crate) fn memory(options: &Options, most: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = wxbot::build()?;
    let mut contender = real(options, &folder, &program, Mode::Plain, 0)?;
    table::print_memory_head(&contender.server)?;
    options.pin_generator()?;
    let mut messages = Messages::new();
    let mut sent = 0;
    while sent < most {
        let portion = options.requests.min(most - sent);
        messages.write(Mode::Plain, portion);
        contender.play(&messages)?;
        sent += portion;
        table::print_memory(sent, &contender)?;
    }
    contender.server.stop()
}

impl Contender {
    fn play(&mut self, messages: &Messages) -> Result<()> {
        let before = self.server.cpu()?;
        let mut round = load::run(self.server.port, messages, &self.expected)
            .with_context(|| format!("{}; its log: {}", self.name, self.server.log()))?;
        round.cpu = self.server.cpu()? - before;
        self.rounds.push(round);
        Ok(())
    }
}

/// The bare servers lead: in each mode the first is what the others are measured against.
fn field(options: &Options, folder: &TempDir, program: Option<&Path>) -> Result<Vec<Contender>> {
    let mut field = Vec::new();
    for mode in [Mode::Plain, Mode::Safe] {
        field.push(baseline(options, folder, mode, "bare actix-web")?);
        let Some(program) = program else {
            field.push(baseline(options, folder, mode, "bare actix-web again")?);
            continue;
        };
        field.push(real(options, folder, program, mode, 0)?);
        if let Some(other) = &options.against {
            let home = tempfile::tempdir_in(folder)?;
            let mut other = real(options, &home, other, mode, 0)?;
            other.name = format!("the other wxbot, {mode}");
            field.push(other);
        }
        if let (Mode::Plain, Some(idle)) = (mode, options.chain) {
            field.push(real(options, folder, program, mode, idle)?);
        }
    }
    Ok(field)
}

fn baseline(options: &Options, folder: &TempDir, mode: Mode, name: &str) -> Result<Contender> {
    let name = format!("{name}, {mode}");
    let (command, port) = bare::command(options, mode)?;
    let server = Server::start(command, port, &folder.path().join(&name))?;
    let expected = Expected { mode, says: Says::TheSame };
    Ok(Contender { name, expected, server, rounds: Vec::new() })
}

fn real(
    options: &Options,
    folder: &TempDir,
    program: &Path,
    mode: Mode,
    idle: u32,
) -> Result<Contender> {
    let name = match idle {
        0 => format!("wxbot, {mode}"),
        idle => format!("wxbot, {mode}, {idle} idle entries"),
    };
    let home = folder.path().join(&name);
    let (command, port) = wxbot::command(options, program, &home, mode, idle)?;
    let server = Server::start(command, port, &home)?;
    let expected = Expected { mode, says: Says::WhatItHeard };
    Ok(Contender { name, expected, server, rounds: Vec::new() })
}
