//! What the variables of a template are, for one message.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, Serde};
use minijinja::{Error, ErrorKind, State, Value};
use serde::Serialize;
use smallvec::SmallVec;
use time::OffsetDateTime;

use super::datetime;
use crate::context::{Context, Incoming};
use crate::event::Event;
use crate::fields::object::Object as FieldsObject;
use crate::matcher::Groups;
use crate::message::Message;

/// The variables of one message, and those that a text has of its own.
#[derive(Clone)]
pub struct Values<'c> {
    ctx: &'c Context,
    own: SmallVec<[(&'static str, Value); 2]>,
}

impl<'c> Values<'c> {
    /// Those that every text has.
    pub fn new(ctx: &'c Context) -> Self {
        Self { ctx, own: SmallVec::new() }
    }

    /// And one more, which the text's [`Variables`](super::variables::Variables) name.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        self.own.push((name, Serde(value).into()));
        self
    }

    /// And what a regular expression caught.
    #[must_use]
    pub fn with_groups(mut self, name: &'static str, groups: Groups) -> Self {
        self.own.push((name, Value::from_object(Caught(groups))));
        self
    }

    /// The message.
    pub(crate) fn message(&self) -> &'c Message {
        self.ctx.message()
    }

    /// A variable of the text's own.
    pub(super) fn written(&self, name: &str) -> String {
        let found = self.own.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.to_string()).unwrap_or_default()
    }

    pub(super) fn into_root(self, has_message: bool) -> Value {
        let incoming = Arc::clone(self.ctx.incoming());
        Value::from_object(Root { incoming, own: self.own, has_message })
    }
}

impl<'c> From<&Values<'c>> for Values<'c> {
    fn from(values: &Values<'c>) -> Self {
        values.clone()
    }
}

impl<'c> From<&'c Context> for Values<'c> {
    fn from(ctx: &'c Context) -> Self {
        Self::new(ctx)
    }
}

impl<'c> From<&'c mut Context> for Values<'c> {
    fn from(ctx: &'c mut Context) -> Self {
        Self::new(ctx)
    }
}

/// Gives an object a `Debug` that shows nothing of a follower.
macro_rules! opaque {
    ($($name:ident),*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        })*
    };
}

opaque!(Root, MessageValue, Follower, Account, Caught);

/// All variables; each is made when it is asked for.
struct Root {
    incoming: Arc<Incoming>,
    own: SmallVec<[(&'static str, Value); 2]>,
    has_message: bool,
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        if let Some((_, value)) = self.own.iter().find(|(known, _)| *known == name) {
            return Some(value.clone());
        }
        let incoming = || Arc::clone(&self.incoming);
        Some(match name {
            "message" if self.has_message => Value::from_object(MessageValue(incoming())),
            "follower" => Value::from_object(Follower(incoming())),
            "account" => Value::from_object(Account(incoming())),
            "time" => Value::from_object(Moment::in_beijing(self.incoming.received_at)),
            _ => return None,
        })
    }
}

struct MessageValue(Arc<Incoming>);

impl Object for MessageValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let message = &self.0.message;
        let field = |name: &str| message.field(name).map(Value::from);
        let number = |name: &str| message.field(name)?.trim().parse::<f64>().ok().map(Value::from);
        match key.as_str()? {
            "kind" => Some(message.content.kind().into()),
            "text" => message.words().map(Value::from),
            "openid" => Some(message.openid.as_str().into()),
            "to" => Some(message.to.as_str().into()),
            "msg_id" => message.msg_id.map(|id| id.to_string().into()),
            "create_time" => Some(message.create_time.into()),
            "event" => message.event().map(Event::name).map(Value::from),
            "key" => message.event_key().map(Value::from),
            "media_id" => field("MediaId"),
            "pic_url" => field("PicUrl"),
            "title" => field("Title"),
            "description" => field("Description"),
            "url" => field("Url"),
            "label" => field("Label"),
            "latitude" => number("Location_X"),
            "longitude" => number("Location_Y"),
            "fields" => Some(fields(message)),
            _ => None,
        }
    }
}

fn fields(message: &Message) -> Value {
    Serde(FieldsObject(message.fields().root())).into()
}

struct Follower(Arc<Incoming>);

impl Object for Follower {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str()? == "openid").then(|| self.0.message.openid.as_str().into())
    }
}

struct Account(Arc<Incoming>);

impl Object for Account {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "id" => Some((&*self.0.account).into()),
            "app_id" => self.0.app_id.as_deref().map(Value::from),
            "original_id" => Some(self.0.message.to.as_str().into()),
            _ => None,
        }
    }
}

/// What a regular expression caught: `captures[1]`, `captures.city`.
struct Caught(Groups);

impl Object for Caught {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let text = match key.as_str() {
            Some(name) => self.0.named(name),
            None => self.0.numbered(key.as_usize()?),
        };
        text.map(Value::from)
    }
}

/// When the message came: `time.hour`, `time.format("%H:%M")`.
#[derive(Debug)]
pub(super) struct Moment(OffsetDateTime);

impl Moment {
    pub(super) fn in_beijing(unix_seconds: u64) -> Self {
        let seconds = i64::try_from(unix_seconds).unwrap_or(i64::MAX);
        Self(datetime::at(seconds, datetime::BEIJING))
    }

    pub(super) fn format(&self, pattern: &str) -> Result<String, Error> {
        datetime::format(self.0, pattern).map_err(wrong)
    }

    fn offset(&self, zone: &str) -> Result<Self, Error> {
        let offset = datetime::offset(zone).ok_or_else(|| wrong("a zone is written `+08:00`"))?;
        Ok(Self(datetime::at(self.0.unix_timestamp(), offset)))
    }
}

fn wrong(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

impl Object for Moment {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let Self(moment) = &**self;
        Some(match key.as_str()? {
            "date" => moment.date().to_string().into(),
            "year" => moment.year().into(),
            "month" => u8::from(moment.month()).into(),
            "day" => moment.day().into(),
            "hour" => moment.hour().into(),
            "minute" => moment.minute().into(),
            "second" => moment.second().into(),
            "weekday" => moment.weekday().number_from_monday().into(),
            "unix" => moment.unix_timestamp().into(),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let (argument,): (&str,) = minijinja::value::from_args(args)?;
        match method {
            "format" => self.format(argument).map(Value::from),
            "offset" => self.offset(argument).map(Value::from_object),
            _ => Err(ErrorKind::UnknownMethod.into()),
        }
    }

    /// As it is printed: `2026-03-05 08:30`.
    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = datetime::format(self.0, "%F %H:%M").map_err(|_| fmt::Error)?;
        f.write_str(&written)
    }
}
