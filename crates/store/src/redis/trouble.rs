//! Why a call of Redis failed, and what that says about Redis.

use redis::{ErrorKind, RedisError, ServerErrorKind};
use wxbot_sdk::store::StoreError;

use super::breaker::Resting;
use super::servers::PATIENCE;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The breaker is open.
    #[error("Redis failed a moment ago and is asked again in {} ms", .0.0.as_millis())]
    Resting(Resting),
    #[error("no answer from Redis within {} ms", PATIENCE.as_millis())]
    Late,
    #[error("the program is ending")]
    Ending,
    #[error(transparent)]
    Redis(#[from] RedisError),
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        Self::Unreachable(trouble.into())
    }
}

impl Trouble {
    /// Whether this is not an answer to what was asked, but to asking at all.
    pub(super) fn is_no_answer(&self) -> bool {
        let Self::Redis(error) = self else { return true };
        match error.kind() {
            ErrorKind::UnexpectedReturnType => false,
            ErrorKind::Server(kind) => matches!(
                kind,
                ServerErrorKind::BusyLoading
                    | ServerErrorKind::ClusterDown
                    | ServerErrorKind::MasterDown
                    | ServerErrorKind::TryAgain
                    | ServerErrorKind::Moved
                    | ServerErrorKind::Ask
            ),
            ErrorKind::Extension => matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "BUSY")),
            _ => true,
        }
    }

    /// Whether the server is there but keeps nothing: a replica, one without memory or disk, one that
    /// lost its replicas.
    pub(super) fn refuses_writes(&self) -> bool {
        let Self::Redis(error) = self else { return false };
        error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
            || matches!(error.code(), Some("OOM" | "MISCONF" | "NOREPLICAS" | "READONLY"))
    }

    /// Perhaps with another server.
    pub(super) fn needs_new_connection(&self) -> bool {
        self.is_no_answer() || self.refuses_writes()
    }
}
