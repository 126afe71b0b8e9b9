//! What WeChat is answered when the work is done, and what is left for later.

use wxbot_sdk::reply::Reply;

use super::job::Job;
use crate::late::compose::{Composed, compose};
use crate::late::lease::Lease;
use crate::late::next_message::NextMessage;
use crate::response::{Response, Route};

/// What came of the work.
pub(super) enum Outcome {
    /// The answer, part by part; empty when there is nothing to say.
    Answer(Vec<Reply>),
    /// The follower asked for what waits.
    Pulled(Vec<NextMessage>),
}

/// The response, and what is to be done when WeChat has it.
pub(super) struct Plan {
    pub(super) response: Response,
    /// The answer, in case nobody comes for it.
    pub(super) parts: Vec<Reply>,
    /// `None` when the answer is all there is.
    pub(super) left: Option<Left>,
    /// How the rest follows.
    pub(super) route: Route,
    /// What waited before.
    pub(super) waiting: Vec<NextMessage>,
    /// Keeps others from sending the rest meanwhile.
    pub(super) lease: Option<Lease>,
}

/// What the response does not say.
pub(super) struct Left {
    /// Of the answer.
    pub(super) rest: Vec<Reply>,
    /// Of what waited before.
    pub(super) kept: Vec<NextMessage>,
}

impl Plan {
    /// Fits the outcome, and what waited before, into one passive reply.
    pub(super) async fn of(job: &Job, outcome: Outcome) -> Self {
        let (mut parts, waiting) = match outcome {
            Outcome::Answer(parts) if parts.is_empty() => (parts, Vec::new()),
            Outcome::Answer(parts) => (parts, waiting(job).await),
            Outcome::Pulled(waiting) => (Vec::new(), waiting),
        };
        let has_custom = parts.iter().any(Reply::is_custom);
        if let ([only], [], false) = (&parts[..], &waiting[..], has_custom) {
            let (response, route) = (job.passive_reply(only), Route::NextMessage);
            return Self { response, parts, left: None, route, waiting, lease: None };
        }
        let route = match parts.len() {
            0 | 1 if !has_custom => Route::NextMessage,
            _ => Box::pin(route(job, has_custom)).await,
        };
        if route == Route::NextMessage {
            parts.iter_mut().filter(|part| part.is_custom()).for_each(|part| {
                *part = part.passive().clone();
            });
        }
        if parts.first().is_some_and(Reply::is_custom) {
            let left = Some(Left { rest: parts.clone(), kept: waiting.clone() });
            return Self { response: Response::Success, parts, left, route, waiting, lease: None };
        }
        let joins = route == Route::NextMessage;
        let (texts, (answer, kept)) = (job.late_texts(), (parts.clone(), waiting.clone()));
        let label = |question: &str| texts.label(question);
        let composed = compose(answer, kept, joins, &texts.more(), &label);
        let (response, left) = match composed {
            Some(Composed { first, rest, kept }) => {
                (job.passive_reply(&first), Some(Left { rest, kept }))
            }
            None => (Response::Success, None),
        };
        Self { response, parts, left, route, waiting, lease: None }
    }

    pub(super) fn into_outcome(self) -> Outcome {
        match self.parts.is_empty() {
            true => Outcome::Pulled(self.waiting),
            false => Outcome::Answer(self.parts),
        }
    }

    pub(super) fn has_rest(&self) -> bool {
        self.left.as_ref().is_some_and(|left| !left.rest.is_empty())
    }
}

/// How what does not fit into the response follows. For what only a customer-service message says
/// it is worth asking WeChat whether the account may send any.
async fn route(job: &Job, has_custom: bool) -> Route {
    let access = &job.account.late().access;
    if has_custom && access.is_unknown() {
        access.find_out(job.openid()).await;
    }
    job.route().await
}

/// What waits for the follower, if anything may.
async fn waiting(job: &Job) -> Vec<NextMessage> {
    let late = &job.engine.late;
    if late.kept.is_unused() {
        return Vec::new();
    }
    Box::pin(late.kept.list(job.account.id(), job.openid())).await
}
