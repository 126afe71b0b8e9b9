//! The operator's listener: alive, ready, and in numbers.

use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use wxbot_core::road::Bot;

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
            .route("/", web::get().to(index))
            .route("/healthz", web::get().to(healthz))
            .route("/readyz", web::get().to(readyz))
            .route("/metrics", web::get().to(metrics));
    }
}

async fn index() -> &'static str {
    "wxbot: /healthz /readyz /metrics\n"
}

/// Alive: it answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready: the chain is built, or there would be no listener, and the store can be reached.
async fn readyz(state: Data<State>) -> HttpResponse {
    match state.bot.store().ping().await {
        Ok(()) => HttpResponse::Ok().body("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the store can't be reached");
            HttpResponse::ServiceUnavailable().body("not ready: the store can't be reached\n")
        }
    }
}

async fn metrics(request: HttpRequest, state: Data<State>) -> HttpResponse {
    if !state.lets_in(&request) {
        return HttpResponse::Unauthorized()
            .insert_header(("WWW-Authenticate", "Bearer"))
            .body("the console's token is needed: Authorization: Bearer TOKEN\n");
    }
    match state.bot.metrics().render() {
        Ok(text) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

impl State {
    fn lets_in(&self, request: &HttpRequest) -> bool {
        let Some(token) = &self.token else { return true };
        let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        given
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|given| given.as_bytes().ct_eq(token.expose_secret().as_bytes()).into())
    }
}
