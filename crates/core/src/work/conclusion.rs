//! The work is done: its answer is the response, as far as it fits into one passive reply, and the
//! rest follows; or WeChat was answered something else meanwhile, and all of it follows.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::job::Job;
use super::plan::{Outcome, Plan};
use crate::late::item::rest_id;
use crate::late::lease::Lease;
use crate::late::settings::HANGS_UP_AFTER;
use crate::once::instances::Decision;
use crate::response::{Promise, Response, Route};

/// How long what follows a passive reply waits: WeChat shows the reply when its connection has ended.
const BEHIND_A_REPLY: Duration = Duration::from_secs(1);
/// How long after the last delivery was due it no longer comes.
const BEHIND_THE_LAST: Duration = Duration::from_secs(1);

/// Whether the outcome counts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Concluded {
    Yes,
    /// Another instance took this one for dead, and works on the message now.
    Lost,
}

/// The end of the work on a message.
#[derive(Clone, Copy)]
pub(super) struct Conclusion<'j> {
    job: &'j Job,
}

impl<'j> Conclusion<'j> {
    pub(super) fn of(job: &'j Job) -> Self {
        Self { job }
    }

    /// Answers with the outcome or, when something else was answered meanwhile, lets it follow.
    pub(super) async fn conclude(&self, outcome: Outcome) -> Concluded {
        if !self.job.message().takes_reply() {
            self.conclude_silently(&outcome).await;
            return Concluded::Yes;
        }
        if self.job.work.response().is_some() {
            Box::pin(self.follow(outcome, None)).await;
            return Concluded::Yes;
        }
        let mut plan = Plan::of(self.job, outcome).await;
        if plan.has_rest() {
            Box::pin(self.put_rest_aside(&mut plan)).await;
        }
        match decide(self.job, plan.response.clone(), None).await {
            Decision::Mine => {
                let now = Instant::now();
                self.job.record_response(now);
                self.after_response(plan, now).await;
                Concluded::Yes
            }
            Decision::Earlier(_, promise) => {
                Box::pin(self.take_rest_back(&plan)).await;
                Box::pin(self.follow(plan.into_outcome(), promise)).await;
                Concluded::Yes
            }
            Decision::Lost => {
                Box::pin(self.take_rest_back(&plan)).await;
                Concluded::Lost
            }
        }
    }

    async fn conclude_silently(&self, outcome: &Outcome) {
        if !matches!(outcome, Outcome::Answer(parts) if parts.is_empty()) {
            tracing::debug!("WeChat shows no reply to this event, so it is not sent");
        }
        decide(self.job, Response::Success, None).await;
        self.job.work.decide(Response::Success);
        self.job.record_response(Instant::now());
    }

    /// Before WeChat gets the first part, the others are in the store.
    async fn put_rest_aside(&self, plan: &mut Plan) {
        let Some(left) = &plan.left else { return };
        let (late, id) = (&self.job.engine.late, rest_id(self.job.work.key));
        let item = self.job.outbox_item(plan.route).ready(left.rest.clone());
        match plan.route {
            Route::NextMessage => {
                late.keep(self.job.account.late(), &Lease::new(&id, None), item).await;
            }
            Route::CustomerService => plan.lease = Some(late.outbox.put(&id, &item).await),
        }
    }

    /// The rest is part of a late answer now.
    async fn take_rest_back(&self, plan: &Plan) {
        if plan.has_rest() {
            let (late, id) = (&self.job.engine.late, rest_id(self.job.work.key));
            late.outbox.remove(&id).await;
            late.kept.forget(self.job.account.id(), self.job.openid(), &id).await;
        }
    }

    /// What is to be done behind an answer in time. One that was ready between two deliveries, or
    /// has more to come, is watched: WeChat may not come back for it.
    async fn after_response(&self, plan: Plan, now: Instant) {
        let is_slow = now - self.job.work.began >= self.job.late_settings().window;
        let more_follows = plan.route == Route::CustomerService && plan.has_rest();
        if is_slow || more_follows {
            let job = self.job.clone();
            let watch = async move { Conclusion::of(&job).watch(plan).await };
            self.job.engine.tasks.spawn(watch);
        } else {
            self.mark_given(&plan).await;
        }
    }

    async fn watch(&self, mut plan: Plan) {
        let (late, lease) = (&self.job.engine.late, plan.lease.take());
        if !late.outbox.keep(lease.iter(), self.is_delivered()).await {
            if !plan.parts.is_empty() {
                tracing::debug!("WeChat did not come back for the answer, so it follows");
                self.take_rest_back(&plan).await;
                self.follow(plan.into_outcome(), None).await;
            }
            return;
        }
        self.mark_given(&plan).await;
        if let (Some(lease), Some(left)) = (lease, plan.left) {
            sleep(BEHIND_A_REPLY).await;
            let item = self.job.outbox_item(plan.route).ready(left.rest);
            late.send(self.job.account.late(), &lease, item).await;
        }
    }

    /// Whether WeChat has the response, from this instance or another, when it comes no more.
    async fn is_delivered(&self) -> bool {
        let deliveries = HANGS_UP_AFTER * self.job.late_settings().deliveries;
        let deadline = self.job.work.began + deliveries + BEHIND_THE_LAST;
        if timeout_at(deadline, self.job.work.delivered()).await.is_ok() {
            return true;
        }
        // A repeat that came when the work was over had the response from the ledger.
        if self.job.account.ledger().was_repeated(self.job.work.key, Instant::now()) {
            return true;
        }
        match &self.job.engine.instances {
            Some(instances) => instances.is_delivered(self.job.work.key).await,
            None => false,
        }
    }

    /// What waited and is in the answer waits no more.
    async fn mark_given(&self, plan: &Plan) {
        let Some(left) = &plan.left else { return };
        if left.kept != plan.waiting {
            let (account, openid) = (self.job.account.id(), self.job.openid());
            let late = &self.job.engine.late;
            Box::pin(late.kept.mark_given(account, openid, &plan.waiting, &left.kept)).await;
        }
    }

    /// WeChat was answered something else: the outcome takes the way that was promised, here or by
    /// the instance that says so.
    async fn follow(&self, outcome: Outcome, elsewhere: Option<Promise>) {
        let promised = self.job.work.promised.lock().await.take().or(elsewhere);
        let promise = match promised {
            Some(promise) => promise,
            None => self.job.promise(self.job.route().await),
        };
        self.job.record_response(Instant::now());
        match outcome {
            Outcome::Answer(parts) => {
                let item = self.job.outbox_item(promise.route);
                self.job.deliver_late(promise, item, parts).await;
            }
            // It waits on.
            Outcome::Pulled(_) => self.job.engine.late.outbox.remove(&promise.id).await,
        }
    }
}

/// Decides the response, here and where instances share the work. With a promise it is not the
/// answer, which follows.
pub(super) async fn decide(job: &Job, response: Response, promise: Option<Promise>) -> Decision {
    let decision = match &job.engine.instances {
        Some(instances) => Box::pin(instances.decide(job.work.key, &response, promise)).await,
        None => Decision::Mine,
    };
    match decision {
        Decision::Mine if job.work.decide(response) => Decision::Mine,
        Decision::Mine => {
            let earlier = job.work.response().cloned().unwrap_or(Response::Success);
            Decision::Earlier(earlier, None)
        }
        Decision::Earlier(earlier, promise) => {
            job.work.decide(earlier.clone());
            Decision::Earlier(earlier, promise)
        }
        Decision::Lost => Decision::Lost,
    }
}
