//! The outbox as an operator sees it.

use std::fmt;

use serde::{Deserialize, Serialize};
use wxbot_sdk::redact::Short;
use wxbot_sdk::store::keys::{DEAD_LETTERS, OUTBOX, WAITING};
use wxbot_sdk::store::{Cursor, Item, QueuedItem, Store, StoreError};

use super::item::{OutboxItem, Stage};
pub use super::place::Place;
use super::place::UNWRITTEN;

/// One late answer, without its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// For `retry` and `drop`.
    pub id: String,
    /// The account's id in `bot.toml`.
    pub account: String,
    /// Whom it is for, shortened.
    pub openid: String,
    /// When the follower asked, in Unix seconds.
    #[serde(default)]
    pub at: u64,
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
    /// When an operator last had it tried again, in Unix milliseconds.
    #[serde(default)]
    pub retried: Option<u64>,
}

/// How far a late answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The work on it goes on.
    Promised,
    /// It is to be sent.
    Ready,
    /// The store does not take it, so only the bot that runs has it.
    Unwritten,
    /// It waits for the follower's next message, until it is due.
    Waiting,
    /// It could not be given.
    GivenUp,
    /// Written by another version of wxbot, or by something else.
    Unreadable,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Promised => "promised",
            Self::Ready => "ready",
            Self::Unwritten => "unwritten",
            Self::Waiting => "waiting",
            Self::GivenUp => "given up",
            Self::Unreadable => "unreadable",
        })
    }
}

impl Listed {
    fn new(item: &Item, queue: &str) -> Self {
        match OutboxItem::read(item) {
            Ok(late) => Self::of(&item.id, item.due, queue, late),
            Err(error) => Self::unreadable(item, &error.to_string()),
        }
    }

    /// One that the store does not take.
    pub(super) fn unwritten(id: &str, late: OutboxItem, due: u64) -> Self {
        Self { state: State::Unwritten, ..Self::of(id, due, OUTBOX, late) }
    }

    fn of(id: &str, due: u64, queue: &str, late: OutboxItem) -> Self {
        let (state, parts) = match &late.stage {
            Stage::Promised { .. } => (State::Promised, 0),
            Stage::Ready { parts, .. } => (State::Ready, parts.len()),
        };
        Self {
            id: id.to_owned(),
            account: late.act.account,
            openid: Short(&late.act.openid).to_string(),
            at: late.act.at,
            state: match queue {
                WAITING => State::Waiting,
                DEAD_LETTERS => State::GivenUp,
                _ => state,
            },
            parts,
            attempts: late.attempts,
            due,
            last_error: late.last_error,
            retried: late.retried,
        }
    }

    fn unreadable(item: &Item, why: &str) -> Self {
        Self {
            id: item.id.clone(),
            account: String::new(),
            openid: String::new(),
            at: 0,
            state: State::Unreadable,
            parts: 0,
            attempts: 0,
            due: item.due,
            last_error: Some(why.to_owned()),
            retried: None,
        }
    }
}

/// One page of what is late: the outbox, the next due first, then what waits for followers, then the
/// dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What is on it.
    pub listed: Vec<Listed>,
    /// Where the next one begins, if there may be one.
    pub next: Option<Place>,
}

/// Up to `most` of what is late, from the start or from the end of the page before.
pub async fn page(store: &dyn Store, from: Option<Place>, most: usize) -> Result<Page, StoreError> {
    let (mut listed, mut place) = (Vec::new(), from.unwrap_or(Place::START));
    loop {
        let room = most - listed.len();
        let items = store.list_after(place.queue, place.after.as_ref(), room).await?;
        listed.extend(items.iter().map(|found| Listed::new(&found.item, place.queue)));
        if items.len() >= room {
            let after = items.last().map(QueuedItem::cursor);
            return Ok(Page { listed, next: Some(Place { after, ..place }) });
        }
        match place.next_queue() {
            Some(next) => place = next,
            None => return Ok(Page { listed, next: None }),
        }
    }
}

/// The same of a bot that runs: first what its store would not take, by id.
pub(crate) async fn page_of_bot(
    store: &dyn Store,
    unwritten: Vec<Listed>,
    from: Option<Place>,
    most: usize,
) -> Result<Page, StoreError> {
    let Place { queue: UNWRITTEN, after } = from.as_ref().unwrap_or(&Place::UNWRITTEN) else {
        return page(store, from, most).await;
    };
    let is_before = |late: &Listed| after.as_ref().is_some_and(|after| late.id <= after.id);
    let mut listed: Vec<_> = unwritten.into_iter().skip_while(is_before).collect();
    let is_last = listed.len() <= most;
    listed.truncate(most);
    let next = match listed.last() {
        None => return page(store, None, most).await,
        Some(_) if is_last => Place::START,
        Some(last) => {
            let after = Some(Cursor { due: 0, id: last.id.clone() });
            Place { after, ..Place::UNWRITTEN }
        }
    };
    Ok(Page { listed, next: Some(next) })
}
