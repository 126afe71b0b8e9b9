//! `cooldown`: how often a link may answer one follower, or everybody together.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wxbot_sdk::context::Context;
use wxbot_sdk::plugin::Flow;
use wxbot_sdk::settings::{DurationText, duration};
use wxbot_sdk::store::record::Record;
use wxbot_sdk::store::{Change, StoreError, insert_or_update, keys};
use wxbot_sdk::template::variables::{Variable, Variables};
use wxbot_sdk::template::{Template, TemplateError, Values};

/// `cooldown = { every = "3s", per = "user", say = "…" }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cooldown {
    /// From one answer to the next.
    #[serde(with = "duration")]
    #[schemars(with = "DurationText")]
    every: Duration,
    /// Whose answers count. Default: user.
    #[serde(default)]
    per: Per,
    /// Said meanwhile, with the seconds left for `{left}`. Default: none, the link is passed.
    say: Option<Template<Left>>,
}

/// Seconds that are left.
#[derive(Debug)]
enum Left {}

impl Variables for Left {
    const OWN: &'static [Variable] = &[Variable::plain("left")];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Per {
    /// Each follower waits for themselves.
    #[default]
    User,
    /// One answer, and all wait.
    Everybody,
}

impl Cooldown {
    /// Claims the next answer before the link is asked, so that of many messages at once one is
    /// answered. `Err` says how long the last answer still counts. A failing store is no reason
    /// not to answer.
    pub(super) async fn claim(&self, ctx: &Context) -> Result<(), Duration> {
        self.try_claim(ctx).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a cooldown was not stored");
            Ok(())
        })
    }

    async fn try_claim(&self, ctx: &Context) -> Result<Result<(), Duration>, StoreError> {
        let until = ctx.unix_now() + self.every.as_millis().div_ceil(1000) as u64;
        let mut left = None;
        let claim = |last: Option<CooldownEnd>| {
            left = last.and_then(|last| self.left(last, ctx.unix_now()));
            match left {
                Some(_) => Change::Keep,
                None => Change::Put(CooldownEnd(until), self.every),
            }
        };
        insert_or_update(&*ctx.incoming().store, &self.key(ctx), claim).await?;
        Ok(left.map_or(Ok(()), Err))
    }

    /// What is left of a cooldown that began earlier, however the clock was set since.
    fn left(&self, CooldownEnd(until): CooldownEnd, now: u64) -> Option<Duration> {
        let left = Duration::from_secs(until.saturating_sub(now));
        (!left.is_zero()).then(|| left.min(self.every))
    }

    /// Gives the claim back: the link did not answer.
    pub(super) async fn release(&self, ctx: &Context) {
        if let Err(error) = ctx.incoming().store.delete(&self.key(ctx)).await {
            tracing::warn!(%error, "a cooldown was not taken back");
        }
    }

    /// What happens instead of asking the link.
    pub(super) fn instead(&self, left: Duration, ctx: &Context) -> Result<Flow, TemplateError> {
        let Some(text) = &self.say else { return Ok(Flow::Pass) };
        let seconds = left.as_secs_f64().ceil() as u64;
        text.render(Values::new(ctx).with("left", seconds)).map(Flow::reply)
    }

    fn key(&self, ctx: &Context) -> String {
        match self.per {
            Per::User => keys::cooldown(ctx.link(), ctx.account(), ctx.openid()),
            Per::Everybody => keys::cooldown(ctx.link(), "", ""),
        }
    }
}

/// When a link may answer again, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct CooldownEnd(u64);

impl Record for CooldownEnd {
    const NAME: &'static str = "cooldown";
    const VERSION: u32 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn a_cooldown_has_a_golden_file() {
        golden::check("cooldown.1.json", &CooldownEnd(1_735_689_600));
    }
}
