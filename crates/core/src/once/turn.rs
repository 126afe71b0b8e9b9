//! A follower's turn over all instances: a list of tickets in the store, the front one first.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wxbot_sdk::store::record::Record;
use wxbot_sdk::store::{Change, Store, StoreError, insert_or_update, keys};

use super::instances::{Instances, RUNNING_TTL};
use super::order::Follower;
use super::watching::Watching;
use crate::key::MessageKey;

/// A place in a follower's queue, over all instances, until it is given back.
pub(crate) struct SharedTurn<'i> {
    instances: &'i Instances,
    store: Arc<dyn Store>,
    name: String,
    /// The instance, and the message.
    ticket: String,
}

impl<'i> SharedTurn<'i> {
    /// Waits for the follower's turn, over all instances, in the order in which they asked. A store
    /// in trouble is no reason to wait for ever.
    pub(crate) async fn wait(
        instances: &'i Instances,
        follower: Follower<'_>,
        key: MessageKey,
    ) -> Self {
        let name = keys::turn(follower.account, follower.openid);
        let ticket = format!("{}/{}", instances.me(), key.to_hex());
        let turn = Self { instances, store: Arc::clone(instances.store()), name, ticket };
        let mut watching = Watching::new(&*turn.store, &turn.name);
        loop {
            let at_front = match turn.enqueue().await {
                Ok(false) => turn.evict_dead().await,
                other => other,
            };
            match at_front {
                Ok(true) => return turn,
                Ok(false) => watching.succeeded(),
                Err(_) if watching.failed_too_often() => return turn,
                Err(_) => {}
            }
            watching.wait().await;
        }
    }

    /// Lets the follower's next message go.
    pub(crate) async fn give_back(self) {
        let given = self.change(|queue| queue.retain(|ticket| *ticket != self.ticket));
        if let Err(error) = given.await {
            tracing::debug!(%error, "a follower's turn was not given back");
        }
    }

    /// Takes a place at the end, and says whether that is the front.
    async fn enqueue(&self) -> Result<bool, StoreError> {
        let queue = self.change(|queue| {
            if !queue.contains(&self.ticket) {
                queue.push(self.ticket.clone());
            }
        });
        Ok(queue.await?.first() == Some(&self.ticket))
    }

    /// Removes whoever stands in front and is dead, and what this instance left there: it lets one
    /// message of a follower go at a time. Says whether that leads to the front.
    async fn evict_dead(&self) -> Result<bool, StoreError> {
        let queue = self.change(|_| ()).await?;
        let mut gone = Vec::new();
        for ticket in queue.iter().take_while(|ticket| **ticket != self.ticket) {
            let holder = ticket.split('/').next().unwrap_or_default();
            if holder != self.instances.me() && self.instances.is_alive(holder).await {
                break;
            }
            gone.push(ticket.clone());
        }
        if gone.is_empty() {
            return Ok(queue.first() == Some(&self.ticket));
        }
        let queue = self.change(|queue| queue.retain(|ticket| !gone.contains(ticket))).await?;
        Ok(queue.first() == Some(&self.ticket))
    }

    /// Nearly always nobody is there, so that is tried before anything is read.
    async fn change(&self, change: impl Fn(&mut Vec<String>)) -> Result<Vec<String>, StoreError> {
        let mut now = Vec::new();
        let change = |found: Option<Queue>| {
            let before = found.unwrap_or_default();
            now = before.0.clone();
            change(&mut now);
            match (now.is_empty(), now == before.0) {
                (false, false) => Change::Put(Queue(now.clone()), RUNNING_TTL),
                (true, false) => Change::Remove,
                (_, true) => Change::Keep,
            }
        };
        insert_or_update(&*self.store, &self.name, change).await?;
        Ok(now)
    }
}

/// Who waits for a follower's turn: tickets, the front one first.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Queue(Vec<String>);

impl Record for Queue {
    const NAME: &'static str = "turn";
    const VERSION: u32 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn a_queue_has_a_golden_file() {
        golden::check("turn.1.json", &Queue(vec!["a1b2/9f86".into(), "c3d4/60ed".into()]));
    }
}
