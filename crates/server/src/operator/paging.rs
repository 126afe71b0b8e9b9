//! Answers that come by pages, and what is answered where the store is in trouble.

use std::fmt::Display;

use actix_web::error::ErrorServiceUnavailable;
use actix_web::{Error, HttpResponse, HttpResponseBuilder};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wxbot_sdk::store::StoreError;

/// Where the next page begins: what `from` is asked with.
const NEXT_PAGE: &str = "X-Next-Page";

/// With the place of the next page, if there is one.
pub(super) fn ok(next: Option<impl Display>) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    if let Some(next) = next {
        let next = utf8_percent_encode(&next.to_string(), NON_ALPHANUMERIC).to_string();
        response.insert_header((NEXT_PAGE, next));
    }
    response
}

pub(super) fn unavailable(error: StoreError) -> Error {
    ErrorServiceUnavailable(format!("{error}\n"))
}
