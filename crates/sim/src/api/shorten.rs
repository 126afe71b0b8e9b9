//! Short keys (section 7.10).

use serde_json::json;

use super::call::{Answer, Call};
use super::json::{number, text};
use crate::errcode::ApiError;

const MAX_BYTES: usize = 4096;
/// 30 days, in seconds.
const MAX_LIFETIME: u64 = 2_592_000;
const KEY_CHARACTERS: usize = 15;

pub(super) fn make(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let long_data = text(&body, "long_data").filter(|data| data.len() <= MAX_BYTES);
    let long_data = long_data.ok_or(ApiError::code(40035))?;
    let lasts = number(&body, "expire_seconds").unwrap_or(MAX_LIFETIME);
    if !(1..=MAX_LIFETIME).contains(&lasts) {
        return Err(ApiError::code(40035));
    }
    let short_key = call.world.random_text(KEY_CHARACTERS);
    let made = (long_data.to_owned(), call.now / 1000, lasts);
    call.world.short_keys.insert(short_key.clone(), made);
    Ok(Answer::Data(json!({ "errcode": 0, "errmsg": "ok", "short_key": short_key })))
}

pub(super) fn fetch(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let made = text(&body, "short_key").and_then(|key| call.world.short_keys.get(key));
    let lives = |(_, at, lasts): &&(String, u64, u64)| call.now / 1000 < at + lasts;
    let (long_data, at, lasts) = made.filter(lives).ok_or(ApiError::code(40035))?;
    Ok(Answer::Data(json!({
        "errcode": 0, "errmsg": "ok",
        "long_data": long_data, "create_time": at, "expire_seconds": lasts,
    })))
}
