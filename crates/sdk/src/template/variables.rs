//! The variables that templates have, by name: what is checked before anybody writes.

/// Which variables a text has beside those of every text. `{name}` is short for `{{ name }}` where
/// `name` is a plain one.
///
/// ```
/// use wxbot_sdk::prelude::*;
/// use wxbot_sdk::template::variables::{Variable, Variables};
///
/// /// Of the text to whoever has to wait.
/// pub enum Waiting {}
///
/// impl Variables for Waiting {
///     const OWN: &'static [Variable] = &[Variable::plain("minutes")];
/// }
///
/// # fn example(wait: &Template<Waiting>, ctx: &Context) -> Result<Flow, HandlerError> {
/// Ok(Flow::reply(wait.render(Values::new(ctx).with("minutes", 5))?))
/// # }
/// ```
pub trait Variables: 'static {
    /// Its own.
    const OWN: &'static [Variable] = &[];
    /// Whether it knows the message. A text that is no answer, such as a language model's instructions,
    /// must not.
    const HAS_MESSAGE: bool = true;
}

/// No others than every text has.
pub enum Common {}

impl Variables for Common {}

/// A variable.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// What it is called.
    pub name: &'static str,
    /// What it has.
    pub attributes: Attributes,
}

/// What a variable has.
#[derive(Debug, Clone, Copy)]
pub enum Attributes {
    /// It is a text or a number.
    None,
    /// These.
    These(&'static [&'static str]),
    /// Nobody knows.
    Any,
}

impl Variable {
    /// A text or a number.
    pub const fn plain(name: &'static str) -> Self {
        Self { name, attributes: Attributes::None }
    }

    /// One with these attributes.
    pub const fn with(name: &'static str, attributes: &'static [&'static str]) -> Self {
        Self { name, attributes: Attributes::These(attributes) }
    }

    /// One whose attributes are known when it is used, such as what a plugin remembers of a follower.
    pub const fn any(name: &'static str) -> Self {
        Self { name, attributes: Attributes::Any }
    }

    pub(super) fn is_plain(&self) -> bool {
        matches!(self.attributes, Attributes::None)
    }
}

/// The message; `fields` has all that came, under WeChat's names.
pub(super) const MESSAGE: Variable = Variable::with(
    "message",
    &[
        "kind",
        "text",
        "openid",
        "to",
        "msg_id",
        "create_time",
        "event",
        "key",
        "media_id",
        "pic_url",
        "title",
        "description",
        "url",
        "label",
        "latitude",
        "longitude",
        "fields",
    ],
);

/// What a text knows that is no answer to a message.
pub(super) const OTHERS: [Variable; 3] = [
    Variable::with("account", &["id", "app_id", "original_id"]),
    Variable::with("follower", &["openid"]),
    Variable::with(
        "time",
        &["date", "year", "month", "day", "hour", "minute", "second", "weekday", "unix"],
    ),
];

/// What `time` can do: `time.format("%H:%M")`.
pub(super) const TIME_METHODS: [&str; 2] = ["format", "offset"];

/// What WeChat told of followers once.
pub(super) const NO_MORE: [&str; 7] =
    ["nickname", "name", "headimgurl", "sex", "city", "province", "country"];
