//! Replies as they stand in `bot.toml`: a text, a table for any kind, or a list to pick from.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Article, Music, Reply, Video};
use crate::message::Message;

/// `reply = "…"`, `reply = { image = "…" }` or `reply = ["…", "…"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyChoice(Vec<ReplySettings>);

/// One reply: a text, or a table with exactly one of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplySettings(Reply);

/// The table; exactly one key.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ReplyTable {
    /// A text.
    text: Option<String>,
    /// A picture, by its media id.
    image: Option<String>,
    /// A voice message, by its media id.
    voice: Option<String>,
    /// A video.
    video: Option<Video>,
    /// A piece of music.
    music: Option<Music>,
    /// Cards with links.
    news: Option<Vec<Article>>,
    /// Hands over to a human: `""` for any, or `name@account`.
    transfer: Option<String>,
}

impl ReplyChoice {
    /// Picks the reply to a message: the same one whenever the same message comes, so that a
    /// repeated delivery is answered alike.
    pub fn pick(&self, message: &Message) -> &Reply {
        let mut hasher = DefaultHasher::new();
        (&message.openid, message.msg_id, message.create_time).hash(&mut hasher);
        let place = hasher.finish() % self.0.len() as u64;
        &self.0[place as usize].0
    }

    /// All that may be picked.
    pub fn replies(&self) -> impl Iterator<Item = &Reply> {
        self.0.iter().map(|settings| &settings.0)
    }
}

impl From<&str> for ReplyChoice {
    fn from(text: &str) -> Self {
        Self(vec![ReplySettings(Reply::text(text))])
    }
}

impl ReplyTable {
    fn into_reply(self) -> Result<Reply, &'static str> {
        let Self { text, image, voice, video, music, news, transfer } = self;
        let to_whom = |kf: String| Reply::Transfer { kf_account: (!kf.is_empty()).then_some(kf) };
        let mut given = [
            text.map(Reply::Text),
            image.map(Reply::image),
            voice.map(Reply::voice),
            video.map(Reply::Video),
            music.map(Reply::Music),
            news.map(Reply::News),
            transfer.map(to_whom),
        ]
        .into_iter()
        .flatten();
        match (given.next(), given.next()) {
            (Some(reply), None) => Ok(reply),
            _ => Err("a reply is exactly one of text, image, voice, video, music, news, transfer"),
        }
    }
}

impl<'de> Deserialize<'de> for ReplySettings {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneReply;

        impl<'de> Visitor<'de> for OneReply {
            type Value = ReplySettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a table such as { image = \"MEDIA_ID\" }")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ReplySettings, E> {
                Ok(ReplySettings(Reply::text(text)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ReplySettings, A::Error> {
                let table = ReplyTable::deserialize(MapAccessDeserializer::new(map))?;
                table.into_reply().map(ReplySettings).map_err(serde::de::Error::custom)
            }
        }

        from.deserialize_any(OneReply)
    }
}

impl<'de> Deserialize<'de> for ReplyChoice {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Replies;

        impl<'de> Visitor<'de> for Replies {
            type Value = ReplyChoice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a table such as { image = \"MEDIA_ID\" }, or a list of them")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ReplyChoice, E> {
                Ok(text.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ReplyChoice, A::Error> {
                let one = ReplySettings::deserialize(MapAccessDeserializer::new(map))?;
                Ok(ReplyChoice(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ReplyChoice, A::Error> {
                let mut replies = Vec::new();
                while let Some(reply) = list.next_element()? {
                    replies.push(reply);
                }
                match replies.is_empty() {
                    true => Err(serde::de::Error::custom("a list to pick from needs a reply")),
                    false => Ok(ReplyChoice(replies)),
                }
            }
        }

        from.deserialize_any(Replies)
    }
}

impl JsonSchema for ReplySettings {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Reply".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = generator.subschema_for::<ReplyTable>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, table] })
    }
}

impl JsonSchema for ReplyChoice {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ReplyChoice".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let one = generator.subschema_for::<ReplySettings>();
        schemars::json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}
