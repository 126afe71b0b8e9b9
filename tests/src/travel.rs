//! A plugin with commands, as `docs/en/commands.md` and `docs/zh/commands.md` show it.

use std::time::Duration;

use wxbot_sdk::command::Date;
use wxbot_sdk::prelude::*;

#[derive(Commands)]
enum Travel {
    /// 查一个城市的天气
    ///
    /// 不写哪天，就是今天。
    #[command("天气", "weather")]
    Weather {
        /// 城市
        city: String,
        /// 哪天
        day: Option<Date>,
    },
    /// 过一会儿提醒您
    #[command("提醒", "remind")]
    Remind {
        /// 多久
        after: Duration,
        /// 内容
        #[command(rest)]
        what: String,
    },
}

/// `[chain.config]` of `travel`: nothing.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {}

/// Answers two commands.
pub struct TravelPlugin;

impl Plugin for TravelPlugin {
    const NAME: &'static str = "travel";
    const SUMMARY: &'static str = "answers two commands";
    const COMMANDS: Option<&'static CommandSet> = Some(Travel::SET);
    type Config = Config;

    fn build(_config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for TravelPlugin {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let Some(command) = ctx.command::<Travel>() else { return Ok(Flow::Pass) };
        Ok(match command {
            Err(usage) => Flow::reply(usage),
            Ok(Travel::Weather { city, day }) => {
                let day = day.map_or("今天".to_owned(), |day| day.to_string());
                Flow::reply(format!("{city}，{day}：晴"))
            }
            Ok(Travel::Remind { after, what }) => {
                Flow::reply(format!("好的，{} 分钟后提醒您：{what}", after.as_secs() / 60))
            }
        })
    }
}

register!(TravelPlugin);
