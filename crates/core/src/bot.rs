//! The road of a message: from WeChat's request to wxbot's answer, in seven stops.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::poll;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use wxbot_sdk::api::Api;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::job::JobSignal;
use wxbot_sdk::message::Message;
use wxbot_sdk::store::keys::OUTBOX;
use wxbot_sdk::store::{Health, Reach, Store, StoreError};

use crate::account::Account;
use crate::account_runtime::AccountRuntime;
use crate::chain::Chain;
use crate::dialogs::DialogStore;
use crate::engine::Engine;
use crate::jobs::intervention::{self, Intervention};
use crate::journal::{Journal, JournalEvent};
use crate::key::MessageKey;
use crate::late::listing::{self, Page, Place};
use crate::late::sender::Sender;
use crate::lifecycle::Lifecycle;
use crate::limits::Limits;
use crate::log_throttle::sum_up;
use crate::metrics::Metrics;
use crate::once::instances::Instances;
use crate::once::ledger::Lookup;
use crate::once::order::Order;
use crate::receive::envelope::{self, Seal};
use crate::receive::query::Query;
use crate::receive::refusal::{BodyError, Refusal};
use crate::receive::replay::Form;
use crate::receive::signature;
use crate::refusal_log::RefusalLog;
use crate::response::Response;
use crate::shutdown::Shutdown;
use crate::work::delivery::{self, DeliveryOutcome};
use crate::work::job::Job;
use crate::work::outbox_worker::OutboxWorker;
use crate::work::replay_log::ReplayLog;
use crate::work::run;

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
            // In a box of its own: that is hardly ever so.
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
    accounts: Vec<Arc<AccountRuntime>>,
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    replay_log: Option<Arc<ReplayLog>>,
    lifecycle: Lifecycle,
    /// They end with the bot.
    background: Vec<JoinHandle<()>>,
}

/// What a bot is made of.
pub struct Parts {
    /// Each with its API, where it has what that takes.
    pub accounts: Vec<(Account, Option<Arc<dyn Api>>)>,
    /// The links in order.
    pub chain: Chain,
    /// What must outlive a message.
    pub store: Arc<dyn Store>,
    /// A runtime of several threads apart from the one that serves: what plugins wait for, they
    /// wait for there.
    pub tasks: Handle,
    /// What time it is.
    pub clock: Clock,
    /// How much is remembered and may wait.
    pub limits: Limits,
}

/// One POST of WeChat.
pub struct Post<'p, B> {
    /// The raw query.
    pub query: &'p str,
    /// The body, read only once the query is verified.
    pub body: B,
    /// When the request arrived.
    pub arrived: Instant,
    /// The same on the clock, in Unix seconds.
    pub now: u64,
}

/// What WeChat gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// `success`: there is nothing to say, or it follows later.
    Success,
    /// A passive reply in its envelope, XML or JSON.
    Reply(Bytes),
    /// Nothing: WeChat must have hung up, and delivers again.
    HungUp,
}

impl Answer {
    fn seal(response: Option<Response>, seal: Option<Seal<'_>>, now: u64) -> Self {
        match (response, seal) {
            (None, _) => Self::HungUp,
            (Some(Response::Success), _) => Self::Success,
            (Some(Response::Reply(xml)), None) => Self::Reply(xml),
            (Some(Response::Reply(xml)), Some(seal)) => {
                Self::Reply(seal.close(&xml, now, rand::random()).into())
            }
        }
    }
}

/// An answer that an operator wants to be sent is tried for a day, in milliseconds.
const RETRIED_FOR: u64 = 24 * 3600 * 1000;

impl Bot {
    /// Puts a bot together, and begins to look after what is late, also what the previous process
    /// left behind.
    pub fn start(parts: Parts) -> Arc<Self> {
        let Parts { accounts, chain, store, tasks, clock, limits } = parts;
        let accounts = accounts.into_iter().enumerate().map(|(place, (account, api))| {
            AccountRuntime::new(place, account, api, &store, clock, limits, &tasks)
        });
        let accounts: Vec<_> = accounts.map(Arc::new).collect();
        let ids = accounts.iter().map(|account| &**account.id());
        let links = chain.links().map(|link| (link.id(), link.plugin()));
        let metrics = Arc::new(Metrics::new(ids, links));
        let journal = Arc::new(Journal::default());
        journal.observe(Arc::clone(&metrics) as _);
        let refusals = RefusalLog::new(accounts.iter().map(|account| Arc::clone(account.id())));
        tasks.spawn(sum_up(Arc::downgrade(&refusals)));
        journal.observe(refusals);
        let instance = hex::encode(rand::random::<[u8; 8]>());
        let engine = Arc::new(Engine {
            chain,
            dialogs: DialogStore::new(&store),
            order: Arc::new(Order::new(limits.waiting, limits.running)),
            instances: Instances::new(&store, &instance),
            late: Sender::new(&store, &journal, clock),
            shutdown: Shutdown::default(),
            job_signal: JobSignal::default(),
            store,
            tasks,
            journal,
            clock,
            instance,
        });
        engine.tasks.spawn(sum_up(Arc::downgrade(&engine)));
        let replay_log = ReplayLog::new(&engine.store, &accounts, limits.keep);
        let mut background = background(&engine, &accounts);
        if let Some(log) = &replay_log {
            background.push(engine.tasks.spawn(Arc::clone(log).run()));
        }
        let lifecycle = Lifecycle::new(&engine, &accounts);
        Arc::new(Self { accounts, engine, metrics, replay_log, lifecycle, background })
    }

    /// Starts the plugins: what they do apart from messages. A bot that is only asked about a
    /// message or two does without.
    pub fn start_plugins(&self) {
        self.lifecycle.start();
    }

    /// Begins a graceful shutdown: no job is begun, and where the store outlives the process, deliveries that are open
    /// are answered inside their window, if need be with a promise for the next process to keep.
    /// Elsewhere WeChat is left to come again.
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

    /// One page of what is late, from the start or from the end of the page before: what the store
    /// would not take, then what it holds.
    pub async fn list_late(&self, from: Option<Place>, most: usize) -> Result<Page, StoreError> {
        let unwritten = self.engine.late.outbox.list_unwritten(self.engine.clock.millis());
        listing::page_of_bot(&*self.engine.store, unwritten, from, most).await
    }

    /// Takes a late answer out for good. Says whether there was one of this id.
    pub async fn drop_late(&self, id: &str) -> Result<bool, StoreError> {
        let was_unwritten = self.engine.late.outbox.drop_unwritten(id);
        match listing::drop(&*self.engine.store, id, self.engine.clock.millis()).await {
            Err(_) if was_unwritten => Ok(true),
            dropped => dropped.map(|was_stored| was_stored || was_unwritten),
        }
    }

    /// Makes a late answer due now, also a dead letter; one that is being sent right now is left to
    /// that. Says whether there is one of this id.
    pub async fn retry(&self, id: &str) -> Result<bool, StoreError> {
        let now = self.engine.clock.millis();
        if self.engine.late.outbox.retry_unwritten(id, now + RETRIED_FOR) {
            return Ok(true);
        }
        let found = listing::retry(&*self.engine.store, id, now, now + RETRIED_FOR).await;
        self.engine.late.outbox.wake();
        found
    }

    /// Has a dead letter of an entry of the chain tried again now.
    pub async fn retry_job(&self, link: &str, id: &str) -> Result<Intervention, StoreError> {
        let done = intervention::retry(&*self.engine.store, link, id).await;
        self.engine.job_signal.wake();
        done
    }

    /// How many late answers are promised to followers or on their way, and how many wait for this
    /// follower's next message.
    pub async fn count_late(
        &self,
        account: &AccountRuntime,
        openid: &str,
    ) -> Result<(usize, usize), StoreError> {
        let late = self.engine.store.count(OUTBOX).await?;
        let late = usize::try_from(late).unwrap_or(usize::MAX);
        Ok((late, self.engine.late.waiting(account.id(), openid).await.len()))
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        self.background.iter().for_each(JoinHandle::abort);
    }
}

fn background(engine: &Arc<Engine>, accounts: &[Arc<AccountRuntime>]) -> Vec<JoinHandle<()>> {
    let worker = OutboxWorker::new(engine, accounts);
    let mut background = vec![engine.tasks.spawn(worker.run())];
    if engine.chain.has_dialogs() {
        let engine = Arc::clone(engine);
        background.push(engine.tasks.clone().spawn(async move {
            engine.dialogs.resume(engine.clock.millis()).await;
        }));
    }
    if engine.instances.is_some() {
        let engine = Arc::clone(engine);
        background.push(engine.tasks.clone().spawn(async move {
            if let Some(instances) = &engine.instances {
                instances.send_heartbeats().await;
            }
        }));
    }
    background
}
