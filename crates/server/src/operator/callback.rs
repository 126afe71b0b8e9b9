//! The answer of a handler in another program, posted when it is there.
//!
//! Whoever has the token may answer one message, and nothing else: neither the console's token nor its
//! header is asked for.

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use ring::digest::{SHA256, digest};
use serde_json::json;
use wxbot_core::bot::Bot;
use wxbot_sdk::external::MAX_ANSWER_BYTES;
use wxbot_sdk::external::callback::{CallbackError, deliver};

/// Takes an answer, and returns whether it was taken.
pub(super) async fn callback(
    request: HttpRequest,
    id: Path<String>,
    body: Payload,
    bot: Data<Bot>,
) -> HttpResponse {
    let Some(token) = token(&request) else {
        let message = "expected the header `Authorization: Bearer TOKEN` with the callback's token";
        return refuse(StatusCode::UNAUTHORIZED, "wrong_token", message);
    };
    let body = match body.to_bytes_limited(MAX_ANSWER_BYTES).await {
        Ok(Ok(body)) => body,
        Ok(Err(error)) => {
            let status = error.as_response_error().status_code();
            return refuse(status, "invalid", &format!("the body did not arrive: {error}"));
        }
        Err(_) => {
            let message = format!("the answer has more than {MAX_ANSWER_BYTES} bytes");
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "invalid", &message);
        }
    };
    match deliver(&**bot.store(), &id, &token, &body).await {
        Ok(()) => HttpResponse::Accepted().json(json!({ "outcome": "accepted" })),
        Err(error) => {
            let (status, outcome) = meaning(&error);
            refuse(status, outcome, &error.to_string())
        }
    }
}

/// The SHA-256 of the token that came.
fn token(request: &HttpRequest) -> Option<String> {
    let given = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let token = given.strip_prefix("Bearer ")?.trim();
    Some(hex::encode(digest(&SHA256, token.as_bytes())))
}

fn meaning(error: &CallbackError) -> (StatusCode, &'static str) {
    match error {
        CallbackError::WrongToken => (StatusCode::UNAUTHORIZED, "wrong_token"),
        CallbackError::Unknown => (StatusCode::NOT_FOUND, "unknown_or_expired"),
        CallbackError::Used => (StatusCode::CONFLICT, "used"),
        CallbackError::NoAnswer(_) => (StatusCode::BAD_REQUEST, "invalid"),
        CallbackError::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "try_later"),
    }
}

fn refuse(status: StatusCode, outcome: &str, message: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "outcome": outcome, "message": message }))
}
