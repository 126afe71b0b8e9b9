//! The tags that followers have, for audiences by tag (protocol section 7.8): asked of WeChat once in
//! a while, so that a message costs no call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use wxbot_sdk::api::{Api, ApiError, Class};

use crate::generations::Generations;

/// What is known of a follower is good for so long, and at most for twice as long.
const KEPT_FOR: Duration = Duration::from_secs(300);
/// Bytes of what is kept of an account's followers.
const MOST_BYTES: usize = 4 << 20;
/// A message waits no longer for its follower's tags.
const PATIENCE: Duration = Duration::from_secs(2);
/// After a failure nobody asks for so long.
const PAUSE: Duration = Duration::from_secs(60);
/// The same where only the operator can help.
const LONG_PAUSE: Duration = Duration::from_secs(600);
/// What an entry takes beside its texts.
const OVERHEAD: usize = 64;

/// The tags of one account's followers. Where they can't be known, followers have none.
pub(crate) struct FollowerTags {
    account: Arc<str>,
    api: Arc<dyn Api>,
    /// Of each follower, by openid.
    known: Mutex<Generations<String, Arc<[String]>>>,
    /// Of each tag, by id, and since when; locked while somebody asks.
    names: tokio::sync::Mutex<Option<(Instant, HashMap<u64, String>)>>,
    paused_until: Mutex<Option<Instant>>,
}

impl FollowerTags {
    pub(crate) fn new(account: &Arc<str>, api: &Arc<dyn Api>) -> Self {
        Self {
            account: Arc::clone(account),
            api: Arc::clone(api),
            known: Mutex::new(Generations::new(KEPT_FOR, MOST_BYTES)),
            names: tokio::sync::Mutex::default(),
            paused_until: Mutex::default(),
        }
    }

    /// The names of a follower's tags. A follower's messages come one after the other, so nobody asks
    /// for the same one meanwhile.
    pub(crate) async fn of(&self, openid: &str) -> Arc<[String]> {
        let now = Instant::now();
        if let Some(known) = locked(&self.known).get(&openid.to_owned(), now) {
            return Arc::clone(known);
        }
        if openid.is_empty() || self.is_paused(now) {
            return Arc::default();
        }
        match timeout(PATIENCE, self.ask(openid)).await {
            Ok(Ok(tags)) => self.keep(openid, tags),
            // WeChat knows no such follower.
            Ok(Err(error)) if error.class() == Class::Permanent => self.keep(openid, Vec::new()),
            Ok(Err(error)) => self.pause(pause_after(&error), &error.to_string()),
            Err(_) => self.pause(PAUSE, &format!("WeChat did not answer within {PATIENCE:?}")),
        }
    }

    async fn ask(&self, openid: &str) -> Result<Vec<String>, ApiError> {
        let ids = self.api.tags().of(openid).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut names = self.names.lock().await;
        let is_fresh = |since: Instant| since.elapsed() < KEPT_FOR;
        if !names.as_ref().is_some_and(|(since, _)| is_fresh(*since)) {
            let tags = self.api.tags().list().await?.into_iter();
            *names = Some((Instant::now(), tags.map(|tag| (tag.id, tag.name)).collect()));
        }
        let known = names.as_ref().map(|(_, names)| names);
        Ok(ids.iter().filter_map(|id| known?.get(id).cloned()).collect())
    }

    fn keep(&self, openid: &str, tags: Vec<String>) -> Arc<[String]> {
        let tags: Arc<[String]> = tags.into();
        let weight = OVERHEAD + openid.len() + tags.iter().map(String::len).sum::<usize>();
        let now = Instant::now();
        locked(&self.known).insert(openid.to_owned(), Arc::clone(&tags), weight, now);
        tags
    }

    /// One line for each pause, whoever asks.
    fn pause(&self, lasts: Duration, error: &str) -> Arc<[String]> {
        let now = Instant::now();
        if !self.is_paused(now) {
            *locked(&self.paused_until) = Some(now + lasts);
            tracing::warn!(
                account = %self.account, error, retry_in = ?lasts,
                "can't ask for followers' tags, so nobody is in an audience by tag"
            );
        }
        Arc::default()
    }

    fn is_paused(&self, now: Instant) -> bool {
        locked(&self.paused_until).is_some_and(|until| now < until)
    }
}

fn pause_after(error: &ApiError) -> Duration {
    match error.class() {
        Class::NotAllowed | Class::OperatorMustFix | Class::Quota => LONG_PAUSE,
        _ => PAUSE,
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
