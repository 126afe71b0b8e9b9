//! Who makes the calls of an account.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::condition::ApiCondition;
use super::error::ApiError;
use super::js_sdk::{self, JsConfig};
use super::material::{self, Material, VideoText};
use super::media::{self, Download, Upload, Uploaded};
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

    /// Puts a file on WeChat's servers for three days (section 7.7).
    async fn upload(&self, upload: Upload) -> Result<Uploaded, ApiError> {
        drop(upload);
        Err(ApiError::Unsupported { path: media::UPLOAD.into() })
    }

    /// Fetches what a follower sent, or what was uploaded (section 7.7).
    async fn download(&self, media_id: &str) -> Result<Download, ApiError> {
        let _ = media_id;
        Err(ApiError::Unsupported { path: media::GET.into() })
    }

    /// Adds a file to the permanent material (section 7.7); a video has a text. Rather by
    /// [`materials`](super::Materials).
    async fn add_material(
        &self,
        upload: Upload,
        video: Option<VideoText>,
    ) -> Result<Material, ApiError> {
        drop((upload, video));
        Err(ApiError::Unsupported { path: material::ADD.into() })
    }

    /// Fetches permanent material (section 7.7).
    async fn download_material(&self, media_id: &str) -> Result<Download, ApiError> {
        let _ = media_id;
        Err(ApiError::Unsupported { path: material::GET.into() })
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

#[async_trait]
impl Api for Unconfigured {
    async fn request(&self, call: Call) -> Result<Value, ApiError> {
        let account = self.account.to_string();
        Err(ApiError::NotConfigured { path: call.path, account, key: self.key })
    }

    fn app_id(&self) -> Result<&str, ApiError> {
        let account = self.account.to_string();
        Err(ApiError::NotConfigured { path: "the app id".into(), account, key: self.key })
    }

    async fn js_config(&self, _: &str) -> Result<JsConfig, ApiError> {
        let account = self.account.to_string();
        Err(ApiError::NotConfigured { path: js_sdk::TICKET.into(), account, key: self.key })
    }
}
