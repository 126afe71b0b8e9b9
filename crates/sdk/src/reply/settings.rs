//! Replies as they stand in `bot.toml`: one, or a list to pick from. Their texts may be templates.

use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::Reply;
use crate::message::Message;
use crate::template::variables::{Common, Variables};
use crate::template::{Template, TemplateError, Values, is_template};

/// `reply = "…"`, `reply = { image = "…" }` or `reply = ["…", "…"]`. A list in that list is several
/// replies, one after the other. Every text may be a [`Template`], with the variables `V`.
pub struct ReplyChoice<V = Common>(Vec<ReplyTemplate<V>>);

/// One of them.
pub struct ReplyTemplate<V = Common> {
    reply: Reply,
    /// All of its texts, in their order; none where none is a template.
    texts: Vec<Template<V>>,
}

impl<V: Variables> ReplyChoice<V> {
    /// The reply to a message, filled in. The same one is picked whenever the same message comes, so
    /// that a repeated delivery is answered alike.
    pub fn render<'c>(&self, values: impl Into<Values<'c>>) -> Result<Reply, TemplateError> {
        let values = values.into();
        self.pick(values.message()).render(&values)
    }

    /// Picks the reply to a message: the same one whenever the same message comes.
    pub fn pick(&self, message: &Message) -> &ReplyTemplate<V> {
        let mut hasher = DefaultHasher::new();
        (&message.openid, message.msg_id, message.create_time).hash(&mut hasher);
        let place = hasher.finish() % self.0.len() as u64;
        &self.0[place as usize]
    }

    /// All that may be picked.
    pub fn replies(&self) -> impl Iterator<Item = &ReplyTemplate<V>> {
        self.0.iter()
    }
}

impl<V: Variables> ReplyTemplate<V> {
    fn new(reply: Reply) -> Result<Self, String> {
        let texts = reply.texts();
        if !texts.iter().any(|text| is_template(text)) {
            return Ok(Self { reply, texts: Vec::new() });
        }
        let texts = texts.into_iter().map(Template::new).collect::<Result<_, _>>()?;
        Ok(Self { reply, texts })
    }

    /// The reply, if nothing in it is a template.
    pub fn as_plain(&self) -> Option<&Reply> {
        self.texts.is_empty().then_some(&self.reply)
    }

    /// Its texts, if one of them is a template.
    pub fn templates(&self) -> &[Template<V>] {
        &self.texts
    }

    /// The reply, filled in.
    pub fn render(&self, values: &Values<'_>) -> Result<Reply, TemplateError> {
        self.render_with(|text| text.render(values))
    }

    /// The reply, with its texts filled in by `render` where one of them is a template.
    pub fn render_with(
        &self,
        mut render: impl FnMut(&Template<V>) -> Result<String, TemplateError>,
    ) -> Result<Reply, TemplateError> {
        let mut reply = self.reply.clone();
        if !self.texts.is_empty() {
            for (text, template) in reply.texts_mut().into_iter().zip(&self.texts) {
                *text = render(template)?;
            }
        }
        Ok(reply)
    }
}

/// A text as it stands, for defaults: what looks like a template in it is none.
impl<V> From<&str> for ReplyChoice<V> {
    fn from(text: &str) -> Self {
        Self(vec![ReplyTemplate { reply: Reply::text(text), texts: Vec::new() }])
    }
}

impl<V: Variables> TryFrom<Reply> for ReplyChoice<V> {
    type Error = String;

    fn try_from(reply: Reply) -> Result<Self, String> {
        let replies = match reply {
            Reply::Several(replies) if replies.is_empty() => {
                return Err("a list to pick from needs a reply".into());
            }
            Reply::Several(replies) => replies,
            one => vec![one],
        };
        Ok(Self(replies.into_iter().map(ReplyTemplate::new).collect::<Result<_, _>>()?))
    }
}

impl<'de, V: Variables> Deserialize<'de> for ReplyChoice<V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::try_from(Reply::deserialize(from)?).map_err(Error::custom)
    }
}

impl<V> Clone for ReplyChoice<V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<V> Clone for ReplyTemplate<V> {
    fn clone(&self) -> Self {
        Self { reply: self.reply.clone(), texts: self.texts.clone() }
    }
}

impl<V> PartialEq for ReplyChoice<V> {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().map(|one| &one.reply).eq(other.0.iter().map(|one| &one.reply))
    }
}

impl<V> Eq for ReplyChoice<V> {}

impl<V> fmt::Debug for ReplyChoice<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|one| &one.reply)).finish()
    }
}

impl<V> JsonSchema for ReplyChoice<V> {
    fn inline_schema() -> bool {
        Reply::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        Reply::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        Reply::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Reply::json_schema(generator)
    }
}
