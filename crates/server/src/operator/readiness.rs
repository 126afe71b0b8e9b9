//! Whether the store does what it should, remembered: a probe costs nothing, a flood of them neither.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use wxbot_sdk::store::{Health, Store};

/// The store is asked to write something no more often than this.
const FRESH: Duration = Duration::from_secs(3);
/// A store that takes longer is in trouble, and the probe has an answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the store said when it was last asked.
#[derive(Default)]
pub(super) struct Readiness {
    last: Mutex<Option<Checked>>,
}

struct Checked {
    at: Instant,
    trouble: Option<String>,
}

impl Readiness {
    /// What is wrong with the store: as its other calls went, or as it says itself.
    pub(super) async fn trouble(&self, store: &dyn Store) -> Option<String> {
        if let Health::Degraded { why, .. } = store.health() {
            return Some(why);
        }
        // One check at a time; whoever comes meanwhile waits for what it finds.
        let mut last = self.last.lock().await;
        match &*last {
            Some(checked) if checked.at.elapsed() < FRESH => checked.trouble.clone(),
            _ => {
                let trouble = check(store).await;
                *last = Some(Checked { at: Instant::now(), trouble: trouble.clone() });
                trouble
            }
        }
    }
}

async fn check(store: &dyn Store) -> Option<String> {
    match timeout(PATIENCE, store.ping()).await {
        Ok(pinged) => pinged.err().map(|error| error.to_string()),
        Err(_) => Some(format!("it has not answered within {} s", PATIENCE.as_secs())),
    }
}
