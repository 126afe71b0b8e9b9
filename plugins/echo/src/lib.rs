//! Says back what it hears.
//!
//! Text comes back as it is; pictures, voices and videos come back by their media id, places by
//! their name, links and files by their title. Events are passed.

use wxbot_core::prelude::*;

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
    use wxbot_core::testing::ask;

    use super::*;

    #[track_caller]
    fn check(config: &str, said: &str, expected: Flow) {
        assert_eq!(ask::<Echo>(config, said), Ok(expected));
    }

    #[test]
    fn text_comes_back_whole() {
        check("", " 你好 😀\n", Flow::reply(" 你好 😀\n"));
        check("prefix = '> '", "hi", Flow::reply("> hi"));
    }

    #[test]
    fn a_text_without_words_is_passed() {
        check("", " \n", Flow::Pass);
    }

    #[test]
    fn other_kinds_come_back_as_what_makes_sense() {
        let of = |kind: &str, fields: &str| format!("<xml><MsgType>{kind}</MsgType>{fields}</xml>");
        let media = "<MediaId>M1</MediaId>";
        check("", &of("image", media), Flow::Reply(Reply::image("M1")));
        check("", &of("voice", media), Flow::Reply(Reply::voice("M1")));
        check("", &of("video", media), Flow::Reply(Reply::video("M1")));
        check("", &of("shortvideo", media), Flow::Reply(Reply::video("M1")));
        check("", &of("location", "<Label>西湖</Label>"), Flow::reply("西湖"));
        check("", &of("link", "<Title>wxbot</Title>"), Flow::reply("wxbot"));
        check("", &of("file", "<Title>a.pdf</Title>"), Flow::reply("a.pdf"));
    }

    #[test]
    fn events_and_unknown_kinds_are_passed() {
        check("", "<xml><MsgType>event</MsgType><Event>CLICK</Event></xml>", Flow::Pass);
        check("", "<xml><MsgType>hologram</MsgType></xml>", Flow::Pass);
    }
}
