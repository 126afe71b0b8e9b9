//! Dialogs and sessions as an operator sees them: whose they are, and how to end them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxbot_sdk::clock::millis;
use wxbot_sdk::store::record::decode;
use wxbot_sdk::store::{Change, Store, StoreError, StoredValue, Values, keys, update};

use super::record::FollowerDialogs;

/// Something that is open between a link and a follower, without what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// What it is.
    pub kind: Kind,
    /// The account's id in `bot.toml`.
    pub account: String,
    /// The follower.
    pub openid: String,
    /// The entry of the chain.
    pub link: String,
    /// How long it lasts if nothing happens, in seconds.
    pub left: u64,
}

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A question waits for its answer.
    Dialog,
    /// A plugin remembers something of the follower.
    Session,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Dialog => "dialog",
            Self::Session => "session",
        })
    }
}

/// Some of what is open, in no order. Something may be on two pages, and a page may be empty.
#[derive(Debug)]
pub struct Page {
    /// What is on this page.
    pub listed: Vec<Listed>,
    /// Where the next one begins.
    pub next: Option<Place>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    kind: Kind,
    from: Option<Vec<u8>>,
}

/// What is no place of a page.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no page of what is open")]
pub struct NoPlace;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        self.from.iter().try_for_each(|from| write!(f, ".{}", hex::encode(from)))
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (kind, from) = match text.split_once('.') {
            Some((kind, from)) => (kind, Some(hex::decode(from).map_err(|_| NoPlace)?)),
            None => (text, None),
        };
        match kind {
            "dialog" => Ok(Self { kind: Kind::Dialog, from }),
            "session" => Ok(Self { kind: Kind::Session, from }),
            _ => Err(NoPlace),
        }
    }
}

/// What is open, of all followers or of one.
pub async fn page(
    store: &dyn Store,
    openid: Option<&str>,
    place: Option<Place>,
    now: u64,
) -> Result<Page, StoreError> {
    let Place { kind, from } = place.unwrap_or(Place { kind: Kind::Dialog, from: None });
    let prefix = match kind {
        Kind::Dialog => keys::DIALOG,
        Kind::Session => keys::SESSION,
    };
    let Values { page, next } = store.values(prefix, from).await?;
    let mut listed: Vec<_> = page.iter().flat_map(|stored| listed(kind, stored, now)).collect();
    listed.retain(|one| openid.is_none_or(|openid| one.openid == openid));
    let next = match (kind, next) {
        (kind, Some(from)) => Some(Place { kind, from: Some(from) }),
        (Kind::Dialog, None) => Some(Place { kind: Kind::Session, from: None }),
        (Kind::Session, None) => None,
    };
    Ok(Page { listed, next })
}

/// Ends something that is listed; returns whether it was still there.
pub async fn close(store: &dyn Store, listed: &Listed, now: u64) -> Result<bool, StoreError> {
    let Listed { account, openid, link, .. } = listed;
    match listed.kind {
        Kind::Session => end_session(store, &keys::session(link, account, openid, "")).await,
        Kind::Dialog => close_dialog(store, &keys::dialog(account, openid), link, now).await,
    }
}

/// With all that the link keeps of the follower.
async fn end_session(store: &dyn Store, prefix: &str) -> Result<bool, StoreError> {
    let (mut from, mut was_there) = (None, false);
    loop {
        let Values { page, next } = store.values(prefix, from).await?;
        for stored in page {
            store.delete(&stored.key).await?;
            was_there = true;
        }
        from = next;
        if from.is_none() {
            return Ok(was_there);
        }
    }
}

/// What was said to the last messages stays: they may be worked on again.
async fn close_dialog(
    store: &dyn Store,
    key: &str,
    link: &str,
    now: u64,
) -> Result<bool, StoreError> {
    let mut was_there = false;
    let close = |dialogs: Option<FollowerDialogs>| {
        let mut dialogs = dialogs.unwrap_or_default().at(now);
        was_there = dialogs.close(link);
        match dialogs.ttl(now) {
            _ if !was_there => Change::Keep,
            Some(ttl) => Change::Put(dialogs, ttl),
            None => Change::Remove,
        }
    };
    update(store, key, close).await?;
    Ok(was_there)
}

/// Of one value; what can't be read is left out.
fn listed(kind: Kind, stored: &StoredValue, now: u64) -> Vec<Listed> {
    let list = |account: &str, openid: &str, link: &str, left: Duration| Listed {
        kind,
        account: account.to_owned(),
        openid: openid.to_owned(),
        link: link.to_owned(),
        left: left.as_secs(),
    };
    if let Some([link, account, openid, _]) = keys::parts_of_session(&stored.key) {
        return vec![list(account, openid, link, stored.ttl)];
    }
    let Some((account, openid)) = keys::follower_of_dialog(&stored.key) else { return vec![] };
    let Ok(dialogs) = decode::<FollowerDialogs>(&stored.value) else { return vec![] };
    let open = dialogs.at(now);
    let open = open.open().iter().map(|dialog| {
        let left = Duration::from_millis(dialog.until.saturating_sub(now).min(millis(stored.ttl)));
        list(account, openid, &dialog.link, left)
    });
    open.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for (kind, from) in [
            (Kind::Dialog, None),
            (Kind::Session, Some(vec![0, 255])),
            (Kind::Dialog, Some(vec![])),
        ] {
            let place = Place { kind, from };
            assert_eq!(place.to_string().parse(), Ok(place.clone()), "{place}");
        }
        for odd in ["", "outbox", "dialog.x", "session.0", ".00"] {
            assert_eq!(odd.parse::<Place>(), Err(NoPlace), "{odd}");
        }
    }
}
