//! The lease of an item of the outbox: who has it works on the item alone, while it is renewed.
//!
//! It ends by the store's clock, and every write shows its fencing token: a process that stood still
//! finds out before it sends anything else that another one has the item now.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;
use wxbot_sdk::store::FencingToken;

/// How long a lease lasts after it was last renewed.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// The right to work on one item.
#[derive(Debug)]
pub(crate) struct Lease {
    id: String,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// `None` as long as the store has not taken the item: only this process knows of it.
    token: Option<FencingToken>,
    /// Until then nobody else can hold it, as far as this process knows.
    until: Instant,
}

impl Lease {
    /// A lease that begins now.
    pub(crate) fn new(id: &str, token: Option<FencingToken>) -> Self {
        let state = State { token, until: Instant::now() + LEASE };
        Self { id: id.to_owned(), state: Mutex::new(state) }
    }

    /// The item's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn token(&self) -> Option<FencingToken> {
        self.state().token
    }

    /// It was renewed, by a call that began then.
    pub(crate) fn set_renewed(&self, token: FencingToken, began: Instant) {
        *self.state() = State { token: Some(token), until: began + LEASE };
    }

    /// Whether it was last renewed too long ago for this process to know that it is still held.
    pub(crate) fn may_be_over(&self) -> bool {
        let State { token, until } = *self.state();
        token.is_some() && Instant::now() >= until
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while holding this lock")
    }
}
