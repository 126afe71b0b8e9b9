//! Customer service as WeChat has it: when it is open, and who is there.

use serde_json::{Value, json};
use wxbot_sdk::context::Context;
use wxbot_sdk::matcher::{Matcher, MatcherError, When};
use wxbot_sdk::settings::OneOrMany;

use crate::state::State;

const ONLINE: &str = "/cgi-bin/customservice/getonlinekflist";
const CLOSE: &str = "/customservice/kfsession/close";

/// The humans.
pub(crate) struct Desk {
    hours: Vec<Matcher>,
    check_online: bool,
}

impl Desk {
    pub(crate) fn new(hours: Option<&OneOrMany>, check_online: bool) -> Result<Self, MatcherError> {
        let hours = hours.map_or(&[][..], |hours| &hours.0);
        let matcher =
            |hours: &String| Matcher::new(When { hours: Some(hours.clone()), ..When::default() });
        Ok(Self { hours: hours.iter().map(matcher).collect::<Result<_, _>>()?, check_online })
    }

    pub(crate) fn is_open(&self, ctx: &Context) -> bool {
        let is_within = |hours: &Matcher| hours.holds_for_follower(ctx.subject());
        self.hours.is_empty() || self.hours.iter().any(is_within)
    }

    /// As a follower reads it.
    pub(crate) fn hours(&self) -> String {
        let hours = self.hours.iter().filter_map(|matcher| matcher.when().hours.as_deref());
        hours.collect::<Vec<_>>().join("、")
    }

    /// Whether WeChat says that nobody is online. If it says nothing, somebody may be.
    pub(crate) async fn is_empty(&self, ctx: &Context) -> bool {
        if !self.check_online {
            return false;
        }
        match ctx.api().get(ONLINE).await {
            Ok(answer) => {
                let online = answer.get("kf_online_list").and_then(Value::as_array);
                online.is_some_and(Vec::is_empty)
            }
            Err(error) => {
                tracing::warn!(%error, "who of customer service is online is not known");
                false
            }
        }
    }

    /// Ends a follower's session, so that what they write reaches the bot again.
    pub(crate) async fn close(&self, ctx: &Context, state: &State) {
        let Some(kf_account) = state.kf_account() else { return };
        let session = json!({ "kf_account": kf_account, "openid": ctx.openid() });
        if let Err(error) = ctx.api().post(CLOSE, session).await {
            tracing::warn!(%error, "the session with customer service goes on");
        }
    }
}
