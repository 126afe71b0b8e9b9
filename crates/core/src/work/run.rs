//! Stop 5, ask the plugins: the work on a message, from its turn in the follower's queue to its
//! conclusion.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};
use wxbot_sdk::matcher::keyword_of;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::store::keys;

use super::conclusion::{Concluded, Conclusion};
use super::job::Job;
use super::outcomes;
use super::plan::Outcome;
use crate::current;
use crate::dialogs::Look;
use crate::journal::JournalEvent;
use crate::late::next_message::NextMessage;
use crate::once::instances::{Claim, Instances};
use crate::once::order::{Full, Turn};
use crate::once::turn::SharedTurn;
use crate::response::Response;

/// Work that nothing cancels. Whoever waits for the answer drives it; dropped before it is done,
/// as when WeChat hangs up or the window closes, it goes on as a task of its own.
pub(crate) struct Driver {
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    tasks: Handle,
}

impl Driver {
    fn new(tasks: &Handle, work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { work: Some(Box::pin(work)), tasks: tasks.clone() }
    }
}

impl Future for Driver {
    type Output = ();

    /// Its timers belong to the runtime that it may go on in: one that serves may end before it.
    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let Self { work, tasks } = self.get_mut();
        if let Some(unfinished) = work {
            let _entered = tasks.enter();
            std::task::ready!(unfinished.as_mut().poll(cx));
            *work = None;
        }
        Poll::Ready(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.tasks.spawn(work);
        }
    }
}

/// Begins the work on a message; `None` if it is not worked on, as too many wait.
pub(crate) fn begin(job: &Job) -> Option<Driver> {
    let turn = match job.engine.order.enter(job.follower()) {
        Ok(turn) => turn,
        Err(Full) => {
            turn_away(job);
            return None;
        }
    };
    let work = current::scope(&job.work.incoming, run(job.clone(), turn));
    Some(Driver::new(&job.engine.tasks, work))
}

/// What is still to be done while work that takes long goes on.
pub(crate) fn prepare_to_be_late(job: &Job) {
    if !job.message().takes_reply() {
        job.work.decide(Response::Success);
    } else if job.account.late().access.is_unknown() {
        job.engine.tasks.spawn(find_out_access(job.clone()));
    }
}

/// Halfway through the window there is time to ask WeChat whether an answer could follow.
async fn find_out_access(job: Job) {
    sleep(job.late_settings().window / 2).await;
    if job.work.response().is_none() {
        job.account.late().access.find_out(job.openid()).await;
    }
}

/// Does the work of another process again.
pub(crate) async fn rerun(job: &Job) -> Vec<Reply> {
    let _turn = match job.engine.order.enter(job.follower()) {
        Ok(turn) => Some(turn.wait().await),
        Err(Full) => None,
    };
    current::scope(&job.work.incoming, ask(job, Look::Needed)).await
}

async fn run(job: Job, turn: Turn) {
    let _unfinished = Unfinished(&job);
    let _turn = turn.wait().await;
    let Some(instances) = &job.engine.instances else {
        let outcome = outcome(&job, Look::NotYet).await;
        Conclusion::of(&job).conclude(outcome).await;
        return;
    };
    // Boxed, as most bots run alone: their futures stay small.
    Box::pin(run_among(&job, instances)).await;
}

/// Where instances share the work, one of them does it and all give its answer.
async fn run_among(job: &Job, instances: &Instances) {
    loop {
        if let Claim::Answered(response) = instances.claim(job.work.key).await {
            job.work.decide_elsewhere(response);
            return job.record_response(Instant::now());
        }
        let also = job.has_dialogs().then(|| keys::dialog(job.account.id(), job.openid()));
        let (turn, look) =
            SharedTurn::wait(instances, job.follower(), job.work.key, also.as_deref()).await;
        let outcome = outcome(job, look).await;
        let concluded = Conclusion::of(job).conclude(outcome).await;
        turn.give_back().await;
        if concluded == Concluded::Yes {
            return;
        }
    }
}

async fn outcome(job: &Job, look: Look) -> Outcome {
    match pulled(job).await {
        Some(waiting) => Outcome::Pulled(waiting),
        None => Outcome::Answer(ask(job, look).await),
    }
}

async fn ask(job: &Job, look: Look) -> Vec<Reply> {
    outcomes::note(job);
    let mut ctx = job.context();
    if job.engine.chain.asks_for_tags() {
        // Boxed, as most chains ask for none: their futures stay small.
        ctx.set_tags(Box::pin(job.account.follower_tags().of(job.openid())).await);
    }
    let dialogs = job.dialogs(&ctx, look).await;
    job.engine.ask(ctx, dialogs).await
}

/// The pull keyword, which stands in the notice: when something waits, that is the answer.
async fn pulled(job: &Job) -> Option<Vec<NextMessage>> {
    if job.engine.late.kept.is_unused()
        || keyword_of(job.message().text()?) != keyword_of(&job.late_settings().word)
    {
        return None;
    }
    let waiting = job.engine.late.kept.list(job.account.id(), job.openid()).await;
    Some(waiting).filter(|waiting| !waiting.is_empty())
}

/// Too many messages wait: this one is not worked on, and the follower is told so.
fn turn_away(job: &Job) {
    job.engine.journal.record(JournalEvent::TurnedAway { account: job.account.tag() });
    let busy = job.message().takes_reply().then(|| job.late_texts().busy());
    let response = match busy.filter(|text| !text.trim().is_empty()) {
        Some(text) => job.passive_reply(&Reply::Text(text)),
        None => Response::Success,
    };
    job.work.decide(response);
    job.record_response(Instant::now());
}

/// Work that ends without a conclusion, as by a defect of ours, leaves nobody waiting.
struct Unfinished<'j>(&'j Job);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        let (job, key) = (self.0, self.0.work.key);
        if job.account.ledger().is_running(key) {
            job.work.decide(Response::Success);
            job.record_response(Instant::now());
        }
    }
}
