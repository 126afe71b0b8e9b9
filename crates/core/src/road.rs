//! The road of a message: from WeChat's request to wxbot's answer, in seven stops.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::account::{Account, Mode};
use crate::chain::Chain;
use crate::envelope::{self, Seal};
use crate::job::Job;
use crate::late::{self, Access, Late, OUTBOX};
use crate::metrics::{AccountMetrics, Metrics, Outcomes};
use crate::order::Order;
use crate::peers::{self, Peers};
use crate::refusal::{BodyError, Refusal};
use crate::refusal_log::{self, RefusalLog};
use crate::repeat::{Bounds, Key, Ledger, Met, Uses};
use crate::signature::{self, Query, Verified};
use crate::trace::Observer;
use crate::window::{Told, Window};
use crate::work::Said;
use wxbot_sdk::api::{Api, Unconfigured};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::message::Message;
use wxbot_sdk::store::{Reach, Store, StoreError};

/// A bot that is ready: accounts, the chain, and what they need.
pub struct Bot {
    doors: Vec<Arc<Door>>,
    chain: Arc<Chain>,
    store: Arc<dyn Store>,
    order: Arc<Order>,
    peers: Option<Peers>,
    late: Late,
    tasks: Handle,
    metrics: Arc<Metrics>,
    clock: Clock,
    /// Which instance of the bot this is.
    me: String,
    observer: OnceLock<Arc<dyn Observer>>,
    /// The process is about to end.
    ending: Ending,
}

/// Whether the process is about to end, for those who wait.
#[derive(Default)]
pub(crate) struct Ending {
    has_come: AtomicBool,
    comes: Notify,
}

impl Ending {
    /// Waits until it comes.
    pub(crate) async fn comes(&self) {
        let comes = self.comes.notified();
        if !self.has_come.load(Ordering::SeqCst) {
            comes.await;
        }
    }
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
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What time it is.
    pub clock: Clock,
    /// How much is remembered and may wait.
    pub limits: Limits,
}

/// How much is remembered and may wait.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long answers are remembered for repeated deliveries, at least.
    pub keep: Duration,
    /// Bytes of remembered answers, for each account.
    pub bytes: usize,
    /// Messages of one follower that wait while another one is worked on.
    pub waiting: usize,
    /// Messages that are worked on or wait, of all followers.
    pub running: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { keep: Duration::from_secs(60), bytes: 64 << 20, waiting: 16, running: 100_000 }
    }
}

/// Where one account's messages come in.
pub struct Door {
    account: Arc<Account>,
    name: Arc<str>,
    api: Arc<dyn Api>,
    access: Access,
    ledger: Ledger,
    /// Of signed queries, where the signature does not cover the body.
    uses: Option<Uses>,
    metrics: AccountMetrics,
    refusals: Arc<RefusalLog>,
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
    /// A passive reply in its envelope.
    Reply(String),
    /// Nothing: WeChat must have hung up, and delivers again.
    HungUp,
}

/// An answer that an operator wants to be sent is tried for a day, in milliseconds.
const RETRIED_FOR: u64 = 24 * 3600 * 1000;
/// A timestamp is taken for so long where the account takes any.
const ANY_TIME: Duration = Duration::from_secs(600);

impl Bot {
    /// Puts a bot together.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { accounts, chain, store, tasks, metrics, clock, limits } = parts;
        let me = hex::encode(rand::random::<[u8; 8]>());
        let door = |(account, api)| Door::new(account, api, &store, clock, &metrics, limits);
        Arc::new(Self {
            doors: accounts.into_iter().map(door).map(Arc::new).collect(),
            chain: Arc::new(chain),
            order: Arc::new(Order::new(limits.waiting, limits.running)),
            peers: Peers::new(&store, &me),
            late: Late::new(Arc::clone(&store), clock, &me, &metrics),
            observer: OnceLock::new(),
            ending: Ending::default(),
            store,
            tasks,
            metrics,
            clock,
            me,
        })
    }

    /// Begins to look after what is late, also what the last process left behind.
    pub fn start(self: &Arc<Self>) {
        self.tasks.spawn(late::tend(Arc::downgrade(self)));
        for door in &self.doors {
            self.tasks.spawn(refusal_log::sum_up(Arc::downgrade(&door.refusals)));
        }
        if self.peers.is_some() {
            self.tasks.spawn(peers::beat(Arc::downgrade(self)));
        }
    }

    /// The process is about to end: where the store outlives it, deliveries that are open are
    /// answered inside their window, if need be with a promise for the next process to keep.
    /// Elsewhere WeChat is left to come again.
    pub fn end(&self) {
        if self.store.reach() != Reach::Process {
            self.ending.has_come.store(true, Ordering::SeqCst);
            self.ending.comes.notify_waiters();
        }
    }

    /// Shows every message that was worked on to somebody; the first one counts.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        let _ = self.observer.set(observer);
    }

    /// Where messages come in, one for each account.
    pub fn doors(&self) -> &[Arc<Door>] {
        &self.doors
    }

    /// The chain.
    pub fn chain(&self) -> &Arc<Chain> {
        &self.chain
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What must outlive a message.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What time it is.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Makes a late answer due now, also one that was given up. Says whether there is one of this
    /// id.
    pub async fn retry(&self, id: &str) -> Result<bool, StoreError> {
        let now = self.clock.millis();
        let found = late::outbox::retry(&*self.store, id, now, now + RETRIED_FOR).await?;
        self.late.wake();
        Ok(found)
    }

    /// How many late answers are promised to followers or on their way, and how many wait for this
    /// follower's next message.
    pub async fn owes(&self, door: &Door, openid: &str) -> Result<(usize, usize), StoreError> {
        let late = self.store.list(OUTBOX, usize::MAX).await?.len();
        Ok((late, self.late.waiting(&door.account.id, openid).await.len()))
    }

    pub(crate) fn door(&self, account: &str) -> Option<&Arc<Door>> {
        self.doors.iter().find(|door| door.account.id == account)
    }

    pub(crate) fn late(&self) -> &Late {
        &self.late
    }

    pub(crate) fn tasks(&self) -> &Handle {
        &self.tasks
    }

    pub(crate) fn order(&self) -> &Arc<Order> {
        &self.order
    }

    /// The other instances, where there may be any.
    pub(crate) fn peers(&self) -> Option<&Peers> {
        self.peers.as_ref()
    }

    pub(crate) fn me(&self) -> &str {
        &self.me
    }

    pub(crate) fn ending(&self) -> &Ending {
        &self.ending
    }

    pub(crate) fn observer(&self) -> Option<&Arc<dyn Observer>> {
        self.observer.get()
    }

    /// The handshake of section 1: what to send back, verbatim.
    pub fn handshake(&self, door: &Door, query: &str, now: u64) -> Result<String, Refusal> {
        let query = Query::parse(query).inspect_err(|refusal| door.refused(refusal))?;
        let verified = signature::verify(&door.account, &query, now);
        let verified = verified.inspect_err(|refusal| door.refused(refusal))?;
        let echostr =
            verified.echostr().ok_or(Refusal::Signature("right, but there is no echostr"))?;
        door.metrics.outcome(Outcomes::Handshake);
        tracing::info!(account = door.account.id, "WeChat verified this address");
        Ok(echostr.to_owned())
    }

    /// The whole road. A refusal is counted and logged; its text is not for WeChat.
    pub async fn answer<B>(
        self: &Arc<Self>,
        door: &Arc<Door>,
        post: Post<'_, B>,
    ) -> Result<Answer, Refusal>
    where
        B: Future<Output = Result<Bytes, Refusal>>,
    {
        let answer = self.travel(door, post).await;
        answer.inspect_err(|refusal| door.refused(refusal))
    }

    async fn travel<B>(
        self: &Arc<Self>,
        door: &Arc<Door>,
        post: Post<'_, B>,
    ) -> Result<Answer, Refusal>
    where
        B: Future<Output = Result<Bytes, Refusal>>,
    {
        let account = &door.account;
        let Post { arrived, now, .. } = post;
        let query = Query::parse(post.query)?;
        let verified = signature::verify(account, &query, now)?; // 1 is it WeChat?
        let body = post.body.await?;
        let opened = envelope::open(account, &verified, &body)?; // 2 open it
        door.metrics.envelope(opened.seal.is_some());
        let message = Message::read(opened.fields).map_err(BodyError::from)?; // 3 what was said
        account.expects(&message)?;
        if opened.seal.is_none() {
            door.check_use(&verified, &message, arrived)?;
        }
        let key = Key::of(&account.id, &message);
        let told = match door.ledger.meet(key, arrived, Window::open(arrived, &account.late)) {
            Met::Answered(said) => Told::Again(said), // 4 have we met it?
            Met::First(work) => {
                let delivery = work.delivery(arrived, age(&message, now));
                let job = Job::new(self, door, work, message, now);
                job.begin().await; // 5 ask the plugins
                job.in_time(delivery).await // 6 in time?
            }
            Met::Running(work) => {
                let delivery = work.delivery(arrived, age(&message, now));
                Job::new(self, door, work, message, now).in_time(delivery).await
            }
        };
        Ok(door.say(told, opened.seal, (arrived, now))) // 7 say it
    }
}

/// Since it was said.
fn age(message: &Message, now: u64) -> Duration {
    Duration::from_secs(now.saturating_sub(message.create_time))
}

impl Door {
    fn new(
        account: Account,
        api: Option<Arc<dyn Api>>,
        store: &Arc<dyn Store>,
        clock: Clock,
        metrics: &Metrics,
        limits: Limits,
    ) -> Self {
        let metrics = metrics.account(&account.id);
        let may_send = account.late.customer_service;
        let name: Arc<str> = account.id.as_str().into();
        let unconfigured = || {
            let key = if account.app_id.is_empty() { "app_id" } else { "app_secret" };
            Arc::new(Unconfigured { account: Arc::clone(&name), key }) as Arc<dyn Api>
        };
        let any_api = api.clone().unwrap_or_else(unconfigured);
        let access = Access::new(&account.id, may_send, api, Arc::clone(store), clock);
        let ledger = Ledger::new(Bounds { keep: limits.keep, bytes: limits.bytes });
        let binds = account.bind_queries && account.mode < Mode::Safe;
        // A timestamp may be as far ahead of the clock as behind it.
        let taken_for = account.clock_skew.map_or(ANY_TIME, |skew| 2 * skew);
        let uses = binds.then(|| Uses::new(taken_for));
        let (refusals, account) = (RefusalLog::new(&name), Arc::new(account));
        Self { name, api: any_api, account, access, ledger, uses, metrics, refusals }
    }

    /// The account.
    pub fn account(&self) -> &Arc<Account> {
        &self.account
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn api(&self) -> &Arc<dyn Api> {
        &self.api
    }

    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(crate) fn metrics(&self) -> &AccountMetrics {
        &self.metrics
    }

    /// A query that came with another message is somebody else's, who saw it.
    fn check_use(
        &self,
        verified: &Verified<'_>,
        message: &Message,
        now: Instant,
    ) -> Result<(), Refusal> {
        match &self.uses {
            Some(uses) if uses.is_forged(verified, message, now) => Err(Refusal::Reused),
            _ => Ok(()),
        }
    }

    fn say(&self, told: Told, seal: Option<Seal<'_>>, post: (Instant, u64)) -> Answer {
        let (arrived, now) = post;
        self.metrics.answered_after(arrived.elapsed());
        self.metrics.outcome(told.outcome());
        let said = match told {
            Told::Said(said) | Told::Late(said) | Told::Again(said) => said,
            Told::HungUp => return Answer::HungUp,
        };
        match (said, seal) {
            (Said::Nothing, _) => Answer::Success,
            (Said::Reply(xml), None) => Answer::Reply(xml.to_string()),
            (Said::Reply(xml), Some(seal)) => Answer::Reply(seal.close(&xml, now, rand::random())),
        }
    }

    fn refused(&self, refusal: &Refusal) {
        let not_understood = matches!(
            refusal,
            Refusal::NotUnderstood(_)
                | Refusal::TooLarge { .. }
                | Refusal::TooSlow { .. }
                | Refusal::CutOff
                | Refusal::Encoded
        );
        let outcome = if not_understood { Outcomes::NotUnderstood } else { Outcomes::Refused };
        self.metrics.outcome(outcome);
        self.refusals.refused(refusal);
    }
}

impl Account {
    /// Whether the message is for this account, where that is known.
    fn expects(&self, message: &Message) -> Result<(), Refusal> {
        match &self.original_id {
            Some(original_id) if *original_id != message.to => Err(Refusal::Misdirected),
            _ => Ok(()),
        }
    }
}
