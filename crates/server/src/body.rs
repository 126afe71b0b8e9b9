//! Reads a body with a deadline and a limit of its own: actix-web bounds the head, not the body.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::{StreamExt, poll};
use tokio::time::timeout;
use wxbot_core::receive::refusal::Refusal;

/// WeChat's bodies have a few KB; compatible mode has three times that.
const LIMIT: usize = 1 << 20;
/// For the whole body, however it dribbles.
const DEADLINE: Duration = Duration::from_secs(3);
/// What is too long is still read so far, so that the sender gets to hear it.
const DRAIN: usize = 16 * LIMIT;

/// Reads the body to its end, or refuses it.
pub(crate) async fn read(request: &HttpRequest, payload: Payload) -> Result<Bytes, Refusal> {
    if is_encoded(request) {
        return Err(Refusal::Encoded);
    }
    let mut body = pin!(collect(payload));
    // A body that is there already, as nearly all are, needs no timer.
    if let Poll::Ready(body) = poll!(&mut body) {
        return body;
    }
    timeout(DEADLINE, body).await.unwrap_or(Err(Refusal::TooSlow { within: DEADLINE }))
}

/// `identity` says that it is not.
fn is_encoded(request: &HttpRequest) -> bool {
    let mut encodings = request.headers().get_all(CONTENT_ENCODING);
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
            drain(payload, whole.len()).await;
            return Err(Refusal::TooLarge { limit: LIMIT });
        }
    }
    within_limit(whole.freeze())
}

async fn next(payload: &mut Payload) -> Result<Option<Bytes>, Refusal> {
    payload.next().await.transpose().map_err(|_| Refusal::CutOff)
}

fn within_limit(body: Bytes) -> Result<Bytes, Refusal> {
    if body.len() > LIMIT { Err(Refusal::TooLarge { limit: LIMIT }) } else { Ok(body) }
}

async fn drain(mut payload: Payload, mut read: usize) {
    while let Ok(Some(chunk)) = next(&mut payload).await {
        read += chunk.len();
        if read > DRAIN {
            return;
        }
    }
}
