//! What a bot, its followers and what they heard have in common.

use std::sync::Arc;
use std::time::Duration;

use wxbot::rehearsal::{Asked, Rehearsal, RehearsedAccount};
use wxbot_sim::{Exchange, Follower as Phone};

use crate::time::Time;
use crate::transcript::{Entry, Transcript};

pub(crate) struct Shared {
    pub(crate) rehearsal: Rehearsal,
    pub(crate) transcript: Transcript,
    pub(crate) time: Time,
    /// Unix milliseconds.
    pub(crate) started: u64,
}

impl Shared {
    /// Seconds since the start.
    pub(crate) fn seconds(&self, unix_ms: u64) -> f64 {
        unix_ms.saturating_sub(self.started) as f64 / 1000.0
    }

    /// Lets time pass, and everything happen that is due until then.
    pub(crate) async fn advance(&self, time: Duration) {
        self.time.pass(time).await;
        self.transcript.write(Entry::Waited(time));
        self.transcript.look_at_phones();
    }
}

/// Somebody with a phone, and the account that they follow.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) shared: Arc<Shared>,
    /// The account's place in `bot.toml`.
    pub(crate) place: usize,
    pub(crate) name: Arc<str>,
    pub(crate) phone: Phone,
}

impl Person {
    pub(crate) fn new(shared: &Arc<Shared>, place: usize, name: &str) -> Self {
        let phone = shared.rehearsal.accounts()[place].wechat.follower(name);
        shared.transcript.meet(place, name, &phone);
        Self { shared: Arc::clone(shared), place, name: name.into(), phone }
    }

    pub(crate) fn account(&self) -> &RehearsedAccount {
        &self.shared.rehearsal.accounts()[self.place]
    }

    /// What the chain made of it, where it was asked.
    pub(crate) fn asked(&self, exchange: &Exchange) -> Option<Asked> {
        self.shared.rehearsal.asked_in(self.account(), exchange)
    }
}
