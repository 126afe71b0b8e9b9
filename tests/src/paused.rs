//! A rehearsed bot for tests that are not async: for a hundred thousand requests, or a clock that
//! stands still.

use tokio::runtime::{Builder, Handle, Runtime};
use wxbot::config::Source;
use wxbot::rehearsal::{Rehearsal, RehearsalSetup};
use wxbot_sim::{Endpoint, Request};

use crate::bot::account;

/// One account, and a clock that does not move.
pub struct PausedBot {
    runtime: Runtime,
    rehearsal: Rehearsal,
}

impl PausedBot {
    /// An account in this mode, and this chain; it is this Unix second.
    pub fn in_mode(mode: &str, chain: &str, unix_seconds: u64) -> Self {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
        let runtime = runtime.expect("a runtime without threads needs nothing");
        let text = format!("{}\n{chain}\n", account(mode));
        let source = Source { name: "bot.toml".into(), text };
        let setup = RehearsalSetup::read(&source, |_| None);
        let setup = setup.unwrap_or_else(|error| panic!("{error}"));
        // On the runtime's time: the clock starts here.
        let rehearsal =
            runtime.block_on(async { setup.starts_at(unix_seconds).start(&Handle::current()) });
        let rehearsal = rehearsal.expect("the account is right");
        Self { runtime, rehearsal }
    }

    /// What a GET is answered with, or the status of the refusal.
    pub fn get(&self, query: &str) -> Result<String, u16> {
        self.request("GET", query, b"")
    }

    /// What a POST is answered with, or the status of the refusal.
    pub fn post(&self, query: &str, body: &[u8]) -> Result<String, u16> {
        self.request("POST", query, body)
    }

    fn request(&self, method: &'static str, query: &str, body: &[u8]) -> Result<String, u16> {
        let content_type = (method == "POST").then_some("text/xml");
        let (query, body) = (query.to_owned(), body.to_vec());
        let endpoint = &self.rehearsal.accounts()[0].endpoint;
        let answer = endpoint.deliver(Request { method, query, content_type, body });
        let answer = self.runtime.block_on(answer).expect("the bot is there");
        match answer.status {
            200 => Ok(String::from_utf8(answer.body).expect("an answer is text")),
            504 => panic!("nothing in time"),
            status => Err(status),
        }
    }
}
