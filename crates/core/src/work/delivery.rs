//! Stop 6, in time? One delivery of a message waits for the answer, as long as WeChat does.

use std::pin::pin;

use tokio::time::{Instant, timeout_at};
use wxbot_sdk::reply::Reply;

use super::conclusion::decide;
use super::job::Job;
use super::shared::News;
use super::window::Delivery;
use crate::journal::RequestOutcome;
use crate::once::instances::Decision;
use crate::reply::limits::{self, TEXT_BYTES, first_part};
use crate::response::{Response, Route};

/// What one delivery is answered.
pub(crate) enum DeliveryOutcome {
    /// What came of the work.
    Answered(Response),
    /// The same that an earlier delivery was answered.
    Repeated(Response),
    /// The answer follows, or waits.
    Deferred(Response),
    /// Nothing: WeChat must have hung up.
    HungUp,
}

impl DeliveryOutcome {
    pub(crate) fn kind(&self) -> RequestOutcome {
        match self {
            Self::Answered(Response::Success) => RequestOutcome::Success,
            Self::Answered(Response::Reply(_)) => RequestOutcome::Reply,
            Self::Repeated(_) => RequestOutcome::Repeat,
            Self::Deferred(_) => RequestOutcome::Late,
            Self::HungUp => RequestOutcome::HungUp,
        }
    }

    /// What WeChat gets; `None` when it must have hung up.
    pub(crate) fn into_response(self) -> Option<Response> {
        match self {
            Self::Answered(response) | Self::Repeated(response) | Self::Deferred(response) => {
                Some(response)
            }
            Self::HungUp => None,
        }
    }
}

/// Answers a delivery: with what came of the work, if that is there in time. `drive` is the work,
/// where nobody else does it.
pub(crate) async fn answer(
    job: &Job,
    delivery: Delivery,
    drive: impl Future<Output = ()>,
) -> DeliveryOutcome {
    let outcome = match job.work.response() {
        Some(response) => DeliveryOutcome::Answered(response.clone()),
        // Boxed, as most answers are there at once: their futures stay small.
        None => Box::pin(wait(job, delivery, drive)).await,
    };
    if !matches!(outcome, DeliveryOutcome::HungUp) && delivery.is_open(Instant::now()) {
        mark_delivered(job, &outcome).await;
    }
    outcome
}

async fn mark_delivered(job: &Job, outcome: &DeliveryOutcome) {
    if let (true, Some(notes)) = (job.work.mark_delivered(), job.account.notes()) {
        let answer = match outcome {
            DeliveryOutcome::Answered(response) => Some(response),
            _ => None,
        };
        notes.message(job.work.key, answer);
    }
    if let Some(instances) = job.engine.instances.as_ref().filter(|_| job.work.is_done_elsewhere())
    {
        Box::pin(instances.mark_delivered(job.work.key)).await;
    }
}

/// Waits for the response, as long as WeChat does. The last delivery is answered whatever happens.
async fn wait(job: &Job, delivery: Delivery, drive: impl Future<Output = ()>) -> DeliveryOutcome {
    let late = job.late_settings();
    let mut is_last = delivery.is_last(late);
    // Dropped before anything is promised: from then on nobody here drives the work.
    let news = {
        let mut news = pin!(news(job, drive));
        tokio::select! {
            biased;
            news = timeout_at(delivery.deadline(late), &mut news) => news.ok(),
            () = job.engine.shutdown.begun() => {
                // This process will not see another delivery.
                is_last = true;
                timeout_at(delivery.arrived + late.window, &mut news).await.ok()
            }
        }
    };
    match news {
        Some(News::Response(response)) => DeliveryOutcome::Answered(response),
        // Boxed, as they are rare.
        Some(News::Notice(notice)) => Box::pin(promise(job, Some(notice))).await,
        None if is_last => Box::pin(promise(job, None)).await,
        None => DeliveryOutcome::HungUp,
    }
}

/// Drives the work until there is something to answer; work that is done has a response.
async fn news(job: &Job, drive: impl Future<Output = ()>) -> News {
    tokio::select! {
        biased;
        news = job.work.news() => news,
        () = drive => job.work.news().await,
    }
}

/// Promises an answer instead of giving one: where it may follow as a customer-service message,
/// WeChat is answered `success`; elsewhere the follower gets a notice with the pull keyword.
async fn promise(job: &Job, notice: Option<Reply>) -> DeliveryOutcome {
    let mut promised = job.work.promised.lock().await;
    if let Some(response) = job.work.response() {
        return DeliveryOutcome::Deferred(response.clone());
    }
    let route = job.route().await;
    let response = deferral(job, route, notice);
    let (item, promise) = (job.outbox_item(route).by(owner(job).await), job.promise(route));
    job.engine.late.promise(&promise.id, &item).await;
    if let Decision::Mine = decide(job, response.clone(), Some(promise.clone())).await {
        *promised = Some(promise);
        tracing::debug!(?route, "the answer is not ready in time");
        return DeliveryOutcome::Deferred(response);
    }
    job.engine.late.outbox.remove(&promise.id).await;
    job.work.response().cloned().map_or(DeliveryOutcome::HungUp, DeliveryOutcome::Answered)
}

/// The response in place of an answer that follows this way.
pub(super) fn deferral(job: &Job, route: Route, notice: Option<Reply>) -> Response {
    let fit = |notice| limits::fit(notice, &job.message().content).0.into_iter().next();
    match (route, notice.and_then(fit)) {
        (Route::CustomerService, None) => Response::Success,
        (Route::CustomerService, Some(notice)) => job.passive_reply(&notice),
        (Route::NextMessage, notice) => job.passive_reply(&with_keyword(job, notice)),
    }
}

fn with_keyword(job: &Job, notice: Option<Reply>) -> Reply {
    let how = job.late_texts().notice();
    let room = TEXT_BYTES.saturating_sub(how.len() + 1);
    let notice = match notice {
        Some(Reply::Text(text)) => first_part(text, room),
        _ => String::new(),
    };
    // A part has a letter at least, however little room there is.
    let fits = !notice.is_empty() && notice.len() <= room;
    Reply::Text(if fits { format!("{notice}\n{how}") } else { how })
}

/// The instance that works on it.
async fn owner(job: &Job) -> String {
    match &job.engine.instances {
        Some(instances) => instances.owner(job.work.key).await,
        None => job.engine.instance.clone(),
    }
}
