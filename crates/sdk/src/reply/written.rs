//! Replies as they are written, in `bot.toml` and in JSON: a text, a table with one key for any
//! kind, or a list of several.

use std::fmt;
use std::iter::once;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Article, ChoiceMenu, CustomOnly, MiniProgramPage, Music, Reply, Video};

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(to),
            Self::Image { media_id } => table(to, "image", media_id),
            Self::Voice { media_id } => table(to, "voice", media_id),
            Self::Video(video) => table(to, "video", video),
            Self::Music(music) => table(to, "music", music),
            Self::News(articles) => table(to, "news", articles),
            Self::Transfer { kf_account } => {
                table(to, "transfer", kf_account.as_deref().unwrap_or_default())
            }
            Self::Custom { content, otherwise } => custom(to, content, otherwise),
            Self::Several(replies) => replies.serialize(to),
        }
    }
}

fn custom<S: Serializer>(
    to: S,
    content: &CustomOnly,
    otherwise: &Reply,
) -> Result<S::Ok, S::Error> {
    let mut table = to.serialize_map(Some(2))?;
    match content {
        CustomOnly::MiniProgram(page) => table.serialize_entry("mini_program", page)?,
        CustomOnly::Menu(menu) => table.serialize_entry("menu", menu)?,
        CustomOnly::Article { article_id } => table.serialize_entry("article", article_id)?,
        CustomOnly::MpNews { media_id } => table.serialize_entry("mpnews", media_id)?,
    }
    table.serialize_entry("otherwise", otherwise)?;
    table.end()
}

fn table<S: Serializer>(
    to: S,
    kind: &str,
    reply: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    to.collect_map(once((kind, reply)))
}

/// The table; exactly one key, and `otherwise` beside those that need it.
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
    /// The card of a mini program, sent as a customer-service message; needs `otherwise`.
    mini_program: Option<MiniProgramPage>,
    /// A question with answers to tap, sent as a customer-service message; needs `otherwise`.
    menu: Option<ChoiceMenu>,
    /// A published article by its id, sent as a customer-service message; needs `otherwise`.
    article: Option<String>,
    /// A draft by its media id, sent as a customer-service message; needs `otherwise`.
    mpnews: Option<String>,
    /// What is said in its place where no customer-service message can be sent.
    otherwise: Option<Box<Reply>>,
}

impl ReplyTable {
    fn into_reply(self) -> Result<Reply, &'static str> {
        let Self { text, image, voice, video, music, news, transfer, otherwise, .. } = self;
        let custom = [
            self.mini_program.map(CustomOnly::MiniProgram),
            self.menu.map(CustomOnly::Menu),
            self.article.map(|article_id| CustomOnly::Article { article_id }),
            self.mpnews.map(|media_id| CustomOnly::MpNews { media_id }),
        ];
        let mut custom = custom.into_iter().flatten();
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
        match (given.next(), custom.next(), otherwise) {
            (Some(reply), None, None) if given.next().is_none() => Ok(reply),
            (None, Some(content), Some(otherwise)) if custom.next().is_none() => {
                Ok(Reply::Custom { content, otherwise })
            }
            (None, Some(_), None) => Err("a reply that only a customer-service message can give \
                                          needs `otherwise`: what is said where none can be sent"),
            (Some(_), None, Some(_)) => {
                Err("`otherwise` is for mini_program, menu, article, mpnews")
            }
            _ => {
                Err("a reply is exactly one of text, image, voice, video, music, news, transfer, \
                      mini_program, menu, article, mpnews")
            }
        }
    }
}

impl<'de> Deserialize<'de> for Reply {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyReply)
    }
}

struct AnyReply;

impl<'de> Visitor<'de> for AnyReply {
    type Value = Reply;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a table such as { image = \"MEDIA_ID\" }, or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Reply, E> {
        Ok(Reply::text(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Reply, A::Error> {
        let table = ReplyTable::deserialize(MapAccessDeserializer::new(map))?;
        table.into_reply().map_err(Error::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Reply, A::Error> {
        let mut replies = Vec::new();
        while let Some(reply) = list.next_element()? {
            replies.push(reply);
        }
        Ok(Reply::Several(replies))
    }
}

impl JsonSchema for Reply {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Reply".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<ReplyTable>();
        let several = generator.subschema_for::<Vec<Self>>();
        schemars::json_schema!({
            "title": "reply",
            "anyOf": [{ "type": "string" }, table, several],
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn optional() -> impl Strategy<Value = Option<String>> {
        prop::option::of(any::<String>())
    }

    prop_compose! {
        fn video()(media_id: String, title in optional(), description in optional()) -> Video {
            Video { media_id, title, description }
        }
    }

    prop_compose! {
        fn music()(music_url: String, title in optional(), description in optional(),
                   hq_music_url in optional(), thumb_media_id in optional()) -> Music {
            Music { music_url, title, description, hq_music_url, thumb_media_id }
        }
    }

    prop_compose! {
        fn article()(title: String, description in optional(), pic_url in optional(),
                     url in optional()) -> Article {
            Article { title, description, pic_url, url }
        }
    }

    fn any_reply() -> impl Strategy<Value = Reply> {
        let one = prop_oneof![
            any::<String>().prop_map(Reply::text),
            any::<String>().prop_map(Reply::image),
            any::<String>().prop_map(Reply::voice),
            video().prop_map(Reply::from),
            music().prop_map(Reply::from),
            prop::collection::vec(article(), 0..4).prop_map(Reply::news),
            prop::option::of(".+").prop_map(|kf_account| Reply::Transfer { kf_account }),
        ];
        one.prop_recursive(3, 16, 4, |reply| {
            let several = prop::collection::vec(reply.clone(), 0..4).prop_map(Reply::Several);
            let custom = (custom_only(), reply).prop_map(|(custom, or)| Reply::custom(custom, or));
            prop_oneof![several, custom]
        })
    }

    fn custom_only() -> impl Strategy<Value = CustomOnly> {
        let menu = any::<[String; 4]>().prop_map(|[head, id, content, tail]| {
            CustomOnly::Menu(ChoiceMenu { tail, ..ChoiceMenu::new(head).choice(id, content) })
        });
        let page = any::<[String; 4]>().prop_map(|[title, app_id, page_path, thumb_media_id]| {
            CustomOnly::MiniProgram(MiniProgramPage { title, app_id, page_path, thumb_media_id })
        });
        let article = any::<String>().prop_map(|article_id| CustomOnly::Article { article_id });
        let draft = any::<String>().prop_map(|media_id| CustomOnly::MpNews { media_id });
        prop_oneof![menu, page, article, draft]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_reply_is_read_as_it_is_written(reply in any_reply()) {
            let json = serde_json::to_string(&reply).unwrap();
            prop_assert_eq!(serde_json::from_str::<Reply>(&json).unwrap(), reply);
        }
    }
}
