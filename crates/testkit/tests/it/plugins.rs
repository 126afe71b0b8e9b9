//! Plugins for these tests.

use std::time::Duration;

use wxbot_sdk::prelude::*;

/// Answers `wait 20` after 20 seconds, `fail` with an error, and `me` with the openid.
pub(crate) struct Slow;

/// `[chain.config]` of `slow`: nothing.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {}

impl Plugin for Slow {
    const NAME: &'static str = "slow";
    const SUMMARY: &'static str = "answers after as many seconds as a text says";
    type Config = Config;

    fn build(_config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for Slow {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let text = ctx.text().unwrap_or_default();
        match text.split_once(' ').unwrap_or((text, "")) {
            ("wait", seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds.parse()?)).await;
                Ok(Flow::reply(format!("waited {seconds}")))
            }
            ("fail", _) => Err("as it was told".into()),
            ("me", _) => Ok(Flow::reply(ctx.openid())),
            _ => Ok(Flow::Pass),
        }
    }
}

register!(Slow);

/// A chain of `slow` and `echo`.
pub(crate) const SLOW: &str = "
[[chain]]
plugin = 'slow'
timeout = '60s'
[[chain]]
plugin = 'echo'
";
