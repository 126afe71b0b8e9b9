//! What Redis answers, as the store's types.

use redis::{Value, from_redis_value};
use wxbot_sdk::store::{FencingToken, Item, QueuedItem, StoreError, Swap};

pub(super) fn unexpected(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unreachable(error.into())
}

/// Id, value, due time, and the token with an `L` behind it if it is of a lease.
pub(super) type Row = (Vec<u8>, Option<Vec<u8>>, u64, Option<String>);

/// One without a value was taken away by somebody else than wxbot.
pub(super) fn item((id, value, due, token): Row) -> Option<Result<QueuedItem, StoreError>> {
    let id = String::from_utf8(id).map_err(unexpected);
    let token = token.unwrap_or_default();
    let (number, is_leased) = match token.strip_suffix('L') {
        Some(number) => (number, true),
        None => (&*token, false),
    };
    let token = FencingToken(number.parse().unwrap_or_default());
    value.map(|value| Ok(QueuedItem { item: Item { id: id?, value, due }, token, is_leased }))
}

pub(super) fn swapped(answer: Vec<Value>) -> Result<Swap, StoreError> {
    match answer.into_iter().nth(1) {
        None => Ok(Swap::Done),
        Some(found) => from_redis_value(found).map(Swap::Found).map_err(unexpected),
    }
}
