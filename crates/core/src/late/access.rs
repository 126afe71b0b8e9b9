//! Whether an account may send customer-service messages: configured, or learnt from WeChat.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{CustomerService, Route};
use wxbot_sdk::api::{Api, ApiError, Class};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;

/// Then it is tried again: an account may have been verified meanwhile.
const FORGET: Duration = Duration::from_secs(24 * 3600);

/// What one account may do.
pub(crate) struct Access {
    account: String,
    configured: CustomerService,
    api: Option<Arc<dyn Api>>,
    store: Arc<dyn Store>,
    clock: Clock,
    learnt: Mutex<Learnt>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Learnt {
    Nothing,
    Allowed,
    /// Until then, in Unix milliseconds.
    Denied(u64),
}

impl Access {
    pub(crate) fn new(
        account: &str,
        configured: CustomerService,
        api: Option<Arc<dyn Api>>,
        store: Arc<dyn Store>,
        clock: Clock,
    ) -> Self {
        let learnt = Mutex::new(Learnt::Nothing);
        Self { account: account.to_owned(), configured, api, store, clock, learnt }
    }

    /// The API, where the account has what it takes.
    pub(crate) fn api(&self) -> Option<&Arc<dyn Api>> {
        self.api.as_ref()
    }

    /// How a late answer is given now.
    pub(crate) async fn route(&self) -> Route {
        let allowed = match (self.configured, &self.api) {
            (CustomerService::No, _) | (_, None) => false,
            (CustomerService::Yes, Some(_)) => !matches!(self.known().await, Learnt::Denied(_)),
            (CustomerService::Auto, Some(_)) => self.known().await == Learnt::Allowed,
        };
        if allowed { Route::Api } else { Route::Kept }
    }

    /// Whether an answer may be sent, or nobody knows yet: that is found out by sending it.
    pub(crate) async fn may_try(&self) -> bool {
        let has_api = self.configured != CustomerService::No && self.api.is_some();
        has_api && !matches!(self.known().await, Learnt::Denied(_))
    }

    /// Asks WeChat while there is time, by showing the follower that an answer is being written:
    /// only an account that may send may do that.
    pub(crate) async fn find_out(&self, openid: &str) {
        let Some(api) = self.api.as_ref().filter(|_| self.configured == CustomerService::Auto)
        else {
            return;
        };
        if self.known().await == Learnt::Nothing {
            self.learn(api.typing(openid).await.as_ref().err()).await;
        }
    }

    /// Whether it is worth asking.
    pub(crate) fn is_open(&self) -> bool {
        self.configured == CustomerService::Auto
            && self.api.is_some()
            && self.learnt() == Learnt::Nothing
    }

    /// Learns from a call that succeeded, or from its error.
    pub(crate) async fn learn(&self, error: Option<&ApiError>) {
        let Some(error) = error else { return self.set(Learnt::Allowed) };
        match (error.class(), error.code()) {
            // Only an account that may send is told that it may not send to this follower.
            (Class::FollowerLimit, _) => self.set(Learnt::Allowed),
            (Class::NotAllowed, Some(code)) => self.deny(code).await,
            _ => {}
        }
    }

    async fn deny(&self, code: i64) {
        let account = &*self.account;
        tracing::warn!(account, code, "WeChat lets this account send no customer-service messages");
        let until = self.clock.millis() + FORGET.as_millis() as u64;
        self.set(Learnt::Denied(until));
        let kept = self.store.put(&self.key(), until.to_string().into_bytes(), FORGET).await;
        if let Err(error) = kept {
            tracing::debug!(account, %error, "others and the next start have to learn it again");
        }
    }

    /// What this instance knows, or another one, or the one before.
    async fn known(&self) -> Learnt {
        if self.learnt() == Learnt::Nothing
            && let Ok(Some(until)) = self.store.get(&self.key()).await
            && let Some(until) = String::from_utf8(until).ok().and_then(|until| until.parse().ok())
        {
            self.set(Learnt::Denied(until));
        }
        self.learnt()
    }

    fn learnt(&self) -> Learnt {
        let mut learnt = self.learnt.lock().expect("nobody panics in here");
        if matches!(*learnt, Learnt::Denied(until) if until <= self.clock.millis()) {
            *learnt = Learnt::Nothing;
        }
        *learnt
    }

    fn set(&self, learnt: Learnt) {
        *self.learnt.lock().expect("nobody panics in here") = learnt;
    }

    fn key(&self) -> String {
        format!("denied/{}", self.account)
    }
}
