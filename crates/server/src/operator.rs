//! The operator's listener: alive, ready, and in numbers; what is late, and what becomes of it.

mod access;
mod denied;
mod logins;
mod readiness;

use std::sync::Arc;

use actix_web::guard::{Any, Get, Head};
use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpResponse, Route, web};
use wxbot_core::bot::Bot;
use wxbot_core::late::listing;
use wxbot_sdk::store::{Health, StoreError};

use self::access::{Access, Authorized, Change, Local};
use self::readiness::Readiness;
use crate::settings::ConsoleSettings;

const MOST_LISTED: usize = 1000;

/// What the operator's requests need.
pub(crate) struct Operator {
    bot: Arc<Bot>,
    access: Data<Access>,
    readiness: Readiness,
}

impl Operator {
    pub(crate) fn new(bot: Arc<Bot>, settings: &ConsoleSettings) -> Data<Self> {
        let access = Data::new(Access::new(settings.token.clone()));
        Data::new(Self { bot, access, readiness: Readiness::default() })
    }
}

pub(crate) fn routes(app: &mut ServiceConfig, operator: &Data<Operator>) {
    app.app_data(Data::clone(operator))
        .app_data(Data::clone(&operator.access))
        .route("/", get_or_head().to(index))
        .route("/healthz", get_or_head().to(healthz))
        .route("/readyz", get_or_head().to(readyz))
        .route("/metrics", get_or_head().to(metrics))
        .route("/outbox", get_or_head().to(outbox))
        .route("/outbox/{id}/retry", web::post().to(retry))
        .route("/outbox/{id}/drop", web::post().to(drop_entry));
}

/// Probes ask with HEAD; what they get has no body.
fn get_or_head() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

async fn index(_: Local) -> &'static str {
    "wxbot: /healthz /readyz /metrics /outbox\n"
}

/// Alive: it answers.
async fn healthz(_: Local) -> &'static str {
    "ok\n"
}

/// Ready: the chain is built, or there would be no listener. A store in trouble does not change
/// that, as every instance would be taken out of service at once; but it is said.
async fn readyz(_: Local, operator: Data<Operator>) -> String {
    match operator.readiness.trouble(&**operator.bot.store()).await {
        None => "ready\n".to_owned(),
        Some(why) => {
            format!("ready, but degraded: the store does not do what it should: {why}\n")
        }
    }
}

/// What is late, as JSON.
async fn outbox(_: Authorized, operator: Data<Operator>) -> HttpResponse {
    match listing::list(&**operator.bot.store(), MOST_LISTED).await {
        Ok(listed) => HttpResponse::Ok().json(listed),
        Err(error) => HttpResponse::ServiceUnavailable().body(format!("{error}\n")),
    }
}

async fn retry(_: Change, id: Path<String>, operator: Data<Operator>) -> HttpResponse {
    changed(operator.bot.retry(&id).await)
}

async fn drop_entry(_: Change, id: Path<String>, operator: Data<Operator>) -> HttpResponse {
    changed(listing::drop(&**operator.bot.store(), &id).await)
}

fn changed(found: Result<bool, StoreError>) -> HttpResponse {
    match found {
        Ok(true) => HttpResponse::Ok().body("done\n"),
        Ok(false) => HttpResponse::NotFound().body("nothing late has this id\n"),
        Err(error) => HttpResponse::ServiceUnavailable().body(format!("{error}\n")),
    }
}

async fn metrics(_: Authorized, operator: Data<Operator>) -> HttpResponse {
    let metrics = operator.bot.metrics();
    metrics.set_store_degraded(operator.bot.store().health() != Health::Good);
    match metrics.render() {
        Ok(text) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
