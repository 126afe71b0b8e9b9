//! How often a follower may write.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;
use wxbot_sdk::context::Context;
use wxbot_sdk::event::Event;
use wxbot_sdk::message::Content;

use crate::config::FloodSettings;

/// Of so many followers it is known how often they wrote, which is 4 MB. Beyond that those are
/// forgotten who wrote long ago, or else all.
const FOLLOWERS: usize = 100_000;

/// Counts the messages of each follower, on this instance of the bot.
pub(crate) struct Flood {
    settings: FloodSettings,
    hasher: RandomState,
    /// By a hash of account and openid.
    recent: Mutex<HashMap<u64, Recent>>,
}

/// Whether a follower writes too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    Fine,
    /// From this message on.
    TooFast,
    StillTooFast,
}

/// What a follower wrote lately. Times are in Unix seconds.
#[derive(Debug, Clone, Copy)]
struct Recent {
    since: u64,
    messages: u32,
    paused_until: u64,
}

impl Flood {
    pub(crate) fn new(settings: FloodSettings) -> Self {
        Self { settings, hasher: RandomState::default(), recent: Mutex::default() }
    }

    /// Counts a message. Events that WeChat sends by itself don't count.
    pub(crate) fn pace(&self, ctx: &Context) -> Pace {
        let is_counted = match ctx.content() {
            Content::Event(event) => matches!(event, Event::Click { .. }),
            _ => true,
        };
        if self.settings.messages == 0 || !is_counted {
            return Pace::Fine;
        }
        let who = self.hasher.hash_one((ctx.account(), ctx.openid()));
        self.count(who, ctx.unix_now())
    }

    fn count(&self, who: u64, now: u64) -> Pace {
        let FloodSettings { messages, every, pause } = self.settings;
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= FOLLOWERS && !recent.contains_key(&who) {
            recent.retain(|_, follower| !follower.is_over(now, every.as_secs()));
            if recent.len() >= FOLLOWERS {
                recent.clear();
            }
        }
        let new = Recent { since: now, messages: 0, paused_until: 0 };
        let follower = recent.entry(who).or_insert(new);
        if now < follower.paused_until {
            return Pace::StillTooFast;
        }
        if follower.is_over(now, every.as_secs()) || follower.paused_until > 0 {
            *follower = new;
        }
        follower.messages += 1;
        if follower.messages <= messages {
            return Pace::Fine;
        }
        follower.paused_until = now + pause.as_secs();
        Pace::TooFast
    }
}

impl Recent {
    fn is_over(&self, now: u64, every: u64) -> bool {
        now >= self.since + every && now >= self.paused_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_whoever_writes() {
        let flood = Flood::new(FloodSettings::default());
        for who in 0..3 * FOLLOWERS as u64 {
            assert_eq!(flood.count(who, 1000), Pace::Fine);
        }
        assert!(flood.recent.lock().unwrap().len() <= FOLLOWERS);
    }

    #[test]
    fn those_who_pause_are_remembered_before_others() {
        let flood = Flood::new(FloodSettings { messages: 1, ..FloodSettings::default() });
        flood.count(0, 1059);
        assert_eq!(flood.count(0, 1059), Pace::TooFast);
        for who in 1..FOLLOWERS as u64 {
            flood.count(who, 1000);
        }
        assert_eq!(flood.count(FOLLOWERS as u64, 1060), Pace::Fine);
        assert_eq!(flood.count(0, 1060), Pace::StillTooFast);
        assert_eq!(flood.recent.lock().unwrap().len(), 2);
    }
}
