//! The operator's listener: alive, ready, and in numbers; what is late, and what becomes of it;
//! what is to be done at a time; messages to followers.

mod access;
mod denied;
mod logins;
mod readiness;
mod paging;
mod sessions;
mod jobs;
mod send;
mod callback;

use std::sync::Arc;

use actix_service::IntoServiceFactory;
use actix_web::dev::{AppConfig, ServiceFactory};
use actix_web::error::ErrorBadRequest;
use actix_web::guard::{Any, Get, Head};
use actix_web::web::{Data, Path, Query, ServiceConfig};
use actix_web::{App, Error, HttpResponse, Route, web};
use serde::Deserialize;
use wxbot_core::bot::Bot;
use wxbot_core::late::intervention::{self, Selection};
use wxbot_core::late::listing::{Page, Place};
use wxbot_sdk::store::StoreError;

use self::access::{Access, Authorized, Change, Local};
use self::paging::{ok, unavailable};
use self::readiness::Readiness;
use self::send::Places;
use crate::handler::{Handler, Routed};
use crate::published::PublishedRoute;
use crate::settings::ConsoleSettings;

/// Late answers per page.
const PAGE: usize = 1000;

type ConsoleRoute = (PublishedRoute, fn() -> Route);

/// Every request that the console answers.
static CONSOLE: [ConsoleRoute; 15] = [
    get("/", "A list of the paths", || get_or_head().to(index)),
    get("/healthz", "That the process is alive", || get_or_head().to(healthz)),
    get("/readyz", "Whether it can serve, and whether the store is degraded", || {
        get_or_head().to(readyz)
    }),
    get("/metrics", "Metrics, as OpenMetrics", || get_or_head().to(metrics)),
    get("/outbox", "Late answers, as JSON, by pages: `from`", || get_or_head().to(outbox)),
    post(
        "/outbox/retry",
        "Tries those of a page again: `account`, `since`, `until`, `from`",
        || web::post().to(retry_page),
    ),
    post("/outbox/{id}/retry", "Tries one again", || web::post().to(retry)),
    post("/outbox/{id}/drop", "Takes one out for good", || web::post().to(drop_entry)),
    get("/sessions", "What is open with followers, as JSON, by pages: `openid`, `from`", || {
        get_or_head().to(sessions::list)
    }),
    post("/sessions/close", "Ends one that was listed, by what the list says of it", || {
        web::post().to(sessions::close)
    }),
    get("/jobs", "What plugins are to do at a time, as JSON, by pages: `link`, `from`", || {
        get_or_head().to(jobs::list)
    }),
    post("/jobs/cancel", "Takes a job back: `link`, `id`", || web::post().to(jobs::cancel)),
    post("/jobs/retry", "Tries a dead letter again: `link`, `id`", || web::post().to(jobs::retry)),
    post("/send", "Sends a follower something first; takes JSON", || web::post().to(send::send)),
    post("/callback/{id}", "Takes the answer of a handler in another program", || {
        web::post().to(callback::callback)
    }),
];

const fn get(path: &'static str, meaning: &'static str, route: fn() -> Route) -> ConsoleRoute {
    (PublishedRoute { method: "GET", path, meaning }, route)
}

const fn post(path: &'static str, meaning: &'static str, route: fn() -> Route) -> ConsoleRoute {
    (PublishedRoute { method: "POST", path, meaning }, route)
}

/// What the console answers, for its reference.
pub fn console_routes() -> impl Iterator<Item = &'static PublishedRoute> {
    CONSOLE.iter().map(|(published, _)| published)
}

/// What the operator's requests need.
pub(crate) struct Operator {
    bot: Arc<Bot>,
    access: Data<Access>,
    readiness: Readiness,
    places: Data<Places>,
}

impl Operator {
    pub(crate) fn new(bot: Arc<Bot>, settings: &ConsoleSettings) -> Data<Self> {
        let access = Data::new(Access::new(settings.token.clone()));
        let (readiness, places) = (Readiness::default(), Data::new(Places::default()));
        Data::new(Self { bot, access, readiness, places })
    }
}

/// The console, for one thread.
pub(crate) async fn app(operator: &Data<Operator>) -> Result<impl Handler + use<>, ()> {
    let app = App::new().configure(|app| routes(app, operator)).into_factory();
    app.new_service(AppConfig::default()).await.map(Routed)
}

fn routes(app: &mut ServiceConfig, operator: &Data<Operator>) {
    app.app_data(Data::clone(operator))
        .app_data(Data::clone(&operator.access))
        .app_data(Data::from(Arc::clone(&operator.bot)))
        .app_data(Data::clone(&operator.places));
    for (published, route) in &CONSOLE {
        app.route(published.path, route());
    }
}

/// Probes ask with HEAD; what they get has no body.
fn get_or_head() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

async fn index(_: Local) -> &'static str {
    "wxbot: /healthz /readyz /metrics /outbox /sessions /jobs /send\n"
}

/// Alive: it answers.
async fn healthz(_: Local) -> &'static str {
    "ok\n"
}

/// Ready: the chain is built, or there would be no listener. A failing store does not change
/// that, as every instance would be taken out of service at once; but it is said.
async fn readyz(_: Local, operator: Data<Operator>) -> String {
    match operator.readiness.trouble(&**operator.bot.store()).await {
        None => "ready\n".to_owned(),
        Some(why) => {
            format!("ready, but degraded: the store does not do what it should: {why}\n")
        }
    }
}

/// What a page of late answers is asked for with.
#[derive(Deserialize)]
struct PageQuery {
    from: Option<String>,
}

impl PageQuery {
    fn place(&self) -> Result<Option<Place>, Error> {
        let place = self.from.as_deref().map(str::parse).transpose();
        place.map_err(|error| ErrorBadRequest(format!("{error}\n")))
    }
}

/// What is late, as JSON, by pages.
async fn outbox(
    _: Authorized,
    query: Query<PageQuery>,
    operator: Data<Operator>,
) -> Result<HttpResponse, Error> {
    let page = operator.bot.outbox().list(query.place()?, PAGE).await;
    let Page { listed, next } = page.map_err(unavailable)?;
    Ok(ok(next).json(listed))
}

/// Which late answers are to be tried again.
#[derive(Deserialize)]
struct SelectionQuery {
    account: Option<String>,
    since: Option<u64>,
    until: u64,
}

/// Tries those of a page again that are meant, and says which.
async fn retry_page(
    _: Change,
    page: Query<PageQuery>,
    query: Query<SelectionQuery>,
    operator: Data<Operator>,
) -> Result<HttpResponse, Error> {
    let SelectionQuery { account, since, until } = query.into_inner();
    let selection = Selection { account, since, until };
    let retry = async |id: &str| operator.bot.outbox().retry(id).await;
    let page = operator.bot.outbox().list(page.place()?, PAGE).await.map_err(unavailable)?;
    let done = intervention::retry_page(page, &selection, retry).await;
    let (retried, next) = done.map_err(unavailable)?;
    Ok(ok(next).json(retried))
}

async fn retry(
    _: Change,
    id: Path<String>,
    operator: Data<Operator>,
) -> Result<HttpResponse, Error> {
    changed(operator.bot.outbox().retry(&id).await)
}

async fn drop_entry(
    _: Change,
    id: Path<String>,
    operator: Data<Operator>,
) -> Result<HttpResponse, Error> {
    changed(operator.bot.outbox().drop(&id).await)
}

fn changed(found: Result<bool, StoreError>) -> Result<HttpResponse, Error> {
    Ok(match found.map_err(unavailable)? {
        true => HttpResponse::Ok().body("done\n"),
        false => HttpResponse::NotFound().body("nothing late has this id\n"),
    })
}

async fn metrics(_: Authorized, operator: Data<Operator>) -> HttpResponse {
    match operator.bot.render_metrics() {
        Ok(text) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
