//! What WeChat calls: `GET` for the handshake, `POST` for messages.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::header::{CONTENT_TYPE, ContentType, HeaderValue};
use actix_web::web::{Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::FutureExt;
use tokio::time::Instant;
use wxbot_core::account_runtime::AccountRuntime;
use wxbot_core::bot::{Answer, Bot, Post};

use crate::{body, error};

/// One account's address: the bot, and the door to it.
#[derive(Clone)]
struct Address {
    bot: Arc<Bot>,
    door: Arc<AccountRuntime>,
}

const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// One resource for each account.
pub(crate) fn routes(app: &mut ServiceConfig, bot: &Arc<Bot>) {
    for door in bot.accounts() {
        let address = Address { bot: Arc::clone(bot), door: Arc::clone(door) };
        let (for_get, for_post) = (address.clone(), address);
        let get = web::get().to(move |request| handshake(request, for_get.clone()));
        let post = web::post().to(move |request, body| receive(request, body, for_post.clone()));
        app.service(web::resource(door.account().path.as_str()).route(get).route(post));
    }
}

async fn handshake(request: HttpRequest, address: Address) -> HttpResponse {
    match address.bot.handshake(&address.door, request.query_string(), unix_now()) {
        Ok(echostr) => plain_text(echostr),
        Err(refusal) => error::response(&refusal),
    }
}

async fn receive(request: HttpRequest, payload: Payload, address: Address) -> HttpResponse {
    let post = Post {
        query: request.query_string(),
        body: body::read(&request, payload),
        arrived: Instant::now(),
        now: unix_now(),
    };
    let answer = address.bot.answer(&address.door, post);
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(Ok(Answer::Reply(body))) => envelope(body),
        Ok(Ok(Answer::Success)) => plain_text("success"),
        // Nobody is there to read it; `success` would tell a proxy that all is well.
        Ok(Ok(Answer::HungUp)) => HttpResponse::GatewayTimeout().finish(),
        Ok(Err(refusal)) => error::response(&refusal),
        // A defect of ours; an error status would only make WeChat ask three times.
        Err(_) => plain_text("success"),
    }
}

fn envelope(body: String) -> HttpResponse {
    let content_type = if body.starts_with('{') { JSON } else { XML };
    HttpResponse::Ok().insert_header((CONTENT_TYPE, content_type)).body(body)
}

fn plain_text(body: impl Into<String>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(body.into())
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
