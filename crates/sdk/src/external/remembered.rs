//! What a handler in another program wants to be remembered of a follower: an object of its own.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::context::Context;
use crate::session::SessionState;
use crate::store::StoreError;

#[derive(Default, Serialize, Deserialize)]
struct Remembered(Option<Map<String, Value>>);

impl SessionState for Remembered {}

/// What is remembered of whoever sent the message.
pub(super) async fn get(ctx: &Context) -> Result<Option<Map<String, Value>>, StoreError> {
    Ok(ctx.session::<Remembered>().get().await?.and_then(|Remembered(session)| session))
}

/// Remembers this instead; `None` forgets it.
pub(super) async fn set(
    session: Option<Map<String, Value>>,
    ctx: &Context,
) -> Result<(), StoreError> {
    let remembered = ctx.session::<Remembered>();
    match session {
        None => remembered.end().await,
        Some(session) => remembered.change(|now| now.0 = Some(session.clone())).await,
    }
}
