//! The operator's listener: alive, ready, and in numbers.

use std::fmt::Display;
use std::sync::Arc;

use actix_web::guard::{Any, Get, Head};
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route, web};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use wxbot_core::bot::Bot;
use wxbot_core::late::listing;
use wxbot_sdk::store::{Health, StoreError};

/// Who changes something says so with this header.
const MEANT: &str = "x-wxbot";
const MOST_LISTED: usize = 1000;

/// What the operator's requests need.
#[derive(Clone)]
pub(crate) struct Desk {
    state: Data<State>,
}

struct State {
    bot: Arc<Bot>,
    token: Option<SecretString>,
}

impl Desk {
    pub(crate) fn new(bot: Arc<Bot>, token: Option<SecretString>) -> Self {
        Self { state: Data::new(State { bot, token }) }
    }

    pub(crate) fn routes(&self, app: &mut ServiceConfig) {
        app.app_data(self.state.clone())
            .route("/", get_or_head().to(index))
            .route("/healthz", get_or_head().to(healthz))
            .route("/readyz", get_or_head().to(readyz))
            .route("/metrics", get_or_head().to(metrics))
            .route("/outbox", get_or_head().to(outbox))
            .route("/outbox/{id}/retry", web::post().to(retry))
            .route("/outbox/{id}/drop", web::post().to(drop_entry));
    }
}

/// Probes ask with HEAD; what they get has no body.
fn get_or_head() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

async fn index() -> &'static str {
    "wxbot: /healthz /readyz /metrics /outbox\n"
}

/// Alive: it answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready: the chain is built, or there would be no listener. A store in trouble does not change
/// that, as every instance would be taken out of service at once; but it is said.
async fn readyz(state: Data<State>) -> HttpResponse {
    let ping = state.bot.store().ping().await;
    match (ping, state.bot.store().health()) {
        (Ok(()), Health::Good) => HttpResponse::Ok().body("ready\n"),
        (Err(error), Health::Good) => HttpResponse::Ok().body(degraded(&error)),
        (_, Health::Degraded { why, .. }) => HttpResponse::Ok().body(degraded(&why)),
    }
}

fn degraded(why: &dyn Display) -> String {
    format!("ready, but degraded: the store does not do what it should: {why}\n")
}

/// What is late, as JSON.
async fn outbox(request: HttpRequest, state: Data<State>) -> HttpResponse {
    if !state.lets_in(&request) {
        return unauthorized();
    }
    match listing::list(&**state.bot.store(), MOST_LISTED).await {
        Ok(listed) => HttpResponse::Ok().json(listed),
        Err(error) => HttpResponse::ServiceUnavailable().body(format!("{error}\n")),
    }
}

async fn retry(request: HttpRequest, id: Path<String>, state: Data<State>) -> HttpResponse {
    if let Some(refused) = state.refuses_change(&request) {
        return refused;
    }
    changed(state.bot.retry(&id).await)
}

async fn drop_entry(request: HttpRequest, id: Path<String>, state: Data<State>) -> HttpResponse {
    if let Some(refused) = state.refuses_change(&request) {
        return refused;
    }
    changed(listing::drop(&**state.bot.store(), &id).await)
}

fn changed(found: Result<bool, StoreError>) -> HttpResponse {
    match found {
        Ok(true) => HttpResponse::Ok().body("done\n"),
        Ok(false) => HttpResponse::NotFound().body("nothing late has this id\n"),
        Err(error) => HttpResponse::ServiceUnavailable().body(format!("{error}\n")),
    }
}

fn unauthorized() -> HttpResponse {
    HttpResponse::Unauthorized()
        .insert_header(("WWW-Authenticate", "Bearer"))
        .body("the console's token is needed: Authorization: Bearer TOKEN\n")
}

async fn metrics(request: HttpRequest, state: Data<State>) -> HttpResponse {
    if !state.lets_in(&request) {
        return unauthorized();
    }
    let metrics = state.bot.metrics();
    metrics.set_store_degraded(state.bot.store().health() != Health::Good);
    match metrics.render() {
        Ok(text) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

impl State {
    /// A page elsewhere may make a browser post here, but not with a header of its own.
    fn refuses_change(&self, request: &HttpRequest) -> Option<HttpResponse> {
        if !self.lets_in(request) {
            return Some(unauthorized());
        }
        let meant = request.headers().contains_key(MEANT);
        (!meant).then(|| HttpResponse::Forbidden().body("the header `X-Wxbot` is needed\n"))
    }

    fn lets_in(&self, request: &HttpRequest) -> bool {
        let Some(token) = &self.token else { return true };
        let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        given
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|given| given.as_bytes().ct_eq(token.expose_secret().as_bytes()).into())
    }
}
