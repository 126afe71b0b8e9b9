//! What plugins are to do at a time: listed, cancelled, and tried again.

use actix_web::error::ErrorBadRequest;
use actix_web::web::{Data, Query};
use actix_web::{Error, HttpResponse};
use serde::Deserialize;
use wxbot_core::bot::Bot;
use wxbot_core::jobs::intervention::{self, Intervention};
use wxbot_core::jobs::listing::{self, Page, Place};
use wxbot_sdk::store::StoreError;

use super::access::{Authorized, Change};
use super::paging::{ok, unavailable};

/// Jobs per page.
const PAGE: usize = 1000;

/// Of which entry of the chain, and which page.
#[derive(Deserialize)]
pub(super) struct ListQuery {
    link: Option<String>,
    from: Option<String>,
}

/// Which job.
#[derive(Deserialize)]
pub(super) struct JobQuery {
    link: String,
    id: String,
}

/// What is to be done, as JSON, by pages.
pub(super) async fn list(
    _: Authorized,
    query: Query<ListQuery>,
    bot: Data<Bot>,
) -> Result<HttpResponse, Error> {
    let ListQuery { link, from } = query.into_inner();
    let place = from.as_deref().map(str::parse::<Place>).transpose();
    let place = place.map_err(|error| ErrorBadRequest(format!("{error}\n")))?;
    let links: Vec<_> = match &link {
        Some(link) => vec![&**link],
        None => bot.chain().links().map(|link| link.id()).collect(),
    };
    let page = listing::page(&**bot.store(), &links, place, PAGE).await;
    let Page { listed, next } = page.map_err(unavailable)?;
    Ok(ok(next).json(listed))
}

/// Takes one back, or a dead letter out for good.
pub(super) async fn cancel(
    _: Change,
    job: Query<JobQuery>,
    bot: Data<Bot>,
) -> Result<HttpResponse, Error> {
    changed(intervention::cancel(&**bot.store(), &job.link, &job.id).await)
}

/// Has a dead letter tried again now.
pub(super) async fn retry(
    _: Change,
    job: Query<JobQuery>,
    bot: Data<Bot>,
) -> Result<HttpResponse, Error> {
    changed(bot.retry_job(&job.link, &job.id).await)
}

fn changed(result: Result<Intervention, StoreError>) -> Result<HttpResponse, Error> {
    Ok(match result.map_err(unavailable)? {
        Intervention::Done => HttpResponse::Ok().body("done\n"),
        Intervention::NotFound => HttpResponse::NotFound().body("there is no such job\n"),
        Intervention::Busy => HttpResponse::Conflict().body("it is being done or tried\n"),
    })
}
