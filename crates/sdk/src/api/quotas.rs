//! How many calls are left (protocol section 7.15).

use serde::Deserialize;
use serde_json::json;

use super::answer::read;
use super::caller::Api;
use super::error::ApiError;

const GET: &str = "/cgi-bin/openapi/quota/get";
const CLEAR_ONE: &str = "/cgi-bin/openapi/quota/clear";
const CLEAR_ALL: &str = "/cgi-bin/clear_quota";

/// How many calls are left. From `ctx.api().quotas()`.
#[derive(Clone, Copy)]
pub struct Quotas<'a> {
    api: &'a dyn Api,
}

/// The calls of one path on one day, up to midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Quota {
    /// So many there are.
    pub daily_limit: u64,
    /// So many were made.
    pub used: u64,
    /// So many are left.
    pub remain: u64,
}

impl<'a> dyn Api + 'a {
    /// How many calls are left.
    pub fn quotas(&self) -> Quotas<'_> {
        Quotas { api: self }
    }
}

impl Quotas<'_> {
    /// Of one path, such as `/cgi-bin/message/custom/send`.
    pub async fn of(&self, path: &str) -> Result<Quota, ApiError> {
        let answer = self.api.post(GET, json!({"cgi_path": path})).await?;
        read(GET, &answer["quota"])
    }

    /// Has WeChat count one path anew.
    pub async fn clear(&self, path: &str) -> Result<(), ApiError> {
        self.api.post(CLEAR_ONE, json!({"cgi_path": path})).await.map(drop)
    }

    /// Has WeChat count all paths anew, 10 times a month at most (48006).
    pub async fn clear_all(&self, app_id: &str) -> Result<(), ApiError> {
        self.api.post(CLEAR_ALL, json!({"appid": app_id})).await.map(drop)
    }
}
