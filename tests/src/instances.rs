//! Several instances of a bot on one store, behind a balancer, in one process and on a paused
//! clock. One that is killed is cut off in the middle of whatever it does.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use wxbot::rehearsal::{AskedLog, Direct, InProcess, Rehearsal};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{
    Cursor, FencingToken, Item, QueuedItem, Reach, Store, StoreError, Swap, SwapRequest, Values,
    Watch,
};
use wxbot_sim::{Broken, Endpoint, Follower, Request, Response, WeChat};

use crate::scripted::Scripted;

/// A life that ends without a last word: nothing that belongs to it goes on.
pub struct Life {
    over: AtomicBool,
    ended: Notify,
    /// Before and after each change in the store and each call of WeChat's API.
    steps: AtomicUsize,
    /// It ends there.
    last_step: AtomicUsize,
    /// Something was sent, and is still in the outbox.
    sending: AtomicBool,
}

impl Default for Life {
    fn default() -> Self {
        Self {
            over: AtomicBool::new(false),
            ended: Notify::new(),
            steps: AtomicUsize::new(0),
            last_step: AtomicUsize::new(usize::MAX),
            sending: AtomicBool::new(false),
        }
    }
}

impl Life {
    /// Ends it.
    pub fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
        self.ended.notify_waiters();
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// Whether it ended after something was sent and before that was noted: nobody can know then.
    pub fn ended_sending(&self) -> bool {
        self.is_over() && self.sending.load(Ordering::SeqCst)
    }

    /// One more step, which may be the last one.
    async fn step(&self) {
        if self.steps.fetch_add(1, Ordering::SeqCst) == self.last_step.load(Ordering::SeqCst) {
            self.end();
        }
        self.live(async {}).await;
    }

    fn notes(&self, sending: bool) {
        if !self.is_over() {
            self.sending.store(sending, Ordering::SeqCst);
        }
    }

    /// Does something, unless the life ends before it is done.
    async fn live<T>(&self, work: impl Future<Output = T>) -> T {
        match self.outlive(work).await {
            Some(done) => done,
            None => pending().await,
        }
    }

    async fn outlive<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let ended = self.ended.notified();
        if self.is_over() {
            return None;
        }
        tokio::select! {
            biased;
            () = ended => None,
            done = work => Some(done),
        }
    }
}

/// A store that several instances share, as one of them sees it.
struct Shared {
    store: Arc<dyn Store>,
    life: Arc<Life>,
    /// What a call over the network takes.
    takes: Duration,
    trouble: Arc<AtomicBool>,
    reach: Reach,
    /// Calls for messages: not heartbeats, and not for the outbox.
    calls: Arc<AtomicUsize>,
}

impl Shared {
    fn count(&self) {
        self.calls.fetch_add(1, Ordering::SeqCst);
    }

    async fn call<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.life.live(tokio::time::sleep(self.takes)).await;
        if self.trouble.load(Ordering::SeqCst) {
            return Err(StoreError::Unreachable("it is down".into()));
        }
        let done = work.await;
        self.life.live(async { done }).await
    }
}

impl Shared {
    /// A call that changes something. What only looks is no step: to end there is to end at the
    /// step before.
    async fn change<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.life.step().await;
        let done = self.call(work).await;
        self.life.step().await;
        done
    }
}

#[async_trait]
impl Store for Shared {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.count();
        self.call(self.store.get(key)).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError> {
        match key.starts_with("instance/") {
            true => self.call(self.store.put(key, value, ttl)).await,
            false => {
                self.count();
                self.change(self.store.put(key, value, ttl)).await
            }
        }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.count();
        self.change(self.store.delete(key)).await
    }

    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Result<Swap, StoreError> {
        self.count();
        self.change(self.store.swap(key, expected, new, ttl)).await
    }

    async fn values(&self, prefix: &str, from: Option<Vec<u8>>) -> Result<Values, StoreError> {
        self.call(self.store.values(prefix, from)).await
    }

    async fn swap_all(&self, swaps: Vec<SwapRequest>) -> Result<Vec<Swap>, StoreError> {
        self.count();
        self.change(self.store.swap_all(swaps)).await
    }

    async fn watch(&self, key: &str) -> Watch {
        self.store.watch(key).await
    }

    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError> {
        self.change(self.store.push(queue, item)).await
    }

    async fn get_item(&self, queue: &str, id: &str) -> Result<Option<QueuedItem>, StoreError> {
        self.call(self.store.get_item(queue, id)).await
    }

    async fn list_after(
        &self,
        queue: &str,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.call(self.store.list_after(queue, after, most)).await
    }

    async fn count(&self, queue: &str) -> Result<u64, StoreError> {
        self.call(self.store.count(queue)).await
    }

    async fn lease_due(
        &self,
        queue: &str,
        lease: Duration,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.call(self.store.lease_due(queue, lease, most)).await
    }

    async fn renew(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
        lease: Duration,
        value: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        self.change(self.store.renew(queue, id, token, lease, value)).await
    }

    async fn update_if(
        &self,
        queue: &str,
        item: Item,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        self.change(self.store.update_if(queue, item, token)).await
    }

    async fn remove_if(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        let remove = async {
            let removed = self.store.remove_if(queue, id, token).await;
            self.life.notes(false);
            removed
        };
        self.change(remove).await
    }

    async fn update(&self, queue: &str, item: Item) -> Result<bool, StoreError> {
        self.change(self.store.update(queue, item)).await
    }

    async fn take_due(
        &self,
        queue: &str,
        now: u64,
        again: u64,
        most: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.call(self.store.take_due(queue, now, again, most)).await
    }

    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError> {
        let remove = async {
            let removed = self.store.remove(queue, id).await;
            self.life.notes(false);
            removed
        };
        self.change(remove).await
    }

    async fn now(&self) -> Result<u64, StoreError> {
        self.call(self.store.now()).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.call(self.store.ping()).await
    }

    fn reach(&self) -> Reach {
        self.reach
    }
}

/// One instance.
struct Instance {
    rehearsal: Rehearsal,
    life: Arc<Life>,
}

impl Instance {
    fn endpoint(&self) -> &InProcess {
        &self.rehearsal.accounts()[0].endpoint
    }
}

/// Instances behind a balancer, which gives each delivery to the next one.
pub struct Instances {
    setup: Scripted,
    wechat: WeChat,
    store: Arc<dyn Store>,
    living: Mutex<Vec<Arc<Instance>>>,
    next: AtomicUsize,
    trouble: Arc<AtomicBool>,
    reach: Reach,
    calls: Arc<AtomicUsize>,
    /// What any of them was asked.
    asked: Arc<AskedLog>,
}

impl Instances {
    /// So many of them on this store.
    pub fn new(count: usize, setup: Scripted, wechat: &WeChat, store: Arc<dyn Store>) -> Arc<Self> {
        let instances = Self::none(setup, wechat, store, Reach::Instances);
        (0..count).for_each(|_| drop(instances.start_one()));
        instances
    }

    /// None yet. `reach` says who sees the store: each that is started, or the next one too.
    pub fn none(
        setup: Scripted,
        wechat: &WeChat,
        store: Arc<dyn Store>,
        reach: Reach,
    ) -> Arc<Self> {
        let instances = Arc::new(Self {
            setup,
            wechat: wechat.clone(),
            store,
            living: Mutex::default(),
            next: AtomicUsize::new(0),
            trouble: Arc::default(),
            reach,
            calls: Arc::default(),
            asked: Arc::new(AskedLog::new(Clock::starting_at(wechat.clock().now()))),
        });
        wechat.connect(Arc::new(Balancer(Arc::clone(&instances))));
        instances
    }

    /// Starts one more.
    pub fn start_one(&self) -> Arc<Life> {
        self.start_one_until(usize::MAX)
    }

    /// Starts one that ends at this step.
    pub fn start_one_until(&self, last_step: usize) -> Arc<Life> {
        let life = Arc::new(Life { last_step: last_step.into(), ..Life::default() });
        let store = Shared {
            store: Arc::clone(&self.store),
            life: Arc::clone(&life),
            takes: Duration::from_millis(1),
            trouble: Arc::clone(&self.trouble),
            reach: self.reach,
            calls: Arc::clone(&self.calls),
        };
        let setup = self.setup.around(&self.wechat).store(Arc::new(store)).asked(&self.asked);
        let rehearsal = setup.start_with(&Handle::current(), |wechat| {
            let (transport, life) = (Direct::new(wechat), Arc::clone(&life));
            Ok(Arc::new(MortalTransport { transport, life }))
        });
        let rehearsal = rehearsal.expect("the account is right");
        self.living().push(Arc::new(Instance { rehearsal, life: Arc::clone(&life) }));
        life
    }

    /// How often any of them was asked about what a follower said.
    pub fn asked(&self, follower: &Follower, said: &str) -> usize {
        self.asked.count(follower.openid(), said)
    }

    /// How often the store was called for messages since this was asked last.
    pub fn calls(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }

    /// In place of each that has ended, starts another one.
    pub fn replace_the_dead(&self) {
        (0..self.remove_the_dead()).for_each(|_| drop(self.start_one()));
    }

    /// Nothing is given to those any more that have ended; says how many there were.
    pub fn remove_the_dead(&self) -> usize {
        let mut living = self.living();
        let before = living.len();
        living.retain(|instance| !instance.life.is_over());
        before - living.len()
    }

    /// Kills the one that was started first.
    pub fn kill_one(&self) {
        self.living().remove(0).life.end();
    }

    /// From now on the store can't be reached, or can.
    pub fn trouble(&self, is_down: bool) {
        self.trouble.store(is_down, Ordering::SeqCst);
    }

    /// The instance that a delivery is given to.
    fn next(&self) -> Option<Arc<Instance>> {
        let living = self.living();
        let next = self.next.fetch_add(1, Ordering::SeqCst);
        living.get(next % living.len().max(1)).cloned()
    }

    fn living(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Instance>>> {
        self.living.lock().expect("nobody panics in here")
    }
}

struct Balancer(Arc<Instances>);

#[async_trait]
impl Endpoint for Balancer {
    async fn deliver(&self, request: Request) -> Result<Response, Broken> {
        let Some(instance) = self.0.next() else { return Err(Broken::Refused) };
        let answer = instance.life.outlive(instance.endpoint().deliver(request)).await;
        answer.unwrap_or(Err(Broken::Reset))
    }
}

/// Calls of an instance's API that end with its life.
struct MortalTransport {
    transport: Direct,
    life: Arc<Life>,
}

#[async_trait]
impl wxbot_client::Transport for MortalTransport {
    async fn send(
        &self,
        request: wxbot_client::HttpRequest,
    ) -> Result<wxbot_client::HttpResponse, wxbot_client::TransportError> {
        self.life.step().await;
        let sends = request.path.ends_with("/custom/send");
        let sent = self.life.live(self.transport.send(request)).await;
        if sends && sent.is_ok() {
            self.life.notes(true);
        }
        self.life.step().await;
        sent
    }
}
