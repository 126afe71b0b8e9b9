//! What is open between links and followers: listed, and ended.

use actix_web::error::ErrorBadRequest;
use actix_web::web::{Data, Query};
use actix_web::{Error, HttpResponse};
use serde::Deserialize;
use wxbot_core::bot::Bot;
use wxbot_core::dialogs::listing::{self, Listed, Page, Place};

use super::access::{Authorized, Change};
use super::paging::{ok, unavailable};

/// Whose, and which page.
#[derive(Deserialize)]
pub(super) struct ListQuery {
    openid: Option<String>,
    from: Option<String>,
}

/// What is open, as JSON, by pages.
pub(super) async fn list(
    _: Authorized,
    query: Query<ListQuery>,
    bot: Data<Bot>,
) -> Result<HttpResponse, Error> {
    let ListQuery { openid, from } = query.into_inner();
    let place = from.as_deref().map(str::parse::<Place>).transpose();
    let place = place.map_err(|error| ErrorBadRequest(format!("{error}\n")))?;
    let page = listing::page(&**bot.store(), openid.as_deref(), place, bot.clock().millis()).await;
    let Page { listed, next } = page.map_err(unavailable)?;
    Ok(ok(next).json(listed))
}

/// Ends one that was listed.
pub(super) async fn close(
    _: Change,
    listed: Query<Listed>,
    bot: Data<Bot>,
) -> Result<HttpResponse, Error> {
    let closed = listing::close(&**bot.store(), &listed, bot.clock().millis()).await;
    Ok(match closed.map_err(unavailable)? {
        true => HttpResponse::Ok().body("done\n"),
        false => HttpResponse::NotFound().body("it is over already\n"),
    })
}
