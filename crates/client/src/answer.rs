//! What WeChat answers: JSON, with or without an errcode (section 7).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use tokio::time::timeout;
use wxbot_sdk::api::{ApiError, ApiRefusal};

use crate::limiter::Slot;
use crate::transport::{Cause, HttpRequest, HttpResponse, OpenResponse, Transport, TransportError};

/// What a call is about, for its errors; secrets that its answer may repeat are taken out.
#[derive(Clone, Copy)]
pub(crate) struct About<'c> {
    pub(crate) path: &'c str,
    pub(crate) secrets: [&'c str; 2],
}

impl About<'_> {
    pub(crate) fn unclear(&self, source: impl Into<Cause>) -> ApiError {
        ApiError::Unclear { path: self.path.to_owned(), source: Arc::from(source.into()) }
    }

    fn unreachable(&self, source: impl Into<Cause>) -> ApiError {
        ApiError::Unreachable { path: self.path.to_owned(), source: Arc::from(source.into()) }
    }

    fn refused(&self, code: i64, message: &str) -> ApiError {
        let secrets = self.secrets.iter().filter(|secret| !secret.is_empty());
        let message = secrets.fold(message.to_owned(), |text, secret| text.replace(secret, "…"));
        ApiError::Refused { path: self.path.to_owned(), refusal: ApiRefusal::new(code, &message) }
    }
}

/// What a call is answered with.
#[async_trait]
pub(crate) trait Answer: Sized + Send {
    /// Sends a request, and reads the answer. While that is unread, it keeps the slot.
    async fn obtain(
        transport: &dyn Transport,
        request: HttpRequest,
        about: About<'_>,
        slot: Slot,
    ) -> Result<Self, ApiError>;
}

#[async_trait]
impl Answer for Value {
    async fn obtain(
        transport: &dyn Transport,
        request: HttpRequest,
        about: About<'_>,
        _slot: Slot,
    ) -> Result<Self, ApiError> {
        read(about, &obtain(transport, request, about).await?)
    }
}

/// Sends a request, and waits for what comes back as long as it may take.
pub(crate) async fn obtain(
    transport: &dyn Transport,
    request: HttpRequest,
    about: About<'_>,
) -> Result<HttpResponse, ApiError> {
    let time = request.bounds.time;
    within(time, transport.send(request), about).await
}

/// Sends a request, and waits until something comes back.
pub(crate) async fn open(
    transport: &dyn Transport,
    request: HttpRequest,
    about: About<'_>,
) -> Result<OpenResponse, ApiError> {
    let time = request.bounds.time;
    within(time, transport.open(request), about).await
}

async fn within<T>(
    time: Duration,
    exchange: impl Future<Output = Result<T, TransportError>>,
    about: About<'_>,
) -> Result<T, ApiError> {
    match timeout(time, exchange).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(TransportError::NotSent(source))) => Err(about.unreachable(source)),
        Ok(Err(TransportError::Unclear(source))) => Err(about.unclear(source)),
        Ok(Err(TransportError::Content(source))) => {
            Err(ApiError::Content { path: about.path.to_owned(), source })
        }
        Err(_) => Err(about.unclear(format!("no answer within {time:?}"))),
    }
}

/// The JSON of an answer that is not a refusal.
pub(crate) fn read(about: About<'_>, response: &HttpResponse) -> Result<Value, ApiError> {
    check_status(about, response)?;
    read_json(about, &response.body)
}

/// The JSON of the body of an answer that is not a refusal.
pub(crate) fn read_json(about: About<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let value = parse(body).ok_or_else(|| about.unclear("the answer is not JSON"))?;
    accept(about, value)
}

/// Anything but 200 comes from something in between; 429 and 503 say that it was not passed on.
pub(crate) fn check_status(about: About<'_>, response: &HttpResponse) -> Result<(), ApiError> {
    match response.status {
        200 => Ok(()),
        status @ (429 | 503) => Err(ApiError::Unavailable {
            path: about.path.to_owned(),
            status,
            retry_after: response.retry_after,
        }),
        status => Err(about.unclear(format!("the answer has the status {status}"))),
    }
}

/// An object that is not a refusal. Many successes have no errcode.
pub(crate) fn accept(about: About<'_>, value: Value) -> Result<Value, ApiError> {
    match value.get("errcode").map(integer) {
        None | Some(Some(0)) => Ok(value),
        Some(Some(code)) => {
            let message = value.get("errmsg").and_then(Value::as_str).unwrap_or_default();
            Err(about.refused(code, message))
        }
        Some(None) => Err(about.unclear("the errcode is not a number")),
    }
}

/// A JSON object, with what WeChat lets slip in it: broken UTF-8, raw control characters, a BOM.
pub(crate) fn parse(bytes: &[u8]) -> Option<Value> {
    let value = serde_json::from_slice(bytes).or_else(|_| serde_json::from_str(&clean(bytes)));
    value.ok().filter(Value::is_object)
}

fn clean(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_start_matches('\u{feff}').replace(|c: char| c.is_ascii_control(), " ")
}

/// A number, or one that is written as a string.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::api::Class;

    use super::*;

    const ABOUT: About<'_> = About { path: "/x", secrets: ["TOKEN", ""] };

    fn answer(status: u16, body: &[u8]) -> Result<Value, ApiError> {
        let body = bytes::Bytes::copy_from_slice(body);
        read(ABOUT, &HttpResponse { status, body, ..HttpResponse::default() })
    }

    #[test]
    fn a_success_has_the_errcode_0_or_none() {
        for body in [r#"{"errcode":0,"errmsg":"ok"}"#, r#"{"errcode":"0"}"#, r#"{"ip_list":[]}"#] {
            answer(200, body.as_bytes()).expect(body);
        }
    }

    #[test]
    fn an_errcode_may_be_a_number_or_a_string() {
        for body in [r#"{"errcode":45015,"errmsg":"late"}"#, r#"{"errcode":"45015"}"#] {
            assert_eq!(answer(200, body.as_bytes()).unwrap_err().code(), Some(45015), "{body}");
        }
    }

    #[test]
    fn what_is_no_proper_answer_may_have_been_done() {
        let answers: &[(u16, &str, &str)] = &[
            (502, r#"{"errcode":0}"#, "a gateway says it, not WeChat"),
            (500, "", "something broke"),
            (504, "", "a gateway gave up waiting"),
            (200, "<html>", "not JSON"),
            (200, "", "nothing"),
            (200, r#"{"errcode":0"#, "cut off"),
            (200, "[]", "not an object"),
            (200, r#"{"errcode":"x"}"#, "no number"),
            (200, r#"{"errcode":null}"#, "no number"),
        ];
        for (status, body, reason) in answers {
            let error = answer(*status, body.as_bytes()).expect_err(reason);
            assert!(error.may_be_done(), "{reason}: {error}");
        }
    }

    #[test]
    fn what_was_turned_away_was_not_done_and_says_when_to_come_back() {
        for status in [429, 503] {
            let retry_after = Some(Duration::from_secs(30));
            let response = HttpResponse { status, retry_after, ..HttpResponse::default() };
            let error = read(ABOUT, &response).unwrap_err();
            assert_eq!((error.class(), error.retry_after()), (Class::Transient, retry_after));
        }
    }

    #[test]
    fn what_wechat_lets_slip_into_strings_is_read() {
        let odd: &[(&[u8], &str)] = &[
            (b"{\"a\":\"x\x01y\"}", "x y"),
            (b"{\"a\":\"x\ny\"}", "x y"),
            (b"{\"a\":\"x\xffy\"}", "x\u{fffd}y"),
            (b"\xef\xbb\xbf{\"a\":\"xy\"}", "xy"),
        ];
        for (body, expected) in odd {
            assert_eq!(answer(200, body).unwrap()["a"], *expected);
        }
    }

    #[test]
    fn a_token_that_wechat_repeats_is_not_shown() {
        let error = answer(200, br#"{"errcode":40001,"errmsg":"bad TOKEN here"}"#).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("bad … here") && !text.contains("TOKEN"), "{text}");
    }
}
