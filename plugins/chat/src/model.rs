//! Models, asked one after the other until one answers.

pub(crate) mod call;
mod completion;
pub(crate) mod failure;
pub(crate) mod question;
mod sse;
mod openai;
mod dify;
mod coze;
mod dialect;
mod destination;
mod endpoint;
pub(crate) mod embedder;
mod vectors;

use std::future::pending;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinError};
use tokio::time::{Instant, sleep, timeout_at};

use self::call::Call;
use self::completion::Completion;
pub(crate) use self::completion::End;
use self::destination::Destination;
use self::endpoint::{Endpoint, Options};
use self::failure::Failure;
use self::question::Question;
use crate::config::Config;
use crate::conversation::tokens;
use crate::thinking::without_thinking;
use crate::wire::Wire;

/// Before the first retry; twice that before the next.
const BACKOFF: Duration = Duration::from_millis(500);
/// Left of the entry's `timeout` for saying that there is no answer.
const TO_APOLOGISE: Duration = Duration::from_secs(10);
/// Who is to come back later than this is not waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// The models of `bot.toml`, the preferred one first.
pub(crate) struct Models {
    endpoints: Vec<Arc<Endpoint>>,
    options: Arc<Options>,
    /// For so many questions at once: who is asked too much at once answers nobody.
    permits: Semaphore,
    timeout: Duration,
    retries: u32,
}

/// What a model said.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Without what it thought.
    pub(crate) text: String,
    pub(crate) end: End,
    /// What it wants to know before it answers.
    pub(crate) calls: Vec<Call>,
    /// What it thought, where that is told apart.
    pub(crate) reasoning: String,
    /// Of question and answer; estimated where the API does not tell.
    pub(crate) tokens: u64,
    /// What the API calls the conversation, where it remembers one.
    pub(crate) conversation: Option<String>,
}

impl Models {
    /// In an entry that gives up after `entry_timeout`.
    pub(crate) fn new(
        config: &Config,
        entry_timeout: Duration,
        wire: Arc<dyn Wire>,
    ) -> Result<Self, String> {
        let preferred = Endpoint::new(config.api, &Destination::of(config), &config.model)?;
        let mut endpoints = vec![Arc::new(preferred)];
        for fallback in &config.fallbacks {
            let (base_url, key) = (fallback.base_url.as_deref(), fallback.key.as_ref());
            let api =
                Destination::of(config).with_overrides(base_url, key, fallback.headers.as_ref());
            endpoints.push(Arc::new(Endpoint::new(config.api, &api, &fallback.model)?));
        }
        let options = Arc::new(Options::new(config, wire));
        let timeout = config.timeout.unwrap_or(entry_timeout - TO_APOLOGISE.min(entry_timeout / 2));
        if timeout >= entry_timeout {
            return Err(format!("`timeout` has to be less than the entry's, {entry_timeout:?}"));
        }
        if config.concurrency == 0 {
            return Err("`concurrency` has to be 1 at least".into());
        }
        let permits = Semaphore::new(config.concurrency.min(Semaphore::MAX_PERMITS));
        Ok(Self { endpoints, options, permits, timeout, retries: config.retries })
    }

    /// When a question has to be answered that came then.
    pub(crate) fn deadline(&self, began: Instant) -> Instant {
        began + self.timeout
    }

    /// Asks until somebody answers or the time is over. Nobody is asked again who began to answer.
    pub(crate) async fn ask(
        &self,
        question: &mut Question,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let Ok(_permit) = timeout_at(deadline, self.permits.acquire()).await else {
            return Err(Failure::Crowded);
        };
        let mut last = Failure::TimedOut;
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            let is_last = place + 1 == self.endpoints.len();
            let may_retry = |failure: &Failure| {
                // Who hangs would use up the time of the others.
                failure.may_pass() && (is_last || *failure != Failure::Stalled)
            };
            match self.ask_one(endpoint, question, deadline, may_retry).await {
                Err(failure) if failure.may_ask_another() => last = failure,
                done => return done,
            }
        }
        Err(last)
    }

    async fn ask_one(
        &self,
        endpoint: &Arc<Endpoint>,
        question: &mut Question,
        deadline: Instant,
        may_retry: impl Fn(&Failure) -> bool,
    ) -> Result<Answer, Failure> {
        let mut tries = 0;
        endpoint.prepare(question);
        loop {
            let failure = match self.try_once(endpoint, question, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            log(endpoint.model(), &failure);
            if endpoint.adapt(&failure, question) {
                continue;
            }
            let wait = failure.retry_after().unwrap_or_else(|| backoff(tries));
            let in_time = wait <= PATIENCE && Instant::now() + wait < deadline;
            if tries == self.retries || !may_retry(&failure) || !in_time {
                return Err(failure);
            }
            sleep(wait).await;
            tries += 1;
        }
    }

    /// What came until the deadline, in a task of its own: a link that works in its own polls for
    /// many followers at once looks as if it blocked its threads.
    async fn completion(
        &self,
        endpoint: &Arc<Endpoint>,
        question: &Question,
        deadline: Instant,
    ) -> (Completion, Result<(), Failure>) {
        let (endpoint, options) = (Arc::clone(endpoint), Arc::clone(&self.options));
        let question = question.clone();
        let task = tokio::spawn(async move {
            let mut completion = Completion::default();
            let asked = endpoint.ask(&options, &question, &mut completion);
            let came = timeout_at(deadline, asked).await;
            (completion, came.unwrap_or(Err(Failure::TimedOut)))
        });
        let _task = AbortOnDrop(task.abort_handle());
        match task.await.map_err(JoinError::try_into_panic) {
            Ok(done) => done,
            Err(Ok(panic)) => resume_unwind(panic),
            // The process ends; its successor asks again, so nothing is said here.
            Err(Err(_)) => pending().await,
        }
    }

    async fn try_once(
        &self,
        endpoint: &Arc<Endpoint>,
        question: &Question,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let (mut completion, came) = self.completion(endpoint, question, deadline).await;
        let text = without_thinking(completion.text());
        let calls = match &came {
            Ok(()) if question.may_call() => completion.finished_calls(),
            // Nobody knows what was still to come of them.
            _ => Vec::new(),
        };
        match came {
            Err(failure) if text.is_empty() || failure == Failure::Moderated => Err(failure),
            Ok(()) if text.is_empty() && calls.is_empty() => Err(Failure::Empty),
            came => {
                let end = came.map_or(End::Broken, |()| completion.end());
                let estimate = || question.tokens() + tokens(completion.text());
                let tokens = completion.tokens().unwrap_or_else(estimate);
                let conversation = completion.conversation();
                tracing::debug!(model = endpoint.model(), tokens, ?end, "the model answered");
                let reasoning = completion.reasoning().to_owned();
                Ok(Answer { text, end, calls, reasoning, tokens, conversation })
            }
        }
    }
}

/// Ends a task that nobody waits for any more.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the operator can mend is an error.
fn log(model: &str, failure: &Failure) {
    match failure {
        Failure::Refused(_) | Failure::Unpaid(_) | Failure::Unreadable => {
            tracing::error!(model, %failure, "the model gave no answer");
        }
        _ => tracing::warn!(model, %failure, "the model gave no answer"),
    }
}

/// Not all who were turned away at once come back at once.
fn backoff(tries: u32) -> Duration {
    let most = BACKOFF * 2_u32.saturating_pow(tries.min(6));
    most.mul_f64(rand::rng().random_range(0.5..=1.0))
}
