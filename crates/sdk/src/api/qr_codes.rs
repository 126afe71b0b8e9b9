//! QR codes with a scene: who scans one tells the bot where they did (protocol section 7.9).

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::read;
use super::caller::Api;
use super::error::ApiError;
use super::percent;

const CREATE: &str = "/cgi-bin/qrcode/create";
/// Shows the picture of a code to everybody.
const SHOW: &str = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=";

/// Makes QR codes. From `ctx.api().qr_codes()`.
#[derive(Clone, Copy)]
pub struct QrCodes<'a> {
    api: &'a dyn Api,
}

/// What a code says; comes back with the events `subscribe` and `SCAN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scene {
    /// Not 0; of a permanent code 100,000 at most.
    Id(u32),
    /// 1 to 64 characters.
    Text(String),
}

/// A code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QrCode {
    /// Stands for it in [`picture_url`](Self::picture_url).
    pub ticket: String,
    /// What is written in it, for whoever draws it.
    pub url: String,
    /// How long it lasts, in seconds; none for a permanent one.
    #[serde(default)]
    pub expire_seconds: Option<u64>,
}

impl QrCode {
    /// Where its picture is, for everybody.
    pub fn picture_url(&self) -> String {
        SHOW.to_owned() + &percent::encode(&self.ticket)
    }
}

impl From<u32> for Scene {
    fn from(id: u32) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for Scene {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Scene {
    /// The names of a temporary and a permanent code, and the scene.
    fn written(&self) -> ([&'static str; 2], Value) {
        match self {
            Self::Id(id) => (["QR_SCENE", "QR_LIMIT_SCENE"], json!({"scene_id": id})),
            Self::Text(text) => {
                (["QR_STR_SCENE", "QR_LIMIT_STR_SCENE"], json!({"scene_str": text}))
            }
        }
    }
}

impl<'a> dyn Api + 'a {
    /// QR codes with a scene.
    pub fn qr_codes(&self) -> QrCodes<'_> {
        QrCodes { api: self }
    }
}

impl QrCodes<'_> {
    /// A code that lasts for a while, 30 days at most. There may be any number of them.
    pub async fn temporary(
        &self,
        scene: impl Into<Scene>,
        lasts: Duration,
    ) -> Result<QrCode, ApiError> {
        let ([name, _], scene) = scene.into().written();
        let scene = json!({"scene": scene});
        let seconds = lasts.as_secs();
        self.create(json!({"expire_seconds": seconds, "action_name": name, "action_info": scene}))
            .await
    }

    /// A code that lasts for ever, of which an account has 100,000.
    pub async fn permanent(&self, scene: impl Into<Scene>) -> Result<QrCode, ApiError> {
        let ([_, name], scene) = scene.into().written();
        self.create(json!({"action_name": name, "action_info": {"scene": scene}})).await
    }

    async fn create(&self, body: Value) -> Result<QrCode, ApiError> {
        read(CREATE, &self.api.post(CREATE, body).await?)
    }
}
