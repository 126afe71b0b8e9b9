//! Sends first: a message to a follower that answers nothing.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Payload};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use wxbot_core::account_runtime::AccountRuntime;
use wxbot_core::bot::Bot;
use wxbot_sdk::notification::{Notification, NotificationKind, Receipt};
use wxbot_sdk::reply::Reply;
use wxbot_sdk::sending::{NotSent, SendError, Sending, Sent};

use super::access::Change;

/// Many times what a follower may be sent.
const MAX_BODY: usize = 64 << 10;
/// The most that wait for WeChat; some of the console's connections are left for probes.
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
    /// Needed where neither of the others is there.
    reply: Option<Reply>,
    /// A template message, where WeChat takes no reply.
    template: Option<Notification>,
    /// A subscription notification instead.
    subscription: Option<Notification>,
}

impl SendRequest {
    /// What is to be sent, or why nobody can tell.
    fn sending(self) -> Result<Sending, &'static str> {
        let subscription = self.subscription.map(|notification| Notification {
            kind: NotificationKind::Subscription,
            ..notification
        });
        match (self.reply, self.template, subscription) {
            (None, None, None) => Err("missing field `reply`, `template` or `subscription`"),
            (_, Some(_), Some(_)) => Err("`template` and `subscription` can't both be sent"),
            (reply, template, subscription) => {
                Ok(Sending { reply, otherwise: template.or(subscription) })
            }
        }
    }
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
        Ok(sent) => response.json(answer(&sent)),
        Err(error) => response.json(error),
    }
}

fn answer(sent: &Sent) -> Value {
    let mut answer = json!({ "outcome": "sent", "sent": sent.messages, "of": sent.messages });
    if let Some(Receipt { kind, msg_id }) = sent.notification {
        answer["as"] = kind.as_str().into();
        // As a text: it has more digits than a number of JSON is safe with.
        answer["msg_id"] = msg_id.map(|id| id.to_string()).into();
    }
    answer
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
    let (account, openid, sending) = match read(&body) {
        Ok(request) => request,
        Err(why) => return invalid(StatusCode::BAD_REQUEST, why),
    };
    let account = match find(bot, account.as_deref()) {
        Ok(account) => account,
        Err(why) => return invalid(StatusCode::NOT_FOUND, why),
    };
    let Ok(_place) = places.0.try_acquire() else { return crowded() };
    let sent = account.messenger().send(&openid, sending).await;
    (status(&sent), sent)
}

/// The account, the openid, and what is to be sent.
fn read(body: &Bytes) -> Result<(Option<String>, String, Sending), String> {
    let request = serde_json::from_slice::<SendRequest>(body).map_err(|error| error.to_string());
    let request = request.and_then(|mut request| {
        let (account, openid) = (request.account.take(), std::mem::take(&mut request.openid));
        Ok((account, openid, request.sending()?))
    });
    request.map_err(|error| {
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
