//! `format = "json"`: what is posted, and what its response says.

use tokio::time::{Instant, timeout_at};
use wxbot_sdk::context::Context;
use wxbot_sdk::external::{Answer, Request};
use wxbot_sdk::plugin::Flow;

use crate::endpoint::{Post, Response};
use crate::error::CallError;

/// The message, and what belongs to it.
pub(crate) async fn post(ctx: &Context) -> Result<Post, CallError> {
    let body = Request::new(ctx).await.to_json().ok_or(CallError::RequestTooLong)?;
    Ok(Post { query: Vec::new(), content_type: "application/json", headers: Vec::new(), body })
}

/// Reads the answer. In front of it may be a line that only says `later`: that is said at once, and
/// the answer may take as long as the entry's `timeout`.
pub(crate) async fn flow(
    mut response: Response,
    ctx: &Context,
    deadline: Instant,
) -> Result<Flow, CallError> {
    timeout_at(deadline, response.read_line()).await??;
    match take_interim(&mut response.body) {
        None => timeout_at(deadline, response.read_to_end()).await??,
        Some(notice) => {
            ctx.later(notice);
            response.read_to_end().await?;
            if response.body.trim_ascii().is_empty() {
                return Err(CallError::NothingFollowed);
            }
        }
    }
    let answer = Answer::read(&response.body).map_err(|error| response.is_no_answer(error))?;
    match answer.is_interim() {
        true => Err(CallError::NothingFollowed),
        false => Ok(answer.apply(ctx).await),
    }
}

/// Takes the first line, if all it says is `later`.
fn take_interim(body: &mut Vec<u8>) -> Option<String> {
    let end = body.iter().position(|byte| *byte == b'\n')?;
    let answer = Answer::read(&body[..end]).ok().filter(Answer::is_interim)?;
    body.drain(..=end);
    answer.later
}
