//! Logs: one event, one line, whatever a follower writes. JSON unless a person is looking.

mod background;
mod line;

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, panic};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use wxbot_core::metrics::Metrics;

use self::background::BackgroundWriter;
use self::line::Line;
use crate::cli::{Cli, Command, LogFormat};

/// Where a command writes that serves, and so must not wait for whoever reads its log.
static BACKGROUND: OnceLock<BackgroundWriter> = OnceLock::new();
/// The end of the process waits so long for its last lines.
const LAST_LINES: Duration = Duration::from_secs(1);
/// A panic may be the end of the process, or only of a plugin's work.
const PANIC_LINE: Duration = Duration::from_millis(100);

/// The web server's workers are no news, and its HTTP writes an error for each stranger who does not
/// speak it.
const WHILE_SERVING: &str = "info,actix_server=warn,actix_http=off";
const OTHERWISE: &str = "warn";

/// Starts logging to stderr. `WXBOT_LOG` says what instead of these defaults, for example `debug`.
pub(crate) fn start(cli: &Cli) {
    let serves = matches!(cli.chosen(), Command::Run | Command::Sim(_));
    let (filter, wrong) = filter(if serves { WHILE_SERVING } else { OTHERWISE });
    let format = cli.log.unwrap_or(match io::stderr().is_terminal() {
        true => LogFormat::Text,
        false => LogFormat::Json,
    });
    let line = Line { format };
    if serves && let Ok(writer) = BackgroundWriter::start(io::stderr(), move |n| line.lost(n)) {
        let _ = BACKGROUND.set(writer);
    }
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(OneLine);
    let logs = logs.with_ansi(false).event_format(line);
    logs.try_init().expect("nothing else in this process starts logging");
    panic::set_hook(Box::new(log_panic));
    if let Some(error) = wrong {
        tracing::warn!(error, "WXBOT_LOG is ignored: it is not a log filter");
    }
}

/// What `WXBOT_LOG` says, or the default; and what is wrong with it.
fn filter(default: &str) -> (EnvFilter, Option<String>) {
    let wanted = env::var("WXBOT_LOG").ok().filter(|wanted| !wanted.is_empty());
    match EnvFilter::try_new(wanted.as_deref().unwrap_or(default)) {
        Ok(filter) => (filter, None),
        Err(error) => {
            (EnvFilter::new(default), Some(format!("`{}`: {error}", wanted.unwrap_or_default())))
        }
    }
}

/// Writes to stderr, in order with the log lines.
pub(crate) fn write(text: &str) -> io::Result<()> {
    match BACKGROUND.get() {
        Some(writer) => writer.push(text.as_bytes()),
        None => io::stderr().lock().write_all(text.as_bytes())?,
    }
    Ok(())
}

/// Waits for lines that are not written yet, but not for a reader that hangs.
pub(crate) fn flush() {
    if let Some(writer) = BACKGROUND.get() {
        writer.flush(LAST_LINES);
    }
}

/// Lines that are lost are counted there.
pub(crate) fn count_losses(metrics: &Metrics) {
    if let Some(writer) = BACKGROUND.get() {
        writer.count_losses(metrics.log_lines_lost());
    }
}

/// Where it happened. What it says may be a follower's words, so that is for `trace` only.
fn log_panic(panic: &panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let says = panic.payload_as_str().unwrap_or_default();
    tracing::error!(place, "a panic");
    tracing::trace!(place, says, "a panic");
    if let Some(writer) = BACKGROUND.get() {
        writer.flush(PANIC_LINE);
    }
}

/// Writes each event in one piece, with nothing in it that a terminal or a log reader
/// would take for the end of a line.
#[derive(Clone, Copy)]
struct OneLine;

impl<'w> MakeWriter<'w> for OneLine {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        Self
    }
}

impl Write for OneLine {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        write(&one_line(event))?;
        Ok(event.len())
    }

    /// Nothing is kept back here.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn one_line(event: &[u8]) -> String {
    let event = String::from_utf8_lossy(event);
    let mut line = String::with_capacity(event.len() + 1);
    for character in event.trim_end_matches('\n').chars() {
        if character.is_control()
            || matches!(character, '\u{2028}' | '\u{2029}')
            || is_bidi(character)
        {
            let _ = write!(line, "\\u{:04x}", u32::from(character));
        } else {
            line.push(character);
        }
    }
    line.push('\n');
    line
}

/// Characters that reverse what a reader sees.
fn is_bidi(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_is_one_line() {
        let forged = "text=hi\nERROR forged\r\u{1b}[31m\u{2028}\u{85}\u{202e}\0\n";
        let line = one_line(forged.as_bytes());
        assert_eq!(
            line,
            "text=hi\\u000aERROR forged\\u000d\\u001b[31m\\u2028\\u0085\\u202e\\u0000\n"
        );
    }

    #[test]
    fn other_text_stays_as_it_is() {
        assert_eq!(one_line("你好 😀\n".as_bytes()), "你好 😀\n");
    }
}
