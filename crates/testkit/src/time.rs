//! Virtual time, and a runtime to have it in.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, RuntimeFlavor};
use tokio::task::yield_now;
use tokio::time::{Instant, pause, resume, sleep};

use crate::error::SetupError;

/// Tasks that are due at the end of a wait get so many turns.
const TURNS: usize = 32;

/// Whose time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// It goes on when everybody waits.
    Virtual,
    /// The machine's.
    Real,
}

impl Time {
    /// Begins; the test's runtime may have paused the time already.
    pub(crate) fn begin(self) -> Result<(), SetupError> {
        let runtime = Handle::try_current().map_err(|_| SetupError::Runtime)?;
        match (self, is_paused()) {
            (Self::Virtual, false) if runtime.runtime_flavor() != RuntimeFlavor::CurrentThread => {
                return Err(SetupError::Runtime);
            }
            (Self::Virtual, false) => pause(),
            (Self::Real, true) => resume(),
            _ => {}
        }
        Ok(())
    }

    /// Lets everything happen that is due until then.
    pub(crate) async fn pass(self, time: Duration) {
        sleep(time).await;
        for _ in 0..TURNS {
            yield_now().await;
        }
    }
}

/// Tokio does not tell; but a paused clock stands still while the machine's goes on.
fn is_paused() -> bool {
    let (before, real) = (Instant::now(), std::time::Instant::now());
    while std::time::Instant::now() == real {}
    Instant::now() == before
}

/// Runs a test that is not `async`, such as a doctest, where a [`TestBot`](crate::TestBot) can be.
pub fn run<F: Future>(test: F) -> F::Output {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime without threads needs nothing").block_on(test)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paused_clock_is_told_from_one_that_runs() {
        run(async {
            assert!(!is_paused());
            pause();
            assert!(is_paused());
            resume();
            assert!(!is_paused());
        });
    }

    #[test]
    fn time_is_paused_once_and_goes_on_for_real_ports() {
        run(async {
            for time in [Time::Virtual, Time::Virtual, Time::Real, Time::Real, Time::Virtual] {
                time.begin().unwrap();
                assert_eq!(is_paused(), time == Time::Virtual);
            }
        });
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_runtime_of_several_threads_has_no_virtual_time() {
        assert!(matches!(Time::Virtual.begin(), Err(SetupError::Runtime)));
        assert!(Time::Real.begin().is_ok());
    }
}
