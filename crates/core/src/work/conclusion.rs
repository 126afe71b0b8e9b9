//! The work is done: its answer is the response, as far as it fits into one passive reply, and the
//! rest follows; or WeChat was answered something else meanwhile, and all of it follows.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use wxbot_sdk::reply::Reply;

use super::job::Job;
use crate::late::compose::{Composed, compose};
use crate::late::item::rest_id;
use crate::late::lease::Lease;
use crate::late::next_message::NextMessage;
use crate::late::settings::HANGS_UP_AFTER;
use crate::once::instances::Decision;
use crate::response::{Promise, Response, Route};

/// How long what follows a passive reply waits: WeChat shows the reply when its connection has ended.
const BEHIND_A_REPLY: Duration = Duration::from_secs(1);
/// How long after the last delivery was due it no longer comes.
const BEHIND_THE_LAST: Duration = Duration::from_secs(1);

/// What came of the work.
pub(super) enum Outcome {
    /// The answer, part by part; empty when there is nothing to say.
    Answer(Vec<Reply>),
    /// The follower asked for what waits.
    Pulled(Vec<NextMessage>),
}

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

/// The response, and what is to be done when WeChat has it.
struct Plan {
    response: Response,
    /// The answer, in case nobody comes for it.
    parts: Vec<Reply>,
    /// `None` when the answer is all there is.
    left: Option<Left>,
    /// How the rest follows.
    route: Route,
    /// What waited before.
    waiting: Vec<NextMessage>,
    /// Keeps others from sending the rest meanwhile.
    lease: Option<Lease>,
}

/// What the response does not say.
struct Left {
    /// Of the answer.
    rest: Vec<Reply>,
    /// Of what waited before.
    kept: Vec<NextMessage>,
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
        let mut plan = self.plan(outcome).await;
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

    async fn plan(&self, outcome: Outcome) -> Plan {
        let (mut parts, waiting) = match outcome {
            Outcome::Answer(parts) if parts.is_empty() => (parts, Vec::new()),
            Outcome::Answer(parts) => (parts, self.waiting().await),
            Outcome::Pulled(waiting) => (Vec::new(), waiting),
        };
        let has_custom = parts.iter().any(Reply::is_custom);
        if let ([only], [], false) = (&parts[..], &waiting[..], has_custom) {
            let (response, route) = (self.job.passive_reply(only), Route::NextMessage);
            return Plan { response, parts, left: None, route, waiting, lease: None };
        }
        let route = match parts.len() {
            0 | 1 if !has_custom => Route::NextMessage,
            _ => Box::pin(self.route(has_custom)).await,
        };
        if route == Route::NextMessage {
            parts.iter_mut().filter(|part| part.is_custom()).for_each(|part| {
                *part = part.passive().clone();
            });
        }
        if parts.first().is_some_and(Reply::is_custom) {
            let left = Some(Left { rest: parts.clone(), kept: waiting.clone() });
            return Plan { response: Response::Success, parts, left, route, waiting, lease: None };
        }
        let joins = route == Route::NextMessage;
        let (texts, (answer, kept)) = (self.job.late_texts(), (parts.clone(), waiting.clone()));
        let label = |question: &str| texts.label(question);
        let composed = compose(answer, kept, joins, &texts.more(), &label);
        let (response, left) = match composed {
            Some(Composed { first, rest, kept }) => {
                (self.job.passive_reply(&first), Some(Left { rest, kept }))
            }
            None => (Response::Success, None),
        };
        Plan { response, parts, left, route, waiting, lease: None }
    }

    /// How what does not fit into the response follows. For what only a customer-service message says
    /// it is worth asking WeChat whether the account may send any.
    async fn route(&self, has_custom: bool) -> Route {
        let access = &self.job.account.late().access;
        if has_custom && access.is_unknown() {
            access.find_out(self.job.openid()).await;
        }
        self.job.route().await
    }

    async fn waiting(&self) -> Vec<NextMessage> {
        let late = &self.job.engine.late;
        if late.kept.is_unused() {
            return Vec::new();
        }
        Box::pin(late.kept.list(self.job.account.id(), self.job.openid())).await
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

impl Plan {
    fn into_outcome(self) -> Outcome {
        match self.parts.is_empty() {
            true => Outcome::Pulled(self.waiting),
            false => Outcome::Answer(self.parts),
        }
    }

    fn has_rest(&self) -> bool {
        self.left.as_ref().is_some_and(|left| !left.rest.is_empty())
    }
}
