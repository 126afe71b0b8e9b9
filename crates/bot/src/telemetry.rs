//! Logs: one event, one line, whatever a follower writes. JSON unless a person is looking.

mod line;
mod one_line;
mod background;

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, panic};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use wxbot_core::metrics::Metrics;

use self::background::BackgroundWriter;
use self::line::Line;
use self::one_line::one_line;
use crate::cli::{Cli, Command, LogFormat};

/// Where a command writes that serves, and so must not wait for whoever reads its log.
static BACKGROUND: OnceLock<BackgroundWriter> = OnceLock::new();
/// The end of the process waits so long for its last lines.
const LAST_LINES: Duration = Duration::from_secs(1);
/// A panic may be the end of the process, or only of a plugin's work.
const PANIC_LINE: Duration = Duration::from_millis(100);

/// The variable that says what is logged, and what it means.
pub(crate) const LOG_VARIABLE: (&str, &str) = (
    "WXBOT_LOG",
    "What is logged, such as `debug` or `info,wxbot_client=trace`. Default: `info` while serving, otherwise `warn`.",
);

/// The web server's workers are no news, and its HTTP writes an error for each stranger who does not
/// speak it.
const WHILE_SERVING: &str = "info,actix_server=warn,actix_http=off";
const OTHERWISE: &str = "warn";

/// Starts logging to stderr. `WXBOT_LOG` says what instead of these defaults, for example `debug`.
pub(crate) fn start(cli: &Cli) {
    let serves = matches!(cli.chosen(), Command::Run | Command::Sim(_));
    let (filter, wrong) = filter(if serves { WHILE_SERVING } else { OTHERWISE });
    let line = Line { format: format(cli) };
    if serves && let Ok(writer) = BackgroundWriter::start(io::stderr(), move |n| line.lost(n)) {
        let _ = BACKGROUND.set(writer);
    }
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Stderr);
    let logs = logs.with_ansi(false).event_format(line);
    logs.try_init().expect("nothing else in this process starts logging");
    panic::set_hook(Box::new(log_panic));
    if let Some(error) = wrong {
        tracing::warn!(error, "WXBOT_LOG is ignored: it is not a log filter");
    }
}

fn format(cli: &Cli) -> LogFormat {
    cli.log.unwrap_or(match io::stderr().is_terminal() {
        true => LogFormat::Text,
        false => LogFormat::Json,
    })
}

/// What `WXBOT_LOG` says, or the default; and what is wrong with it.
fn filter(default: &str) -> (EnvFilter, Option<String>) {
    let wanted = env::var(LOG_VARIABLE.0).ok().filter(|wanted| !wanted.is_empty());
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

/// Writes each event in one piece.
struct Stderr;

impl MakeWriter<'_> for Stderr {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

impl Write for Stderr {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        write(&one_line(event))?;
        Ok(event.len())
    }

    /// Nothing is kept back here.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
