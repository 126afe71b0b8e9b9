//! Reads a body up to a limit. Its deadline is the connection's.

use std::io;

use actix_http::{Payload, RequestHead};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt;
use wxbot_core::receive::refusal::Refusal;

use crate::connections::BODY_DEADLINE;

/// WeChat's bodies have a few KB; compatible mode has three times that.
const LIMIT: usize = 1 << 20;

/// Reads the body to its end, or refuses it. Nothing is read before it is awaited.
pub(crate) fn read(
    head: &RequestHead,
    payload: Payload,
) -> impl Future<Output = Result<Bytes, Refusal>> + use<> {
    let is_encoded = is_encoded(head);
    async move { if is_encoded { Err(Refusal::Encoded) } else { collect(payload).await } }
}

/// `identity` says that it is not.
fn is_encoded(head: &RequestHead) -> bool {
    let mut encodings = head.headers().get_all(CONTENT_ENCODING);
    encodings.any(|one| !one.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}

/// A body in one piece, as nearly all are, is not copied.
async fn collect(mut payload: Payload) -> Result<Bytes, Refusal> {
    let Some(first) = next(&mut payload).await? else { return Ok(Bytes::new()) };
    let Some(second) = next(&mut payload).await? else { return within_limit(first) };
    let mut whole = BytesMut::from(&first[..]);
    whole.extend_from_slice(&second);
    while let Some(chunk) = next(&mut payload).await? {
        whole.extend_from_slice(&chunk);
        if whole.len() > LIMIT {
            return Err(Refusal::TooLarge { limit: LIMIT });
        }
    }
    within_limit(whole.freeze())
}

async fn next(payload: &mut Payload) -> Result<Option<Bytes>, Refusal> {
    payload.next().await.transpose().map_err(|error| match error {
        PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            Refusal::TooSlow { within: BODY_DEADLINE }
        }
        _ => Refusal::CutOff,
    })
}

fn within_limit(body: Bytes) -> Result<Bytes, Refusal> {
    if body.len() > LIMIT { Err(Refusal::TooLarge { limit: LIMIT }) } else { Ok(body) }
}
