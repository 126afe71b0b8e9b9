//! The token at hand, and the single flight that refreshes it: however many tasks wait for a token,
//! one of them gets it for all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;

use super::access_token::{AccessToken, Need};
use super::failure::TokenFailure;
use super::fetch::{Fetch, Fetcher};
use super::refresh::Refresher;
use super::shared::Shared;
use crate::settings::Settings;
use crate::transport::Transport;

/// Keeps the token of one account.
pub(crate) struct Tokens {
    /// The path of the call for a token.
    path: &'static str,
    cached: Mutex<Option<AccessToken>>,
    /// Whether a task refreshes the token while it is still used.
    in_background: AtomicBool,
    /// Single flight: one task of this process at a time.
    refresher: tokio::sync::Mutex<Refresher>,
}

impl Tokens {
    /// The access tokens of an account.
    pub(crate) fn new(
        settings: &Settings,
        app_id: &str,
        app_secret: &SecretString,
        store: Arc<dyn Store>,
        clock: Clock,
        transport: Arc<dyn Transport>,
    ) -> Self {
        let timeout = settings.timeouts.token;
        let fetcher = Fetcher::new(app_id, app_secret.clone(), settings.token, timeout, transport);
        Self::of(settings, Box::new(fetcher), Shared::new(app_id, store), clock)
    }

    /// What somebody else fetches, kept as tokens are in a part of the store of its own.
    pub(crate) fn of(
        settings: &Settings,
        fetcher: Box<dyn Fetch>,
        shared: Shared,
        clock: Clock,
    ) -> Self {
        Self {
            path: fetcher.path(),
            cached: Mutex::default(),
            in_background: AtomicBool::new(false),
            refresher: Refresher::new(settings, fetcher, shared, clock).into(),
        }
    }

    pub(crate) fn path(&self) -> &'static str {
        self.path
    }

    /// A token to make a call with.
    pub(crate) async fn current(self: &Arc<Self>) -> Result<AccessToken, TokenFailure> {
        let Some(token) = self.cached(&Need::Alive) else {
            return self.refresh_in_a_task(Need::Alive).await;
        };
        if token.is_due() {
            self.refresh_in_background();
        }
        Ok(token)
    }

    /// Another token than the one that WeChat refused.
    pub(crate) async fn other_than(
        self: &Arc<Self>,
        refused: AccessToken,
    ) -> Result<AccessToken, TokenFailure> {
        let need = Need::Other(refused);
        match self.cached(&need) {
            Some(token) => Ok(token),
            None => self.refresh_in_a_task(need).await,
        }
    }

    fn refresh_in_background(self: &Arc<Self>) {
        if self.in_background.swap(true, Ordering::AcqRel) {
            return;
        }
        let tokens = Arc::clone(self);
        tokio::spawn(async move {
            // A failure was logged, and the old token is good for a while.
            let _ = tokens.refresh(&Need::Fresh).await;
            tokens.in_background.store(false, Ordering::Release);
        });
    }

    /// In a task of its own: whoever stops waiting must not leave a lease behind.
    async fn refresh_in_a_task(self: &Arc<Self>, need: Need) -> Result<AccessToken, TokenFailure> {
        let tokens = Arc::clone(self);
        let refreshed = tokio::spawn(async move { tokens.refresh(&need).await }).await;
        let stopping = |_| Err(TokenFailure::Unreachable("the process is stopping".into()));
        refreshed.unwrap_or_else(stopping)
    }

    async fn refresh(&self, need: &Need) -> Result<AccessToken, TokenFailure> {
        let mut refresher = self.refresher.lock().await;
        // Whoever held the lock before may have brought what is needed.
        if let Some(token) = self.cached(need) {
            return Ok(token);
        }
        let token = refresher.refresh(need).await?;
        *self.lock() = Some(token.clone());
        Ok(token)
    }

    fn cached(&self, need: &Need) -> Option<AccessToken> {
        self.lock().clone().filter(|token| need.is_met_by(token))
    }

    fn lock(&self) -> MutexGuard<'_, Option<AccessToken>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
