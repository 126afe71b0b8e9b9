//! The log of a link's failures: the first few of each kind as they are, the rest as a count, so that
//! a plugin whose service is down does not fill the disk with one line a message.

use std::sync::Arc;

use tokio::time::Instant;

use super::trace::Verdict;
use crate::log_throttle::{LogThrottle, SumUp, Suppressed};

const PANICKED: &str = "panicked";
const FAILED: &str = "failed";
const NO_ANSWER: &str = "did not answer";

/// The failures of one link.
pub(super) struct FailureLog {
    link: Arc<str>,
    throttle: LogThrottle,
}

impl FailureLog {
    pub(super) fn new(link: Arc<str>) -> Self {
        Self { link, throttle: LogThrottle::default() }
    }

    /// Logs a verdict if it is a failure, and returns whether it is one. What is too much for a warning
    /// is still there at the `debug` level.
    pub(super) fn log(&self, verdict: &Verdict, micros: u128) -> bool {
        let Some(cause) = cause(verdict) else { return false };
        let link = &*self.link;
        if !self.throttle.allows(cause, Instant::now()) {
            tracing::debug!(link, micros, %verdict, "another failure");
            return true;
        }
        match verdict {
            Verdict::Panicked(_) => tracing::error!(link, micros, "the plugin panicked"),
            Verdict::Failed(error) => tracing::warn!(link, micros, error, "the plugin failed"),
            _ => tracing::warn!(link, micros, %verdict, "the plugin did not answer"),
        }
        true
    }
}

impl SumUp for FailureLog {
    fn sum_up(&self) {
        let link = &*self.link;
        for Suppressed { cause, lines } in self.throttle.take_suppressed() {
            match cause {
                PANICKED => tracing::error!(link, times = lines, "the plugin panicked again"),
                FAILED => tracing::warn!(link, times = lines, "the plugin failed again"),
                _ => tracing::warn!(link, times = lines, "the plugin did not answer again"),
            }
        }
    }
}

impl Drop for FailureLog {
    fn drop(&mut self) {
        self.sum_up();
    }
}

fn cause(verdict: &Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Panicked(_) => Some(PANICKED),
        Verdict::Failed(_) => Some(FAILED),
        Verdict::TimedOut(_) | Verdict::Overloaded(_) => Some(NO_ANSWER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;
    use crate::captured_log::CapturedLog;
    use crate::log_throttle::sum_up;

    #[tokio::test(start_paused = true)]
    async fn a_link_that_fails_with_every_message_is_a_few_lines_a_minute() {
        let (written, _capturing) = CapturedLog::start();
        let log = Arc::new(FailureLog::new("shop".into()));
        tokio::spawn(sum_up(Arc::downgrade(&log)));
        for minute in 1..=3 {
            for _ in 0..1000 {
                log.log(&Verdict::Failed("refused".into()), 7);
                log.log(&Verdict::TimedOut(Duration::from_secs(30)), 7);
            }
            sleep(LogThrottle::WINDOW + Duration::from_millis(1)).await;
            assert_eq!(written.text().matches("shop").count(), minute * 12, "{}", written.text());
        }
        let text = written.text();
        assert!(text.contains(r#"the plugin failed again link="shop" times=995"#), "{text}");
        assert!(text.contains("the plugin did not answer again"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn one_kind_of_failure_does_not_hide_another_and_an_answer_is_none() {
        let (written, _capturing) = CapturedLog::start();
        let log = FailureLog::new("shop".into());
        for _ in 0..100 {
            log.log(&Verdict::Failed("refused".into()), 7);
        }
        assert!(log.log(&Verdict::Panicked("here".into()), 7));
        assert!(!log.log(&Verdict::Passed, 7));
        assert!(!log.log(&Verdict::Replied("text"), 7));
        assert_eq!(written.text().matches("ERROR").count(), 1, "{}", written.text());
    }
}
