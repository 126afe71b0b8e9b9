//! The outbox as an operator sees it: what is in it, and what may be done about that.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Entry, GIVEN_UP, OUTBOX, Stage};
use wxbot_sdk::redact::Short;
use wxbot_sdk::store::{Item, Store, StoreError};

/// One late answer, without its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// For `retry` and `drop`.
    pub id: String,
    /// The account's id in `bot.toml`.
    pub account: String,
    /// Whom it is for, shortened.
    pub openid: String,
    /// How far it is.
    pub state: State,
    /// Parts that are still to be sent; a promise has none yet.
    pub parts: usize,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again or, if it was given up, forgotten; in Unix milliseconds.
    pub due: u64,
    /// Why it is still here.
    pub trouble: Option<String>,
}

/// How far a late answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The work on it goes on.
    Promised,
    /// It is to be sent.
    Ready,
    /// It could not be given.
    GivenUp,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Promised => "promised",
            Self::Ready => "ready",
            Self::GivenUp => "given up",
        })
    }
}

impl Listed {
    fn new(item: &Item, queue: &str) -> Option<Self> {
        let entry = Entry::read(item)?;
        let (state, parts) = match &entry.stage {
            Stage::Promised { .. } => (State::Promised, 0),
            Stage::Ready { parts } => (State::Ready, parts.len()),
        };
        Some(Self {
            id: item.id.clone(),
            account: entry.account,
            openid: Short(&entry.openid).to_string(),
            state: if queue == GIVEN_UP { State::GivenUp } else { state },
            parts,
            attempts: entry.attempts,
            due: item.due,
            trouble: entry.trouble,
        })
    }
}

/// Everything that is late, up to `most` of each kind, the next due first.
pub async fn list(store: &dyn Store, most: usize) -> Result<Vec<Listed>, StoreError> {
    let mut listed = Vec::new();
    for queue in [OUTBOX, GIVEN_UP] {
        let items = store.list(queue, most).await?;
        listed.extend(items.iter().filter_map(|item| Listed::new(item, queue)));
    }
    Ok(listed)
}

/// Makes an answer due at `now`, in Unix milliseconds, also one that was given up; it then has
/// until `expires`. Says whether there is one of this id.
pub async fn retry(
    store: &dyn Store,
    id: &str,
    now: u64,
    expires: u64,
) -> Result<bool, StoreError> {
    for queue in [OUTBOX, GIVEN_UP] {
        let items = store.list(queue, usize::MAX).await?;
        let Some(item) = items.into_iter().find(|item| item.id == id) else { continue };
        let Some(mut entry) = Entry::read(&item) else { return Ok(false) };
        entry.attempts = 0;
        entry.expires = entry.expires.max(expires);
        store.push(OUTBOX, entry.item(id, now)).await?;
        if queue == GIVEN_UP {
            store.remove(GIVEN_UP, id).await?;
        }
        return Ok(true);
    }
    Ok(false)
}

/// Takes an answer out for good. Says whether there was one of this id.
pub async fn drop(store: &dyn Store, id: &str) -> Result<bool, StoreError> {
    Ok(store.remove(OUTBOX, id).await? | store.remove(GIVEN_UP, id).await?)
}
