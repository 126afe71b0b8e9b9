//! Who has the follower: the bot, a queue, or a human. All instances of a bot see the same.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxbot_sdk::context::Context;
use wxbot_sdk::session::SessionState;
use wxbot_sdk::store::StoreError;

/// What is known of a follower.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    phase: Phase,
    /// Messages in a row that nobody answered.
    pub(crate) failures: u32,
}

/// Who has the follower, and how long at most, in Unix seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    #[default]
    Bot,
    Waiting {
        until: u64,
    },
    Human {
        until: u64,
        kf_account: String,
    },
}

impl SessionState for State {
    const TTL: Duration = Duration::from_secs(7 * 86400);
}

impl State {
    /// A store in trouble silences nobody.
    pub(crate) async fn read(ctx: &Context) -> Self {
        noted(ctx.session::<Self>().get().await).flatten().unwrap_or_default()
    }

    pub(crate) async fn set(ctx: &Context, phase: Phase) {
        let change = |state: &mut Self| *state = Self { phase: phase.clone(), failures: 0 };
        noted(ctx.session::<Self>().change(change).await);
    }

    pub(crate) async fn count_failures(ctx: &Context, count: impl Fn(u32) -> u32) {
        let change = |state: &mut Self| state.failures = count(state.failures);
        noted(ctx.session::<Self>().change(change).await);
    }

    /// Who has the follower now.
    pub(crate) fn phase(&self, now: u64) -> Phase {
        match self.phase {
            Phase::Waiting { until } | Phase::Human { until, .. } if now >= until => Phase::Bot,
            _ => self.phase.clone(),
        }
    }

    /// The human in whose hands the follower is.
    pub(crate) fn kf_account(&self) -> Option<&str> {
        match &self.phase {
            Phase::Human { kf_account, .. } => Some(kf_account),
            _ => None,
        }
    }
}

fn noted<T>(done: Result<T, StoreError>) -> Option<T> {
    done.inspect_err(|error| tracing::warn!(%error, "who has a follower is not known")).ok()
}
