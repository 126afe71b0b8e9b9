//! The control API: acting as a follower and looking at everything, by HTTP and JSON.
//!
//! | request | body | answer |
//! | --- | --- | --- |
//! | `POST /_sim/handshake` | | `{"ok": true}`, or `{"ok": false, "error": …}` |
//! | `POST /_sim/followers/NAME/acts` | an [`Act`] | its [`Exchange`](crate::Exchange), when it has ended |
//! | `GET /_sim/followers/NAME/phone` | | a list of [`Shown`](crate::Shown) |
//! | `POST /_sim/followers/NAME/authorize` | `{"url": …}` | `{"redirect": …}`; see [`Follower::authorizes`](crate::Follower::authorizes) |
//! | `GET /_sim/followers/NAME` | | `openid`, `follows`, `menu` |
//! | `POST /_sim/followers/NAME` | `{"follows": false}` | the same; the bot is not told |
//! | `GET /_sim/followers` | | all openids |
//! | `GET /_sim/exchanges` | | a list of [`Exchange`](crate::Exchange) |
//! | `GET /_sim/calls` | | a list of [`ApiCall`](crate::ApiCall) |
//! | `GET /_sim/state` | | the account without its secrets, `now`, `seed`, `tokens_issued`, `menu`, `tags` |
//! | `POST /_sim/whitelist` | `["203.0.113.7"]` | `{"ok": true}`; others than these get 40164 for a token |
//! | `POST /_sim/console` | `{"menu": …, "auto_replies": …}` | `{"ok": true}`; see [`WeChat::set_console`] |
//! | `POST /_sim/js_config` | `{"url": …, "config": …}` | `{"ok": true}`; see [`WeChat::configures`] |
//! | `POST /_sim/templates` | `{"id": "TPL", "title": "Order"}` | `{"ok": true}` |
//! | `POST /_sim/faults` | a [`Fault`] | `{"ok": true}` |
//! | `DELETE /_sim/faults` | | `{"ok": true}`; removes all faults |
//!
//! NAME is any name, or an openid, percent-encoded; a new person has followed the account for a
//! day. 400 is a malformed body, 404 an unknown address, 409 an impossible act; all with
//! `{"error": …}`.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::act::Act;
use crate::faults::Fault;
use crate::wechat::WeChat;

/// What all paths of the control API begin with.
pub const PREFIX: &str = "/_sim/";

/// The answer to a control request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlResponse {
    /// The HTTP status.
    pub status: u16,
    /// JSON.
    pub body: Value,
}

/// Handles one request of the control API: its method, its path from the first `/`, and its body.
pub async fn handle(wechat: &WeChat, method: &str, path: &str, body: &[u8]) -> ControlResponse {
    let path = path.strip_prefix(PREFIX).unwrap_or_default();
    let parts = path.split('/').map(|part| percent_decode_str(part).decode_utf8_lossy());
    let parts: Vec<_> = parts.collect();
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    match route(wechat, method, &parts, body).await {
        Ok(body) => ControlResponse { status: 200, body },
        Err(refused) => refused,
    }
}

async fn route(
    wechat: &WeChat,
    method: &str,
    parts: &[&str],
    body: &[u8],
) -> Result<Value, ControlResponse> {
    match (method, parts) {
        ("POST", ["handshake"]) => Ok(match wechat.handshake().await {
            Ok(()) => json!({ "ok": true }),
            Err(error) => json!({ "ok": false, "error": error.to_string() }),
        }),
        ("POST", ["followers", name, "acts"]) => act(wechat, name, body).await,
        ("GET", ["followers", name, "phone"]) => Ok(to_json(&wechat.follower(name).phone())),
        ("POST", ["followers", name, "authorize"]) => authorize(wechat, name, body),
        ("GET", ["followers", name]) => Ok(describe(wechat, name)),
        ("POST", ["followers", name]) => set_follower(wechat, name, body),
        ("GET", ["followers"]) => Ok(to_json(&wechat.openids())),
        ("GET", ["exchanges"]) => Ok(to_json(&wechat.exchanges())),
        ("GET", ["calls"]) => Ok(to_json(&wechat.calls())),
        ("GET", ["state"]) => Ok(state(wechat)),
        ("POST", ["js_config"]) => configure(wechat, body),
        ("POST", ["templates"]) => add_template(wechat, body),
        ("POST", ["console"]) => {
            let mut body: Value = read(body)?;
            wechat.set_console(body["menu"].take(), body["auto_replies"].take());
            Ok(json!({ "ok": true }))
        }
        ("POST", ["whitelist"]) => {
            wechat.set_ip_whitelist(read::<Vec<IpAddr>>(body)?);
            Ok(json!({ "ok": true }))
        }
        ("POST", ["faults"]) => {
            wechat.fault(read::<Fault>(body)?);
            Ok(json!({ "ok": true }))
        }
        ("DELETE", ["faults"]) => {
            wechat.clear_faults();
            Ok(json!({ "ok": true }))
        }
        _ => Err(refused(404, "there is no such address")),
    }
}

async fn act(wechat: &WeChat, name: &str, body: &[u8]) -> Result<Value, ControlResponse> {
    let act: Value = read(body)?;
    let act = Act::try_from(&act).map_err(|error| refused(400, error))?;
    let exchange = wechat.follower(name).does(act).await;
    exchange.map(|exchange| to_json(&exchange)).map_err(|error| refused(409, error))
}

fn authorize(wechat: &WeChat, name: &str, body: &[u8]) -> Result<Value, ControlResponse> {
    let body: Value = read(body)?;
    let url = body["url"].as_str().ok_or_else(|| refused(400, "`url` must be a string"))?;
    let redirect = wechat.follower(name).authorizes(url);
    redirect.map(|url| json!({ "redirect": url })).map_err(|error| refused(409, error))
}

fn configure(wechat: &WeChat, body: &[u8]) -> Result<Value, ControlResponse> {
    let body: Value = read(body)?;
    let url = body["url"].as_str().ok_or_else(|| refused(400, "`url` must be a string"))?;
    let configured = wechat.configures(url, &body["config"]);
    configured.map(|()| json!({ "ok": true })).map_err(|error| refused(409, error))
}

fn describe(wechat: &WeChat, name: &str) -> Value {
    let follower = wechat.follower(name);
    let menu = follower.menu().map(|(_, buttons)| buttons);
    json!({ "openid": follower.openid(), "follows": follower.follows(), "menu": menu })
}

fn set_follower(wechat: &WeChat, name: &str, body: &[u8]) -> Result<Value, ControlResponse> {
    let body: Value = read(body)?;
    let follows = body["follows"].as_bool();
    let follows = follows.ok_or_else(|| refused(400, "`follows` must be true or false"))?;
    wechat.follower(name).set_follows(follows);
    Ok(describe(wechat, name))
}

fn add_template(wechat: &WeChat, body: &[u8]) -> Result<Value, ControlResponse> {
    let body: Value = read(body)?;
    let text = |name: &str| {
        let text = body[name].as_str();
        text.ok_or_else(|| refused(400, format_args!("`{name}` must be a string")))
    };
    wechat.add_template(text("id")?, text("title")?);
    Ok(json!({ "ok": true }))
}

fn state(wechat: &WeChat) -> Value {
    let account = wechat.account();
    json!({
        "account": {
            "kind": account.kind.name(),
            "mode": account.mode.name(),
            "format": account.format.name(),
            "app_id": account.app_id,
            "original_id": account.original_id,
        },
        "now": wechat.clock().now(),
        "seed": wechat.options().seed,
        "tokens_issued": wechat.tokens_issued(),
        "menu": wechat.menu(),
        "tags": wechat.tags(),
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlResponse> {
    serde_json::from_slice(body).map_err(|error| refused(400, error))
}

fn to_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("all keys are strings and no serializer of ours fails")
}

fn refused(status: u16, error: impl ToString) -> ControlResponse {
    ControlResponse { status, body: json!({ "error": error.to_string() }) }
}
