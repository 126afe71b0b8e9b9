//! The outbox as an operator sees it: what is in it, and what may be done about that.

use std::str::FromStr;
use std::{fmt, iter};

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use wxbot_sdk::redact::Short;
use wxbot_sdk::store::keys::{DEAD_LETTERS, OUTBOX, WAITING};
use wxbot_sdk::store::{Cursor, Item, QueuedItem, Store, StoreError};

use super::item::{OutboxItem, Stage};
use super::next_message;

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
    /// Another version of wxbot wrote it, or something else did.
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

/// What is late, in the order of the list.
const QUEUES: [&str; 3] = [OUTBOX, WAITING, DEAD_LETTERS];

/// A place in what is late, whatever stands there now. As text it is opaque.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    queue: &'static str,
    after: Option<Cursor>,
}

/// Before them: what the store would not take, which the bot that runs has.
const UNWRITTEN: &str = "unwritten";

impl Place {
    const START: Self = Self { queue: OUTBOX, after: None };
    const UNWRITTEN: Self = Self { queue: UNWRITTEN, after: None };

    /// The start of the next queue.
    fn next_queue(&self) -> Option<Self> {
        let place = QUEUES.iter().position(|queue| *queue == self.queue)?;
        Some(Self { queue: QUEUES.get(place + 1)?, after: None })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queue, after } = self;
        match after {
            Some(Cursor { due, id }) => write!(f, "{queue}:{due}:{id}"),
            None => f.write_str(queue),
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("`{text}` is no place in the outbox; take one from the page before");
        let mut parts = text.splitn(3, ':');
        let named = |name| iter::once(UNWRITTEN).chain(QUEUES).find(|queue| *queue == name);
        let queue = parts.next().and_then(named).ok_or_else(error)?;
        let after = match (parts.next(), parts.next()) {
            (None, _) => None,
            (Some(due), Some(id)) => {
                Some(Cursor { due: due.parse().map_err(|_| error())?, id: id.to_owned() })
            }
            (Some(_), None) => return Err(error()),
        };
        Ok(Self { queue, after })
    }
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

/// Which answers are to be tried again: of those that wait or were given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Those of one account only.
    pub account: Option<String>,
    /// Those of followers who asked then or later only, in Unix seconds.
    pub since: Option<u64>,
    /// Without those that were tried again then or later, in Unix milliseconds: what fails again moves
    /// to a later page, and is not tried for ever.
    pub until: u64,
}

impl Selection {
    fn selects(&self, listed: &Listed) -> bool {
        let is_meant = matches!(listed.state, State::Unwritten | State::Ready | State::GivenUp);
        is_meant
            && listed.retried.is_none_or(|retried| retried < self.until)
            && self.account.as_ref().is_none_or(|account| *account == listed.account)
            && self.since.is_none_or(|since| listed.at >= since)
    }
}

/// Has those of a page that are selected tried again by `retry`, which says whether there still was
/// one of this id. Returns the ids of those that there were, and where the next page begins.
pub async fn retry_page(
    Page { listed, next }: Page,
    selection: &Selection,
    retry: impl AsyncFn(&str) -> Result<bool, StoreError>,
) -> Result<(Vec<String>, Option<Place>), StoreError> {
    let ids = listed.into_iter().filter(|late| selection.selects(late)).map(|late| late.id);
    let (ids, mut retried): (Vec<_>, Vec<_>) = (ids.collect(), Vec::new());
    for some in ids.chunks(AT_ONCE) {
        let there = try_join_all(some.iter().map(|id| retry(id))).await?;
        retried.extend(
            there.into_iter().zip(some).filter(|(there, _)| *there).map(|(_, id)| id.clone()),
        );
    }
    Ok((retried, next))
}

/// Makes an answer due, also one that was given up; it then has until `expires`. `now` is noted as
/// the time; both in Unix milliseconds. One that is being sent right now is left to that. Says
/// whether there is one of this id.
pub async fn retry(
    store: &dyn Store,
    id: &str,
    now: u64,
    expires: u64,
) -> Result<bool, StoreError> {
    let due = store.now().await?;
    for _ in 0..MAX_RACES {
        let Some((queue, found)) = find(store, id).await? else { return Ok(false) };
        let Ok(mut late) = OutboxItem::read(&found.item) else { return Ok(false) };
        if queue == OUTBOX && found.is_leased && found.item.due > due {
            return Ok(true);
        }
        late.attempts = 0;
        late.retried = Some(now);
        late.expires = late.expires.max(expires);
        let item = late.to_item(id, due);
        if queue == OUTBOX {
            if store.update_if(OUTBOX, item, found.token).await? {
                return Ok(true);
            }
        } else {
            store.push(OUTBOX, item).await?;
            store.remove_if(DEAD_LETTERS, id, found.token).await?;
            return Ok(true);
        }
    }
    Ok(true)
}

/// So many are tried again at once: a file writes them together.
const AT_ONCE: usize = 128;
/// So often somebody may change an item while it is looked at; then it is being worked on.
const MAX_RACES: usize = 8;

async fn find(
    store: &dyn Store,
    id: &str,
) -> Result<Option<(&'static str, QueuedItem)>, StoreError> {
    for queue in [OUTBOX, DEAD_LETTERS] {
        if let Some(found) = store.get_item(queue, id).await? {
            return Ok(Some((queue, found)));
        }
    }
    Ok(None)
}

/// Takes an answer out for good, at `now` in Unix milliseconds. Says whether there was one of this
/// id.
pub async fn drop(store: &dyn Store, id: &str, now: u64) -> Result<bool, StoreError> {
    if let Some(found) = store.get_item(WAITING, id).await? {
        if let Ok(OutboxItem { act, .. }) = OutboxItem::read(&found.item) {
            next_message::remove(store, &act.account, &act.openid, id, now).await?;
        }
        return store.remove(WAITING, id).await;
    }
    Ok(store.remove(OUTBOX, id).await? | store.remove(DEAD_LETTERS, id).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for queue in iter::once(UNWRITTEN).chain(QUEUES) {
            let cursors = [None, Some(Cursor { due: 7, id: "with:two:colons".into() })];
            for after in cursors {
                let place = Place { queue, after };
                assert_eq!(place.to_string().parse(), Ok(place));
            }
        }
    }

    #[test]
    fn what_is_no_place_is_quoted() {
        for text in ["", "elsewhere", "outbox:7", "outbox:seven:id", "outbox:-1:id"] {
            let error = text.parse::<Place>().unwrap_err();
            assert!(error.contains(&format!("`{text}` is no place")), "{error}");
        }
    }
}
