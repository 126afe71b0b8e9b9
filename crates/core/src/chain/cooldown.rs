//! `cooldown`: how often a link may answer one follower, or everybody together.

use std::time::Duration;

use serde::Deserialize;

use wxbot_sdk::context::Context;
use wxbot_sdk::plugin::Flow;
use wxbot_sdk::settings::duration;
use wxbot_sdk::store::{Namespace, StoreError};

/// `cooldown = { every = "3s", per = "user", say = "…" }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cooldown {
    /// From one answer to the next.
    #[serde(with = "duration")]
    every: Duration,
    /// Whose answers count.
    #[serde(default)]
    per: Per,
    /// Said meanwhile, with the seconds left for `{left}`; without it the link is passed.
    say: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Per {
    /// Each follower waits for themselves.
    #[default]
    User,
    /// One answer, and all wait.
    Everybody,
}

/// The key under which the end of the wait is kept, in Unix seconds.
const UNTIL: &str = "cooldown-until";

impl Cooldown {
    /// How long it still lasts. A store in trouble is no reason not to answer.
    pub(super) async fn left(&self, ctx: &Context) -> Option<Duration> {
        let until = self.namespace(ctx).get::<u64>(UNTIL).await.unwrap_or_else(forgiven)?;
        let left = until.saturating_sub(ctx.unix_now());
        (left > 0).then(|| Duration::from_secs(left))
    }

    /// Begins with an answer; being told to wait does not make it longer.
    pub(super) async fn begin(&self, ctx: &Context) {
        let until = ctx.unix_now() + self.every.as_millis().div_ceil(1000) as u64;
        let kept = self.namespace(ctx).put(UNTIL, &until, self.every).await;
        kept.unwrap_or_else(|error| forgiven(error).unwrap_or_default());
    }

    /// What happens instead of asking the link.
    pub(super) fn instead(&self, left: Duration) -> Flow {
        match &self.say {
            Some(text) => Flow::reply(text.replace("{left}", &left.as_secs().to_string())),
            None => Flow::Pass,
        }
    }

    fn namespace(&self, ctx: &Context) -> Namespace {
        match self.per {
            Per::User => ctx.session(),
            Per::Everybody => ctx.store(),
        }
    }
}

fn forgiven<T>(error: StoreError) -> Option<T> {
    tracing::warn!(%error, "a cooldown could not be kept");
    None
}
