//! `redis://…`: shared by all instances of a bot. Redis, Valkey, Sentinel, Cluster.

mod address;
mod answer;
mod breaker;
mod contents;
mod eviction;
mod keys;
mod line;
mod request;
mod scan;
mod script;
mod servers;
mod subscriptions;
mod trouble;
mod wrong_types;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::{FromRedisValue, Value, from_redis_value};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{
    Cursor, FencingToken, Health, Item, QueuedItem, Reach, Store, StoreError, Swap, SwapRequest,
    Values, Watch,
};

use crate::condition::Condition;
use crate::limits::{self, Limits};
use crate::open_error::OpenError;
use crate::token::token;
use answer::{Row, item, swapped, unexpected};
use keys::{Keys, Name};
use line::Line;
use request::Request;
use script::Script;

pub use address::Address;
use address::Kind;

/// How long the key lives that says whether writes are taken.
const PING_MS: u64 = 60_000;

/// Values and queues in a Redis. Each call is one step there, is made once, and fails within
/// about half a second; soon after Redis is back, so are the calls.
pub struct Redis {
    line: Line,
    keys: Keys,
    condition: Arc<Condition>,
    queue_items: usize,
    is_cluster: bool,
}

impl Redis {
    /// Connects with the first call, and again whenever the connection is lost.
    pub fn open(address: &Address, limits: &Limits) -> Result<Self, OpenError> {
        if address.is_tls() {
            // Whoever was first, in this process, chose for everybody.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let condition = Arc::new(Condition::new(address.to_string(), Clock::system()));
        let line = Line::new(address.clone(), Arc::clone(&condition)).map_err(OpenError::Thread)?;
        let keys = Keys::new(address.prefix().to_owned());
        let is_cluster = address.kind == Kind::Cluster;
        Ok(Self { line, keys, condition, queue_items: limits.queue_items, is_cluster })
    }

    async fn ask<T: FromRedisValue>(&self, request: Request) -> Result<T, StoreError> {
        let answer = self.line.ask(request).await?;
        from_redis_value(answer).map_err(unexpected)
    }

    fn on_queue(&self, script: &'static Script, queue: &str) -> Request {
        Request::script(script, self.keys.queue(queue))
    }

    async fn items(&self, request: Request) -> Result<Vec<QueuedItem>, StoreError> {
        let rows: Vec<Row> = self.ask(request).await?;
        rows.into_iter().filter_map(item).collect()
    }

    async fn swap_on_one_node(&self, swaps: Vec<SwapRequest>) -> Result<Vec<Swap>, StoreError> {
        let keys: Vec<_> = swaps.iter().map(|swap| self.keys.value(&swap.key)).collect();
        let request = Request::script(&script::SWAP_ALL, keys);
        let answers: Vec<Vec<Value>> =
            self.ask(swaps.into_iter().fold(request, Request::with_swap)).await?;
        answers.into_iter().map(swapped).collect()
    }
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
        let expected = expected.map(<[u8]>::to_vec);
        let swap = SwapRequest { key: key.to_owned(), expected, new, ttl };
        let mut done = self.swap_on_one_node(vec![swap]).await?;
        Ok(done.pop().expect("one was asked for"))
    }

    /// In a cluster a step for each: they may be on different nodes.
    async fn swap_all(&self, swaps: Vec<SwapRequest>) -> Result<Vec<Swap>, StoreError> {
        if !self.is_cluster {
            return self.swap_on_one_node(swaps).await;
        }
        let mut done = Vec::with_capacity(swaps.len());
        for swap in swaps {
            done.extend(self.swap_on_one_node(vec![swap]).await?);
            if done.last() != Some(&Swap::Done) {
                break;
            }
        }
        Ok(done)
    }

    /// Of one server; a cluster has no order of all its keys.
    async fn values(&self, prefix: &str, from: Option<Vec<u8>>) -> Result<Values, StoreError> {
        let (next, keys) = self.scan(from, self.keys.pattern_of(prefix)).await?;
        let mut page = Vec::new();
        for name in keys.iter().filter_map(|key| self.keys.name(key)) {
            if let Name::Value(key) = name {
                page.extend(self.value(key).await?);
            }
        }
        Ok(Values { page, next })
    }

    async fn watch(&self, key: &str) -> Watch {
        self.line.watch(&self.keys.channel(key)).await
    }

    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError> {
        let most = self.queue_items;
        let push = self.on_queue(&script::PUSH, queue).with_item(item);
        match self.ask(push.with_number(most as u64)).await? {
            true => Ok(()),
            false => Err(StoreError::Full { queue: queue.to_owned(), most }),
        }
    }

    async fn push_new(&self, queue: &str, item: Item) -> Result<bool, StoreError> {
        let most = self.queue_items;
        let push = self.on_queue(&script::PUSH_NEW, queue).with_item(item);
        match self.ask::<u8>(push.with_number(most as u64)).await? {
            0 => Err(StoreError::Full { queue: queue.to_owned(), most }),
            1 => Ok(true),
            _ => Ok(false),
        }
    }

    async fn push_leased(
        &self,
        queue: &str,
        id: &str,
        value: Vec<u8>,
        lease: Duration,
    ) -> Result<FencingToken, StoreError> {
        let (most, token) = (self.queue_items, token());
        let push = self.on_queue(&script::PUSH_LEASED, queue).with(id).with(value);
        let push = push.with_time(lease).with_token(token).with_number(most as u64);
        match self.ask(push).await? {
            true => Ok(token),
            false => Err(StoreError::Full { queue: queue.to_owned(), most }),
        }
    }

    async fn get_item(&self, queue: &str, id: &str) -> Result<Option<QueuedItem>, StoreError> {
        let get = self.on_queue(&script::GET_ITEM, queue).with(id);
        Ok(self.items(get).await?.pop())
    }

    async fn list_after(
        &self,
        queue: &str,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        if most == 0 {
            return Ok(vec![]);
        }
        let list = self.on_queue(&script::LIST_AFTER, queue).with_count(most);
        self.items(match after {
            Some(Cursor { due, id }) => list.with_number(limits::due(*due)).with(id.as_str()),
            None => list,
        })
        .await
    }

    async fn count(&self, queue: &str) -> Result<u64, StoreError> {
        let [items, ..] = self.keys.queue(queue);
        self.ask(Request::command("HLEN", items)).await
    }

    async fn lease_due(
        &self,
        queue: &str,
        lease: Duration,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        let due = self.on_queue(&script::LEASE_DUE, queue).with_time(lease);
        self.items(due.with_count(most).with_token(token())).await
    }

    async fn renew(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
        lease: Duration,
        value: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        let renew =
            self.on_queue(&script::RENEW, queue).with(id).with_token(token).with_time(lease);
        self.ask(value.into_iter().fold(renew, Request::with)).await
    }

    async fn update_if(
        &self,
        queue: &str,
        item: Item,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        let update = self.on_queue(&script::UPDATE_IF, queue).with_item(item);
        self.ask(update.with_token(token)).await
    }

    async fn remove_if(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        self.ask(self.on_queue(&script::REMOVE_IF, queue).with(id).with_token(token)).await
    }

    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError> {
        self.ask(self.on_queue(&script::REMOVE, queue).with(id)).await
    }

    async fn now(&self) -> Result<u64, StoreError> {
        let (seconds, micros): (u64, u64) = self.ask(Request::without_key("TIME")).await?;
        Ok(seconds * 1000 + micros / 1000)
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
