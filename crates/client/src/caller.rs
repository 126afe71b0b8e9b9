//! One call from beginning to end: its turn, a token, the request, what the answer means, and once
//! again where the token was spent.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use wxbot_sdk::api::{ApiCondition, ApiError, Class};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;

use crate::answer::{About, Answer};
use crate::breaker::CircuitBreaker;
use crate::limiter::{Entered, Lane, Limiter, TooMany};
use crate::settings::Settings;
use crate::token::{AccessToken, TokenFailure, Tokens};
use crate::transport::{HttpRequest, Transport};

/// Makes the calls of one account.
pub(crate) struct Caller {
    account: String,
    app_id: String,
    app_secret: SecretString,
    tokens: Arc<Tokens>,
    limiter: Arc<Limiter>,
    breaker: CircuitBreaker,
    transport: Arc<dyn Transport>,
}

/// A request, and what it has to wait for.
pub(crate) struct Outgoing {
    pub(crate) request: HttpRequest,
    pub(crate) lane: Lane,
}

impl Caller {
    /// The caller of an account, or the key of `bot.toml` that it lacks. Makes no call yet.
    pub(crate) fn new(
        settings: &Settings,
        store: Arc<dyn Store>,
        clock: Clock,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, &'static str> {
        let (app_id, app_secret) = settings.credentials()?;
        let tokens =
            Tokens::new(settings, app_id, app_secret, store, clock, Arc::clone(&transport));
        Ok(Self {
            account: settings.account.clone(),
            app_id: app_id.to_owned(),
            app_secret: app_secret.clone(),
            tokens: Arc::new(tokens),
            limiter: Arc::new(Limiter::new()),
            breaker: CircuitBreaker::new(&settings.account),
            transport,
        })
    }

    /// Makes a call, and makes it again with another token if this one was spent.
    pub(crate) async fn call<A: Answer>(&self, outgoing: Outgoing) -> Result<A, ApiError> {
        let path = &outgoing.request.path;
        let no_token = |failure: TokenFailure| ApiError::NoToken {
            path: path.clone(),
            cause: Box::new(failure.to_error(self.tokens.path())),
        };
        let entered = self.limiter.enter(&outgoing.lane).await;
        let entered = entered.map_err(|TooMany| overloaded(path))?;
        let token = self.tokens.current().await.map_err(no_token)?;
        let first = self.attempt(&entered, &token, &outgoing).await;
        if !first.as_ref().is_err_and(|error| error.class() == Class::TokenSpent) {
            return first;
        }
        tracing::debug!(account = %self.account, path, "the access token was spent");
        let token = match self.tokens.other_than(token).await {
            Ok(token) => token,
            // There is no better one: then it is the call that WeChat refuses.
            Err(TokenFailure::StillRefused) => return first,
            Err(failure) => return Err(no_token(failure)),
        };
        self.attempt(&entered, &token, &outgoing).await
    }

    /// Makes a call with the account's app id and secret instead of a token.
    pub(crate) async fn call_with_secret<A: Answer>(
        &self,
        mut outgoing: Outgoing,
    ) -> Result<A, ApiError> {
        let secret = self.app_secret.expose_secret();
        let credentials = [("appid", &*self.app_id), ("secret", secret)];
        let credentials = credentials.map(|(name, value)| (name.to_owned(), value.to_owned()));
        outgoing.request.query.splice(..0, credentials);
        self.call_without_token(outgoing).await
    }

    /// Makes a call whose query has all that it needs.
    pub(crate) async fn call_without_token<A: Answer>(
        &self,
        outgoing: Outgoing,
    ) -> Result<A, ApiError> {
        let entered = self.limiter.enter(&outgoing.lane).await;
        let entered = entered.map_err(|TooMany| overloaded(&outgoing.request.path))?;
        self.send(&entered, "", &outgoing, outgoing.request.clone()).await
    }

    /// The account's.
    pub(crate) fn app_id(&self) -> &str {
        &self.app_id
    }

    /// How the calls go.
    pub(crate) fn condition(&self) -> ApiCondition {
        let (calling, waiting) = self.limiter.calling_and_waiting();
        ApiCondition {
            circuit_open: self.breaker.is_open(),
            calling,
            waiting,
            overloaded: self.limiter.refused(),
            cut: self.breaker.cut(),
        }
    }

    async fn attempt<A: Answer>(
        &self,
        entered: &Arc<Entered>,
        token: &AccessToken,
        outgoing: &Outgoing,
    ) -> Result<A, ApiError> {
        let mut request = outgoing.request.clone();
        request.query.insert(0, ("access_token".into(), token.text().to_owned()));
        self.send(entered, token.text(), outgoing, request).await
    }

    /// Sends a request; where its answer repeats the token or the secret, they are taken out.
    async fn send<A: Answer>(
        &self,
        entered: &Arc<Entered>,
        token: &str,
        outgoing: &Outgoing,
        request: HttpRequest,
    ) -> Result<A, ApiError> {
        let path = &outgoing.request.path;
        let slot = entered.call().await.map_err(|TooMany| overloaded(path))?;
        let permit = self.breaker.permit(path)?;
        let about = About { path, secrets: [token, self.app_secret.expose_secret()] };
        let result = A::obtain(&*self.transport, request, about, slot).await;
        permit.record(&result);
        result
    }
}

fn overloaded(path: &str) -> ApiError {
    ApiError::Overloaded { path: path.to_owned() }
}
