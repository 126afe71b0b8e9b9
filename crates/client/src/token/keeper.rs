//! Who fetches the token, and when: one task of one process of all of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use secrecy::SecretString;
use tokio::time::{Instant, sleep};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;

use super::fetch::{Fetched, Fetcher};
use super::forced::Forced;
use super::lease::{Lease, Taken};
use super::pause::{Failure, Pause};
use super::shared::{Seen, Shared};
use super::{Need, Token};
use crate::settings::{Settings, TokenKind};
use crate::transport::Transport;

/// How often the store is asked for a token that somebody else is fetching.
const POLL: Duration = Duration::from_millis(200);
/// How long after the end of a lease its holder is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps the token of one account.
pub(crate) struct Tokens {
    account: String,
    kind: TokenKind,
    fetcher: Fetcher,
    shared: Shared,
    lease: Duration,
    /// How long before its end a token is renewed.
    ahead: Duration,
    local: Mutex<Option<Token>>,
    /// Whether a task renews the token while it is still used.
    in_background: AtomicBool,
    /// One task of this process at a time fetches a token.
    fetching: tokio::sync::Mutex<Fetching>,
}

#[derive(Default)]
struct Fetching {
    pause: Pause,
    forced: Forced,
}

impl Tokens {
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
        Self {
            account: settings.account.clone(),
            kind: settings.token,
            fetcher,
            shared: Shared::new(app_id, store, clock),
            // Twice, as a forced call may follow the first, and then some.
            lease: timeout * 2 + Duration::from_secs(3),
            ahead: ahead(settings.token),
            local: Mutex::default(),
            in_background: AtomicBool::new(false),
            fetching: tokio::sync::Mutex::default(),
        }
    }

    /// The path of the call for a token.
    pub(crate) fn path(&self) -> &'static str {
        self.fetcher.path()
    }

    /// A token to make a call with.
    pub(crate) async fn current(self: &Arc<Self>) -> Result<Token, Failure> {
        let Some(token) = self.local(&Need::Alive) else { return self.renew(Need::Alive).await };
        if token.is_due() {
            self.renew_in_background();
        }
        Ok(token)
    }

    /// Another token than the one that WeChat refused.
    pub(crate) async fn other_than(self: &Arc<Self>, refused: Token) -> Result<Token, Failure> {
        let need = Need::Other(refused);
        match self.local(&need) {
            Some(token) => Ok(token),
            None => self.renew(need).await,
        }
    }

    fn renew_in_background(self: &Arc<Self>) {
        if self.in_background.swap(true, Ordering::AcqRel) {
            return;
        }
        let tokens = Arc::clone(self);
        tokio::spawn(async move {
            // A failure was logged, and the old token is good for a while.
            let _ = tokens.find(&Need::Fresh).await;
            tokens.in_background.store(false, Ordering::Release);
        });
    }

    /// In a task of its own: whoever stops waiting must not leave a lease behind.
    async fn renew(self: &Arc<Self>, need: Need) -> Result<Token, Failure> {
        let tokens = Arc::clone(self);
        let found = tokio::spawn(async move { tokens.find(&need).await }).await;
        found.unwrap_or_else(|_| Err(Failure::Unreachable("the process is stopping".into())))
    }

    async fn find(&self, need: &Need) -> Result<Token, Failure> {
        let mut fetching = self.fetching.lock().await;
        if let Some(token) = self.local(need) {
            return Ok(token);
        }
        let found = self.find_alone(need, &mut fetching).await;
        if let Ok(token) = &found {
            self.keep(token);
        }
        found
    }

    /// Looks for somebody else's token until there is one, or it is for us to fetch it.
    async fn find_alone(&self, need: &Need, fetching: &mut Fetching) -> Result<Token, Failure> {
        let patience = Instant::now() + self.lease + PATIENCE;
        loop {
            if let Some(token) = self.look(need).await {
                return Ok(token);
            }
            fetching.pause.check(&self.shared).await?;
            match Lease::take(&self.shared, self.lease).await {
                Taken::Mine(lease) => {
                    let fetched = self.fetch(need, fetching).await;
                    lease.give_back(&self.shared).await;
                    return fetched;
                }
                Taken::NoStore => return self.fetch(need, fetching).await,
                Taken::BySomebody if Instant::now() < patience => sleep(POLL).await,
                Taken::BySomebody => {
                    let failure = Failure::Unreachable("another instance is asking for it".into());
                    return Err(self.failed(failure, fetching).await);
                }
            }
        }
    }

    /// What the others have, if it is what is needed.
    async fn look(&self, need: &Need) -> Option<Token> {
        let token = self.shared.read(self.ahead).await.token?;
        need.is_met_by(&token).then_some(token)
    }

    /// Fetches a token, unless somebody did so just before the lease was ours.
    async fn fetch(&self, need: &Need, fetching: &mut Fetching) -> Result<Token, Failure> {
        let seen = self.shared.read(self.ahead).await;
        if let Some(token) = seen.token.as_ref().filter(|token| need.is_met_by(token)) {
            return Ok(token.clone());
        }
        let asked = Instant::now();
        match self.ask(need, fetching).await {
            Ok(fetched) => {
                self.succeeded(fetching);
                Ok(self.share(fetched, asked, seen, need).await)
            }
            Err(failure) => Err(self.failed(failure, fetching).await),
        }
    }

    async fn ask(&self, need: &Need, fetching: &mut Fetching) -> Result<Fetched, Failure> {
        let kills = self.kind == TokenKind::Plain;
        if !kills || matches!(need, Need::Alive | Need::Fresh) {
            let fetched = self.fetcher.fetch(false).await?;
            if !need.is_refused(&fetched.token) {
                return Ok(fetched);
            }
        }
        // Only a new token helps, which kills the old one for whoever else uses it.
        if !fetching.forced.may(most_forced(self.kind), &self.shared).await {
            return Err(Failure::Same);
        }
        let forced = self.fetcher.fetch(true).await?;
        if need.is_refused(&forced.token) { Err(Failure::Same) } else { Ok(forced) }
    }

    /// Gives a new token to the others, unless they have a newer one: then that is ours too.
    async fn share(&self, fetched: Fetched, asked: Instant, seen: Seen, need: &Need) -> Token {
        let token = Token::fetched(fetched, asked, self.ahead);
        self.shared.write(&token, seen, self.ahead, need).await.unwrap_or(token)
    }

    fn succeeded(&self, fetching: &mut Fetching) {
        if fetching.pause.end() {
            tracing::info!(account = %self.account, "there is an access token again");
        }
    }

    async fn failed(&self, failure: Failure, fetching: &mut Fetching) -> Failure {
        let again_in = fetching.pause.begin(failure.clone(), &self.shared).await;
        let (account, error) = (&self.account, failure.to_error(self.path()));
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let cause = cause.unwrap_or_default();
        if failure.is_for_the_operator() {
            tracing::error!(%account, %error, cause, ?again_in, "there is no new access token");
        } else {
            tracing::warn!(%account, %error, cause, ?again_in, "there is no new access token");
        }
        failure
    }

    fn local(&self, need: &Need) -> Option<Token> {
        self.lock().clone().filter(|token| need.is_met_by(token))
    }

    fn keep(&self, token: &Token) {
        *self.lock() = Some(token.clone());
    }

    fn lock(&self) -> MutexGuard<'_, Option<Token>> {
        self.local.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each process a bit differently, so that they do not all ask for the lease at once. A stable token
/// is not replaced before its last five minutes; a plain one is, and lives on for five.
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
