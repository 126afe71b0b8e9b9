//! Refused logins: slow for whoever tries tokens, and a few lines for whoever reads the log.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::denied::Denied;

/// How long a wrong token waits for its answer.
const HELD: Duration = Duration::from_secs(1);
/// The most that wait at the same time; more are turned away at once, as they would take the console's
/// connections from the operator.
const MOST_HELD: usize = 8;
/// Failures logged one by one in each [`PERIOD`].
const MOST_LOGGED: u64 = 3;
const PERIOD: Duration = Duration::from_secs(60);

/// Counts, logs and delays refused logins.
pub(super) struct Logins {
    held: Semaphore,
    refused: Mutex<Refused>,
}

/// Logins that were refused since a time.
struct Refused {
    since: Instant,
    count: u64,
}

impl Default for Logins {
    fn default() -> Self {
        let refused = Mutex::new(Refused { since: Instant::now(), count: 0 });
        Self { held: Semaphore::new(MOST_HELD), refused }
    }
}

impl Logins {
    /// Waits, and says why a login is refused; at once when too many wait already.
    pub(super) async fn refuse(&self, peer: Option<SocketAddr>) -> Denied {
        self.log(peer);
        let Ok(_held) = self.held.try_acquire() else { return Denied::TooManyTokens };
        sleep(HELD).await;
        Denied::Token
    }

    fn log(&self, peer: Option<SocketAddr>) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.since.elapsed() > PERIOD {
            if let Some(more) = refused.count.checked_sub(MOST_LOGGED).filter(|more| *more > 0) {
                tracing::warn!(more, "refused more logins to the console");
            }
            *refused = Refused { since: Instant::now(), count: 0 };
        }
        refused.count += 1;
        if refused.count <= MOST_LOGGED {
            let peer = peer.map(|peer| peer.ip().to_string()).unwrap_or_default();
            tracing::warn!(peer, "refused a login to the console: the token is wrong or missing");
        }
        if refused.count == MOST_LOGGED {
            tracing::warn!("this minute's other refused logins are only counted");
        }
    }
}
