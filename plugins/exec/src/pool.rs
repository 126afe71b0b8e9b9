//! Several processes of one command: the one with the least to do is asked.

use std::sync::OnceLock;

use crate::config::Command;
use crate::error::CallError;
use crate::process::Process;
use crate::request::Answers;

/// The processes of one link.
pub(crate) struct Pool {
    command: Command,
    count: usize,
    link: String,
    /// Since the first message came: a configuration that is only checked starts nothing.
    processes: OnceLock<Vec<Process>>,
}

impl Pool {
    pub(crate) fn new(command: Command, count: usize, link: &str) -> Self {
        Self { command, count, link: link.to_owned(), processes: OnceLock::new() }
    }

    /// Asks one of those that run.
    pub(crate) fn ask(&self, id: u64, line: Vec<u8>) -> Result<Answers, CallError> {
        let processes = self.processes.get_or_init(|| self.start());
        let running = processes.iter().filter(|process| process.is_down().is_none());
        match running.min_by_key(|process| process.load()) {
            Some(process) => process.ask(id, line),
            None => {
                let down = processes.iter().filter_map(Process::is_down);
                let next = down.min_by_key(|down| down.retry_in());
                Err(next.map_or(CallError::Busy, |down| down.error()))
            }
        }
    }

    fn start(&self) -> Vec<Process> {
        (1..=self.count).map(|number| Process::start(&self.command, &self.link, number)).collect()
    }
}
