//! Three deliveries, 5 seconds each, until one is answered (section 2.6).

use std::future::pending;
use std::time::Duration;

use futures_util::future::join;
use rand::RngExt;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::endpoint::{Broken, Endpoint, Request, Response};
use crate::exchange::{DeliveryRecord, Exchange, Outcome, Unseen, Verdict};
use crate::faults::DeliveryFault;
use crate::judge::{Cause, Judge, Judged, Note};
use crate::options::{OnError, Repeats};
use crate::phone::{NOTICE, Shown, Via, What};
use crate::push::{self, Fresh, Nature, Push};
use crate::wechat::WeChat;

/// How often WeChat delivers a message in all.
pub const DELIVERIES: usize = 3;
/// How long WeChat waits, and from one delivery to the next.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What a delivery leads to.
enum Then {
    /// The next one, or this if it was the last.
    Again(Cause),
    /// The end.
    End(Result<Judged, Cause>),
}

impl WeChat {
    /// Delivers until there is an answer, and shows the follower what comes of it.
    pub(crate) async fn deliver(&self, endpoint: &dyn Endpoint, push: Push) -> Exchange {
        let mut deliveries = Vec::new();
        let mut request = self.request(&push);
        let judged = loop {
            let started = Instant::now();
            let number = deliveries.len() + 1;
            let record = self.deliver_once(endpoint, &request, number).await;
            let then = self.weigh(&push, &record.outcome);
            deliveries.push(record);
            match then {
                Then::Again(cause) if number == DELIVERIES => break Err(cause),
                Then::Again(_) => sleep_until(started + PATIENCE).await,
                Then::End(judged) => break judged,
            }
            if self.options().repeats == Repeats::FreshQuery {
                request = self.request(&push);
            }
        };
        let (verdict, notes) = self.show(&push, judged);
        let Push { openid, act, msg_id, .. } = push;
        let exchange = Exchange { openid, act, msg_id, deliveries, verdict, notes };
        self.world(|world| world.exchanges.push(exchange.clone()));
        exchange
    }

    fn request(&self, push: &Push) -> Request {
        push::request(self.account(), self.key(), push, &self.fresh())
    }

    /// A timestamp, a nonce and random bytes.
    pub(crate) fn fresh(&self) -> Fresh {
        let timestamp = self.clock().now();
        self.world(|world| Fresh {
            timestamp,
            nonce: world.next_nonce().to_string(),
            random: world.rng.random(),
        })
    }

    async fn deliver_once(
        &self,
        endpoint: &dyn Endpoint,
        request: &Request,
        number: usize,
    ) -> DeliveryRecord {
        let fault = self.world(|world| world.faults.of_delivery(number, &mut world.rng));
        let (sent_at, started) = (self.clock().now_ms(), Instant::now());
        let carried = patiently(carry(endpoint, request.clone(), fault));
        let (outcome, double) = match fault {
            Some(DeliveryFault::Duplicated) => {
                let double = patiently(endpoint.deliver(request.clone()));
                let (outcome, double) = join(carried, double).await;
                (outcome, Some(double))
            }
            _ => (carried.await, None),
        };
        let took = started.elapsed();
        DeliveryRecord { sent_at, took, request: request.clone(), outcome, double }
    }

    fn weigh(&self, push: &Push, outcome: &Outcome) -> Then {
        let failed = |cause| match self.options().on_error {
            OnError::Retried => Then::Again(cause),
            OnError::GivenUp => Then::End(Err(cause)),
        };
        let response = match outcome {
            Outcome::TimedOut => return Then::Again(Cause::TimedOut),
            Outcome::Broken(broken) => return failed(Cause::Broken(broken.clone())),
            Outcome::Answered(response) => response,
        };
        let judge = Judge {
            account: self.account(),
            key: self.key(),
            openid: &push.openid,
            to_message: push.nature == Nature::Message,
            long_text: self.options().long_text,
        };
        match judge.judge(response) {
            Err(cause @ Cause::Status(_)) => failed(cause),
            judged => Then::End(judged),
        }
    }

    fn show(&self, push: &Push, judged: Result<Judged, Cause>) -> (Verdict, Vec<Note>) {
        let at = self.clock().now_ms();
        self.world(|world| {
            let follower = world.followers.get_mut(&push.openid);
            let chat = follower.filter(|one| one.follows && push.nature != Nature::Background);
            let shown = |what| Shown { at, what, via: Via::Passive, answers: push.act };
            match (judged, chat) {
                (Ok(Judged::Silence), _) => (Verdict::Silence, Vec::new()),
                (Ok(Judged::Reply(bubble, notes)), None) => {
                    (Verdict::Nowhere(Unseen::Reply(bubble)), notes)
                }
                (Err(cause), None) => (Verdict::Nowhere(Unseen::Failure(cause)), Vec::new()),
                (Ok(Judged::Reply(bubble, notes)), Some(follower)) => {
                    follower.typing_until = 0;
                    let shown = shown(What::Bubble(bubble));
                    follower.phone.push(shown.clone());
                    (Verdict::Reply(shown), notes)
                }
                (Err(cause), Some(follower)) => {
                    follower.phone.push(shown(What::Notice(NOTICE)));
                    (Verdict::Notice(cause), Vec::new())
                }
            }
        })
    }
}

async fn patiently(answer: impl Future<Output = Result<Response, Broken>>) -> Outcome {
    match timeout(PATIENCE, answer).await {
        Err(_) => Outcome::TimedOut,
        Ok(Err(broken)) => Outcome::Broken(broken),
        Ok(Ok(response)) => Outcome::Answered(response),
    }
}

/// One request on its way, with what befalls it.
async fn carry(
    endpoint: &dyn Endpoint,
    request: Request,
    fault: Option<DeliveryFault>,
) -> Result<Response, Broken> {
    match fault {
        Some(DeliveryFault::Lost) => pending().await,
        Some(DeliveryFault::Refused) => Err(Broken::Refused),
        Some(DeliveryFault::Reset) => {
            endpoint.deliver(request).await?;
            Err(Broken::Reset)
        }
        Some(DeliveryFault::Delayed(by)) => {
            sleep(by).await;
            endpoint.deliver(request).await
        }
        Some(DeliveryFault::Duplicated) | None => endpoint.deliver(request).await,
    }
}
