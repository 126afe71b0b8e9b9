//! What is typed on a terminal is shown there, unless it is a secret.

use std::io;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// The terminal shows nothing of what is typed but the line end, until this is dropped.
pub(super) struct Hidden {
    before: Termios,
}

impl Hidden {
    /// `None` where standard input is no terminal, which shows nothing by itself.
    pub(super) fn start() -> Option<Self> {
        let before = tcgetattr(io::stdin()).ok()?;
        let mut hiding = before.clone();
        hiding.local_modes.remove(LocalModes::ECHO);
        hiding.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(io::stdin(), OptionalActions::Now, &hiding).ok()?;
        Some(Self { before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
