//! Several instances of a bot on one store, behind a balancer, in one process and on a paused
//! clock. One that is killed is cut off in the middle of whatever it does.

mod life;
mod shared;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::runtime::Handle;
use wxbot::rehearsal::{AskedLog, Direct, InProcess, Rehearsal};
use wxbot_core::bot::Bot;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Reach, Store};
use wxbot_sim::{Broken, Endpoint, Follower, Request, Response, WeChat};

pub use self::life::Life;
use self::shared::Shared;
use crate::scripted::Scripted;

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
    /// What is due in this queue can't be leased.
    failing: Arc<Mutex<Option<String>>>,
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
            failing: Arc::default(),
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
        self.start(last_step, 0)
    }

    /// Starts one whose clock is so many seconds ahead.
    pub fn start_one_ahead(&self, seconds: i64) -> Arc<Life> {
        self.start(usize::MAX, seconds)
    }

    fn start(&self, last_step: usize, ahead: i64) -> Arc<Life> {
        let life = Arc::new(Life::until(last_step));
        let store = Shared {
            store: Arc::clone(&self.store),
            life: Arc::clone(&life),
            takes: Duration::from_millis(1),
            trouble: Arc::clone(&self.trouble),
            failing: Arc::clone(&self.failing),
            reach: self.reach,
            calls: Arc::clone(&self.calls),
        };
        let setup = self.setup.around(&self.wechat).store(Arc::new(store)).asked(&self.asked);
        let setup = setup.starts_at(self.wechat.clock().now().saturating_add_signed(ahead));
        let rehearsal = setup.start_with(&Handle::current(), |wechat| {
            let (transport, life) = (Arc::new(Direct::new(wechat)), Arc::clone(&life));
            Ok(Arc::new(MortalTransport { transport, life }))
        });
        let rehearsal = rehearsal.expect("the account is right");
        self.living().push(Arc::new(Instance { rehearsal, life: Arc::clone(&life) }));
        life
    }

    /// Gives a request to one of them, by the order in which those that live were started.
    pub async fn deliver_to(&self, place: usize, request: Request) -> Response {
        let instance = Arc::clone(&self.living()[place]);
        instance.endpoint().deliver(request).await.expect("it lives")
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

    /// From now on nothing that is due in this queue can be leased.
    pub fn fail_queue(&self, queue: &str) {
        *self.failing.lock().expect("nobody panics in here") = Some(queue.to_owned());
    }

    /// The bot of one that lives.
    pub fn one_bot(&self) -> Arc<Bot> {
        Arc::clone(self.living()[0].rehearsal.bot())
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

/// Calls of an instance's API. It hears of none that ends after its life, and WeChat goes on with
/// what reached it.
struct MortalTransport {
    transport: Arc<Direct>,
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
        let transport = Arc::clone(&self.transport);
        let call = tokio::spawn(async move { transport.send(request).await });
        let sent = self.life.live(call).await.expect("WeChat does not panic");
        if sends && sent.is_ok() {
            self.life.notes(true);
        }
        self.life.step().await;
        sent
    }
}
