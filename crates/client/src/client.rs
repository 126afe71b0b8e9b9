//! WeChat's API as plugins see it: which request each call is, and what it may take.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use wxbot_sdk::api::{Api, ApiCondition, ApiError, Call, Credentials, Fetched, Form, JsConfig};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::custom;
use wxbot_sdk::store::Store;

use crate::answer::Answer;
use crate::caller::{Caller, Outgoing};
use crate::limiter::Lane;
use crate::settings::{Settings, Timeouts};
use crate::token::Tokens;
use crate::transport::{Bounds, HttpRequest, Transport};
use crate::typing::Typing;
use crate::{body, js_config, jsapi_ticket, multipart};

/// The longest answers are lists: 10,000 openids, 10,000 messages of customer service.
const CALL_BYTES: u64 = 8 << 20;

/// WeChat's API for one account. Cheap to clone; all clones share one token, and so do all clients
/// of one app id whose store is the same.
///
/// A call is made once. It is made a second time only if WeChat says that the token was spent
/// ([`Class::TokenSpent`](wxbot_sdk::api::Class::TokenSpent)), which means that nothing was done.
///
/// At most 16 calls are made at once, first come, first served: one at a time to each follower, and
/// four with files each way. A call that waits for longer than 10 s, or finds 4096 waiting, fails with
/// [`Overloaded`](ApiError::Overloaded). While WeChat's API is down, calls fail at once with
/// [`CircuitOpen`](ApiError::CircuitOpen). [`Timeouts`] bounds the call itself, and the call for a
/// token if there is none.
///
/// Concurrent calls of [`typing`](Api::typing) are one until it is known whether the account may do
/// that.
#[derive(Clone)]
pub struct Client {
    account: Arc<str>,
    timeouts: Timeouts,
    clock: Clock,
    /// Or the key that is missing in `bot.toml`.
    access: Result<Access, &'static str>,
    typing: Arc<Typing>,
}

/// What calls are made with.
#[derive(Clone)]
struct Access {
    caller: Arc<Caller>,
    /// For the JS-SDK.
    tickets: Arc<Tokens>,
}

impl Client {
    /// Makes no call yet. If the account has no `app_id` or no `app_secret`, every call says so.
    pub fn new(
        settings: &Settings,
        store: Arc<dyn Store>,
        clock: Clock,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self {
            account: settings.account.as_str().into(),
            timeouts: settings.timeouts,
            clock,
            access: Access::new(settings, store, clock, transport),
            typing: Arc::default(),
        }
    }

    fn access(&self, path: &str) -> Result<&Access, ApiError> {
        self.access.as_ref().map_err(|key| ApiError::NotConfigured {
            path: path.to_owned(),
            account: self.account.to_string(),
            key,
        })
    }

    fn caller(&self, path: &str) -> Result<&Caller, ApiError> {
        self.access(path).map(|access| &*access.caller)
    }

    /// Makes a call with the credentials that it asks for.
    async fn make<A: Answer>(
        &self,
        credentials: Credentials,
        outgoing: Outgoing,
    ) -> Result<A, ApiError> {
        let caller = self.caller(&outgoing.request.path)?;
        match credentials {
            Credentials::AccessToken => caller.call(outgoing).await,
            Credentials::AppSecret => caller.call_with_secret(outgoing).await,
            Credentials::InQuery => caller.call_without_token(outgoing).await,
        }
    }

    /// What a call with a file may take.
    fn file_bounds(&self, answer_bytes: u64) -> Bounds {
        Bounds { time: self.timeouts.media, idle: self.timeouts.media_idle, answer_bytes }
    }
}

impl Access {
    fn new(
        settings: &Settings,
        store: Arc<dyn Store>,
        clock: Clock,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, &'static str> {
        let caller = Caller::new(settings, Arc::clone(&store), clock, transport)?;
        let caller = Arc::new(caller);
        let tickets = jsapi_ticket::tickets(settings, &caller, store, clock);
        Ok(Self { caller, tickets: Arc::new(tickets) })
    }
}

#[async_trait]
impl Api for Client {
    async fn request(&self, call: Call) -> Result<Value, ApiError> {
        let bounds = Bounds::brief(self.timeouts.call, CALL_BYTES);
        let lane = call.openid().map_or(Lane::Any, |openid| Lane::Follower(openid.to_owned()));
        let credentials = call.credentials;
        self.make(credentials, Outgoing { request: request(call, bounds), lane }).await
    }

    async fn send_form(&self, call: Call, form: Form) -> Result<Value, ApiError> {
        let boundary = format!("wxbot-{}", hex::encode(rand::random::<[u8; 16]>()));
        let body = multipart::body(form, &boundary);
        let bounds = self.file_bounds(CALL_BYTES);
        let request = HttpRequest::post(&call.path, call.query, body, bounds);
        self.make(call.credentials, Outgoing { request, lane: Lane::Upload }).await
    }

    async fn fetch(&self, call: Call, most_bytes: u64) -> Result<Fetched, ApiError> {
        let (credentials, bounds) = (call.credentials, self.file_bounds(most_bytes));
        let request = request(call, bounds);
        self.make(credentials, Outgoing { request, lane: Lane::Download }).await
    }

    fn app_id(&self) -> Result<&str, ApiError> {
        self.caller("the app id").map(Caller::app_id)
    }

    async fn js_config(&self, url: &str) -> Result<JsConfig, ApiError> {
        let Access { caller, tickets } = self.access(jsapi_ticket::PATH)?;
        let ticket = tickets.current().await;
        let ticket = ticket.map_err(|failure| failure.to_error(tickets.path()))?;
        let nonce = hex::encode(rand::random::<[u8; 16]>());
        let now = self.clock.seconds();
        Ok(js_config::sign(caller.app_id(), ticket.text(), url, now, nonce))
    }

    async fn typing(&self, openid: &str) -> Result<(), ApiError> {
        let call = async { self.request(custom::typing(openid)).await.map(drop) };
        self.typing.show(call).await
    }

    fn condition(&self) -> ApiCondition {
        self.access.as_ref().map(|access| access.caller.condition()).unwrap_or_default()
    }
}

fn request(call: Call, bounds: Bounds) -> HttpRequest {
    match &call.body {
        Some(value) => HttpRequest::post(&call.path, call.query, body::json(value), bounds),
        None => HttpRequest::get(&call.path, call.query, bounds),
    }
}
