//! The control API: acting as a follower and looking at everything, by HTTP and JSON.
//!
//! | request | body | answer |
//! | --- | --- | --- |
//! | `POST /_sim/handshake` | | `{"ok": true}`, or `{"ok": false, "error": …}` |
//! | `POST /_sim/followers/NAME/acts` | an act, see [`Act::from_json`] | the [`Exchange`](crate::Exchange), once it has ended |
//! | `GET /_sim/followers/NAME/phone` | | a list of [`Shown`](crate::Shown) |
//! | `GET /_sim/followers/NAME` | | `openid`, `follows`, `menu` |
//! | `POST /_sim/followers/NAME` | `{"follows": false}` | the same; nobody is told |
//! | `GET /_sim/followers` | | the openids that are known |
//! | `GET /_sim/exchanges` | | a list of [`Exchange`](crate::Exchange) |
//! | `GET /_sim/calls` | | a list of [`ApiCall`](crate::ApiCall) |
//! | `GET /_sim/state` | | the account without its secrets, `now`, `seed`, `tokens_issued`, `menu`, `tags` |
//! | `POST /_sim/templates` | `{"id": "TPL", "title": "Order"}` | `{"ok": true}`; the account owns it |
//! | `POST /_sim/faults` | a [`Fault`] | `{"ok": true}` |
//! | `DELETE /_sim/faults` | | `{"ok": true}`; all goes well again |
//!
//! NAME is any name, or an openid, percent-encoded; who is new has followed the account for a
//! day. 400 is a body that is not understood, 404 an address that there is not, 409 an act that
//! cannot be done; all with `{"error": …}`.

use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::act::Act;
use crate::faults::Fault;
use crate::wechat::WeChat;

/// Where the control API begins.
pub const PREFIX: &str = "/_sim/";

/// The answer to a control request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controlled {
    /// HTTP's.
    pub status: u16,
    /// JSON.
    pub body: Value,
}

type Answer = Result<Value, Controlled>;

impl WeChat {
    /// Answers one request of the control API: its method, its path from the first `/`, and its
    /// body.
    pub async fn control(&self, method: &str, path: &str, body: &[u8]) -> Controlled {
        let path = path.strip_prefix(PREFIX).unwrap_or_default();
        let parts = path.split('/').map(|part| percent_decode_str(part).decode_utf8_lossy());
        let parts: Vec<_> = parts.collect();
        let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
        match self.controlled(method, &parts, body).await {
            Ok(body) => Controlled { status: 200, body },
            Err(refused) => refused,
        }
    }

    async fn controlled(&self, method: &str, parts: &[&str], body: &[u8]) -> Answer {
        match (method, parts) {
            ("POST", ["handshake"]) => Ok(match self.handshake().await {
                Ok(()) => json!({ "ok": true }),
                Err(failure) => json!({ "ok": false, "error": failure.to_string() }),
            }),
            ("POST", ["followers", name, "acts"]) => self.act(name, body).await,
            ("GET", ["followers", name, "phone"]) => Ok(shown(&self.follower(name).phone())),
            ("GET", ["followers", name]) => Ok(self.describe(name)),
            ("POST", ["followers", name]) => self.set_follower(name, body),
            ("GET", ["followers"]) => Ok(shown(&self.openids())),
            ("GET", ["exchanges"]) => Ok(shown(&self.exchanges())),
            ("GET", ["calls"]) => Ok(shown(&self.calls())),
            ("GET", ["state"]) => Ok(self.state()),
            ("POST", ["templates"]) => self.set_template(body),
            ("POST", ["faults"]) => {
                self.fault(read::<Fault>(body)?);
                Ok(json!({ "ok": true }))
            }
            ("DELETE", ["faults"]) => {
                self.clear_faults();
                Ok(json!({ "ok": true }))
            }
            _ => Err(refused(404, "there is no such address")),
        }
    }

    async fn act(&self, name: &str, body: &[u8]) -> Answer {
        let act = Act::from_json(&read(body)?).map_err(|error| refused(400, error))?;
        let exchange = self.follower(name).does(act).await;
        exchange.map(|exchange| shown(&exchange)).map_err(|error| refused(409, error))
    }

    fn describe(&self, name: &str) -> Value {
        let follower = self.follower(name);
        let menu = follower.menu().map(|(_, buttons)| buttons);
        json!({ "openid": follower.openid(), "follows": follower.follows(), "menu": menu })
    }

    fn set_follower(&self, name: &str, body: &[u8]) -> Answer {
        let body: Value = read(body)?;
        let follows = body["follows"].as_bool();
        let follows = follows.ok_or_else(|| refused(400, "`follows` is true or false"))?;
        self.follower(name).state(|state| state.follows = follows);
        Ok(self.describe(name))
    }

    fn set_template(&self, body: &[u8]) -> Answer {
        let body: Value = read(body)?;
        let text = |name: &str| {
            let text = body[name].as_str();
            text.ok_or_else(|| refused(400, format_args!("`{name}` is a text")))
        };
        self.add_template(text("id")?, text("title")?);
        Ok(json!({ "ok": true }))
    }

    fn openids(&self) -> Vec<String> {
        self.world(|world| world.followers.keys().cloned().collect())
    }

    fn state(&self) -> Value {
        let account = self.account();
        json!({
            "account": {
                "kind": account.kind.name(),
                "mode": account.mode.name(),
                "format": account.format.name(),
                "app_id": account.app_id,
                "original_id": account.original_id,
            },
            "now": self.clock().now(),
            "seed": self.options().seed,
            "tokens_issued": self.tokens_issued(),
            "menu": self.menu(),
            "tags": self.tags(),
        })
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Controlled> {
    serde_json::from_slice(body).map_err(|error| refused(400, error))
}

fn shown(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("names are texts and no serializer of ours fails")
}

fn refused(status: u16, error: impl ToString) -> Controlled {
    Controlled { status, body: json!({ "error": error.to_string() }) }
}
