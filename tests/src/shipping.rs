//! A plugin that tells followers that something was shipped, or publishes a draft for them, and what
//! became of that.

use wxbot_sdk::prelude::*;
use wxbot_sdk::publication::Publication;

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
        if let Some(publication) = ctx.publication().await?
            && let Some(draft) = publication.submitted
        {
            let Publication { status, urls, failed, .. } = publication;
            let words = format!("{}: {status:?}, {} there, {failed:?}", draft.media_id, urls.len());
            ctx.send_to(&draft.reference.unwrap_or_default(), words).await?;
        }
        let words = ctx.text_or("");
        let Some((how, order)) = words.split_once(' ') else { return Ok(Flow::Pass) };
        let notification = match how {
            "publish" => {
                ctx.api().drafts().publish(order, ctx.openid()).await?;
                return Ok(Flow::Stop);
            }
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
