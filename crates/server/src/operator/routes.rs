//! Every request that the console answers.

use actix_web::Route;
use actix_web::guard::{Any, Get, Head};
use actix_web::web;

use super::{
    callback, drop_entry, healthz, index, jobs, metrics, outbox, readyz, retry, retry_page,
};
use super::{send, sessions};
use crate::published::PublishedRoute;

type ConsoleRoute = (PublishedRoute, fn() -> Route);

pub(super) const CONSOLE: [ConsoleRoute; 15] = [
    get("/", "What there is", || get_or_head().to(index)),
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

/// Probes ask with HEAD; what they get has no body.
fn get_or_head() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

/// What the console answers, for its reference.
pub fn console_routes() -> impl Iterator<Item = &'static PublishedRoute> {
    const { &CONSOLE }.iter().map(|(published, _)| published)
}
