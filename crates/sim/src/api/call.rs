//! One call on its way: what came with it, and what it may change.

use std::collections::BTreeMap;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{ApiRequest, errcode, json};
use crate::account::Account;
use crate::body::About;
use crate::follower::FollowerState;
use crate::world::World;

/// What a call works with.
pub(crate) struct Call<'c> {
    pub(super) world: &'c mut World,
    pub(super) account: &'c Account,
    pub(super) request: &'c ApiRequest,
    /// Unix milliseconds.
    pub(super) now: u64,
    query: BTreeMap<String, String>,
    /// Events that follow.
    pub(super) later: Vec<Later>,
}

/// An event that a call leads to.
pub(crate) struct Later {
    pub(crate) after: Duration,
    pub(crate) openid: String,
    pub(crate) about: About,
}

/// What a call is answered with when it went well.
pub(crate) enum Answer {
    /// `{"errcode":0,"errmsg":"ok"}`.
    Done,
    /// JSON.
    Data(Value),
    /// A file.
    File { bytes: Vec<u8>, name: String, content_type: &'static str },
}

/// What it is answered with when it did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) errcode: i64,
    pub(crate) errmsg: String,
}

impl Refused {
    pub(crate) fn code(errcode: i64) -> Self {
        Self { errcode, errmsg: errcode::text(errcode).to_owned() }
    }

    pub(super) fn with(errcode: i64, errmsg: impl Into<String>) -> Self {
        Self { errcode, errmsg: errmsg.into() }
    }
}

impl<'c> Call<'c> {
    pub(super) fn new(
        world: &'c mut World,
        account: &'c Account,
        request: &'c ApiRequest,
        now: u64,
    ) -> Self {
        let pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let query = pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
        Self { world, account, request, now, query, later: Vec::new() }
    }

    /// A parameter that says something.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The body, an object.
    pub(super) fn json(&self) -> Result<Value, Refused> {
        json::read(&self.request.body)
    }

    /// A follower that the body or the query names: 40003 for nobody.
    pub(super) fn known(&mut self, openid: &str) -> Result<&mut FollowerState, Refused> {
        self.world.followers.get_mut(openid).ok_or(Refused::code(40003))
    }

    /// The same, who follows: 43004 else.
    pub(super) fn following(&mut self, openid: &str) -> Result<&mut FollowerState, Refused> {
        match self.known(openid)? {
            state if state.follows => Ok(state),
            _ => Err(Refused::code(43004)),
        }
    }

    /// Files are left out, and the secret is blacked out.
    pub(super) fn body_for_the_record(&self) -> String {
        match std::str::from_utf8(&self.request.body) {
            Ok(body) if !self.account.app_secret.is_empty() => {
                body.replace(&self.account.app_secret, "[redacted]")
            }
            Ok(body) => body.to_owned(),
            Err(_) => String::new(),
        }
    }
}

/// A text of an object that says something.
pub(super) fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// A number, which may be written as a text.
pub(super) fn number(object: &Value, name: &str) -> Option<u64> {
    let value = object.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
