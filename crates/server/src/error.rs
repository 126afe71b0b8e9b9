//! The one table from refusal to status. The body says no more than the status does.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use wxbot_core::receive::refusal::Refusal;

pub(crate) fn response(refusal: &Refusal) -> HttpResponse {
    let status = status(refusal);
    let reason = status.canonical_reason().unwrap_or_default();
    HttpResponse::build(status).content_type(ContentType::plaintext()).body(reason)
}

/// The HTTP status that a request is refused with.
pub fn status_of(refusal: &Refusal) -> u16 {
    status(refusal).as_u16()
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Signature(_)
        | Refusal::Stale { .. }
        | Refusal::TooWeak(_)
        | Refusal::Sealed(_)
        | Refusal::Misdirected
        | Refusal::Reused => StatusCode::FORBIDDEN,
        Refusal::NotUnderstood(_) | Refusal::CutOff => StatusCode::BAD_REQUEST,
        Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
        Refusal::Encoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
    }
}
