//! What ends a command that serves: a signal, and its own end where that takes too long.

use std::time::Duration;
use std::{process, thread};

use anyhow::Error;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot::{self, Sender};
use tokio::time::{Instant, sleep};

use crate::telemetry;

/// What is open is answered in half of it. The supervisors of `crates/app/deploy` kill after 15 s.
const LONGEST_STOP: Duration = Duration::from_secs(12);
/// What hands Ctrl-C on to its child, as `timeout` and `npm` do, sends it twice.
const ECHO: Duration = Duration::from_millis(100);

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
        let interrupt = async || {
            self.interrupt.recv().await;
        };
        overdue(interrupt).await
    }
}

/// Waits until stopping takes too long, for its limit or for somebody at a terminal.
async fn overdue(mut interrupt: impl AsyncFnMut()) -> &'static str {
    let (began, limit) = (Instant::now(), sleep(LONGEST_STOP));
    tokio::pin!(limit);
    loop {
        tokio::select! {
            () = interrupt() => if began.elapsed() >= ECHO {
                return "stopped at once by another Ctrl-C";
            },
            () = &mut limit => return "stopped in the middle, as it took too long",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep_until;

    use super::*;

    /// When it is overdue, with Ctrl-C at these times in milliseconds.
    async fn check(interrupts: &[u64], expected: (u64, &str)) {
        let began = Instant::now();
        let times = interrupts.iter().map(|after| began + Duration::from_millis(*after));
        let mut times = times.collect::<Vec<_>>().into_iter();
        let why = overdue(async || match times.as_slice().first() {
            Some(at) => {
                sleep_until(*at).await;
                times.next();
            }
            None => pending().await,
        });
        let why = why.await;
        let after = began.elapsed().as_millis();
        assert!(after == expected.0.into() && why.contains(expected.1), "{after} ms: {why}");
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_has_a_limit_and_a_second_ctrl_c_is_none() {
        check(&[], (12_000, "took too long")).await;
        check(&[3000], (3000, "another Ctrl-C")).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_ctrl_c_that_is_handed_on_twice_is_one() {
        check(&[0, 1, 50, 99], (12_000, "took too long")).await;
        check(&[1, 100], (100, "another Ctrl-C")).await;
    }
}
