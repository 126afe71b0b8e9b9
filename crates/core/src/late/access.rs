//! Whether an account may send customer-service messages: configured, or learnt from WeChat.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxbot_sdk::api::{Api, ApiError, Class};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::record::{Record, decode, encode};
use wxbot_sdk::store::{Store, keys};

use super::settings::CustomerService;
use crate::response::Route;

/// Then it is tried again: an account may have been verified meanwhile.
const DENIED_FOR: Duration = Duration::from_secs(24 * 3600);

/// What one account may do.
pub(crate) struct Access {
    account: Arc<str>,
    configured: CustomerService,
    api: Option<Arc<dyn Api>>,
    store: Arc<dyn Store>,
    clock: Clock,
    learnt: Mutex<Learnt>,
    /// One asks for all.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Learnt {
    Nothing,
    Allowed,
    /// Until then, in Unix milliseconds.
    Denied(u64),
}

/// WeChat lets the account send nothing until then, in Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct DeniedUntil(u64);

impl Record for DeniedUntil {
    const NAME: &'static str = "access";
    const VERSION: u32 = 1;
}

impl Access {
    pub(crate) fn new(
        account: &Arc<str>,
        configured: CustomerService,
        api: Option<Arc<dyn Api>>,
        store: Arc<dyn Store>,
        clock: Clock,
    ) -> Self {
        let (learnt, asking) = (Mutex::new(Learnt::Nothing), tokio::sync::Mutex::default());
        Self { account: Arc::clone(account), configured, api, store, clock, learnt, asking }
    }

    /// The API, where the account has what it takes.
    pub(crate) fn api(&self) -> Option<&Arc<dyn Api>> {
        self.api.as_ref()
    }

    /// Whether `bot.toml` says that it may not.
    pub(crate) fn is_off(&self) -> bool {
        self.configured == CustomerService::No
    }

    /// How a late answer is given now.
    pub(crate) async fn route(&self) -> Route {
        let allowed = match (self.configured, &self.api) {
            (CustomerService::No, _) | (_, None) => false,
            (CustomerService::Yes, Some(_)) => !matches!(self.known().await, Learnt::Denied(_)),
            (CustomerService::Auto, Some(_)) => self.known().await == Learnt::Allowed,
        };
        if allowed { Route::CustomerService } else { Route::NextMessage }
    }

    /// Whether an answer may be sent, or nobody knows yet: that is found out by sending it.
    pub(crate) async fn may_try(&self) -> bool {
        let has_api = self.configured != CustomerService::No && self.api.is_some();
        has_api && !matches!(self.known().await, Learnt::Denied(_))
    }

    /// Asks WeChat while there is time, by showing the follower that an answer is being written:
    /// only an account that may send may do that. Asked once for all who wait.
    pub(crate) async fn find_out(&self, openid: &str) {
        let Some(api) = self.api.as_ref().filter(|_| self.is_unknown()) else { return };
        let Ok(_asking) = self.asking.try_lock() else { return };
        if self.known().await == Learnt::Nothing {
            self.learn(api.typing(openid).await.as_ref().err()).await;
        }
    }

    /// Whether it is worth asking.
    pub(crate) fn is_unknown(&self) -> bool {
        self.configured == CustomerService::Auto
            && self.api.is_some()
            && self.learnt() == Learnt::Nothing
    }

    /// Learns from a call that succeeded, or from its error.
    pub(crate) async fn learn(&self, error: Option<&ApiError>) {
        match error.map(ApiError::class) {
            None | Some(Class::FollowerLimit) => self.set(Learnt::Allowed),
            Some(Class::NotAllowed) => self.deny(error.and_then(ApiError::code)).await,
            Some(_) => {}
        }
    }

    async fn deny(&self, code: Option<i64>) {
        let account = &*self.account;
        tracing::warn!(account, code, "WeChat lets this account send no customer-service messages");
        let until = self.clock.millis() + DENIED_FOR.as_millis() as u64;
        self.set(Learnt::Denied(until));
        let key = keys::access(account);
        if let Err(error) = self.store.put(&key, encode(&DeniedUntil(until)), DENIED_FOR).await {
            tracing::debug!(account, %error, "others and the next start have to learn it again");
        }
    }

    /// What this instance knows, or another one, or the one before.
    async fn known(&self) -> Learnt {
        if self.learnt() == Learnt::Nothing
            && let Ok(Some(denied)) = self.store.get(&keys::access(&self.account)).await
            && let Ok(DeniedUntil(until)) = decode(&denied)
        {
            self.set(Learnt::Denied(until));
        }
        self.learnt()
    }

    fn learnt(&self) -> Learnt {
        let mut learnt = self.learnt.lock().expect("no code panics while holding this lock");
        if matches!(*learnt, Learnt::Denied(until) if until <= self.clock.millis()) {
            *learnt = Learnt::Nothing;
        }
        *learnt
    }

    fn set(&self, learnt: Learnt) {
        *self.learnt.lock().expect("no code panics while holding this lock") = learnt;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn a_denial_has_a_golden_file() {
        golden::check("access.1.json", &DeniedUntil(1_735_776_000_000));
    }
}
