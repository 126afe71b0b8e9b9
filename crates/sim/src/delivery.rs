//! Up to three deliveries of a push, 5 seconds each, until one is answered (section 2.6).

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::account::Account;
use crate::body::Preamble;
use crate::cause::{Cause, Note};
use crate::endpoint::{Broken, Endpoint, Request, Response};
use crate::exchange::{DeliveryRecord, Exchange, Outcome, Unseen, Verdict};
use crate::faults::DeliveryFault;
use crate::judge::{Judge, Judged};
use crate::options::{OnError, Repeats};
use crate::phone::{NOTICE, Shown, Via, What};
use crate::push::{EVENT_DELAY, Push, PushKind, ScheduledEvent};
use crate::simulation::Simulation;

/// How often WeChat delivers a message in all.
pub const MAX_DELIVERIES: usize = 3;
/// How long WeChat waits for an answer. The next delivery starts this long after the one before.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(5);

/// A push on its way to the bot.
pub(crate) struct Delivery<'d> {
    pub(crate) simulation: &'d Simulation,
    pub(crate) endpoint: &'d dyn Endpoint,
    pub(crate) push: Push,
}

/// What follows one delivery.
enum Next {
    /// Another one, unless it was the last; then it failed for this reason.
    Retry(Cause),
    End(Result<Judged, Cause>),
}

/// Delivers an event after its delay, if there is a bot by then.
pub(crate) fn schedule(simulation: &Arc<Simulation>, event: ScheduledEvent) {
    let shared = Arc::clone(simulation);
    simulation.spawn(async move {
        sleep(EVENT_DELAY).await;
        let Some(endpoint) = shared.endpoint() else { return };
        let Account { original_id, format, .. } = &shared.account;
        let create_time = shared.clock.now();
        let preamble = Preamble { to: original_id, from: &event.openid, create_time };
        let push = Push::new(&preamble, &event.content, *format);
        Delivery { simulation: &shared, endpoint: &*endpoint, push }.run().await;
    });
}

impl Delivery<'_> {
    /// Delivers until there is an answer, and shows the follower the outcome.
    pub(crate) async fn run(self) -> Exchange {
        let mut deliveries = Vec::new();
        let mut request = self.request();
        let judged = loop {
            let started = Instant::now();
            let number = deliveries.len() + 1;
            let record = self.attempt(&request, number).await;
            let next = self.assess(&record.outcome);
            deliveries.push(record);
            match next {
                Next::Retry(cause) if number == MAX_DELIVERIES => break Err(cause),
                Next::Retry(_) => sleep_until(started + DELIVERY_TIMEOUT).await,
                Next::End(judged) => break judged,
            }
            if self.simulation.options.repeats == Repeats::FreshQuery {
                request = self.request();
            }
        };
        let (verdict, notes) = self.show(judged);
        let Push { openid, act, msg_id, .. } = self.push;
        let exchange = Exchange { openid, act, msg_id, deliveries, verdict, notes };
        self.simulation.with_world(|world| world.exchanges.push(exchange.clone()));
        exchange
    }

    fn request(&self) -> Request {
        let Simulation { account, key, .. } = self.simulation;
        let (body, fresh) = (self.push.body.clone(), self.simulation.fresh());
        account.request_with_key(key.as_ref(), body, &self.push.openid, &fresh)
    }

    async fn attempt(&self, request: &Request, number: usize) -> DeliveryRecord {
        let fault =
            self.simulation.with_world(|world| world.faults.in_delivery(number, &mut world.rng));
        let (sent_at, started) = (self.simulation.clock.now_ms(), Instant::now());
        let sent = with_timeout(send(self.endpoint, request.clone(), fault));
        let (outcome, double) = match fault {
            Some(DeliveryFault::Duplicated) => {
                let double = with_timeout(self.endpoint.deliver(request.clone()));
                let (outcome, double) = join(sent, double).await;
                (outcome, Some(double))
            }
            _ => (sent.await, None),
        };
        let took = started.elapsed();
        DeliveryRecord { sent_at, took, request: request.clone(), outcome, double }
    }

    fn assess(&self, outcome: &Outcome) -> Next {
        let Simulation { account, key, options, .. } = self.simulation;
        let failed = |cause| match options.on_error {
            OnError::Retried => Next::Retry(cause),
            OnError::GivenUp => Next::End(Err(cause)),
        };
        let response = match outcome {
            Outcome::TimedOut => return Next::Retry(Cause::TimedOut),
            Outcome::Broken(broken) => return failed(Cause::Broken(broken.clone())),
            Outcome::Answered(response) => response,
        };
        let Push { openid, kind, .. } = &self.push;
        let long_text = options.long_text;
        let judge = Judge { account, key: key.as_ref(), openid, kind: *kind, long_text };
        match judge.judge(response) {
            Err(cause @ Cause::Status(_)) => failed(cause),
            judged => Next::End(judged),
        }
    }

    fn show(&self, judged: Result<Judged, Cause>) -> (Verdict, Vec<Note>) {
        let Push { openid, act, kind, .. } = &self.push;
        let at = self.simulation.clock.now_ms();
        let shown = |what| Shown { at, what, via: Via::Passive, answers: *act };
        self.simulation.with_world(|world| {
            let follower = world.followers.get_mut(openid);
            let chat = follower.filter(|state| state.follows && *kind != PushKind::BackgroundEvent);
            match (judged, chat) {
                (Ok(Judged::Silence), _) => (Verdict::Silence, Vec::new()),
                (Ok(Judged::Reply(bubble, notes)), None) => {
                    (Verdict::Nowhere(Unseen::Reply(bubble)), notes)
                }
                (Err(cause), None) => (Verdict::Nowhere(Unseen::Failure(cause)), Vec::new()),
                (Ok(Judged::Reply(bubble, notes)), Some(follower)) => {
                    let shown = shown(What::Bubble(bubble));
                    follower.typing_until = 0;
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

async fn with_timeout(answer: impl Future<Output = Result<Response, Broken>>) -> Outcome {
    match timeout(DELIVERY_TIMEOUT, answer).await {
        Err(_) => Outcome::TimedOut,
        Ok(Err(broken)) => Outcome::Broken(broken),
        Ok(Ok(response)) => Outcome::Answered(response),
    }
}

/// Sends one request, unless a fault gets in the way.
async fn send(
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
