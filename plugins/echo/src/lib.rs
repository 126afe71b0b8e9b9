//! Says back what it hears.
//!
//! Text comes back as it is; pictures, voices and videos come back by their media id, places by
//! their name, links and files by their title. Events are passed.

use wxbot_sdk::prelude::*;

/// `[chain.config]` of `echo`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Put in front of what is said back as text. Default: nothing.
    prefix: String,
}

/// The plugin.
pub struct Echo {
    config: Config,
}

impl Plugin for Echo {
    const NAME: &'static str = "echo";
    const SUMMARY: &'static str = "says back what it hears";
    const COMPUTES_ONLY: bool = true;
    type Config = Config;

    fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self { config })
    }
}

#[async_trait]
impl Handler for Echo {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        Ok(match ctx.content() {
            Content::Text { content, .. } => self.text(content),
            Content::Image { media_id, .. } => Flow::Reply(Reply::image(media_id)),
            Content::Voice { media_id, .. } => Flow::Reply(Reply::voice(media_id)),
            Content::Video { media_id, .. } | Content::ShortVideo { media_id, .. } => {
                Flow::Reply(Reply::video(media_id))
            }
            Content::Location { label, .. } => self.text(label),
            Content::Link { title, .. }
            | Content::File { title, .. }
            | Content::MiniProgramPage { title, .. } => self.text(title),
            _ => Flow::Pass,
        })
    }

    fn answers_every_text(&self) -> bool {
        true
    }
}

register!(Echo);

impl Echo {
    /// What has no words in it is passed.
    fn text(&self, text: &str) -> Flow {
        if text.trim().is_empty() {
            return Flow::Pass;
        }
        Flow::Reply(Reply::text(self.config.prefix.clone() + text))
    }
}

#[cfg(test)]
mod tests {
    use wxbot_testkit::TestBot;
    use wxbot_testkit::sim::{Act, Bubble};

    use super::*;

    async fn bot(config: &str) -> TestBot {
        TestBot::with::<Echo>(config).await.unwrap()
    }

    #[tokio::test]
    async fn text_comes_back_whole() {
        let alice = bot("").await.follower("alice");
        alice.says(" 你好 😀\n").await.sees(" 你好 😀\n");
        bot("prefix = '> '").await.follower("alice").says("hi").await.sees("> hi");
    }

    #[tokio::test]
    async fn a_text_without_words_is_passed() {
        bot("").await.follower("alice").says(" \n").await.sees_nothing();
    }

    #[tokio::test]
    async fn other_kinds_come_back_as_what_makes_sense() {
        let alice = bot("").await.follower("alice");
        alice.sends_image("M1").await.sees_image("M1");
        alice.sends_voice("M1").await.sees_voice("M1");
        let recognition = Some("in words".into());
        let voice = Act::Voice { media_id: "M1".into(), format: "amr".into(), recognition };
        alice.does(voice).await.sees_voice("M1");
        alice.sends_video("M1").await.sees_video("M1");
        let short = Act::ShortVideo { media_id: "M2".into(), thumb_media_id: "T2".into() };
        let video = Bubble::Video { media_id: "M2".into(), title: None, description: None };
        alice.does(short).await.sees_bubble(&video);
        alice.sends_location(30.27, 120.15, "西湖").await.sees("西湖");
        alice.sends_link("wxbot", "https://example.com/").await.sees("wxbot");
        let (title, key, md5) = ("a.pdf".into(), "KEY".into(), "0cc1".into());
        alice.does(Act::File { title, key, md5, length: 1 }).await.sees("a.pdf");
    }

    #[tokio::test]
    async fn events_and_unknown_kinds_are_passed() {
        let bot = bot("").await;
        let alice = bot.follower("alice");
        alice.clicks("HELP").await.sees_nothing();
        let (to, from) = (&bot.wechat().account().original_id, alice.openid());
        let hologram = format!(
            "<xml><ToUserName>{to}</ToUserName><FromUserName>{from}</FromUserName>\
             <MsgType>hologram</MsgType><MsgId>1</MsgId></xml>"
        );
        alice.sends_raw(&hologram).await.sees_nothing();
    }
}
