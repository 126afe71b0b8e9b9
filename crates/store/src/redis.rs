//! `redis://…`: shared by all instances of a bot. Redis, Valkey, Sentinel, Cluster.

mod address;
mod breaker;
mod keys;
mod line;
mod request;
mod script;
mod servers;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::{FromRedisValue, Value, from_redis_value};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Health, Item, Reach, Store, StoreError, Swap};

use crate::condition::Condition;
use crate::contents::{Contents, Entry, Page};
use crate::limits::{self, Limits};
use crate::open::OpenError;
use keys::{Keys, Name};
use line::Line;
use request::Request;

pub use address::Address;

/// How long the key lives that says whether writes are taken.
const PING_MS: u64 = 60_000;
/// Keys looked at for a page of [`Contents`], and items of a queue read at once.
const SCANNED: u64 = 500;

/// Values and queues in a Redis. Each call is one step there, is made once, and fails within
/// about half a second; soon after Redis is back, so are the calls.
pub struct Redis {
    line: Line,
    keys: Keys,
    condition: Arc<Condition>,
    queue_items: usize,
}

impl Redis {
    /// Connects with the first call, and again whenever the connection is lost.
    pub fn open(address: &Address, limits: &Limits) -> Result<Self, OpenError> {
        if address.is_tls() {
            // Whoever was first, in this process, chose for everybody.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
        let condition = Arc::new(Condition::new(address.to_string(), Clock::system()));
        let line = Line::new(address.clone(), Arc::clone(&condition)).map_err(OpenError::Thread)?;
        let keys = Keys::new(address.prefix.clone());
        Ok(Self { line, keys, condition, queue_items: limits.queue_items })
    }

    async fn ask<T: FromRedisValue>(&self, request: Request) -> Result<T, StoreError> {
        let answer = self.line.ask(request).await?;
        from_redis_value(answer).map_err(unexpected)
    }

    async fn items(&self, queue: &str, from: u64, most: u64) -> Result<Vec<Item>, StoreError> {
        let list = Request::script(&script::LIST, self.keys.queue(queue));
        let listed: Vec<Value> = self.ask(list.with_number(from).with_number(most)).await?;
        items(listed)
    }
}

fn unexpected(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unreachable(error.into())
}

/// Id, value and due time of each. One without a value was taken away by somebody else than wxbot.
fn items(flat: Vec<Value>) -> Result<Vec<Item>, StoreError> {
    let rows: Vec<(Vec<u8>, Option<Vec<u8>>, u64)> =
        from_redis_value(Value::Array(flat)).map_err(unexpected)?;
    let item = |(id, value, due): (Vec<u8>, Option<Vec<u8>>, u64)| {
        let id = String::from_utf8(id).map_err(unexpected);
        value.map(|value| Ok(Item { id: id?, value, due }))
    };
    rows.into_iter().filter_map(item).collect()
}

#[async_trait]
impl Store for Redis {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.ask(Request::command("GET", self.keys.value(key))).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError> {
        match limits::ttl_millis(ttl) {
            0 => self.delete(key).await,
            ttl => {
                let set = Request::command("SET", self.keys.value(key)).writes().with(value);
                self.ask(set.with("PX").with_number(ttl)).await
            }
        }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let _: u64 = self.ask(Request::command("DEL", self.keys.value(key)).writes()).await?;
        Ok(())
    }

    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Result<Swap, StoreError> {
        let ttl = new.as_ref().map_or(0, |_| limits::ttl_millis(ttl));
        let swap = Request::script(&script::SWAP, vec![self.keys.value(key)])
            .with_number(expected.is_some().into())
            .with(expected.unwrap_or_default())
            .with_number(ttl)
            .with(new.unwrap_or_default());
        let mut answer: Vec<Value> = self.ask(swap).await?;
        match answer.as_mut_slice() {
            [Value::Int(1)] => Ok(Swap::Done),
            [_, found] => {
                let found = from_redis_value(std::mem::replace(found, Value::Nil));
                found.map(Swap::Found).map_err(unexpected)
            }
            _ => Ok(Swap::Found(None)),
        }
    }

    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError> {
        let most = self.queue_items;
        let push = Request::script(&script::PUSH, self.keys.queue(queue)).with_item(item);
        match self.ask(push.with_number(most as u64)).await? {
            true => Ok(()),
            false => Err(StoreError::Full { queue: queue.to_owned(), most }),
        }
    }

    async fn update(&self, queue: &str, item: Item) -> Result<bool, StoreError> {
        self.ask(Request::script(&script::UPDATE, self.keys.queue(queue)).with_item(item)).await
    }

    async fn take_due(
        &self,
        queue: &str,
        now: u64,
        again: u64,
        most: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let take = Request::script(&script::TAKE_DUE, self.keys.queue(queue))
            .with_number(limits::due(now))
            .with_number(limits::due(again))
            .with_number(counted(most));
        items(self.ask(take).await?)
    }

    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError> {
        self.ask(Request::script(&script::REMOVE, self.keys.queue(queue)).with(id)).await
    }

    async fn list(&self, queue: &str, most: usize) -> Result<Vec<Item>, StoreError> {
        match counted(most) {
            0 => Ok(vec![]),
            most => self.items(queue, 0, most).await,
        }
    }

    /// Writes, so that a replica does not pass for a store.
    async fn ping(&self) -> Result<(), StoreError> {
        let set = Request::command("SET", self.keys.ping()).writes().with("1");
        self.ask(set.with("PX").with_number(PING_MS)).await
    }

    fn reach(&self) -> Reach {
        Reach::Instances
    }

    fn health(&self) -> Health {
        self.condition.health()
    }
}

/// What Redis takes for a number of things.
fn counted(most: usize) -> u64 {
    u64::try_from(most).unwrap_or(u64::MAX).min(1 << 40)
}

#[async_trait]
impl Contents for Redis {
    /// Of one server. A cluster has no order of all its keys: read each of its masters by a
    /// `redis://` URL of its own.
    async fn page(&self, from: Option<Vec<u8>>) -> Result<Page, StoreError> {
        let from = from.unwrap_or_else(|| b"0".to_vec());
        let scan = Request::command("SCAN", from);
        let scan = scan.with("MATCH").with(self.keys.pattern()).with("COUNT").with_number(SCANNED);
        let (next, keys): (Vec<u8>, Vec<Vec<u8>>) = self.ask(scan).await?;
        let mut entries = Vec::new();
        for name in keys.iter().filter_map(|key| self.keys.name(key)) {
            match name {
                Name::Value(key) => entries.extend(self.value(key).await?),
                Name::Queue(queue) => entries.extend(self.queue(queue).await?),
            }
        }
        Ok(Page { entries, next: (next != b"0").then_some(next) })
    }
}

impl Redis {
    async fn value(&self, key: String) -> Result<Option<Entry>, StoreError> {
        let get = Request::script(&script::GET_WITH_TTL, vec![self.keys.value(&key)]);
        let (value, left): (Option<Vec<u8>>, i64) = self.ask(get).await?;
        let ttl = Duration::from_millis(u64::try_from(left).unwrap_or_default());
        Ok(value.filter(|_| !ttl.is_zero()).map(|value| Entry::Value { key, value, ttl }))
    }

    async fn queue(&self, queue: String) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        loop {
            let items = self.items(&queue, entries.len() as u64, SCANNED).await?;
            if items.is_empty() {
                return Ok(entries);
            }
            let entry = |item| Entry::Item { queue: queue.clone(), item };
            entries.extend(items.into_iter().map(entry));
        }
    }
}
