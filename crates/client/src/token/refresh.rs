//! Getting a new token: one process of all that share a store does it, under a lease, and none
//! while a backoff lasts.

use std::error::Error;
use std::time::Duration;

use rand::RngExt as _;
use tokio::time::{Instant, sleep};
use wxbot_sdk::clock::Clock;

use super::access_token::{AccessToken, Need};
use super::backoff::Backoff;
use super::failure::TokenFailure;
use super::fetch::{Fetch, Fetched};
use super::forced_refresh::ForcedRefreshes;
use super::lease::{Acquired, Lease};
use super::shared::Shared;
use super::shared_token::SharedToken;
use crate::settings::{Settings, TokenKind};

/// How often the store is asked for a token that somebody else is fetching.
const POLL: Duration = Duration::from_millis(200);
/// How long after the end of a lease its holder is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// Gets tokens for one account, one at a time.
pub(super) struct Refresher {
    account: String,
    kind: TokenKind,
    /// Says which day it is.
    clock: Clock,
    fetcher: Box<dyn Fetch>,
    shared: Shared,
    shared_token: SharedToken,
    /// How long a lease lasts.
    lease: Duration,
    /// How long before its end a token is refreshed.
    ahead: Duration,
    backoff: Backoff,
    forced: ForcedRefreshes,
}

impl Refresher {
    pub(super) fn new(
        settings: &Settings,
        fetcher: Box<dyn Fetch>,
        shared: Shared,
        clock: Clock,
    ) -> Self {
        let ahead = ahead(settings.token);
        Self {
            account: settings.account.clone(),
            kind: settings.token,
            clock,
            lease: fetcher.time() + Duration::from_secs(3),
            fetcher,
            shared,
            shared_token: SharedToken::new(ahead),
            ahead,
            backoff: Backoff::default(),
            forced: ForcedRefreshes::default(),
        }
    }

    /// Looks for somebody else's token until there is one, or it is for us to fetch it.
    pub(super) async fn refresh(&mut self, need: &Need) -> Result<AccessToken, TokenFailure> {
        let patience = Instant::now() + self.lease + PATIENCE;
        loop {
            if let Some(token) = self.shared_token.read(&self.shared, need).await {
                return Ok(token);
            }
            self.backoff.check(&self.shared).await?;
            match Lease::acquire(&self.shared, self.lease).await {
                Acquired::Ours(lease) => {
                    let token = self.refresh_under_lease(need).await;
                    lease.release(&self.shared).await;
                    return token;
                }
                Acquired::NoStore => return self.fetch(need).await,
                Acquired::Taken if Instant::now() < patience => sleep(POLL).await,
                Acquired::Taken => {
                    let cause = "another instance is asking for it".into();
                    return Err(self.failed(TokenFailure::Unreachable(cause)).await);
                }
            }
        }
    }

    /// Somebody may have fetched a token just before the lease was ours.
    async fn refresh_under_lease(&mut self, need: &Need) -> Result<AccessToken, TokenFailure> {
        match self.shared_token.read(&self.shared, need).await {
            Some(token) => Ok(token),
            None => self.fetch(need).await,
        }
    }

    async fn fetch(&mut self, need: &Need) -> Result<AccessToken, TokenFailure> {
        let asked = Instant::now();
        let fetched = match self.ask(need).await {
            Ok(fetched) => fetched,
            Err(failure) => return Err(self.failed(failure).await),
        };
        if self.backoff.end() {
            let noun = self.fetcher.noun();
            tracing::info!(account = %self.account, "the {noun} is there again");
        }
        let Fetched { token, lifetime } = fetched;
        let token = AccessToken::fetched(token, lifetime, asked, self.ahead);
        Ok(self.shared_token.offer(&self.shared, token, need).await)
    }

    /// Asks WeChat, and asks it to replace a token that it refuses and yet gives out.
    async fn ask(&mut self, need: &Need) -> Result<Fetched, TokenFailure> {
        if !self.asking_kills(need) {
            let fetched = self.fetcher.fetch(false).await?;
            if !need.rules_out(&fetched.token) {
                return Ok(fetched);
            }
        }
        let (a_day, now) = (most_forced(self.kind), self.clock.seconds());
        if !self.forced.may_force(a_day, now, &self.shared).await {
            return Err(TokenFailure::StillRefused);
        }
        let forced = self.fetcher.fetch(true).await?;
        if need.rules_out(&forced.token) { Err(TokenFailure::StillRefused) } else { Ok(forced) }
    }

    /// Whether already asking takes a token away from whoever else uses it.
    fn asking_kills(&self, need: &Need) -> bool {
        self.kind == TokenKind::Plain && matches!(need, Need::Other(_))
    }

    async fn failed(&mut self, failure: TokenFailure) -> TokenFailure {
        let retry_in = self.backoff.begin(failure.clone(), &self.shared).await;
        let (account, error) = (&self.account, failure.to_error(self.fetcher.path()));
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        let noun = self.fetcher.noun();
        if failure.is_lasting() {
            tracing::error!(%account, %error, cause, ?retry_in, "there is no new {noun}");
        } else {
            tracing::warn!(%account, %error, cause, ?retry_in, "there is no new {noun}");
        }
        failure
    }
}

/// Differs by process, so that they do not all ask for the lease at once. A stable token is not
/// replaced before its last five minutes; a plain one is, and lives on for five.
fn ahead(kind: TokenKind) -> Duration {
    let [at_least, at_most] = match kind {
        TokenKind::Stable => [180, 280],
        TokenKind::Plain => [600, 700],
    };
    Duration::from_secs(rand::rng().random_range(at_least..at_most))
}

/// How often a day a token may be replaced that may be alive (section 7.1). A stable one is forced,
/// 20 times; a plain one may be asked for 2000 times, and most of them are for other needs.
fn most_forced(kind: TokenKind) -> u32 {
    match kind {
        TokenKind::Stable => 20,
        TokenKind::Plain => 200,
    }
}
