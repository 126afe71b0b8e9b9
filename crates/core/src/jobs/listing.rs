//! Jobs as an operator sees them: what entries of the chain are to do, and what may be done about
//! that.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use wxbot_sdk::job::{JobKind, JobRecord, MAX_ATTEMPTS, id_before_death, name_of};
use wxbot_sdk::redact::ShortOpenids;
use wxbot_sdk::store::keys::{dead_jobs, jobs};
use wxbot_sdk::store::record::decode;
use wxbot_sdk::store::{QueuedItem, Store, StoreError};

use super::place::Queue;
pub use super::place::{NoPlace, Place};

/// One job, without its payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// For `cancel` and `retry`, with the link.
    pub id: String,
    /// The entry of the chain.
    pub link: String,
    /// Its name; openids in it are shortened.
    pub name: String,
    /// Whether a schedule says so.
    pub is_scheduled: bool,
    /// How it stands.
    pub state: State,
    /// When it is tried next or, while it is done and as a dead letter, was to be done; in Unix
    /// milliseconds.
    pub due: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its time has not come.
    Waiting,
    /// Nobody has begun it yet.
    Due,
    /// An instance of the bot does it.
    Leased,
    /// It was given up.
    DeadLetter,
    /// Written by another version of wxbot, or by something else.
    Unreadable,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Waiting => "waiting",
            Self::Due => "due",
            Self::Leased => "leased",
            Self::DeadLetter => "dead letter",
            Self::Unreadable => "unreadable",
        })
    }
}

impl Listed {
    fn new(link: &str, queue: Queue, found: &QueuedItem, now: u64) -> Self {
        let item = &found.item;
        let record = decode::<JobRecord>(&item.value);
        let (state, due) = match (queue, &record) {
            (_, Err(_)) => (State::Unreadable, item.due),
            (Queue::Dead, Ok(record)) => (State::DeadLetter, record.due),
            (Queue::Jobs, Ok(record)) if is_being_done(found, now) => (State::Leased, record.due),
            (Queue::Jobs, Ok(_)) if item.due > now => (State::Waiting, item.due),
            (Queue::Jobs, Ok(_)) => (State::Due, item.due),
        };
        let (is_scheduled, attempts, last_error) = match &record {
            Ok(record) => (is_scheduled(record), record.attempts, record.last_error.clone()),
            Err(error) => (false, 0, Some(error.to_string())),
        };
        let before = record.as_ref().ok().and_then(|record| id_before_death(&item.id, record.due));
        let name = match queue {
            Queue::Dead => name_of(before.unwrap_or(&item.id)),
            Queue::Jobs => name_of(&item.id),
        };
        Self {
            id: short_id(&item.id),
            link: link.to_owned(),
            name: ShortOpenids(name).to_string(),
            is_scheduled,
            state,
            due,
            attempts: attempts.min(MAX_ATTEMPTS),
            last_error: last_error.map(|error| one_line(&error)),
        }
    }
}

/// Some of the jobs: of one entry of the chain after the other, those that are to be done, the next
/// due first, then the dead letters.
#[derive(Debug)]
pub struct Page {
    /// What is on this page.
    pub listed: Vec<Listed>,
    /// Where the next one begins.
    pub next: Option<Place>,
}

/// Up to `most` jobs of these entries, from the start or from the end of the page before.
pub async fn page(
    store: &dyn Store,
    links: &[&str],
    from: Option<Place>,
    most: usize,
) -> Result<Page, StoreError> {
    let now = store.now().await?;
    let (mut listed, mut place) = (Vec::new(), from.or_else(|| Place::start(links)));
    while let Some(Place { link, queue, after }) = place {
        let (name, room) = (queue_name(&link, queue), most - listed.len());
        let found = store.list_after(&name, after.as_ref(), room).await?;
        listed.extend(found.iter().map(|found| Listed::new(&link, queue, found, now)));
        if found.len() >= room {
            let after = found.last().map(QueuedItem::cursor);
            return Ok(Page { listed, next: Some(Place { link, queue, after }) });
        }
        place = Place::after_queue(&link, queue, links);
    }
    Ok(Page { listed, next: None })
}

pub(super) fn queue_name(link: &str, queue: Queue) -> String {
    match queue {
        Queue::Jobs => jobs(link),
        Queue::Dead => dead_jobs(link),
    }
}

pub(super) fn is_being_done(found: &QueuedItem, now: u64) -> bool {
    found.is_leased && found.item.due > now
}

fn is_scheduled(record: &JobRecord) -> bool {
    record.kind != JobKind::Once
}

/// Of an item: its own id may have an openid in it, or be anything that a plugin likes.
pub(super) fn short_id(id: &str) -> String {
    hex::encode(&Sha1::digest(id)[..6])
}

/// What a plugin says may have several, and openids.
fn one_line(error: &str) -> String {
    let words: Vec<_> = error.split_whitespace().collect();
    ShortOpenids(&words.join(" ")).to_string()
}
