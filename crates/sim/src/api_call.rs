//! A call of WeChat's API as it goes over the wire, and its record.

use std::net::IpAddr;

use bytes::Bytes;
use serde::Serialize;

/// A call of the API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// From the first `/`.
    pub path: String,
    /// Without the `?`, percent-encoded.
    pub query: String,
    /// The header, if there is one.
    pub content_type: Option<String>,
    /// JSON, or a form with files.
    pub body: Vec<u8>,
    /// The caller's address; none passes every whitelist.
    pub remote_ip: Option<IpAddr>,
}

/// WeChat's answer to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiResponse {
    /// 200, even for errors.
    pub status: u16,
    /// The header.
    pub content_type: String,
    /// The name of a file.
    pub file_name: Option<String>,
    /// JSON, or a file.
    pub body: Bytes,
}

/// The record of a call that was handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiCall {
    /// Unix milliseconds.
    pub at: u64,
    /// From the first `/`.
    pub path: String,
    /// JSON with the account's secret redacted; empty for uploads.
    pub body: String,
    /// 0 is success.
    pub errcode: i64,
    /// Whether the caller received the answer.
    pub heard: bool,
}

impl ApiRequest {
    /// A `GET`.
    pub fn get(path: impl Into<String>, query: impl Into<String>) -> Self {
        let (path, query) = (path.into(), query.into());
        Self { method: "GET".into(), path, query, ..Self::default() }
    }

    /// A `POST` of JSON.
    pub fn post(
        path: impl Into<String>,
        query: impl Into<String>,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        let content_type = Some("application/json; charset=utf-8".to_owned());
        let request = Self::get(path, query);
        Self { method: "POST".into(), content_type, body: body.into(), ..request }
    }
}

impl ApiResponse {
    /// The body as JSON.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The error code, if there is one.
    pub fn errcode(&self) -> Option<i64> {
        self.json()?.get("errcode")?.as_i64()
    }

    pub(crate) fn from_json(text: String) -> Self {
        let content_type = "application/json; encoding=utf-8".into();
        Self { status: 200, content_type, file_name: None, body: text.into() }
    }

    /// Cuts the body in half.
    pub(crate) fn truncated(mut self) -> Self {
        self.body.truncate(self.body.len() / 2);
        self
    }
}
