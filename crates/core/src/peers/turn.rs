//! A follower's line over all instances: a list of tickets in the store, the front one first.

use std::sync::Arc;

use super::looks::Looks;
use super::{Peers, RECORD_FOR, TRIES};
use crate::order::Follower;
use crate::repeat::Key;
use wxbot_sdk::store::{Store, StoreError, Swap};

impl Peers {
    /// Waits for the follower's turn, over all instances, in the order in which they asked.
    pub(crate) async fn turn(&self, follower: Follower<'_>, key: Key) -> SharedTurn {
        let Follower { account, openid } = follower;
        let name = format!("turn/{}:{account}/{openid}", account.len());
        let ticket = format!("{}/{}", self.me, key.to_hex());
        let turn = SharedTurn { store: Arc::clone(&self.store), name, ticket };
        let mut looks = Looks::new();
        loop {
            let at_front = match turn.stand().await {
                Ok(true) => return turn,
                Ok(false) => self.try_turn(&turn).await,
                Err(error) => Err(error),
            };
            match at_front {
                Ok(true) => return turn,
                Ok(false) => looks.went_well(),
                Err(_) if looks.gave_up() => return turn,
                Err(_) => {}
            }
            looks.pause().await;
        }
    }

    /// Sends away who stands in front and is dead, and what this instance left there: it lets one
    /// message of a follower go at a time. Says whether that leads to the front.
    async fn try_turn(&self, turn: &SharedTurn) -> Result<bool, StoreError> {
        let line = turn.change(|_| ()).await?;
        let mut gone = Vec::new();
        for ticket in line.iter().take_while(|ticket| **ticket != turn.ticket) {
            let holder = ticket.split('/').next().unwrap_or_default();
            if holder != self.me && self.is_alive(holder).await {
                break;
            }
            gone.push(ticket.clone());
        }
        if gone.is_empty() {
            return Ok(line.first() == Some(&turn.ticket));
        }
        let line = turn.change(|line| line.retain(|ticket| !gone.contains(ticket))).await?;
        Ok(line.first() == Some(&turn.ticket))
    }
}

/// A place in a follower's line, over all instances, until it is given back.
pub(crate) struct SharedTurn {
    store: Arc<dyn Store>,
    name: String,
    /// The instance, and the message.
    ticket: String,
}

impl SharedTurn {
    /// Lets the follower's next message go.
    pub(crate) async fn give_back(self) {
        let given = self.change(|line| line.retain(|ticket| *ticket != self.ticket));
        if let Err(error) = given.await {
            tracing::debug!(%error, "a follower's turn could not be given back");
        }
    }

    /// Stands in the line, and says whether at its front.
    async fn stand(&self) -> Result<bool, StoreError> {
        let line = self.change(|line| {
            if !line.contains(&self.ticket) {
                line.push(self.ticket.clone());
            }
        });
        Ok(line.await?.first() == Some(&self.ticket))
    }

    async fn change(&self, change: impl Fn(&mut Vec<String>)) -> Result<Vec<String>, StoreError> {
        // Nearly always nobody is there, so that is tried before anything is read.
        let (mut found, mut is_read) = (None, false);
        for _ in 0..TRIES {
            let mut line = tickets(found.as_deref());
            change(&mut line);
            let new = (!line.is_empty()).then(|| line.join(" ").into_bytes());
            found = match new == found {
                true if is_read => return Ok(line),
                true => self.store.get(&self.name).await?,
                false => {
                    match self.store.swap(&self.name, found.as_deref(), new, RECORD_FOR).await? {
                        Swap::Done => return Ok(line),
                        Swap::Found(other) => other,
                    }
                }
            };
            is_read = true;
        }
        Err(StoreError::Unreachable("others change the same line all the time".into()))
    }
}

fn tickets(value: Option<&[u8]>) -> Vec<String> {
    let text = String::from_utf8_lossy(value.unwrap_or_default());
    text.split_whitespace().map(str::to_owned).collect()
}
