//! How a log line is written: time, level, sentence, fields, and which message it is about.

use std::fmt::{self, Write};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use wxbot_core::current;

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
        fields.about_the_message();
        let metadata = event.metadata();
        writeln!(writer, "{}", self.render(&fields, *metadata.level(), metadata.target()))
    }
}

/// The fields of an event, in order.
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn push(&mut self, name: &'static str, value: impl Into<Value>) {
        let value = match value.into() {
            Value::String(text) => shortened(text).into(),
            value => value,
        };
        self.0.push((name, value));
    }

    /// Adds which message it is about, where the event does not say so itself.
    fn about_the_message(&mut self) {
        let Some(about) = current::log_fields() else { return };
        self.push("account", about.account);
        self.push("openid", about.openid);
        self.push("msg_id", about.msg_id);
        self.push("kind", about.kind);
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
