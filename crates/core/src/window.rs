//! Stop 6, in time? WeChat hangs up 5 s after it began to deliver, and delivers up to three times
//! (protocol section 2.6).

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::job::Job;
use crate::late::{LateSettings, Route};
use crate::metrics::Outcomes;
use crate::work::{Decision, News, Said};
use wxbot_sdk::reply::Reply;

/// WeChat waits so long for the answer to one delivery.
pub const HANGS_UP: Duration = Duration::from_secs(5);
/// A delivery that WeChat must have left by now: whatever were answered would be lost.
const LEFT: Duration = Duration::from_secs(6);
/// What a clock in whole seconds, and the network, may take from an age.
const SLACK: Duration = Duration::from_secs(1);

/// The time in which WeChat takes an answer to a message, over all its deliveries.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    closes: Instant,
}

impl Window {
    /// Opens when the first delivery arrives.
    pub fn open(arrived: Instant, late: &LateSettings) -> Self {
        Self { closes: arrived + HANGS_UP * (late.deliveries - 1) + late.window }
    }

    /// What is left of it; zero when it is over.
    pub fn remaining(self) -> Duration {
        self.closes.saturating_duration_since(Instant::now())
    }
}

/// One delivery of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delivery {
    pub(crate) arrived: Instant,
    /// The first is 1.
    pub(crate) count: u32,
    /// Since the follower said it: deliveries before this one may have been lost.
    pub(crate) age: Duration,
}

impl Delivery {
    /// Whether WeChat will not deliver the message again.
    pub(crate) fn is_last(&self, late: &LateSettings) -> bool {
        let before_the_last = HANGS_UP * (late.deliveries - 1);
        self.count >= late.deliveries || self.age + SLACK >= before_the_last
    }

    /// Until when an answer is waited for: the last delivery is answered whatever happens, any
    /// other is left to WeChat, which delivers again.
    pub(crate) fn waits_until(&self, late: &LateSettings) -> Instant {
        self.arrived + if self.is_last(late) { late.window } else { LEFT }
    }

    /// Whether an answer that leaves now finds WeChat still there.
    pub(crate) fn is_open(&self) -> bool {
        self.arrived.elapsed() < HANGS_UP
    }
}

/// What one delivery is told.
pub(crate) enum Told {
    /// What came of the work.
    Said(Said),
    /// The same that an earlier delivery was told.
    Again(Said),
    /// The answer follows, or waits.
    Late(Said),
    /// Nothing: WeChat must have hung up.
    HungUp,
}

impl Told {
    pub(crate) fn outcome(&self) -> Outcomes {
        match self {
            Self::Said(Said::Nothing) => Outcomes::Success,
            Self::Said(Said::Reply(_)) => Outcomes::Reply,
            Self::Again(_) => Outcomes::Repeat,
            Self::Late(_) => Outcomes::Late,
            Self::HungUp => Outcomes::HungUp,
        }
    }
}

impl Job {
    /// What is said to this delivery: the answer, if it is there by then.
    pub(crate) async fn in_time(&self, delivery: Delivery) -> Told {
        let told = match self.work.said() {
            Some(said) => Told::Said(said.clone()),
            // In a box of its own: most answers are there at once, and their futures stay small.
            None => Box::pin(self.wait(delivery)).await,
        };
        if !matches!(told, Told::HungUp) && delivery.is_open() {
            self.work.take();
            if let Some(peers) = self.bot.peers().filter(|_| self.work.is_theirs()) {
                Box::pin(peers.take(self.work.key)).await;
            }
        }
        told
    }

    /// Waits for what is to be said, as long as WeChat does. The last delivery is answered
    /// whatever happens.
    async fn wait(&self, delivery: Delivery) -> Told {
        let late = self.late_settings();
        let mut is_last = delivery.is_last(late);
        let news = tokio::select! {
            biased;
            news = timeout_at(delivery.waits_until(late), self.work.news()) => news.ok(),
            () = self.bot.ending().comes() => {
                // This process will not see another one.
                is_last = true;
                timeout_at(delivery.arrived + late.window, self.work.news()).await.ok()
            }
        };
        match news {
            Some(News::Said(said)) => Told::Said(said),
            Some(News::Later(notice)) => self.promise(Some(notice)).await,
            None if is_last => self.promise(None).await,
            None => Told::HungUp,
        }
    }

    /// Promises an answer instead of giving one: where it may follow as a customer-service message
    /// WeChat hears `success`, elsewhere the follower gets a notice with a word to send.
    async fn promise(&self, notice: Option<Reply>) -> Told {
        let mut promised = self.work.promised.lock().await;
        if let Some(said) = self.work.said() {
            return Told::Late(said.clone());
        }
        let route = self.route().await;
        let said = self.promised_by(route, notice);
        let (entry, promise) = (self.entry(route).by(self.owner().await), self.promise_by(route));
        self.bot.late().promise(&promise.id, &entry).await;
        if self.decide(said.clone(), Some(promise.clone())).await == Decision::Mine {
            *promised = Some(promise);
            tracing::debug!(?route, "the answer is not ready in time");
            return Told::Late(said);
        }
        self.bot.late().take_back(&promise.id).await;
        self.work.said().cloned().map_or(Told::HungUp, Told::Said)
    }

    /// What is said instead of an answer that follows this way.
    pub(crate) fn promised_by(&self, route: Route, notice: Option<Reply>) -> Said {
        match (route, notice) {
            (Route::Api, None) => Said::Nothing,
            (Route::Api, Some(notice)) => self.xml(&notice),
            (Route::Kept, notice) => self.xml(&self.with_the_word(notice)),
        }
    }

    /// The instance that works on it.
    async fn owner(&self) -> String {
        match self.bot.peers() {
            Some(peers) => peers.owner(self.work.key).await,
            None => self.bot.me().to_owned(),
        }
    }

    fn with_the_word(&self, notice: Option<Reply>) -> Reply {
        let late = self.late_settings();
        let word = late.notice.replace("{word}", &late.word);
        match notice {
            Some(Reply::Text(text)) => Reply::Text(format!("{text}\n{word}")),
            _ => Reply::Text(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(deliveries: u32, count: u32, age: f64, last: bool, why: &str) {
        let late = LateSettings { deliveries, ..LateSettings::default() };
        let age = Duration::from_secs_f64(age);
        let delivery = Delivery { arrived: Instant::now(), count, age };
        assert_eq!(delivery.is_last(&late), last, "{why}");
    }

    #[test]
    fn the_last_delivery_is_known_by_count_and_by_age() {
        check(3, 1, 0.2, false, "the first");
        check(3, 1, 1.9, false, "the first, after a slow network and a whole second");
        check(3, 2, 5.1, false, "the second");
        check(3, 1, 6.0, false, "the second; the first was lost");
        check(3, 3, 10.1, true, "the third");
        check(3, 2, 10.0, true, "the third; one was lost");
        check(3, 1, 10.3, true, "the third; two were lost");
        check(3, 3, 0.0, true, "three at once");
        check(1, 1, 0.0, true, "there is only one");
    }
}
