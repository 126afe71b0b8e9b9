//! One call from beginning to end: a token, the request, what the answer means, and once again
//! where the token was spent.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::timeout;
use wxbot_sdk::api::{Api, ApiError, Call, Class, Download, Upload, Uploaded};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;

use crate::answer::{self, About};
use crate::settings::{Settings, Timeouts};
use crate::token::{AccessToken, TokenFailure, Tokens};
use crate::transport::{Bounds, HttpRequest, HttpResponse, Transport, TransportError};
use crate::{body, download, multipart};

/// The longest answers are lists: 10,000 openids, 10,000 messages of customer service.
const CALL_BYTES: usize = 8 << 20;
/// Files of WeChat's end at 10 MB.
const FILE_BYTES: usize = 32 << 20;

const UPLOAD: &str = "/cgi-bin/media/upload";
const GET: &str = "/cgi-bin/media/get";

/// WeChat's API for one account. Cheap to clone; all clones share one token, and so do all clients
/// of one app id whose store is the same.
///
/// A call is made once. It is made a second time only where WeChat says that the token was spent
/// ([`Class::TokenSpent`]), which means that nothing was done.
///
/// A call takes as long as [`Timeouts`] says, each time, and as long again as it takes to get a token
/// where there is none: with the defaults about 15 s at most.
#[derive(Clone)]
pub struct Client {
    account: Arc<str>,
    timeouts: Timeouts,
    transport: Arc<dyn Transport>,
    /// Or the key that is missing in `bot.toml`.
    access: Result<Access, &'static str>,
}

#[derive(Clone)]
struct Access {
    tokens: Arc<Tokens>,
    app_secret: SecretString,
}

/// What an answer is turned into.
type Read<T> = fn(About<'_>, &HttpResponse) -> Result<T, ApiError>;

impl Client {
    /// Makes no call yet. An account without `app_id` or `app_secret` gets a client whose every call
    /// says so.
    pub fn new(
        settings: &Settings,
        store: Arc<dyn Store>,
        clock: Clock,
        transport: Arc<dyn Transport>,
    ) -> Self {
        let access = settings.credentials().map(|(app_id, app_secret)| {
            let transport = Arc::clone(&transport);
            let tokens = Tokens::new(settings, app_id, app_secret, store, clock, transport);
            Access { tokens: Arc::new(tokens), app_secret: app_secret.clone() }
        });
        let account = settings.account.as_str().into();
        Self { account, timeouts: settings.timeouts, transport, access }
    }

    /// Makes a call, and makes it again with another token if this one was spent.
    async fn exchange<T>(&self, request: HttpRequest, read: Read<T>) -> Result<T, ApiError> {
        let access = self.access(&request.path)?;
        let no_token = |failure: TokenFailure| ApiError::NoToken {
            path: request.path.clone(),
            cause: Box::new(failure.to_error(access.tokens.path())),
        };
        let token = access.tokens.current().await.map_err(no_token)?;
        let first = self.attempt(access, &token, request.clone(), read).await;
        if !is_token_spent(&first) {
            return first;
        }
        tracing::debug!(account = %self.account, path = request.path, "the access token was spent");
        let token = match access.tokens.other_than(token).await {
            Ok(token) => token,
            // There is no better one: then it is the call that WeChat refuses.
            Err(TokenFailure::StillRefused) => return first,
            Err(failure) => return Err(no_token(failure)),
        };
        self.attempt(access, &token, request, read).await
    }

    fn access(&self, path: &str) -> Result<&Access, ApiError> {
        self.access.as_ref().map_err(|key| ApiError::NotConfigured {
            path: path.to_owned(),
            account: self.account.to_string(),
            key,
        })
    }

    async fn attempt<T>(
        &self,
        access: &Access,
        token: &AccessToken,
        mut request: HttpRequest,
        read: Read<T>,
    ) -> Result<T, ApiError> {
        let (path, time) = (request.path.clone(), request.bounds.time);
        let secrets = [token.text(), access.app_secret.expose_secret()];
        let about = About { path: &path, secrets };
        request.query.insert(0, ("access_token".into(), token.text().to_owned()));
        match timeout(time, self.transport.send(request)).await {
            Ok(Ok(response)) => read(about, &response),
            Ok(Err(TransportError::NotSent(source))) => {
                Err(ApiError::Unreachable { path: path.clone(), source: source.into() })
            }
            Ok(Err(TransportError::Unclear(source))) => Err(about.unclear(source)),
            Err(_) => Err(about.unclear(format!("no answer within {time:?}"))),
        }
    }
}

#[async_trait]
impl Api for Client {
    async fn request(&self, call: Call) -> Result<Value, ApiError> {
        let bounds = Bounds { time: self.timeouts.call, answer_bytes: CALL_BYTES };
        let request = match &call.body {
            Some(value) => HttpRequest::post(&call.path, call.query, body::json(value), bounds),
            None => HttpRequest::get(&call.path, call.query, bounds),
        };
        self.exchange(request, answer::read).await
    }

    async fn upload(&self, upload: Upload) -> Result<Uploaded, ApiError> {
        let boundary = format!("wxbot-{}", hex::encode(rand::random::<[u8; 16]>()));
        let query = vec![("type".to_owned(), upload.kind.as_str().to_owned())];
        let bounds = Bounds { time: self.timeouts.media, answer_bytes: CALL_BYTES };
        let form = multipart::form(&upload, &boundary);
        self.exchange(HttpRequest::post(UPLOAD, query, form, bounds), uploaded).await
    }

    async fn download(&self, media_id: &str) -> Result<Download, ApiError> {
        let query = vec![("media_id".to_owned(), media_id.to_owned())];
        let bounds = Bounds { time: self.timeouts.media, answer_bytes: FILE_BYTES };
        self.exchange(HttpRequest::get(GET, query, bounds), download::read).await
    }
}

/// Then nothing was done, and another token will do (section 7.1).
fn is_token_spent<T>(answer: &Result<T, ApiError>) -> bool {
    answer.as_ref().is_err_and(|error| error.class() == Class::TokenSpent)
}

/// A cover's id has a name of its own.
fn uploaded(about: About<'_>, response: &HttpResponse) -> Result<Uploaded, ApiError> {
    let value = answer::read(about, response)?;
    let media_id =
        ["media_id", "thumb_media_id"].iter().find_map(|name| value.get(*name)?.as_str());
    let media_id = media_id.ok_or_else(|| about.unclear("the answer has no `media_id`"))?;
    let created_at = value.get("created_at").and_then(answer::integer).unwrap_or_default();
    let created_at = u64::try_from(created_at).unwrap_or_default();
    Ok(Uploaded { media_id: media_id.to_owned(), created_at })
}
