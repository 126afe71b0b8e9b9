//! The call for a JS-SDK ticket (section 7.12). A ticket is kept, shared and refreshed as the access
//! token is.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use tokio::time::timeout;
use wxbot_sdk::api::ApiError;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;

use crate::caller::{Caller, Outgoing};
use crate::limiter::Lane;
use crate::settings::{Settings, TokenKind};
use crate::token::{Fetch, Fetched, Shared, TokenFailure, Tokens};
use crate::transport::{Bounds, Cause, HttpRequest};

pub(crate) const PATH: &str = "/cgi-bin/ticket/getticket";
/// What the names of a ticket begin with in the store.
const PREFIX: &str = "jsapi-";
const ANSWER_BYTES: u64 = 64 << 10;

/// Asks WeChat for a ticket.
struct TicketFetcher {
    caller: Arc<Caller>,
    bounds: Bounds,
    /// For the call, what it waits for and the access token that it may need.
    time: Duration,
}

/// The tickets of an account, in its part of the store.
pub(crate) fn tickets(
    settings: &Settings,
    caller: &Arc<Caller>,
    store: Arc<dyn Store>,
    clock: Clock,
) -> Tokens {
    let timeouts = settings.timeouts;
    let bounds = Bounds::brief(timeouts.call, ANSWER_BYTES);
    let time = timeouts.call + timeouts.token * 2;
    let fetcher = TicketFetcher { caller: Arc::clone(caller), bounds, time };
    // Asking for a ticket takes none away, as with a stable token.
    let settings = Settings { token: TokenKind::Stable, ..settings.clone() };
    let shared = Shared::new(caller.app_id(), store).under(PREFIX);
    Tokens::of(&settings, Box::new(fetcher), shared, clock)
}

#[async_trait]
impl Fetch for TicketFetcher {
    fn path(&self) -> &'static str {
        PATH
    }

    fn noun(&self) -> &'static str {
        "JS-SDK ticket"
    }

    fn time(&self) -> Duration {
        self.time
    }

    async fn fetch(&self, _: bool) -> Result<Fetched, TokenFailure> {
        let query = vec![("type".to_owned(), "jsapi".to_owned())];
        let request = HttpRequest::get(PATH, query, self.bounds);
        let outgoing = Outgoing { request, lane: Lane::Any };
        let called = timeout(self.time, self.caller.call::<Value>(outgoing)).await;
        let called =
            called.unwrap_or_else(|_| Err(unclear(format!("no answer within {:?}", self.time))));
        let fetched = called.and_then(|answer| {
            let fetched = Fetched::read(&answer, "ticket");
            fetched.ok_or_else(|| unclear("the answer has no `ticket`"))
        });
        fetched.map_err(TokenFailure::of)
    }
}

fn unclear(why: impl Into<Cause>) -> ApiError {
    ApiError::Unclear { path: PATH.to_owned(), source: Arc::from(why.into()) }
}
