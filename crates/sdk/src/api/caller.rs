//! Who makes the calls of an account.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::answer::read;
use super::condition::ApiCondition;
use super::error::ApiError;
use super::file_stream::Fetched;
use super::form::Form;
use super::js_sdk::{self, JsConfig};
use super::material::{self, Material, VideoText};
use super::media::{self, Download, OpenDownload, Upload, Uploaded};
use crate::call::Call;
use crate::custom::{self, CustomMessage};

/// Calls WeChat's API for one account. `wxbot-client` has the implementation: it brings the access
/// token, renews it when WeChat says that it is spent, and never prints it.
///
/// What bots use daily is typed, by its noun: `ctx.api().notifications()`. Everything else is a
/// [`Call`].
#[async_trait]
pub trait Api: Send + Sync {
    /// Makes one call and returns WeChat's JSON, or why there is none.
    async fn request(&self, call: Call) -> Result<Value, ApiError>;

    /// The account's app id.
    fn app_id(&self) -> Result<&str, ApiError> {
        Err(ApiError::Unsupported { path: "the app id".into() })
    }

    /// Makes one call that brings files, as a POST of a form, and returns WeChat's JSON. The files are
    /// read while they are sent. The call's own body is not sent.
    async fn send_form(&self, call: Call, form: Form) -> Result<Value, ApiError> {
        drop(form);
        Err(ApiError::Unsupported { path: call.path })
    }

    /// Makes one call that may be answered with a file, of at most so many bytes. What looks like one
    /// of WeChat's refusals is one, whatever its content type.
    async fn fetch(&self, call: Call, most_bytes: u64) -> Result<Fetched, ApiError> {
        let _ = most_bytes;
        Err(ApiError::Unsupported { path: call.path })
    }

    /// Puts a file on WeChat's servers for three days (section 7.7).
    async fn upload(&self, upload: Upload) -> Result<Uploaded, ApiError> {
        let call = Call::get(media::UPLOAD).with("type", upload.kind.as_str());
        Uploaded::read(&self.send_form(call, upload.into_form()).await?)
    }

    /// Fetches what a follower sent, or what was uploaded (section 7.7), piece by piece: 32 MB at
    /// most. Files of WeChat's have 10 MB.
    async fn open_download(&self, media_id: &str) -> Result<OpenDownload, ApiError> {
        let call = Call::get(media::GET).with("media_id", media_id);
        OpenDownload::read(media::GET, self.fetch(call, media::MOST_BYTES).await?)
    }

    /// The same in memory, whole.
    async fn download(&self, media_id: &str) -> Result<Download, ApiError> {
        self.open_download(media_id).await?.whole().await
    }

    /// Adds a file to the permanent material (section 7.7); a video has a text. Rather by
    /// [`materials`](super::Materials).
    async fn add_material(
        &self,
        upload: Upload,
        video: Option<VideoText>,
    ) -> Result<Material, ApiError> {
        let call = Call::get(material::ADD).with("type", upload.kind.as_str());
        let form = material::form(upload, video.as_ref());
        read(material::ADD, &self.send_form(call, form).await?)
    }

    /// Signs the URL of a web page for the JS-SDK, without its fragment (section 7.12). The ticket
    /// that it takes is fetched once for all instances.
    async fn js_config(&self, url: &str) -> Result<JsConfig, ApiError> {
        let _ = url;
        Err(ApiError::Unsupported { path: js_sdk::TICKET.into() })
    }

    /// A POST with JSON.
    async fn post(&self, path: &str, body: Value) -> Result<Value, ApiError> {
        self.request(Call::post(path, body)).await
    }

    /// A GET.
    async fn get(&self, path: &str) -> Result<Value, ApiError> {
        self.request(Call::get(path)).await
    }

    /// Sends a customer-service message (section 7.3).
    async fn send(&self, openid: &str, message: &CustomMessage) -> Result<(), ApiError> {
        self.request(message.call(openid)).await.map(drop)
    }

    /// Shows the follower that an answer is being typed, for about 15 s (section 7.3).
    async fn typing(&self, openid: &str) -> Result<(), ApiError> {
        self.request(custom::typing(openid)).await.map(drop)
    }

    /// Takes that back.
    async fn cancel_typing(&self, openid: &str) -> Result<(), ApiError> {
        self.request(custom::cancel_typing(openid)).await.map(drop)
    }

    /// How the calls go, without one.
    fn condition(&self) -> ApiCondition {
        ApiCondition::default()
    }
}

/// The API of an account that lacks what calls need: refuses each with
/// [`ApiError::NotConfigured`].
pub struct Unconfigured {
    /// The account's id in `bot.toml`.
    pub account: Arc<str>,
    /// The key that is missing there.
    pub key: &'static str,
}

impl Unconfigured {
    fn error(&self, path: &str) -> ApiError {
        let (path, account) = (path.to_owned(), self.account.to_string());
        ApiError::NotConfigured { path, account, key: self.key }
    }
}

#[async_trait]
impl Api for Unconfigured {
    async fn request(&self, call: Call) -> Result<Value, ApiError> {
        Err(self.error(&call.path))
    }

    async fn send_form(&self, call: Call, _: Form) -> Result<Value, ApiError> {
        Err(self.error(&call.path))
    }

    async fn fetch(&self, call: Call, _: u64) -> Result<Fetched, ApiError> {
        Err(self.error(&call.path))
    }

    fn app_id(&self) -> Result<&str, ApiError> {
        Err(self.error("the app id"))
    }

    async fn js_config(&self, _: &str) -> Result<JsConfig, ApiError> {
        Err(self.error(js_sdk::TICKET))
    }
}
