//! What is counted of one link.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;

use super::families::{DecisionLabels, Families, LinkLabels};
use crate::chain::trace::{Step, Verdict};

/// The counters of one link.
pub(super) struct LinkMetrics {
    pub(super) plugin: &'static str,
    passed: Counter,
    replied: Counter,
    stopped: Counter,
    changed: Counter,
    failed: Counter,
    panicked: Counter,
    timed_out: Counter,
    cooling_down: Counter,
    refused: Counter,
    overloaded: Counter,
    seconds: Histogram,
}

impl LinkMetrics {
    pub(super) fn new(families: &Families, id: &str, plugin: &'static str) -> Self {
        let decisions = |decision| {
            let labels = DecisionLabels { link: id.to_owned(), plugin, decision };
            families.decisions.get_or_create_owned(&labels)
        };
        Self {
            plugin,
            passed: decisions("pass"),
            replied: decisions("reply"),
            stopped: decisions("stop"),
            changed: decisions("change"),
            failed: decisions("error"),
            panicked: decisions("panic"),
            timed_out: decisions("timeout"),
            cooling_down: decisions("cooldown"),
            refused: decisions("refused"),
            overloaded: decisions("crowded"),
            seconds: families
                .links
                .get_or_create_owned(&LinkLabels { link: id.to_owned(), plugin }),
        }
    }

    pub(super) fn count(&self, step: &Step) {
        let counter = match &step.verdict {
            Verdict::Passed => &self.passed,
            Verdict::Replied(_) => &self.replied,
            Verdict::Stopped => &self.stopped,
            Verdict::Changed => &self.changed,
            Verdict::Failed(_) => &self.failed,
            Verdict::Panicked(_) => &self.panicked,
            Verdict::TimedOut(_) => &self.timed_out,
            Verdict::CoolingDown(_) => &self.cooling_down,
            Verdict::Refused => &self.refused,
            Verdict::Overloaded(_) => &self.overloaded,
        };
        counter.inc();
        self.seconds.observe(step.took.as_secs_f64());
    }
}
