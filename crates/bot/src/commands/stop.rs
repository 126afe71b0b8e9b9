//! What ends a command that serves: a signal, and its own end where that takes too long.

use std::time::Duration;
use std::{process, thread};

use anyhow::Error;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot::{self, Sender};
use tokio::time::sleep;

use crate::telemetry;

/// What is open is answered in half of it. Supervisors kill later: the units of `deploy` after 15 s.
const LONGEST_STOP: Duration = Duration::from_secs(12);

/// SIGTERM or Ctrl-C; then this is logged. The process ends when that is done, at the latest after
/// [`LONGEST_STOP`], or at once at a second Ctrl-C: signals are heard on a thread of their own, so
/// nothing that hangs is in the way.
pub(super) fn stop_signal(said: &'static str) -> Result<impl Future<Output = ()>, Error> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let signals = runtime.block_on(async { Signals::listen() })?;
    let (stop, stopped) = oneshot::channel();
    let thread = thread::Builder::new().name("wxbot-signals".into());
    thread.spawn(move || {
        let why = runtime.block_on(signals.until_overdue(said, stop));
        tracing::error!("{why}: what is open is not answered");
        telemetry::flush();
        process::exit(1);
    })?;
    Ok(async { drop(stopped.await) })
}

/// Lets SIGHUP end nothing: a terminal that closes sends it, and whoever hopes for a reload.
pub(super) fn log_hangups() -> Result<(), Error> {
    let mut hangups = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            tracing::warn!("SIGHUP: nothing is reloaded; restart to apply a changed configuration");
        }
    });
    Ok(())
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Error> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Hands the first signal on; then why the process has to end now.
    async fn until_overdue(mut self, said: &str, stop: Sender<()>) -> &'static str {
        let signal = tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal, "{said}");
        let _ = stop.send(());
        tokio::select! {
            _ = self.interrupt.recv() => "stopped at once by another Ctrl-C",
            () = sleep(LONGEST_STOP) => "stopped in the middle, as it took too long",
        }
    }
}
