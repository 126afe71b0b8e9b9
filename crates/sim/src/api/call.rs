//! One call in progress: its input, and what it may change.

use std::collections::BTreeMap;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::json;
use crate::account::Account;
use crate::api_call::ApiRequest;
use crate::errcode::ApiError;
use crate::push::ScheduledEvent;
use crate::world::World;
use crate::world::follower::FollowerState;

/// What a call works with.
pub(crate) struct Call<'c> {
    pub(super) world: &'c mut World,
    pub(super) account: &'c Account,
    pub(super) request: &'c ApiRequest,
    /// Unix milliseconds.
    pub(super) now: u64,
    query: BTreeMap<String, String>,
    /// Events that it causes.
    pub(super) events: Vec<ScheduledEvent>,
}

/// The answer of a call that succeeds.
pub(crate) enum Answer {
    /// `{"errcode":0,"errmsg":"ok"}`.
    Done,
    /// JSON.
    Data(Value),
    /// A file.
    File { bytes: Bytes, name: String, content_type: &'static str },
}

impl<'c> Call<'c> {
    pub(super) fn new(
        world: &'c mut World,
        account: &'c Account,
        request: &'c ApiRequest,
        now: u64,
    ) -> Self {
        let pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let query = pairs.map(|(name, value)| (name.to_owned(), decode(value))).collect();
        Self { world, account, request, now, query, events: Vec::new() }
    }

    /// A parameter that is not empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The body, which is an object.
    pub(super) fn json(&self) -> Result<Value, ApiError> {
        json::read(&self.request.body)
    }

    /// Somebody who has ever followed, or 40003.
    pub(super) fn known(&mut self, openid: &str) -> Result<&mut FollowerState, ApiError> {
        self.world.followers.get_mut(openid).ok_or(ApiError::code(40003))
    }

    /// A current follower, or 43004.
    pub(super) fn following(&mut self, openid: &str) -> Result<&mut FollowerState, ApiError> {
        match self.known(openid)? {
            state if state.follows => Ok(state),
            _ => Err(ApiError::code(43004)),
        }
    }

    /// The body with the secret redacted; empty for uploads.
    pub(super) fn redacted_body(&self) -> String {
        let content_type = self.request.content_type.as_deref().unwrap_or_default();
        if content_type.starts_with("multipart/") {
            return String::new();
        }
        match std::str::from_utf8(&self.request.body) {
            Ok(body) if !self.account.app_secret.is_empty() => {
                body.replace(&self.account.app_secret, "[redacted]")
            }
            Ok(body) => body.to_owned(),
            Err(_) => String::new(),
        }
    }
}
