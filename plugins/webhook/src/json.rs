//! `format = "json"`: what is posted, and what its response says.

use tokio::time::{Instant, timeout_at};
use wxbot_sdk::context::Context;
use wxbot_sdk::external::callback::Callback;
use wxbot_sdk::external::{Answer, Request};

use crate::endpoint::{Post, Response};
use crate::error::CallError;
use crate::heard::Heard;

/// The message, and what belongs to it.
pub(crate) async fn post(ctx: &Context, callback: Option<Callback>) -> Result<Post, CallError> {
    let mut request = Request::new(ctx).await;
    request.callback = callback;
    let body = request.to_json().ok_or(CallError::RequestTooLong)?;
    Ok(Post { query: Vec::new(), content_type: "application/json", headers: Vec::new(), body })
}

/// Reads the answer. In front of it may be a line that only says `later`: that is said at once, and
/// the answer may take as long as the entry's `timeout`.
pub(crate) async fn heard(
    mut response: Response,
    ctx: &Context,
    deadline: Instant,
) -> Result<Heard, CallError> {
    timeout_at(deadline, response.read_line()).await??;
    match take_interim(&mut response.body) {
        None => timeout_at(deadline, response.read_to_end()).await??,
        Some(notice) => {
            announce(ctx, Some(notice));
            response.read_to_end().await?;
            if response.body.trim_ascii().is_empty() {
                return Ok(Heard::Later(None));
            }
        }
    }
    let answer = Answer::read(&response.body).map_err(|error| response.is_no_answer(error))?;
    match answer.is_interim() {
        true => Ok(Heard::Later(answer.later)),
        false => Ok(Heard::Flow(answer.apply(ctx).await)),
    }
}

/// Says at once that the answer takes longer.
pub(crate) fn announce(ctx: &Context, notice: Option<String>) {
    if let Some(notice) = notice.filter(|notice| !notice.is_empty()) {
        ctx.later(notice);
    }
}

/// Takes the first line, if all it says is `later`.
fn take_interim(body: &mut Vec<u8>) -> Option<String> {
    let end = body.iter().position(|byte| *byte == b'\n')?;
    let answer = Answer::read(&body[..end]).ok().filter(Answer::is_interim)?;
    body.drain(..=end);
    answer.later
}
