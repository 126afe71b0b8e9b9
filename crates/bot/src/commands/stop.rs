//! What ends a command that serves.

use anyhow::Error;
use tokio::signal::unix::{SignalKind, signal};

/// SIGTERM or Ctrl-C; then this is logged.
pub(super) fn stop_signal(said: &'static str) -> Result<impl Future<Output = ()>, Error> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("{said}");
    })
}
