//! WeChat's API (sections 7 and 8): one function from request to response.

mod calls;
mod call;
mod errcode;
mod json;
mod permission;
mod quota;
mod token;
mod custom;
mod menu;
mod media;
mod multipart;
mod users;
mod tags;
mod qrcode;
mod template;
mod diagnosis;

use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use tokio::time::sleep;

use call::Call;
pub(crate) use call::{Answer, Later, Refused};
use calls::Entry;
pub(crate) use custom::show;
pub(crate) use media::Media;
pub(crate) use menu::Menus;
pub(crate) use qrcode::Codes;
pub(crate) use quota::Quotas;
pub(crate) use tags::Tags;
pub(crate) use template::Templates;
pub(crate) use token::Tokens;

use crate::endpoint::Broken;
use crate::faults::ApiFault;
use crate::wechat::WeChat;

/// From a call to the event that tells of its end.
const LATER: Duration = Duration::from_secs(1);

/// One call of the API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// From the first `/`.
    pub path: String,
    /// Without the `?`, percent-encoded.
    pub query: String,
    /// The header, when there is one.
    pub content_type: Option<String>,
    /// JSON, or a form with files.
    pub body: Vec<u8>,
    /// Where it comes from; nothing is an address that is always let in.
    pub remote_ip: Option<IpAddr>,
}

/// WeChat's answer to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiResponse {
    /// 200 with errors, too.
    pub status: u16,
    /// JSON's, or a file's.
    pub content_type: String,
    /// The name of a file.
    pub file_name: Option<String>,
    /// JSON, or a file.
    pub body: Vec<u8>,
}

/// A call that was worked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiCall {
    /// Unix milliseconds.
    pub at: u64,
    /// From the first `/`.
    pub path: String,
    /// JSON as it came, with the account's secret blacked out; of files nothing.
    pub body: String,
    /// 0 is good.
    pub errcode: i64,
    /// Whether the caller got the answer.
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

    /// The error code, where there is one.
    pub fn errcode(&self) -> Option<i64> {
        self.json()?.get("errcode")?.as_i64()
    }

    fn json_text(text: String) -> Self {
        let content_type = "application/json; encoding=utf-8".into();
        Self { status: 200, content_type, file_name: None, body: text.into_bytes() }
    }

    fn broken_off(mut self) -> Self {
        self.body.truncate(self.body.len() / 2);
        self
    }
}

impl WeChat {
    /// Answers one call of the API. `Broken` is a connection that comes to nothing, by a fault.
    pub async fn api(&self, request: ApiRequest) -> Result<ApiResponse, Broken> {
        let fault = self.world(|world| world.faults.of_call(&request.path, &mut world.rng));
        match fault {
            Some(ApiFault::Slow(time)) => sleep(time).await,
            Some(ApiFault::Hang(time)) => {
                sleep(time).await;
                return Err(Broken::Reset);
            }
            Some(ApiFault::Refused) => return Err(Broken::Refused),
            Some(ApiFault::Status(status)) => {
                let html = "<html><body>error</body></html>".into();
                return Ok(ApiResponse { status, ..ApiResponse::json_text(html) });
            }
            Some(ApiFault::TokenSpent) => self.spend_tokens(),
            Some(ApiFault::Errcode(_) | ApiFault::AnswerLost | ApiFault::BrokenJson) | None => {}
        }
        let response = self.work_on(&request, fault);
        match fault {
            Some(ApiFault::AnswerLost) => Err(Broken::Reset),
            Some(ApiFault::BrokenJson) => Ok(response.broken_off()),
            _ => Ok(response),
        }
    }

    fn work_on(&self, request: &ApiRequest, fault: Option<ApiFault>) -> ApiResponse {
        let now = self.clock().now_ms();
        let heard = !matches!(fault, Some(ApiFault::AnswerLost | ApiFault::BrokenJson));
        let (response, later) = self.world(|world| {
            let mut call = Call::new(world, self.account(), request, now);
            let answer = match fault {
                Some(ApiFault::Errcode(errcode)) => Err(Refused::code(errcode)),
                _ => call.answer(),
            };
            let later = std::mem::take(&mut call.later);
            let errcode = answer.as_ref().err().map_or(0, |refused| refused.errcode);
            let body = call.body_for_the_record();
            let path = request.path.clone();
            world.calls.push(ApiCall { at: now, path, body, errcode, heard });
            (response(answer, world.rid()), later)
        });
        later.into_iter().for_each(|later| self.tell_later(later));
        response
    }

    /// Events that a call leads to.
    fn tell_later(&self, later: Later) {
        let wechat = self.clone();
        self.spawn(async move {
            sleep(later.after).await;
            wechat.tell(&later.openid, later.about).await;
        });
    }
}

fn response(answer: Result<Answer, Refused>, rid: String) -> ApiResponse {
    match answer {
        Ok(Answer::Done) => ApiResponse::json_text(r#"{"errcode":0,"errmsg":"ok"}"#.into()),
        Ok(Answer::Data(data)) => ApiResponse::json_text(data.to_string()),
        Ok(Answer::File { bytes, name, content_type }) => {
            let (content_type, file_name) = (content_type.to_owned(), Some(name));
            ApiResponse { status: 200, content_type, file_name, body: bytes }
        }
        Err(Refused { errcode, errmsg }) => {
            let errmsg = format!("{errmsg} rid: {rid}");
            let data = serde_json::json!({ "errcode": errcode, "errmsg": errmsg });
            ApiResponse::json_text(data.to_string())
        }
    }
}

impl Call<'_> {
    /// What stands before every call: is there such a call, who calls, may they, how often.
    fn answer(&mut self) -> Result<Answer, Refused> {
        let entry = Entry::of(&self.request.path).ok_or(Refused::code(40066))?;
        entry.method.check(&self.request.method)?;
        if entry.needs_token {
            let token = self.query("access_token").ok_or(Refused::code(41001))?.to_owned();
            self.world.tokens.check(&token, self.now)?;
        }
        if !self.account.kind.may(entry.function) {
            return Err(Refused::code(48001));
        }
        self.world.quotas.count(entry, self.now)?;
        (entry.work)(self)
    }
}
