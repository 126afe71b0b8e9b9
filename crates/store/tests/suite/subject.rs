//! A store under test, whichever it is.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Item, Store};
use wxbot_store::{Address, Contents, File, Limits, Memory, Place, Redis};

use crate::shared;

/// When tests begin, in Unix seconds.
pub(crate) const START: u64 = 1_735_689_600;
/// Small, so that a test can fill a queue.
pub(crate) const QUEUE_ITEMS: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    File,
    Redis,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File => "file",
            Self::Redis => "redis",
        }
    }
}

/// What every store is.
pub(crate) trait Whole: Store + Contents {}

impl<S: Store + Contents> Whole for S {}

/// An empty store that nobody else uses, and power over its time.
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    store: Option<Arc<dyn Whole>>,
    folder: TempDir,
    prefix: String,
    clock: Clock,
}

impl Subject {
    pub(crate) fn new(kind: Kind) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let prefix = format!("test{}:", COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::starting_at(START);
        let mut subject = Self { kind, store: None, folder, prefix, clock };
        subject.reopen();
        subject
    }

    /// Closes the store and opens it again; one in memory stays.
    pub(crate) fn reopen(&mut self) {
        if self.kind != Kind::Memory {
            self.store = None;
        }
        if self.store.is_none() {
            self.store = Some(self.open(&limits()));
        }
    }

    fn open(&self, limits: &Limits) -> Arc<dyn Whole> {
        match self.kind {
            Kind::Memory => Arc::new(Memory::new(limits, self.clock)),
            Kind::File => Arc::new(File::open(self.folder.path(), limits, self.clock).unwrap()),
            Kind::Redis => {
                let url = format!("{}?prefix={}", shared::url(), self.prefix);
                Arc::new(Redis::open(&Address::read(&url).unwrap(), limits).unwrap())
            }
        }
    }

    /// Lets time pass. Redis has its own clock: there, what is left to live gets less.
    pub(crate) async fn pass(&self, time: Duration) {
        match self.kind {
            Kind::Memory | Kind::File => tokio::time::advance(time).await,
            Kind::Redis => shared::shorten(&self.prefix, time),
        }
    }

    /// For tasks of their own.
    pub(crate) fn share(&self) -> Arc<dyn Whole> {
        Arc::clone(self.store.as_ref().unwrap())
    }

    /// Where it is, for a test that opens it itself. Redis is not empty, but behind another prefix.
    pub(crate) fn url(&self) -> String {
        match self.kind {
            Kind::Memory => "memory:".into(),
            Kind::File => format!("file:{}", self.folder.path().display()),
            Kind::Redis => shared::url(),
        }
    }

    /// Another instance's, where several share a store.
    pub(crate) fn elsewhere(&self) -> Arc<dyn Whole> {
        match self.kind {
            Kind::Memory | Kind::File => self.share(),
            Kind::Redis => self.open(&limits()),
        }
    }

    /// The same store with room for a large queue.
    pub(crate) fn with_room(&mut self) {
        self.store = None;
        self.store = Some(self.open(&Limits::default()));
    }

    /// What is under a key, as text.
    pub(crate) async fn text(&self, key: &str) -> Option<String> {
        let value = self.get(key).await.unwrap();
        value.map(|value| String::from_utf8(value).unwrap())
    }

    /// The ids in a queue, the next due first.
    pub(crate) async fn ids(&self, queue: &str) -> Vec<String> {
        let items = self.list(queue, usize::MAX).await.unwrap();
        items.into_iter().map(|item| item.id).collect()
    }
}

impl Deref for Subject {
    type Target = dyn Whole;

    fn deref(&self) -> &Self::Target {
        &**self.store.as_ref().unwrap()
    }
}

pub(crate) fn limits() -> Limits {
    Limits { queue_items: QUEUE_ITEMS, ..Limits::default() }
}

pub(crate) fn item(id: &str, value: &str, due: u64) -> Item {
    Item { id: id.into(), value: value.into(), due }
}

/// Puts text under a key for a minute.
pub(crate) async fn put(store: &(impl Store + ?Sized), key: &str, text: &str) {
    store.put(key, text.into(), Duration::from_secs(60)).await.unwrap();
}

/// `file:` in a folder.
pub(crate) fn place(folder: &Path) -> Place {
    Place::read(&format!("file:{}", folder.display())).unwrap()
}

/// Runs a test on a clock that moves when it is told to.
pub(crate) fn paused(test: impl Future<Output = ()>) {
    runtime(true).block_on(test);
}

/// Runs a test on the machine's clock.
pub(crate) fn awake(test: impl Future<Output = ()>) {
    runtime(false).block_on(test);
}

fn runtime(paused: bool) -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(paused).build().unwrap()
}
