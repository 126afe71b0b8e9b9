//! What a plugin remembers of a follower from one message to the next: one typed value, changed by
//! compare and swap.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::saved::Saved;
use crate::store::record::{Record, decode};
use crate::store::{Change, Store, StoreError, update};

/// What a session holds. A follower who is new has the default.
///
/// ```
/// use wxbot_sdk::prelude::*;
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Cart {
///     items: Vec<String>,
/// }
///
/// impl SessionState for Cart {}
///
/// # async fn example(ctx: &Context) -> Result<Flow, HandlerError> {
/// let item = ctx.text_or("");
/// let cart = ctx.session::<Cart>();
/// let add = cart.change(|cart| {
///     cart.items.push(item.clone());
///     cart.items.len()
/// });
/// Ok(Flow::reply(format!("购物车里有 {} 件", add.await?)))
/// # }
/// ```
pub trait SessionState: Serialize + DeserializeOwned + Default + Send {
    /// Raised whenever what older versions saved can't be read as this type any more.
    const VERSION: u32 = 1;
    /// How long a session lasts after its last change.
    const TTL: Duration = Duration::from_secs(30 * 24 * 3600);

    /// Makes what another version saved into this one's. By default it is forgotten: the follower
    /// is new again.
    fn migrate(version: u32, state: serde_json::Value) -> Option<Self> {
        let _ = (version, state);
        None
    }
}

/// What an instance remembers of one follower of one account. All instances of a bot see the same.
pub struct Session<S> {
    store: Arc<dyn Store>,
    key: String,
    state: PhantomData<fn() -> S>,
}

impl<S: SessionState> Session<S> {
    pub(crate) fn new(store: Arc<dyn Store>, key: String) -> Self {
        Self { store, key, state: PhantomData }
    }

    /// What is remembered; `None` for a follower who is new.
    pub async fn get(&self) -> Result<Option<S>, StoreError> {
        let Some(bytes) = self.store.get(&self.key).await? else { return Ok(None) };
        let record = decode::<SessionRecord>(&bytes);
        let record = record.map_err(|source| StoreError::Record { key: self.key.clone(), source });
        Ok(state(record?))
    }

    /// Changes what is remembered, and lets it last for [`SessionState::TTL`] from now. `change` is
    /// called again when somebody else changed it meanwhile, so that nothing is lost; what it
    /// returned last comes back.
    pub async fn change<T>(&self, mut change: impl FnMut(&mut S) -> T) -> Result<T, StoreError> {
        let mut changed = None;
        let swap = |record: Option<SessionRecord>| {
            let mut session = record.and_then(state).unwrap_or_default();
            let returned = change(&mut session);
            let saved = Saved::of(S::VERSION, &session);
            let next = match &saved {
                Ok(saved) => Change::Put(SessionRecord(saved.clone()), S::TTL),
                Err(_) => Change::Keep,
            };
            changed = Some(saved.map(|_| returned));
            next
        };
        update(&*self.store, &self.key, swap).await?;
        let changed = changed.expect("it was called at least once");
        changed.map_err(|source| StoreError::Record { key: self.key.clone(), source })
    }

    /// Forgets it: the follower is new again.
    pub async fn end(&self) -> Result<(), StoreError> {
        self.store.delete(&self.key).await
    }
}

fn state<S: SessionState>(SessionRecord(saved): SessionRecord) -> Option<S> {
    saved.read(S::VERSION, S::migrate)
}

/// What is stored of a session.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct SessionRecord(Saved);

impl Record for SessionRecord {
    const NAME: &'static str = "session";
    const VERSION: u32 = 1;
}
