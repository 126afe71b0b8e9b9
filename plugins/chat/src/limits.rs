//! How much a follower, and everybody together, may ask.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxbot_sdk::context::Context;
use wxbot_sdk::store::{Change, Namespace, StoreError};
use wxbot_sdk::template::Template;

use crate::config::{LimitSettings, Texts};

/// Under this key of the follower's session.
const SPENT: &str = "spent";
const DAY: Duration = Duration::from_secs(86400);
/// Days begin at midnight in Beijing.
const BEIJING: u64 = 8 * 3600;

/// Counts what is asked, and says when it is too much.
pub(crate) struct Limits {
    settings: LimitSettings,
    /// Tokens that are not in the store yet, and of which day: whoever writes takes all along, as
    /// a thousand answers at once would contend for one value.
    unwritten: Mutex<Tokens>,
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tokens {
    day: u64,
    count: u64,
}

/// What a follower used up.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Spent {
    minute: u64,
    in_minute: u32,
    day: u64,
    in_day: u32,
    tokens: u64,
}

impl Limits {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        Self { settings, unwritten: Mutex::default(), writing: tokio::sync::Mutex::default() }
    }

    /// Counts a message; says why it is not answered, if so. A store in trouble limits nobody.
    pub(crate) async fn refusal<'t>(
        &self,
        ctx: &Context,
        texts: &'t Texts,
    ) -> Option<&'t Template> {
        let LimitSettings { per_minute, per_day, tokens_per_day, .. } = self.settings;
        if self.is_used_up(&ctx.store(), ctx.unix_now()).await {
            return Some(&texts.total_over);
        }
        if per_minute == 0 && per_day == 0 && tokens_per_day == 0 {
            return None;
        }
        let mut spent = Spent::read(ctx).await;
        let over = |used: u64, limit: u64| limit > 0 && used >= limit;
        if over(spent.in_day.into(), per_day.into()) || over(spent.tokens, tokens_per_day) {
            return Some(&texts.day_over);
        }
        if over(spent.in_minute.into(), per_minute.into()) {
            return Some(&texts.too_fast);
        }
        spent.in_minute += 1;
        spent.in_day += 1;
        spent.write(ctx).await;
        None
    }

    /// Counts the tokens of an answer.
    pub(crate) async fn spend(&self, ctx: &Context, tokens: u64) {
        if self.settings.tokens_per_day > 0 {
            let mut spent = Spent::read(ctx).await;
            spent.tokens = spent.tokens.saturating_add(tokens);
            spent.write(ctx).await;
        }
        self.spend_in_total(&ctx.store(), ctx.unix_now(), tokens).await;
    }

    /// Whether everybody's day is used up.
    pub(crate) async fn is_used_up(&self, store: &Namespace, unix_now: u64) -> bool {
        let most = self.settings.total_tokens_per_day;
        most > 0 && self.total(store, day(unix_now)).await >= most
    }

    /// Counts tokens that no follower is charged with.
    pub(crate) async fn spend_in_total(&self, store: &Namespace, unix_now: u64, tokens: u64) {
        if self.settings.total_tokens_per_day > 0 {
            self.add(Tokens { day: day(unix_now), count: tokens });
            self.write(store).await;
        }
    }

    /// What was used up that day.
    async fn total(&self, store: &Namespace, day: u64) -> u64 {
        let stored = store.get::<u64>(&key(day)).await;
        let unwritten = *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let unwritten = if unwritten.day == day { unwritten.count } else { 0 };
        noted(stored).flatten().unwrap_or(0).saturating_add(unwritten)
    }

    fn add(&self, tokens: Tokens) {
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        if unwritten.day != tokens.day {
            *unwritten = Tokens { day: tokens.day, count: 0 };
        }
        unwritten.count = unwritten.count.saturating_add(tokens.count);
    }

    /// Writes what was counted, unless somebody does already: that one takes this along.
    async fn write(&self, store: &Namespace) {
        let Ok(_writing) = self.writing.try_lock() else { return };
        loop {
            let Tokens { day, count } =
                std::mem::take(&mut *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner));
            if count == 0 {
                return;
            }
            if noted(add_to_total(store, day, count).await).is_none() {
                return self.add(Tokens { day, count });
            }
        }
    }
}

impl Spent {
    /// What counts of it now.
    async fn read(ctx: &Context) -> Self {
        let mut spent: Self =
            noted(ctx.follower_store().get(SPENT).await).flatten().unwrap_or_default();
        let (minute, day) = (ctx.unix_now() / 60, day(ctx.unix_now()));
        if spent.minute != minute {
            (spent.minute, spent.in_minute) = (minute, 0);
        }
        if spent.day != day {
            (spent.day, spent.in_day, spent.tokens) = (day, 0, 0);
        }
        spent
    }

    async fn write(&self, ctx: &Context) {
        noted(ctx.follower_store().put(SPENT, self, DAY).await);
    }
}

async fn add_to_total(store: &Namespace, day: u64, count: u64) -> Result<(), StoreError> {
    let add = |total: Option<u64>| Change::Put(total.unwrap_or(0).saturating_add(count), 2 * DAY);
    store.update(&key(day), add).await.map(drop)
}

fn key(day: u64) -> String {
    format!("tokens/{day}")
}

fn day(unix_seconds: u64) -> u64 {
    (unix_seconds + BEIJING) / DAY.as_secs()
}

fn noted<T>(done: Result<T, StoreError>) -> Option<T> {
    done.inspect_err(|error| tracing::warn!(%error, "what was asked can't be counted")).ok()
}
