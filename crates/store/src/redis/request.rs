//! What is asked of Redis: one command, or one script.

use std::time::Duration;

use redis::Cmd;
use wxbot_sdk::store::{FencingToken, Item, SwapRequest};

use super::script::Script;
use crate::limits;
use crate::token::token;

/// The largest count that Redis takes.
const MAX_COUNT: u64 = 1 << 40;

/// One step for the server.
pub(super) struct Request {
    what: What,
    pub(super) keys: Vec<Vec<u8>>,
    arguments: Vec<Vec<u8>>,
    /// Whether an answer says that Redis takes writes. A script that found nothing to change has
    /// not written.
    pub(super) writes: bool,
    /// In a cluster, whose master is asked; by default that of the first key.
    pub(super) slot: Option<u16>,
}

enum What {
    Command(&'static str),
    Script(&'static Script),
}

impl Request {
    pub(super) fn command(name: &'static str, key: Vec<u8>) -> Self {
        Self::new(What::Command(name), vec![key])
    }

    pub(super) fn without_key(name: &'static str) -> Self {
        Self::new(What::Command(name), Vec::new())
    }

    pub(super) fn script(script: &'static Script, keys: impl Into<Vec<Vec<u8>>>) -> Self {
        Self::new(What::Script(script), keys.into())
    }

    fn new(what: What, keys: Vec<Vec<u8>>) -> Self {
        Self { what, keys, arguments: Vec::new(), writes: false, slot: None }
    }

    /// Of a cluster, the master of this slot is asked.
    pub(super) fn at(self, slot: Option<u16>) -> Self {
        Self { slot, ..self }
    }

    /// The command writes whatever is there.
    pub(super) fn writes(self) -> Self {
        Self { writes: true, ..self }
    }

    pub(super) fn with(mut self, argument: impl Into<Vec<u8>>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(super) fn with_number(self, argument: u64) -> Self {
        self.with(argument.to_string())
    }

    /// An upper bound, as a number that Redis takes.
    pub(super) fn with_count(self, most: usize) -> Self {
        self.with_number(u64::try_from(most).unwrap_or(u64::MAX).min(MAX_COUNT))
    }

    /// Id, value, due time and a new token.
    pub(super) fn with_item(self, item: Item) -> Self {
        let item_with = self.with(item.id).with(item.value).with_number(limits::due(item.due));
        item_with.with_token(token())
    }

    pub(super) fn with_token(self, token: FencingToken) -> Self {
        self.with_number(token.0)
    }

    pub(super) fn with_time(self, time: Duration) -> Self {
        self.with_number(limits::ttl_millis(time))
    }

    /// Whether there is a value that is expected, this value, the time to live or 0, the new value.
    pub(super) fn with_swap(self, swap: SwapRequest) -> Self {
        let ttl = swap.new.as_ref().map_or(Duration::ZERO, |_| swap.ttl);
        self.with_number(swap.expected.is_some().into())
            .with(swap.expected.unwrap_or_default())
            .with_time(ttl)
            .with(swap.new.unwrap_or_default())
    }

    /// As it is sent first; a script by its hash.
    pub(super) fn short(&self) -> Cmd {
        match self.what {
            What::Command(name) => self.filled(redis::cmd(name)),
            What::Script(script) => self.scripted("EVALSHA", script.hash()),
        }
    }

    /// As it is sent when the server does not know the script.
    pub(super) fn whole(&self) -> Cmd {
        match self.what {
            What::Command(_) => self.short(),
            What::Script(script) => self.scripted("EVAL", script.code()),
        }
    }

    fn scripted(&self, verb: &str, script: &str) -> Cmd {
        let mut cmd = redis::cmd(verb);
        cmd.arg(script).arg(self.keys.len());
        self.filled(cmd)
    }

    fn filled(&self, mut cmd: Cmd) -> Cmd {
        for argument in self.keys.iter().chain(&self.arguments) {
            cmd.arg(argument.as_slice());
        }
        cmd
    }
}
