//! The engine: what templates can do, and how much of it.

use std::sync::LazyLock;
use std::thread::{self, Builder};

use minijinja::machinery::parse;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Rest;
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, escape_formatter,
};

use super::values::Moment;
use super::variables::Variable;
use super::walk::{Use, uses};

/// What a message may cost: so many steps, or 64 times as many bytes.
const FUEL: u64 = 10_000;
/// No template has more bytes, and no text that is said; a message of WeChat has 2048.
const MAX_BYTES: usize = 16 * 1024;
/// Twice what a template of so many bytes takes, without optimisation.
const STACK: usize = 64 << 20;
/// Of the template itself: an expression in an expression, a loop in a loop.
const MAX_DEPTH: usize = 64;

/// Why a template could not be filled in for a message. It has no word of the message.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It goes on forever, or nearly.
    #[error("a template does too much: more than {FUEL} steps, or {} bytes", FUEL * 64)]
    TooMuch,
    /// What came of it is too long.
    #[error("a template came to {0} bytes; {MAX_BYTES} are allowed")]
    TooLong(usize),
    /// An operation or a filter can't work with the values of this message.
    #[error("a template failed in line {line}: {kind}")]
    Failed {
        /// Of the template, from 1.
        line: usize,
        /// What was wrong, in general.
        kind: String,
    },
}

/// A template that is ready.
pub(super) struct Compiled {
    environment: Environment<'static>,
    uses: Vec<Use>,
}

impl Compiled {
    pub(super) fn new(
        source: String,
        own: &'static [Variable],
        has_message: bool,
    ) -> Result<Self, String> {
        if source.len() > MAX_BYTES {
            let bytes = source.len();
            return Err(format!(
                "a template has {MAX_BYTES} bytes at most, and this one has {bytes}"
            ));
        }
        with_room(|| Self::compile(source, own, has_message))
    }

    fn compile(
        source: String,
        own: &'static [Variable],
        has_message: bool,
    ) -> Result<Self, String> {
        let tree = parse(&source, "", SYNTAX.clone()).map_err(|error| syntax(&error, &source))?;
        let uses = uses(&tree, &source, own, has_message)?;
        let mut environment = ENVIRONMENT.clone();
        let added = environment.add_template_owned("", source);
        added.map_err(|error| error.to_string())?;
        Ok(Self { environment, uses })
    }

    pub(super) fn uses(&self) -> &[Use] {
        &self.uses
    }

    pub(super) fn render(&self, root: Value) -> Result<String, TemplateError> {
        let template = self.environment.get_template("");
        let text = template.and_then(|template| template.render(root));
        match text.map_err(|error| failed(&error))? {
            text if text.len() > MAX_BYTES => Err(TemplateError::TooLong(text.len())),
            text => Ok(text),
        }
    }
}

/// Parser and compiler go from an expression to those in it on the stack, with a bound for some kinds
/// only: whoever writes 16,000 minus signs must not stop the process.
fn with_room<T: Send>(compile: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    thread::scope(|scope| {
        let compiling = Builder::new().stack_size(STACK).spawn_scoped(scope, compile);
        let compiling = compiling.map_err(|error| format!("a template can't be read: {error}"))?;
        compiling.join().map_err(|_| "a template can't be read".to_owned())?
    })
}

/// What is said of the values stays untold: they may be a follower's words.
fn failed(error: &Error) -> TemplateError {
    match error.kind() {
        ErrorKind::OutOfFuel => TemplateError::TooMuch,
        kind => TemplateError::Failed { line: error.line().unwrap_or(1), kind: kind.to_string() },
    }
}

/// What is wrong with the syntax, with the tag that has it.
fn syntax(error: &Error, source: &str) -> String {
    let detail = error.detail().map_or(error.kind().to_string(), str::to_owned);
    let at = error.range().map_or(0, |range| range.start.min(source.len()));
    let before = source.get(..at).unwrap_or(source);
    let start = ["{{", "{%", "{#"].iter().filter_map(|tag| before.rfind(tag)).max();
    let line = error.line().unwrap_or(1);
    let tag: String = source[start.unwrap_or(0)..].lines().next().unwrap_or_default().into();
    let end = ["}}", "%}", "#}"].iter().filter_map(|end| tag.find(end)).min();
    let tag: String = tag[..end.map_or(tag.len(), |end| end + 2)].chars().take(60).collect();
    let hint = match tag.contains(['“', '”', '‘', '’']) {
        true => "; hint: “ ” ‘ ’ are no quotes in a template: write ' or \"",
        false => "",
    };
    format!("{} in line {line} of the template: {detail}{hint}", tag.trim_end())
}

static SYNTAX: LazyLock<SyntaxConfig> = LazyLock::new(|| {
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    syntax.build().expect("these are the usual tags")
});

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_debug(false);
    environment.set_syntax(SYNTAX.clone());
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(MAX_DEPTH);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(|out, state, value| match value.is_none() {
        true => Ok(()),
        false => escape_formatter(out, state, value),
    });
    environment.add_filter("default", default);
    environment.add_filter("truncate", truncate);
    environment.add_filter("date", date);
    environment
});

#[cfg(test)]
pub(super) fn environment() -> &'static Environment<'static> {
    &ENVIRONMENT
}

/// Something else for what is not there, or empty.
fn default(value: &Value, otherwise: &Value) -> Value {
    let is_there = !value.is_undefined() && !value.is_none() && value.as_str() != Some("");
    if is_there { value.clone() } else { otherwise.clone() }
}

/// At most so many characters, with something behind them if there were more.
fn truncate(text: &str, length: usize, end: Option<&str>) -> String {
    match text.char_indices().nth(length) {
        Some((bytes, _)) => format!("{}{}", &text[..bytes], end.unwrap_or("…")),
        None => text.to_owned(),
    }
}

/// A time, or Unix seconds, in Beijing.
fn date(value: &Value, pattern: Rest<String>) -> Result<String, Error> {
    let pattern = pattern.first().map_or("%F %H:%M", String::as_str);
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        return moment.format(pattern);
    }
    let seconds = match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        None => value.as_i64().and_then(|seconds| u64::try_from(seconds).ok()),
    };
    let seconds = seconds.ok_or_else(|| {
        Error::new(ErrorKind::InvalidOperation, "`date` takes a time or Unix seconds")
    })?;
    Moment::in_beijing(seconds).format(pattern)
}
