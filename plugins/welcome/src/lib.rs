//! Greets new followers.
//!
//! Whoever came by one of the account's QR codes can be greeted by its scene.

use std::collections::BTreeMap;

use wxbot_sdk::prelude::*;
use wxbot_sdk::reply::settings::ReplyChoice;

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
        Ok(Flow::Reply(reply.render(&*ctx)?))
    }

    fn answers_texts(&self) -> bool {
        false
    }
}

register!(Welcome);

#[cfg(test)]
mod tests {
    use wxbot_testkit::{Follower, TestBot};

    use super::*;

    const CONFIG: &str = "reply = '欢迎'\nscenes = { shop-42 = '欢迎到店', 7 = { image = 'M7' } }";

    async fn alice(config: &str) -> Follower {
        TestBot::with::<Welcome>(config).await.unwrap().follower("alice")
    }

    #[tokio::test]
    async fn a_new_follower_is_greeted() {
        alice("").await.follows().await.sees("感谢关注！");
        alice(CONFIG).await.follows().await.sees("欢迎");
    }

    #[tokio::test]
    async fn a_scene_has_its_own_greeting() {
        let alice = alice(CONFIG).await;
        alice.follows_by_scan("shop-42").await.sees("欢迎到店");
        alice.follows_by_scan("7").await.sees_image("M7");
        alice.follows_by_scan("unknown").await.sees("欢迎");
    }

    #[tokio::test]
    async fn a_greeting_may_be_a_template() {
        let config = "reply = '{{ message.event }}，{{ message.key | default(\"搜索\") }}'
                      scenes = { 7 = ['{{ message.key }} 号店'] }";
        let alice = alice(config).await;
        alice.follows().await.sees("subscribe，搜索");
        alice.follows_by_scan("{{ 1 }}").await.sees("subscribe，{{ 1 }}");
        alice.follows_by_scan("7").await.sees("7 号店");
    }

    #[tokio::test]
    async fn nothing_else_is_greeted() {
        let alice = alice(CONFIG).await;
        alice.scans("shop-42").await.sees_nothing();
        alice.says("hello").await.sees_nothing();
        alice.unfollows().await.by_nobody();
    }
}
