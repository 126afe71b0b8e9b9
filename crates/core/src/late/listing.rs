//! The outbox as an operator sees it: what is in it, and what may be done about that.

use std::fmt;

use serde::{Deserialize, Serialize};
use wxbot_sdk::redact::Short;
use wxbot_sdk::store::keys::{DEAD_LETTERS, OUTBOX};
use wxbot_sdk::store::{Item, Store, StoreError};

use super::item::{OutboxItem, Stage};

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
    #[serde(rename = "trouble")]
    pub last_error: Option<String>,
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
    /// Another version of wxbot wrote it, or something else did.
    Unreadable,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Promised => "promised",
            Self::Ready => "ready",
            Self::GivenUp => "given up",
            Self::Unreadable => "unreadable",
        })
    }
}

impl Listed {
    fn new(item: &Item, queue: &str) -> Self {
        match OutboxItem::read(item) {
            Ok(late) => Self::of(item, queue, late),
            Err(error) => Self::unreadable(item, &error.to_string()),
        }
    }

    fn of(item: &Item, queue: &str, late: OutboxItem) -> Self {
        let (state, parts) = match &late.stage {
            Stage::Promised { .. } => (State::Promised, 0),
            Stage::Ready { parts, .. } => (State::Ready, parts.len()),
        };
        Self {
            id: item.id.clone(),
            account: late.act.account,
            openid: Short(&late.act.openid).to_string(),
            state: if queue == DEAD_LETTERS { State::GivenUp } else { state },
            parts,
            attempts: late.attempts,
            due: item.due,
            last_error: late.last_error,
        }
    }

    fn unreadable(item: &Item, why: &str) -> Self {
        Self {
            id: item.id.clone(),
            account: String::new(),
            openid: String::new(),
            state: State::Unreadable,
            parts: 0,
            attempts: 0,
            due: item.due,
            last_error: Some(why.to_owned()),
        }
    }
}

/// Everything that is late, up to `most` of each kind, the next due first.
pub async fn list(store: &dyn Store, most: usize) -> Result<Vec<Listed>, StoreError> {
    let mut listed = Vec::new();
    for queue in [OUTBOX, DEAD_LETTERS] {
        let items = store.list(queue, most).await?;
        listed.extend(items.iter().map(|item| Listed::new(item, queue)));
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
    for queue in [OUTBOX, DEAD_LETTERS] {
        let Some(item) = store.item(queue, id).await? else { continue };
        let Ok(mut late) = OutboxItem::read(&item) else { return Ok(false) };
        late.attempts = 0;
        late.expires = late.expires.max(expires);
        store.push(OUTBOX, late.to_item(id, now)).await?;
        if queue == DEAD_LETTERS {
            store.remove(DEAD_LETTERS, id).await?;
        }
        return Ok(true);
    }
    Ok(false)
}

/// Takes an answer out for good. Says whether there was one of this id.
pub async fn drop(store: &dyn Store, id: &str) -> Result<bool, StoreError> {
    Ok(store.remove(OUTBOX, id).await? | store.remove(DEAD_LETTERS, id).await?)
}
