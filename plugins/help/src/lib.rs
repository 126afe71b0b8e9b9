//! Says what a follower may use: the commands of the chain, and what its entries say of themselves.
//!
//! It knows which entries are for whom and when, so nobody reads of what they can't use.

mod config;
mod page;
mod topic;

use wxbot_sdk::prelude::*;

pub use crate::config::Config;
use crate::topic::Topic;

#[derive(Commands)]
enum Ask {
    /// 看可以使用的功能
    #[command("帮助", "help", "功能")]
    Help {
        #[command(name = "页码或名称")]
        topic: Option<Topic>,
    },
}

/// The plugin.
pub struct Help {
    config: Config,
}

impl Plugin for Help {
    const NAME: &'static str = "help";
    const SUMMARY: &'static str = "says what a follower may use, from all commands of the chain";
    const COMPUTES_ONLY: bool = true;
    const COMMANDS: Option<&'static CommandSet> = Some(Ask::SET);
    type Config = Config;

    fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        match config.lines {
            1..=50 => Ok(Self { config }),
            lines => Err(format!("`lines` is {lines}; it takes 1 to 50").into()),
        }
    }
}

#[async_trait]
impl Handler for Help {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let Some(asked) = ctx.command::<Ask>() else { return Ok(Flow::Pass) };
        let Ask::Help { topic } = match asked {
            Ok(ask) => ask,
            Err(usage) => return Ok(Flow::reply(usage)),
        };
        let page = match topic {
            None => 1,
            Some(Topic::Page(page)) => page,
            // 帮助我 is talk.
            Some(Topic::Name(name)) => {
                return Ok(topic::usage(ctx, &name).map_or(Flow::Pass, Flow::reply));
            }
        };
        Ok(Flow::reply(page::written(&self.config, &page::lines(ctx), page, ctx)?))
    }
}

register!(Help);

#[cfg(test)]
mod tests;
