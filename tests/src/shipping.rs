//! A plugin that tells followers that something was shipped, and what became of that.

use wxbot_sdk::prelude::*;

/// `[chain.config]` of `shipping`: nothing.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {}

/// Sends template messages, and says which of them arrived.
pub struct Shipping;

impl Plugin for Shipping {
    const NAME: &'static str = "shipping";
    const SUMMARY: &'static str =
        "sends a template message for `ship ORDER`, and tells its outcome";
    type Config = Config;

    fn build(_: Config, _: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for Shipping {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        for outcome in ctx.notifications().await? {
            let order = outcome.sent.and_then(|sent| sent.reference);
            let order = order.unwrap_or_else(|| "unknown".into());
            ctx.send_to(ctx.openid(), format!("{order}: {}", outcome.fate.as_str())).await?;
        }
        let words = ctx.text_or("");
        let Some((how, order)) = words.split_once(' ') else { return Ok(Flow::Pass) };
        let notification = match how {
            "ship" => Notification::template("TPL"),
            "notify" => Notification::subscription("TPL"),
            _ => return Ok(Flow::Pass),
        };
        let notification = notification.value("thing1", order).reference(order);
        ctx.send_to(ctx.openid(), notification).await?;
        Ok(Flow::Stop)
    }
}

register!(Shipping);
