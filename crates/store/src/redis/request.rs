//! What is asked of Redis: one command, or one script.

use redis::Cmd;
use wxbot_sdk::store::Item;

use super::script::Script;
use crate::limits;

/// One step for the server.
pub(super) struct Request {
    what: What,
    keys: Vec<Vec<u8>>,
    arguments: Vec<Vec<u8>>,
    /// Whether an answer says that Redis takes writes. A script that found nothing to change has
    /// not written.
    pub(super) writes: bool,
}

enum What {
    Command(&'static str),
    Script(&'static Script),
}

impl Request {
    pub(super) fn command(name: &'static str, key: Vec<u8>) -> Self {
        Self { what: What::Command(name), keys: vec![key], arguments: vec![], writes: false }
    }

    pub(super) fn script(script: &'static Script, keys: Vec<Vec<u8>>) -> Self {
        Self { what: What::Script(script), keys, arguments: vec![], writes: false }
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

    /// Id, value and due time.
    pub(super) fn with_item(self, item: Item) -> Self {
        self.with(item.id).with(item.value).with_number(limits::due(item.due))
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
            What::Script(script) => self.scripted("EVAL", script.code),
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
