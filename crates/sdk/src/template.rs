//! Texts that an operator writes, with places for what is known when they are said.
//!
//! ```toml
//! reply = "{{ captures.city }}：晴，{{ time.format('%H:%M') }}"
//! ```
//!
//! A setting of a plugin is a [`Template`] where others have a `String`, or a
//! [`ReplyChoice`](crate::reply::settings::ReplyChoice) where any reply may stand. Mistakes are errors
//! of the settings, each with its line. What followers write is only ever a value, never a template.

pub mod variables;
mod values;
mod addressee;
mod datetime;
mod names;
mod walk;
mod engine;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::engine::Compiled;
use self::variables::{Common, Variable, Variables};

pub use addressee::Addressee;
pub use engine::TemplateError;
pub use values::Values;

/// A text, or a template of one.
///
/// Only `{{`, `{%` and `{#` begin a template: any other text is said as it stands, and costs no more
/// than a `String`.
///
/// ```
/// # use wxbot_sdk::prelude::*;
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(deny_unknown_fields, default)]
/// struct Config {
///     /// What to say back.
///     greeting: Template,
/// }
///
/// impl Default for Config {
///     fn default() -> Self {
///         Self { greeting: "你好".into() }
///     }
/// }
///
/// # fn example(config: &Config, ctx: &Context) -> Result<Flow, HandlerError> {
/// Ok(Flow::reply(config.greeting.render(ctx)?))
/// # }
/// ```
///
/// Where a text has variables of its own, `V` names them; see [`Variables`].
pub struct Template<V = Common> {
    text: String,
    form: Form,
    variables: PhantomData<fn() -> V>,
}

#[derive(Clone)]
enum Form {
    /// It is said as it stands.
    Text,
    /// It has places like `{left}`, and nothing else to fill in.
    Places(Vec<Part>),
    Compiled(Arc<Compiled>),
}

/// Bytes of the text.
#[derive(Clone)]
enum Part {
    Text(std::ops::Range<usize>),
    Variable(&'static str),
}

/// Whether a text is a template.
pub fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|start| text.contains(start))
}

impl<V: Variables> Template<V> {
    /// Reads a text. `Err` says what is wrong with the template in it.
    pub fn new(text: impl Into<String>) -> Result<Self, String> {
        let text = text.into();
        if !is_template(&text) {
            return Ok(Self::plain(text));
        }
        let places = places(&text, V::OWN);
        let source = with_tags(&text, &places).into_owned();
        let form = Form::Compiled(Arc::new(Compiled::new(source, V::OWN, V::HAS_MESSAGE)?));
        Ok(Self { text, form, variables: PhantomData })
    }

    fn plain(text: String) -> Self {
        let parts = places(&text, V::OWN);
        let has_places = parts.iter().any(|part| matches!(part, Part::Variable(_)));
        let form = if has_places { Form::Places(parts) } else { Form::Text };
        Self { text, form, variables: PhantomData }
    }

    /// Fills it in for a message: `template.render(ctx)`, or with variables of its own
    /// `template.render(Values::new(ctx).with("left", 3))`.
    pub fn render<'c>(&self, values: impl Into<Values<'c>>) -> Result<String, TemplateError> {
        match &self.form {
            Form::Text => Ok(self.text.clone()),
            Form::Places(parts) => {
                let values = values.into();
                let part = |part: &Part| match part {
                    Part::Text(bytes) => Cow::Borrowed(&self.text[bytes.clone()]),
                    Part::Variable(name) => Cow::Owned(values.written(name)),
                };
                Ok(parts.iter().map(part).collect())
            }
            Form::Compiled(compiled) => compiled.render(values.into().into_root(V::HAS_MESSAGE)),
        }
    }

    /// Fills it in where no message is answered, with variables of its own. Its [`Variables`] have no
    /// message.
    pub fn render_to(
        &self,
        addressee: Addressee<'_>,
        own: &[(&'static str, &str)],
    ) -> Result<String, TemplateError> {
        let written =
            |name: &str| own.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        match &self.form {
            Form::Text => Ok(self.text.clone()),
            Form::Places(parts) => {
                let part = |part: &Part| match part {
                    Part::Text(bytes) => &self.text[bytes.clone()],
                    Part::Variable(name) => written(name).unwrap_or_default(),
                };
                Ok(parts.iter().map(part).collect())
            }
            Form::Compiled(compiled) => compiled.render(addressee.root(own)),
        }
    }
}

impl<V> Template<V> {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether it has `{{`, `{%` or `{#`.
    pub fn is_template(&self) -> bool {
        matches!(self.form, Form::Compiled(_))
    }

    /// What it takes of a variable: of `{{ captures.city }} {{ captures[1] }}` `city` and `1`; an empty
    /// name where it takes the variable as a whole.
    pub fn uses_of<'t>(&'t self, variable: &'t str) -> impl Iterator<Item = &'t str> {
        let uses = match &self.form {
            Form::Compiled(compiled) => compiled.uses(),
            _ => &[],
        };
        let of_variable = uses.iter().filter(move |one| one.variable == variable);
        of_variable.map(|one| one.attribute.as_str())
    }
}

/// The text in parts, with the places of variables that need no braces of a template: `{left}`.
fn places(text: &str, own: &[Variable]) -> Vec<Part> {
    let (mut parts, mut start) = (Vec::new(), 0);
    while let Some((at, name)) = next_place(text, start, own) {
        parts.extend([Part::Text(start..at), Part::Variable(name)]);
        start = at + name.len() + 2;
    }
    parts.push(Part::Text(start..text.len()));
    parts
}

fn next_place(text: &str, start: usize, own: &[Variable]) -> Option<(usize, &'static str)> {
    let of_name = |variable: &Variable| {
        let place = format!("{{{}}}", variable.name);
        let mut found = text[start..].match_indices(&place).map(|(at, _)| start + at);
        // `{{left}}` is a tag.
        Some((found.find(|at| !text[..*at].ends_with('{'))?, variable.name))
    };
    let places = own.iter().filter(|variable| variable.is_plain()).filter_map(of_name);
    places.min_by_key(|(at, _)| *at)
}

/// The same text, with tags for its places.
fn with_tags<'t>(text: &'t str, parts: &[Part]) -> Cow<'t, str> {
    if let [_] = parts {
        return text.into();
    }
    let part = |part: &Part| match part {
        Part::Text(bytes) => text[bytes.clone()].to_owned(),
        Part::Variable(name) => format!("{{{{ {name} }}}}"),
    };
    parts.iter().map(part).collect()
}

/// A text as it stands, for defaults: what looks like a template in it is none.
impl<V: Variables> From<&str> for Template<V> {
    fn from(text: &str) -> Self {
        Self::plain(text.to_owned())
    }
}

impl<V: Variables> Default for Template<V> {
    fn default() -> Self {
        Self::from("")
    }
}

impl<V> Clone for Template<V> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), form: self.form.clone(), variables: PhantomData }
    }
}

impl<V> PartialEq for Template<V> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<V> Eq for Template<V> {}

impl<V> fmt::Debug for Template<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<'de, V: Variables> Deserialize<'de> for Template<V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// As it was written.
impl<V> Serialize for Template<V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(to)
    }
}

impl<V> JsonSchema for Template<V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Template".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = String::json_schema(generator);
        schema.insert("title".into(), "template".into());
        schema
    }
}

#[cfg(test)]
mod tests;
