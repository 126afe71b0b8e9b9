//! What is said of what came of the work: now, as far as it fits into one passive reply, and the
//! rest behind it.

use std::time::Duration;

use tokio::time::{sleep, timeout_at};

use super::{Concluded, Job, Outcome};
use crate::late::{Composed, Entry, Kept, Promise, Route, compose, promise_id, rest_id};
use crate::peers::Verdict;
use crate::window::HANGS_UP;
use crate::work::{Decision, Said};
use wxbot_sdk::reply::Reply;

/// WeChat shows a passive reply when its connection has ended; what follows it waits so long.
const BEHIND_A_REPLY: Duration = Duration::from_secs(1);
/// When this much time has gone since the last delivery should have come, none comes any more.
const BEHIND_THE_LAST: Duration = Duration::from_secs(1);

/// What is said, and what is to be done when WeChat has it.
struct Plan {
    said: Said,
    /// The answer, in case that nobody comes for it.
    parts: Vec<Reply>,
    /// `None` when the answer is all there is.
    composed: Option<Composed>,
    /// How the rest follows.
    route: Route,
    /// What waited before.
    waiting: Vec<Kept>,
}

impl Job {
    /// Says it, or, when something else was said meanwhile, lets it follow.
    pub(super) async fn conclude(&self, outcome: Outcome) -> Concluded {
        if !self.incoming.message.takes_reply() {
            if !matches!(&outcome, Outcome::Answer(parts) if parts.is_empty()) {
                tracing::debug!("WeChat shows no reply to this event, so it is not sent");
            }
            self.decide(Said::Nothing, None).await;
            self.settle(Said::Nothing);
            return Concluded::Yes;
        }
        if self.work.said().is_some() {
            Box::pin(self.follow(outcome, None)).await;
            return Concluded::Yes;
        }
        let plan = self.plan(outcome).await;
        if plan.has_rest() {
            Box::pin(self.write_down_the_rest(&plan)).await;
        }
        match self.decide(plan.said.clone(), None).await {
            Decision::Mine => {
                self.remember();
                self.behind(plan).await;
            }
            Decision::Before(promise) => {
                Box::pin(async {
                    self.forget_the_rest(&plan).await;
                    self.follow(plan.into_outcome(), promise).await;
                })
                .await;
            }
            Decision::Lost => {
                Box::pin(self.forget_the_rest(&plan)).await;
                return Concluded::Lost;
            }
        }
        Concluded::Yes
    }

    /// Decides what is said, here and where instances share the work. `late` is what is promised,
    /// when this is not the answer.
    pub(crate) async fn decide(&self, said: Said, late: Option<Promise>) -> Decision {
        let Some(peers) = self.bot.peers() else { return self.work.decide(said) };
        match Box::pin(peers.decide(self.work.key, &said, late)).await {
            Verdict::Mine => self.work.decide(said),
            Verdict::Before(before, late) => {
                self.work.decide(before);
                Decision::Before(late)
            }
            Verdict::Lost => Decision::Lost,
        }
    }

    async fn plan(&self, outcome: Outcome) -> Plan {
        let late = self.late_settings();
        let (parts, waiting) = match outcome {
            Outcome::Answer(parts) if parts.is_empty() => (parts, Vec::new()),
            Outcome::Answer(parts) => (parts, self.waiting().await),
            Outcome::Pull(waiting) => (Vec::new(), waiting),
        };
        if let ([only], []) = (&parts[..], &waiting[..]) {
            let (said, route) = (self.xml(only), Route::Kept);
            return Plan { said, parts, composed: None, route, waiting };
        }
        let route = match parts.len() {
            0 | 1 => Route::Kept,
            _ => Box::pin(self.route()).await,
        };
        let composed = compose(parts.clone(), waiting.clone(), route == Route::Kept, late);
        let said = composed.as_ref().map_or(Said::Nothing, |composed| self.xml(&composed.first));
        Plan { said, parts, composed, route, waiting }
    }

    /// Before WeChat gets the first part, the others are in the store.
    async fn write_down_the_rest(&self, plan: &Plan) {
        let Some(composed) = &plan.composed else { return };
        let (late, id) = (self.bot.late(), rest_id(self.work.key));
        let entry = self.entry(plan.route).ready(composed.rest.clone());
        match plan.route {
            Route::Kept => late.keep(&self.door, &id, entry).await,
            Route::Api => late.put_aside(&id, &entry).await,
        }
    }

    /// It is part of a late answer now.
    async fn forget_the_rest(&self, plan: &Plan) {
        if plan.has_rest() {
            let (late, id) = (self.bot.late(), rest_id(self.work.key));
            late.take_back(&id).await;
            late.forget(self.account(), self.openid(), &id).await;
        }
    }

    /// What is to be done behind an answer in time. One that was ready between two deliveries, or
    /// has more to come, is watched: WeChat may not come back for it.
    async fn behind(&self, plan: Plan) {
        let late = self.late_settings();
        let is_slow = self.work.began.elapsed() >= late.window;
        let more_follows = plan.route == Route::Api && plan.has_rest();
        if is_slow || more_follows {
            self.bot.tasks().spawn(self.clone().watch(plan));
        } else {
            self.given(&plan).await;
        }
    }

    async fn watch(self, plan: Plan) {
        let late = self.late_settings();
        let comes_no_more = self.work.began + HANGS_UP * late.deliveries + BEHIND_THE_LAST;
        if timeout_at(comes_no_more, self.work.taken()).await.is_err() && !self.is_taken().await {
            if !plan.parts.is_empty() {
                tracing::debug!("WeChat did not come back for the answer, so it follows");
                self.forget_the_rest(&plan).await;
                self.follow(plan.into_outcome(), None).await;
            }
            return;
        }
        self.given(&plan).await;
        if plan.route == Route::Api && plan.has_rest() {
            sleep(BEHIND_A_REPLY).await;
            let rest = plan.composed.map(|composed| composed.rest).unwrap_or_default();
            let entry = self.entry(plan.route).ready(rest);
            self.bot.late().send(&self.door, &rest_id(self.work.key), entry).await;
        }
    }

    /// Whether another instance gave WeChat the answer.
    async fn is_taken(&self) -> bool {
        match self.bot.peers() {
            Some(peers) => peers.is_taken(self.work.key).await,
            None => false,
        }
    }

    /// What waited and is in the answer waits no more.
    async fn given(&self, plan: &Plan) {
        let Some(composed) = &plan.composed else { return };
        if composed.kept != plan.waiting {
            let late = self.bot.late();
            let given = late.given(self.account(), self.openid(), &plan.waiting, &composed.kept);
            Box::pin(given).await;
        }
    }

    /// WeChat was told something else: the answer takes the way that was promised, here or by the
    /// instance that says so.
    async fn follow(&self, outcome: Outcome, elsewhere: Option<Promise>) {
        let promised = self.work.promised.lock().await.take().or(elsewhere);
        let promise = match promised {
            Some(promise) => promise,
            None => self.promise_by(self.route().await),
        };
        self.remember();
        match outcome {
            Outcome::Answer(parts) => {
                let entry = self.entry(promise.route);
                self.bot.fulfil(&self.door, self.work.key, promise, entry, parts).await;
            }
            // It waits on.
            Outcome::Pull(_) => self.bot.late().take_back(&promise.id).await,
        }
    }

    pub(crate) fn promise_by(&self, route: Route) -> Promise {
        Promise { route, id: promise_id(self.work.key, self.bot.me()) }
    }

    pub(crate) async fn route(&self) -> Route {
        self.bot.late().route(&self.door, &self.entry(Route::Api)).await
    }

    pub(crate) fn entry(&self, route: Route) -> Entry {
        let ttl = self.late_settings().ttl;
        let expires =
            self.bot.clock().millis() + u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        Entry::promise(&self.incoming.message, self.account(), route, self.bot.me(), expires)
    }
}

impl Plan {
    fn into_outcome(self) -> Outcome {
        match self.parts.is_empty() {
            true => Outcome::Pull(self.waiting),
            false => Outcome::Answer(self.parts),
        }
    }

    fn has_rest(&self) -> bool {
        self.composed.as_ref().is_some_and(|composed| !composed.rest.is_empty())
    }
}
