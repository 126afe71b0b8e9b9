//! Greets new followers.
//!
//! Whoever came by one of the account's QR codes can be greeted by its scene.

use std::collections::BTreeMap;

use wxbot_core::prelude::*;
use wxbot_core::reply::ReplyChoice;

/// `[chain.config]` of `welcome`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Said to a new follower: a text, a table for any reply kind, or a list to pick from.
    /// Default: 感谢关注！
    reply: ReplyChoice,
    /// Said instead to whoever came by the QR code with this scene. Default: none.
    scenes: BTreeMap<String, ReplyChoice>,
}

impl Default for Config {
    fn default() -> Self {
        Self { reply: "感谢关注！".into(), scenes: BTreeMap::new() }
    }
}

/// The plugin.
pub struct Welcome {
    config: Config,
}

impl Plugin for Welcome {
    const NAME: &'static str = "welcome";
    const SUMMARY: &'static str = "greets new followers, by QR scene if they came by one";
    const COMPUTES_ONLY: bool = true;
    type Config = Config;

    fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self { config })
    }
}

#[async_trait]
impl Handler for Welcome {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let Some(Event::Subscribe { scene, .. }) = ctx.event() else { return Ok(Flow::Pass) };
        let by_scene = scene.as_ref().and_then(|scene| self.config.scenes.get(scene));
        let reply = by_scene.unwrap_or(&self.config.reply);
        Ok(Flow::Reply(reply.pick(ctx.message()).clone()))
    }
}

register!(Welcome);

#[cfg(test)]
mod tests {
    use wxbot_core::testing::ask;

    use super::*;

    const CONFIG: &str = "reply = '欢迎'\nscenes = { shop-42 = '欢迎到店', 7 = { image = 'M7' } }";

    #[track_caller]
    fn check(config: &str, event: &str, key: &str, expected: Flow) {
        let said = format!(
            "<xml><MsgType>event</MsgType><Event>{event}</Event><EventKey>{key}</EventKey></xml>"
        );
        assert_eq!(ask::<Welcome>(config, &said), Ok(expected));
    }

    #[test]
    fn a_new_follower_is_greeted() {
        check("", "subscribe", "", Flow::reply("感谢关注！"));
        check(CONFIG, "subscribe", "", Flow::reply("欢迎"));
    }

    #[test]
    fn a_scene_has_its_own_greeting() {
        check(CONFIG, "subscribe", "qrscene_shop-42", Flow::reply("欢迎到店"));
        check(CONFIG, "subscribe", "qrscene_7", Flow::Reply(Reply::image("M7")));
        check(CONFIG, "subscribe", "qrscene_unknown", Flow::reply("欢迎"));
    }

    #[test]
    fn nothing_else_is_greeted() {
        check(CONFIG, "SCAN", "shop-42", Flow::Pass);
        check(CONFIG, "unsubscribe", "", Flow::Pass);
    }
}
