//! `format = "wechat"`: posts a message as WeChat would in plain mode, and takes WeChat's passive
//! reply. So a bot that was written for WeChat becomes a link of the chain, unchanged.

mod passive_reply;
mod push;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::context::Context;
use wxbot_sdk::external::{AnswerError, MAX_REQUEST_BYTES};
use wxbot_sdk::plugin::Flow;

use crate::config::{Config, Silence};
use crate::endpoint::{Post, Response};
use crate::error::CallError;

/// What the bot knows of WeChat.
pub(crate) struct Wechat {
    token: String,
    silence: Silence,
}

impl Wechat {
    pub(crate) fn new(config: &Config) -> Result<Self, String> {
        let token = config.token.clone().filter(|token| !token.is_empty());
        let token = token.ok_or("`format = \"wechat\"` needs the `token` that the bot knows")?;
        Ok(Self { token, silence: config.silence })
    }

    /// The message, with WeChat's query.
    pub(crate) fn post(&self, ctx: &Context) -> Result<Post, CallError> {
        let body = push::write(ctx.message().fields()).into_bytes();
        if body.len() > MAX_REQUEST_BYTES {
            return Err(CallError::RequestTooLong);
        }
        let timestamp = Clock::system().seconds().to_string();
        let nonce = rand::random_range(100_000_000..2_000_000_000_u32).to_string();
        let query = vec![
            ("signature", sign([&self.token, &timestamp, &nonce])),
            ("timestamp", timestamp),
            ("nonce", nonce),
            ("openid", ctx.openid().to_owned()),
        ];
        Ok(Post { query, content_type: "text/xml", headers: Vec::new(), body })
    }

    /// Reads the reply.
    pub(crate) async fn flow(&self, mut response: Response) -> Result<Flow, CallError> {
        response.read_to_end().await?;
        let reply = passive_reply::read(&response.body)
            .map_err(|problem| response.is_no_answer(AnswerError::NotAnAnswer(problem)))?;
        Ok(match (reply, self.silence) {
            (Some(reply), _) => Flow::Reply(reply),
            (None, Silence::Pass) => Flow::Pass,
            (None, Silence::Stop) => Flow::Stop,
        })
    }
}

/// Protocol section 1.
fn sign(mut parts: [&str; 3]) -> String {
    parts.sort_unstable();
    hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wxbot_sdk::fields::Fields;
    use wxbot_sdk::reply::Reply;

    use super::*;

    #[test]
    fn a_known_query_has_the_known_signature() {
        let signature = sign(["tokenALPHA1", "1700000000", "1320562132"]);
        assert_eq!(signature, "d25968bf70b32b713c2dee28625c9b121ad2039c");
    }
    proptest! {
        /// What XML can say comes back as it was, whatever it is.
        #[test]
        fn what_is_written_is_read(text in "[^\\p{Cc}\u{fffe}\u{ffff}]*[^\\s\\p{Cc}\u{fffe}\u{ffff}]+") {
            let elements = serde_json::json!([["MsgType", "text"], ["Content", text]]);
            let fields: Fields = serde_json::from_value(elements).unwrap();
            let xml = push::write(&fields);
            prop_assert_eq!(passive_reply::read(xml.as_bytes()), Ok(Some(Reply::text(text))));
        }

        /// Whatever a bot sends, it is a reply or an error.
        #[test]
        fn whatever_comes_is_read_or_refused(
            body in "(<xml>|</xml>|<MsgType>text</MsgType>|<a|/>|<!\\[CDATA\\[|\\]\\]>|&#1;|&|;|.){0,24}"
        ) {
            let _ = passive_reply::read(body.as_bytes());
        }
    }
}
