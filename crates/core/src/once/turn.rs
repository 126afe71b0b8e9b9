//! A follower's turn over all instances: a list of tickets in the store, the front one first.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxbot_sdk::store::record::{Record, encode};
use wxbot_sdk::store::{
    Change, Store, StoreError, Swap, SwapRequest, insert_or_update, keys, update_from,
};

use super::instances::{Instances, RUNNING_TTL};
use super::order::Follower;
use super::watching::Watching;
use crate::dialogs::Look;
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
    /// in trouble is no reason to wait forever. The value under another key is looked at on the
    /// way, where that costs no round trip of its own.
    pub(crate) async fn wait(
        instances: &'i Instances,
        follower: Follower<'_>,
        key: MessageKey,
        also: Option<&str>,
    ) -> (Self, Look) {
        let name = keys::turn(follower.account, follower.openid);
        let ticket = format!("{}/{}", instances.me(), key.to_hex());
        let turn = Self { instances, store: Arc::clone(instances.store()), name, ticket };
        let found = match also {
            None => None,
            Some(also) => match turn.take_and_look(also).await {
                Ok(Taken::Yes(look)) => return (turn, look),
                Ok(Taken::Behind(queue)) => Some(queue),
                Err(_) => None,
            },
        };
        turn.wait_in_line(found).await;
        (turn, Look::NotYet)
    }

    /// Where nobody is there, as nearly always, the turn is taken and another value looked at in
    /// one round trip.
    async fn take_and_look(&self, also: &str) -> Result<Taken, StoreError> {
        let queue = encode(&Queue(vec![self.ticket.clone()]));
        let take = SwapRequest {
            key: self.name.clone(),
            expected: None,
            new: Some(queue),
            ttl: RUNNING_TTL,
        };
        // Expects nothing and leaves nothing: it only tells what is there.
        let (key, ttl) = (also.to_owned(), Duration::ZERO);
        let look = SwapRequest { key, expected: None, new: None, ttl };
        let mut done = self.store.swap_all(vec![take, look]).await?.into_iter();
        Ok(match (done.next(), done.next()) {
            (Some(Swap::Found(queue)), _) => Taken::Behind(queue),
            (_, Some(Swap::Found(found))) => Taken::Yes(Look::Found(found)),
            (_, Some(Swap::Done)) => Taken::Yes(Look::Found(None)),
            (_, None) => Taken::Yes(Look::NotYet),
        })
    }

    /// `found` is the queue as it was just now, if that is known.
    async fn wait_in_line(&self, mut found: Option<Option<Vec<u8>>>) {
        let mut watching = Watching::new(&*self.store, &self.name);
        loop {
            let at_front = match self.enqueue(found.take()).await {
                Ok(false) => self.evict_dead().await,
                other => other,
            };
            match at_front {
                Ok(true) => return,
                Ok(false) => watching.succeeded(),
                Err(_) if watching.failed_too_often() => return,
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

    /// Takes a place at the end, and returns whether that is the front.
    async fn enqueue(&self, found: Option<Option<Vec<u8>>>) -> Result<bool, StoreError> {
        let queue = self.change_from(found, |queue| {
            if !queue.contains(&self.ticket) {
                queue.push(self.ticket.clone());
            }
        });
        Ok(queue.await?.first() == Some(&self.ticket))
    }

    /// Removes whoever stands in front and is dead, and what this instance left there: it lets one
    /// message of a follower go at a time. Returns whether that leads to the front.
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
        self.change_from(None, change).await
    }

    async fn change_from(
        &self,
        found: Option<Option<Vec<u8>>>,
        change: impl Fn(&mut Vec<String>),
    ) -> Result<Vec<String>, StoreError> {
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
        match found {
            Some(found) => update_from(&*self.store, &self.name, found, change).await?,
            None => insert_or_update(&*self.store, &self.name, change).await?,
        };
        Ok(now)
    }
}

/// What came of asking for a turn where usually nobody is.
enum Taken {
    Yes(Look),
    /// This queue is there.
    Behind(Option<Vec<u8>>),
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
