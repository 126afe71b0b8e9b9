//! WeChat's API as plugins see it: which request each call is, and what it may take.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use wxbot_sdk::api::{
    Api, ApiCondition, ApiError, Call, Credentials, Download, JsConfig, Material, Upload, Uploaded,
    VideoText,
};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::custom;
use wxbot_sdk::store::Store;

use crate::answer::{self, About};
use crate::caller::{Caller, Outgoing};
use crate::limiter::Lane;
use crate::settings::{Settings, Timeouts};
use crate::token::Tokens;
use crate::transport::{Bounds, HttpRequest, HttpResponse, Transport};
use crate::typing::Typing;
use crate::{body, download, js_config, jsapi_ticket, multipart};

/// The longest answers are lists: 10,000 openids, 10,000 messages of customer service.
const CALL_BYTES: usize = 8 << 20;
/// Files of WeChat's end at 10 MB.
const FILE_BYTES: usize = 32 << 20;

const UPLOAD: &str = "/cgi-bin/media/upload";
const GET: &str = "/cgi-bin/media/get";
const ADD_MATERIAL: &str = "/cgi-bin/material/add_material";
const GET_MATERIAL: &str = "/cgi-bin/material/get_material";

/// WeChat's API for one account. Cheap to clone; all clones share one token, and so do all clients
/// of one app id whose store is the same.
///
/// A call is made once. It is made a second time only if WeChat says that the token was spent
/// ([`Class::TokenSpent`](wxbot_sdk::api::Class::TokenSpent)), which means that nothing was done.
///
/// At most 16 calls are made at once, first come, first served: one at a time to each follower, and
/// four with files. A call that waits for longer than 10 s, or finds 4096 waiting, fails with
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

    /// The request that brings a file.
    fn form(&self, path: &str, upload: &Upload, video: Option<&VideoText>) -> HttpRequest {
        let boundary = format!("wxbot-{}", hex::encode(rand::random::<[u8; 16]>()));
        let query = vec![("type".to_owned(), upload.kind.as_str().to_owned())];
        let bounds = Bounds { time: self.timeouts.media, answer_bytes: CALL_BYTES };
        HttpRequest::post(path, query, multipart::form(upload, video, &boundary), bounds)
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
        let caller = self.caller(&call.path)?;
        let bounds = Bounds { time: self.timeouts.call, answer_bytes: CALL_BYTES };
        let openid = call.openid().map(str::to_owned);
        let lane = openid.map_or(Lane::Any, Lane::Follower);
        let request = match &call.body {
            Some(value) => HttpRequest::post(&call.path, call.query, body::json(value), bounds),
            None => HttpRequest::get(&call.path, call.query, bounds),
        };
        let outgoing = Outgoing { request, lane, read: answer::read };
        match call.credentials {
            Credentials::AccessToken => caller.call(outgoing).await,
            Credentials::AppSecret => caller.call_with_secret(outgoing).await,
            Credentials::InQuery => caller.call_without_token(outgoing).await,
        }
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

    async fn upload(&self, upload: Upload) -> Result<Uploaded, ApiError> {
        let request = self.form(UPLOAD, &upload, None);
        let outgoing = Outgoing { request, lane: Lane::File, read: uploaded };
        self.caller(UPLOAD)?.call(outgoing).await
    }

    async fn add_material(
        &self,
        upload: Upload,
        video: Option<VideoText>,
    ) -> Result<Material, ApiError> {
        let request = self.form(ADD_MATERIAL, &upload, video.as_ref());
        let outgoing = Outgoing { request, lane: Lane::File, read: added };
        self.caller(ADD_MATERIAL)?.call(outgoing).await
    }

    async fn download_material(&self, media_id: &str) -> Result<Download, ApiError> {
        let bounds = Bounds { time: self.timeouts.media, answer_bytes: FILE_BYTES };
        let body = body::json(&json!({"media_id": media_id}));
        let request = HttpRequest::post(GET_MATERIAL, Vec::new(), body, bounds);
        let outgoing = Outgoing { request, lane: Lane::File, read: download::read };
        self.caller(GET_MATERIAL)?.call(outgoing).await
    }

    async fn download(&self, media_id: &str) -> Result<Download, ApiError> {
        let caller = self.caller(GET)?;
        let query = vec![("media_id".to_owned(), media_id.to_owned())];
        let bounds = Bounds { time: self.timeouts.media, answer_bytes: FILE_BYTES };
        let request = HttpRequest::get(GET, query, bounds);
        caller.call(Outgoing { request, lane: Lane::File, read: download::read }).await
    }

    fn condition(&self) -> ApiCondition {
        self.access.as_ref().map(|access| access.caller.condition()).unwrap_or_default()
    }
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

fn added(about: About<'_>, response: &HttpResponse) -> Result<Material, ApiError> {
    let value = answer::read(about, response)?;
    Material::deserialize(&value).map_err(|error| about.unclear(error))
}
