//! Sends first: a message to a follower that answers nothing.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Payload};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;
use wxbot_core::account_runtime::AccountRuntime;
use wxbot_core::bot::Bot;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::sending::{NotSent, SendError, Sent};

use super::access::Change;

/// Many times what a follower may be sent.
const MAX_BODY: usize = 64 << 10;
/// So many wait for WeChat; of the console's connections some are left for probes.
const MAX_SENDING: usize = 32;
/// Characters of a wrong body that are repeated.
const QUOTED: usize = 60;
/// How a body looks.
const EXAMPLE: &str = r#"{"openid": "o…", "reply": "…"}"#;

/// How many requests may send now.
pub(super) struct Places(Semaphore);

impl Default for Places {
    fn default() -> Self {
        Self(Semaphore::new(MAX_SENDING))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendRequest {
    /// By default the first one.
    account: Option<String>,
    openid: String,
    reply: Reply,
}

/// Sends, and answers with what came of it.
pub(super) async fn send(
    _: Change,
    body: Payload,
    bot: Data<Bot>,
    places: Data<Places>,
) -> HttpResponse {
    let (status, result) = try_send(body, &bot, &places).await;
    let mut response = HttpResponse::build(status);
    match result {
        Ok(Sent { messages }) => {
            response.json(json!({ "outcome": "sent", "sent": messages, "of": messages }))
        }
        Err(error) => response.json(error),
    }
}

async fn try_send(
    body: Payload,
    bot: &Bot,
    places: &Places,
) -> (StatusCode, Result<Sent, SendError>) {
    let invalid = |status, message: String| (status, Err(SendError::invalid(message)));
    let body = match body.to_bytes_limited(MAX_BODY).await {
        Ok(Ok(body)) => body,
        Ok(Err(error)) => {
            let why = format!("the body did not arrive: {error}");
            return invalid(error.as_response_error().status_code(), why);
        }
        Err(_) => {
            let why = format!("the body has more than {MAX_BODY} bytes");
            return invalid(StatusCode::PAYLOAD_TOO_LARGE, why);
        }
    };
    let request = match read(&body) {
        Ok(request) => request,
        Err(why) => return invalid(StatusCode::BAD_REQUEST, why),
    };
    let account = match find(bot, request.account.as_deref()) {
        Ok(account) => account,
        Err(why) => return invalid(StatusCode::NOT_FOUND, why),
    };
    let Ok(_place) = places.0.try_acquire() else { return crowded() };
    let sent = account.messenger().send(&request.openid, request.reply).await;
    (status(&sent), sent)
}

fn read(body: &Bytes) -> Result<SendRequest, String> {
    serde_json::from_slice(body).map_err(|error| {
        let text = String::from_utf8_lossy(body);
        let start: String = text.chars().take(QUOTED).collect();
        let more = if start.len() < text.len() { "…" } else { "" };
        format!("expected JSON like {EXAMPLE}, got `{start}{more}`: {error}")
    })
}

fn find<'b>(bot: &'b Bot, id: Option<&str>) -> Result<&'b AccountRuntime, String> {
    let mut accounts = bot.accounts().iter();
    let found = accounts.find(|runtime| id.is_none_or(|id| runtime.account().id == id));
    found.map(|found| &**found).ok_or_else(|| {
        let known: Vec<_> = bot.accounts().iter().map(|known| &*known.account().id).collect();
        format!(
            "no account has the id `{}`; there are: {}",
            id.unwrap_or_default(),
            known.join(", ")
        )
    })
}

fn crowded() -> (StatusCode, Result<Sent, SendError>) {
    let message = format!("not sent, as {MAX_SENDING} others are being sent; send it again later");
    let error = SendError { outcome: NotSent::TryLater, of: 1, ..SendError::invalid(message) };
    (StatusCode::SERVICE_UNAVAILABLE, Err(error))
}

fn status(sent: &Result<Sent, SendError>) -> StatusCode {
    match sent.as_ref().map_err(|error| error.outcome) {
        Ok(_) => StatusCode::OK,
        Err(NotSent::Invalid) => StatusCode::BAD_REQUEST,
        Err(NotSent::FollowerMustWrite | NotSent::Account | NotSent::Refused) => {
            StatusCode::CONFLICT
        }
        Err(NotSent::TryLater) => StatusCode::SERVICE_UNAVAILABLE,
        Err(NotSent::Unclear) => StatusCode::BAD_GATEWAY,
    }
}
