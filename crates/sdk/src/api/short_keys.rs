//! Short keys in place of long data, such as the URL of a QR code (protocol section 7.10).

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::answer::{field, read};
use super::caller::Api;
use super::error::ApiError;

const MAKE: &str = "/cgi-bin/shorten/gen";
const FETCH: &str = "/cgi-bin/shorten/fetch";

/// Makes short keys, and finds what they stand for. From `ctx.api().short_keys()`.
#[derive(Clone, Copy)]
pub struct ShortKeys<'a> {
    api: &'a dyn Api,
}

/// What a short key stands for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LongData {
    /// The data.
    pub long_data: String,
    /// When the key was made, in Unix seconds.
    pub create_time: u64,
    /// How long it lasts, in seconds.
    pub expire_seconds: u64,
}

impl<'a> dyn Api + 'a {
    /// Short keys in place of long data.
    pub fn short_keys(&self) -> ShortKeys<'_> {
        ShortKeys { api: self }
    }
}

impl ShortKeys<'_> {
    /// A key of 15 characters for up to 4 KB, for 30 days at most.
    pub async fn make(&self, long_data: &str, lasts: Duration) -> Result<String, ApiError> {
        let body = json!({"long_data": long_data, "expire_seconds": lasts.as_secs()});
        field(MAKE, &self.api.post(MAKE, body).await?, "short_key")
    }

    /// What a key stands for.
    pub async fn fetch(&self, short_key: &str) -> Result<LongData, ApiError> {
        read(FETCH, &self.api.post(FETCH, json!({"short_key": short_key})).await?)
    }
}
