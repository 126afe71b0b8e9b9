//! The road of a message: from WeChat's request to wxbot's answer, in seven stops.

mod post;
mod parts;
mod background;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::poll;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::message::Message;
use wxbot_sdk::store::{Health, Reach, Store, StoreError};

use self::background::Background;
use self::parts::Assembled;
use crate::account_runtime::AccountRuntime;
use crate::chain::Chain;
use crate::engine::Engine;
use crate::jobs::intervention::{self, Intervention};
use crate::journal::{Journal, JournalEvent};
use crate::key::MessageKey;
use crate::late::live_outbox::LiveOutbox;
use crate::lifecycle::Lifecycle;
use crate::metrics::Metrics;
use crate::once::ledger::Lookup;
use crate::receive::envelope;
use crate::receive::query::Query;
use crate::receive::refusal::{BodyError, Refusal};
use crate::receive::replay::Form;
use crate::receive::signature;
use crate::response::Response;
use crate::work::delivery::{self, DeliveryOutcome};
use crate::work::job::Job;
use crate::work::replay_log::ReplayLog;
use crate::work::run;

pub use self::parts::Parts;
pub use self::post::{Answer, Post};

impl Bot {
    /// The whole road of a message, in the order in which things happen.
    async fn receive<B>(
        &self,
        account: &Arc<AccountRuntime>,
        post: Post<'_, B>,
    ) -> Result<Answer, Refusal>
    where
        B: Future<Output = Result<Bytes, Refusal>>,
    {
        let Post { arrived, now, .. } = post;
        let query = Query::parse(post.query)?;
        let verified = signature::verify(account.account(), &query, now)?; // 1 is it WeChat?
        let opened = {
            let body = post.body.await?;
            envelope::open(account.account(), &verified, &body)? // 2 open it
        };
        let mut message = Message::read(opened.fields).map_err(BodyError::from)?; // 3 what was said
        account.check_receiver(&mut message)?;
        if let Some(log) = &self.replay_log {
            log.loaded().await;
        }
        let encrypted = opened.seal.is_some();
        let form = if encrypted { Form::Sealed } else { Form::Plain };
        account.check_query(&verified, &message, form, arrived)?;
        self.record(JournalEvent::Received { account: account.tag(), encrypted });

        let age = Duration::from_secs(now.saturating_sub(message.create_time));
        let key = MessageKey::of(account.id(), &message);
        let work = || Job::work(&self.engine, account, key, message, (arrived, now));
        let outcome = match account.ledger().look_up(key, arrived, work) {
            Lookup::Answered(response) => DeliveryOutcome::Repeated(response), // 4 have we met it?
            Lookup::Replayed => DeliveryOutcome::Repeated(self.answered_elsewhere(key).await),
            Lookup::Running(work) => {
                let delivery = work.count_delivery(arrived, age);
                let job = Job::new(&self.engine, account, work);
                delivery::answer(&job, delivery, std::future::pending()).await
            }
            Lookup::First(work) => {
                let delivery = work.count_delivery(arrived, age);
                let job = Job::new(&self.engine, account, work);
                let mut driver = run::begin(&job); // 5 ask the plugins
                if let Some(work) = &mut driver
                    && poll!(work).is_pending()
                {
                    run::prepare_to_be_late(&job);
                }
                let drive = async {
                    if let Some(work) = driver {
                        work.await;
                    }
                };
                delivery::answer(&job, delivery, drive).await // 6 in time?
            }
        };

        let (account, kind) = (account.tag(), outcome.kind());
        let took = arrived.elapsed();
        self.record(JournalEvent::Answered { account, outcome: kind, took });
        Ok(Answer::seal(outcome.into_response(), opened.seal, now)) // 7 say it
    }

    /// What another instance answered to a message, for as long as that is known.
    async fn answered_elsewhere(&self, key: MessageKey) -> Response {
        match &self.engine.instances {
            // Boxed, as it is rare: the common future stays small.
            Some(instances) => Box::pin(instances.response(key)).await,
            None => None,
        }
        .unwrap_or(Response::Success)
    }

    /// Answers one POST of WeChat. A refusal is recorded; its text is not for WeChat.
    pub async fn answer<B>(
        &self,
        account: &Arc<AccountRuntime>,
        post: Post<'_, B>,
    ) -> Result<Answer, Refusal>
    where
        B: Future<Output = Result<Bytes, Refusal>>,
    {
        let answer = self.receive(account, post).await;
        answer.inspect_err(|refusal| self.refused(account, refusal))
    }

    /// The handshake of section 1: what to send back, verbatim.
    pub fn handshake(
        &self,
        account: &AccountRuntime,
        query: &str,
        now: u64,
    ) -> Result<String, Refusal> {
        let echostr = Query::parse(query).and_then(|query| {
            let verified = signature::verify(account.account(), &query, now)?;
            let echostr = verified.echostr();
            let echostr = echostr.ok_or(Refusal::Signature("right, but there is no echostr"))?;
            Ok(echostr.to_owned())
        });
        let echostr = echostr.inspect_err(|refusal| self.refused(account, refusal))?;
        self.record(JournalEvent::Verified { account: account.tag() });
        Ok(echostr)
    }

    fn refused(&self, account: &AccountRuntime, refusal: &Refusal) {
        self.record(JournalEvent::Refused { account: account.tag(), refusal });
    }

    fn record(&self, event: JournalEvent<'_>) {
        self.engine.journal.record(event);
    }
}

/// A bot that is ready: accounts, the chain, and what they need.
pub struct Bot {
    /// Ends with the bot.
    _background: Background,
    accounts: Vec<Arc<AccountRuntime>>,
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    replay_log: Option<Arc<ReplayLog>>,
    lifecycle: Lifecycle,
}

impl Bot {
    /// Puts a bot together, and begins to look after what is late, also what the previous process
    /// left behind.
    pub fn start(parts: Parts) -> Arc<Self> {
        let keep = parts.limits.keep;
        let Assembled { accounts, engine, metrics } = parts.assemble();
        let replay_log = ReplayLog::new(&engine.store, &accounts, keep);
        let background = Background::start(&engine, &accounts, replay_log.as_ref());
        let lifecycle = Lifecycle::new(&engine, &accounts);
        Arc::new(Self { _background: background, accounts, engine, metrics, replay_log, lifecycle })
    }

    /// Starts the plugins: what they do apart from messages. A bot that is only asked about a
    /// message or two does without.
    pub fn start_plugins(&self) {
        self.lifecycle.start();
    }

    /// Begins a graceful shutdown: no job is begun, and where the store outlives the process,
    /// deliveries that are open are answered inside their window, if need be with a promise for the
    /// next process to keep. Elsewhere WeChat is left to come again.
    pub fn begin_shutdown(&self) {
        self.lifecycle.begin_stop();
        if self.engine.store.reach() != Reach::Process {
            self.engine.shutdown.begin();
        }
    }

    /// Ends a graceful shutdown: stops the plugins, and writes what was seen since it was last
    /// written.
    pub async fn finish_shutdown(&self) {
        self.lifecycle.stop().await;
        if let Some(log) = &self.replay_log {
            log.write().await;
        }
    }

    /// Where messages come in, one for each account.
    pub fn accounts(&self) -> &[Arc<AccountRuntime>] {
        &self.accounts
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        &self.engine.chain
    }

    /// What happens, as it happens.
    pub fn journal(&self) -> &Journal {
        &self.engine.journal
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What is counted and how things stand, as OpenMetrics text.
    pub fn render_metrics(&self) -> Result<String, fmt::Error> {
        self.metrics.set_store_degraded(self.engine.store.health() != Health::Good);
        self.metrics.set_late_unwritten(self.engine.late.outbox.count_unwritten());
        for account in &self.accounts {
            self.metrics.set_api(account.id(), account.api().condition());
        }
        self.metrics.render()
    }

    /// What must outlive a message.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.engine.store
    }

    /// What time it is.
    pub fn clock(&self) -> Clock {
        self.engine.clock
    }

    /// Late answers, for an operator.
    pub fn outbox(&self) -> LiveOutbox<'_> {
        LiveOutbox::new(&self.engine.late, &*self.engine.store, self.engine.clock)
    }

    /// Has a dead letter of an entry of the chain tried again now.
    pub async fn retry_job(&self, link: &str, id: &str) -> Result<Intervention, StoreError> {
        let done = intervention::retry(&*self.engine.store, link, id).await;
        self.engine.job_signal.wake();
        done
    }
}
