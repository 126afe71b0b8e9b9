//! How a log line is written: time, level, sentence, fields, and which message it is about.
//!
//! By hand, as the JSON of `tracing-subscriber` can't do it: which message a line is about it learns
//! from spans only, and those cost every message, while hardly one writes a line; it shortens no field;
//! and flattened, an event's own `level` becomes a second one.

use std::fmt::{self, Write};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use wxbot_core::current::{self, LogFields};

use crate::cli::LogFormat;

/// The longest text of a field, in bytes: errors of a configuration and panics have room.
const LONGEST: usize = 2048;

/// Writes events as JSON objects or as text.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) format: LogFormat,
}

impl Line {
    /// The line that stands where others were lost.
    pub(super) fn lost(self, lines: u64) -> String {
        let mut fields = Fields(Vec::new());
        fields.push("message", "log lines were lost: nobody read them in time");
        fields.push("lines", lines);
        format!("{}\n", self.render(&fields, Level::WARN, module_path!()))
    }

    fn render(self, fields: &Fields, level: Level, target: &str) -> String {
        let mut time = String::new();
        // A clock that can't be read leaves the time out, not the line.
        let _ = SystemTime.format_time(&mut Writer::new(&mut time));
        match self.format {
            LogFormat::Json => fields.json(&time, level.as_str(), target),
            LogFormat::Text => fields.text(&time, level.as_str()),
        }
    }
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'l> LookupSpan<'l>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields(Vec::new());
        event.record(&mut fields);
        if let Some(message) = current::log_fields() {
            fields.push_message(message);
        }
        let metadata = event.metadata();
        writeln!(writer, "{}", self.render(&fields, *metadata.level(), metadata.target()))
    }
}

/// The fields of an event, in order.
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    /// A name that is there already stays as it is: collectors refuse an object with one twice.
    fn push(&mut self, name: &'static str, value: impl Into<Value>) {
        let name = match name {
            "time" => "field_time",
            "level" => "field_level",
            "target" => "field_target",
            name => name,
        };
        if self.0.iter().any(|(there, _)| *there == name) {
            return;
        }
        let value = match value.into() {
            Value::String(text) => shortened(text).into(),
            value => value,
        };
        self.0.push((name, value));
    }

    /// Adds which message it is about, where the event does not say so itself.
    fn push_message(&mut self, message: LogFields) {
        self.push("account", message.account);
        self.push("openid", message.openid);
        self.push("msg_id", message.msg_id);
        self.push("kind", message.kind);
    }

    fn json(&self, time: &str, level: &str, target: &str) -> String {
        let mut line = format!(r#"{{"time":"{time}","level":"{level}","target":"{target}""#);
        for (name, value) in self.0.iter().filter(|(_, value)| !value.is_null()) {
            let _ = write!(line, ",{}:{value}", Value::from(*name));
        }
        line.push('}');
        line
    }

    fn text(&self, time: &str, level: &str) -> String {
        let message = self.0.iter().find(|(name, _)| *name == "message");
        let message = message.and_then(|(_, value)| value.as_str()).unwrap_or_default();
        let mut line = format!("{time} {level:5} {message}");
        for (name, value) in self.0.iter().filter(|(_, value)| !value.is_null()) {
            match value {
                _ if *name == "message" => {}
                Value::String(text) if !text.contains([' ', '"']) => {
                    let _ = write!(line, " {name}={text}");
                }
                value => {
                    let _ = write!(line, " {name}={value}");
                }
            }
        }
        line
    }
}

/// Whoever sends a name of a megabyte does not get to write a line of a megabyte.
fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field.name(), value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.push(field.name(), u64::try_from(value).unwrap_or(u64::MAX));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field.name(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> LogFields {
        let (account, openid) = ("main".into(), "oABC…xyz".into());
        LogFields { account, openid, msg_id: None, kind: "text".into() }
    }

    /// The line of these fields, in a message's work.
    fn check(fields: &[(&'static str, Value)], json: &str, text: &str) {
        let mut line = Fields(Vec::new());
        fields.iter().for_each(|(name, value)| line.push(name, value.clone()));
        line.push_message(message());
        assert_eq!(line.json("NOW", "WARN", "wxbot"), json);
        assert_eq!(line.text("NOW", "WARN"), text);
    }

    #[test]
    fn a_line_says_which_message_it_is_about() {
        check(
            &[("message", "it is late".into()), ("took", 7.into())],
            r#"{"time":"NOW","level":"WARN","target":"wxbot","message":"it is late","took":7,"account":"main","openid":"oABC…xyz","kind":"text"}"#,
            "NOW WARN  it is late took=7 account=main openid=oABC…xyz kind=text",
        );
    }

    #[test]
    fn no_name_is_there_twice() {
        check(
            &[("account", "other".into()), ("level", 3.into()), ("kind", "a \"b\"".into())],
            r#"{"time":"NOW","level":"WARN","target":"wxbot","account":"other","field_level":3,"kind":"a \"b\"","openid":"oABC…xyz"}"#,
            r#"NOW WARN   account=other field_level=3 kind="a \"b\"" openid=oABC…xyz"#,
        );
    }

    #[test]
    fn a_long_field_is_shortened_between_two_characters() {
        let long = shortened("长".repeat(10_000));
        assert_eq!(long, format!("{}…", "长".repeat(LONGEST / 3)));
    }
}
