//! WeChat's API (sections 7 and 8), from request to response.

mod routes;
mod call;
mod permission;
mod token;
mod custom;
mod kf;
mod menu;
mod media;
mod multipart;
mod users;
mod tags;
mod qrcode;
mod shorten;
mod template;
mod subscription_template;
mod web;
mod drafts;
mod diagnosis;
mod json;

use std::sync::Arc;

use serde_json::json;
use tokio::time::sleep;

use call::{Answer, Call};
use routes::Route;

use crate::api_call::{ApiCall, ApiRequest, ApiResponse};
use crate::delivery::schedule;
use crate::endpoint::Broken;
use crate::errcode::ApiError;
use crate::faults::ApiFault;
use crate::simulation::Simulation;

/// Handles one call. `Broken` is a connection that broke by a fault.
pub(crate) async fn handle(
    simulation: &Arc<Simulation>,
    request: ApiRequest,
) -> Result<ApiResponse, Broken> {
    let fault = simulation.with_world(|world| world.faults.in_call(&request.path, &mut world.rng));
    match fault {
        Some(ApiFault::Slow(time)) => sleep(time).await,
        Some(ApiFault::Hang(time)) => {
            sleep(time).await;
            return Err(Broken::Reset);
        }
        Some(ApiFault::Refused) => return Err(Broken::Refused),
        Some(ApiFault::Status(status)) => {
            let html = "<html><body>error</body></html>".into();
            return Ok(ApiResponse { status, ..ApiResponse::from_json(html) });
        }
        Some(ApiFault::TokenSpent) => {
            let now = simulation.clock.now_ms();
            simulation.with_world(|world| world.tokens.revoke_all(now));
        }
        Some(ApiFault::Errcode(_) | ApiFault::AnswerLost | ApiFault::BrokenJson) | None => {}
    }
    let response = answer(simulation, &request, fault);
    match fault {
        Some(ApiFault::AnswerLost) => Err(Broken::Reset),
        Some(ApiFault::BrokenJson) => Ok(response.truncated()),
        _ => Ok(response),
    }
}

/// Answers and records the call, and schedules the events that it causes.
fn answer(
    simulation: &Arc<Simulation>,
    request: &ApiRequest,
    fault: Option<ApiFault>,
) -> ApiResponse {
    let at = simulation.clock.now_ms();
    let heard = !matches!(fault, Some(ApiFault::AnswerLost | ApiFault::BrokenJson));
    let (response, events) = simulation.with_world(|world| {
        let mut call = Call::new(world, &simulation.account, request, at);
        let answer = match fault {
            Some(ApiFault::Errcode(errcode)) => Err(ApiError::code(errcode)),
            _ => dispatch(&mut call),
        };
        let events = std::mem::take(&mut call.events);
        let errcode = answer.as_ref().err().map_or(0, |error| error.errcode);
        let (path, body) = (request.path.clone(), call.redacted_body());
        world.calls.push(ApiCall { at, path, body, errcode, heard });
        (respond(answer, &world.next_rid()), events)
    });
    events.into_iter().for_each(|event| schedule(simulation, event));
    response
}

/// What every call is checked for: its path and method, its caller, their permission, its quota.
fn dispatch(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let route = Route::find(&call.request.path).ok_or(ApiError::code(40066))?;
    route.method.check(&call.request.method)?;
    if route.needs_token {
        let token = call.query("access_token").ok_or(ApiError::code(41001))?;
        call.world.tokens.check(token, call.now)?;
    }
    if !route.permission.is_granted_to(call.account.kind) {
        return Err(ApiError::code(48001));
    }
    call.world.quotas.count(route.path, route.daily, call.now)?;
    (route.handler)(call)
}

fn respond(answer: Result<Answer, ApiError>, rid: &str) -> ApiResponse {
    match answer {
        Ok(Answer::Done) => ApiResponse::from_json(r#"{"errcode":0,"errmsg":"ok"}"#.into()),
        Ok(Answer::Data(data)) => ApiResponse::from_json(data.to_string()),
        Ok(Answer::File { bytes, name, content_type }) => {
            let (content_type, file_name) = (content_type.to_owned(), Some(name));
            ApiResponse { status: 200, content_type, file_name, body: bytes }
        }
        Err(ApiError { errcode, errmsg }) => {
            let errmsg = format!("{errmsg} rid: {rid}");
            ApiResponse::from_json(json!({ "errcode": errcode, "errmsg": errmsg }).to_string())
        }
    }
}
