//! Why a bot of a test does not start.

use std::error::Error as _;
use std::fmt;
use std::io;

use wxbot::config::ConfigError;
use wxbot::rehearsal::RehearsalError;
use wxbot_server::BindError;
use wxbot_sim::{AccountError, Broken};

/// Why a [`TestBot`](crate::TestBot) does not start.
#[derive(thiserror::Error)]
pub enum SetupError {
    /// The configuration is wrong; every error with its line.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// WeChat takes no such account.
    #[error("WeChat takes no such account")]
    Account(#[from] AccountError),
    /// There is no place for virtual time.
    #[error(
        "a `TestBot` has virtual time, which takes a runtime of one thread: a plain \
         `#[tokio::test]`, or `wxbot_testkit::run`"
    )]
    Runtime,
    /// No port or thread is free, or there is no client for them.
    #[error("can't serve on this machine: {0}")]
    Serve(String),
}

/// As it reads: this is what `unwrap` shows.
impl fmt::Debug for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl From<RehearsalError> for SetupError {
    fn from(error: RehearsalError) -> Self {
        match error {
            RehearsalError::Account(error) => error.into(),
            RehearsalError::Transport(error) => error.downcast().unwrap_or_else(Self::from),
        }
    }
}

impl From<BindError> for SetupError {
    fn from(error: BindError) -> Self {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        Self::Serve(format!("{error}{cause}"))
    }
}

impl From<io::Error> for SetupError {
    fn from(error: io::Error) -> Self {
        Self::Serve(error.to_string())
    }
}

impl From<Broken> for SetupError {
    fn from(error: Broken) -> Self {
        Self::Serve(error.to_string())
    }
}
