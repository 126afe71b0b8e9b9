//! The families of metrics: their names, help and labels. Every label value comes from the
//! configuration or from a closed list, so no follower can add one.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Every family.
pub(super) struct Families {
    pub(super) requests: Family<RequestLabels, Counter>,
    pub(super) envelopes: Family<EnvelopeLabels, Counter>,
    pub(super) answers: Family<AccountLabels, Histogram, Buckets>,
    pub(super) decisions: Family<DecisionLabels, Counter>,
    pub(super) links: Family<LinkLabels, Histogram, Buckets>,
    pub(super) link_events: Family<EventLabels, Counter>,
    pub(super) tool_calls: Family<ToolLabels, Counter>,
    pub(super) lates: Family<LateLabels, Counter>,
    pub(super) notifications: Family<NotificationLabels, Counter>,
    pub(super) jobs: Family<JobLabels, Counter>,
    pub(super) turned_away: Family<AccountLabels, Counter>,
    pub(super) store_degraded: Gauge,
    pub(super) late_unwritten: Gauge,
    pub(super) api_circuit_open: Family<AccountLabels, Gauge>,
    pub(super) api_calls: Family<CallLabels, Gauge>,
    pub(super) api_calls_not_made: Family<NotMadeLabels, Counter>,
    pub(super) log_lines_lost: Counter,
    pub(super) clock_jumps: Counter,
    pub(super) unknown_paths: Counter,
}

impl Default for Families {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            envelopes: Family::default(),
            answers: Family::new_with_constructor(Buckets),
            decisions: Family::default(),
            links: Family::new_with_constructor(Buckets),
            link_events: Family::default(),
            tool_calls: Family::default(),
            lates: Family::default(),
            notifications: Family::default(),
            jobs: Family::default(),
            turned_away: Family::default(),
            store_degraded: Gauge::default(),
            late_unwritten: Gauge::default(),
            api_circuit_open: Family::default(),
            api_calls: Family::default(),
            api_calls_not_made: Family::default(),
            log_lines_lost: Counter::default(),
            clock_jumps: Counter::default(),
            unknown_paths: Counter::default(),
        }
    }
}

impl Families {
    /// Under their names, which dashboards know.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("requests", "Requests by outcome", self.requests.clone());
        registry.register("envelopes", "Messages by encryption", self.envelopes.clone());
        registry.register_with_unit(
            "answer",
            "From the arrival of a message to its answer; WeChat hangs up after 5 s",
            Unit::Seconds,
            self.answers.clone(),
        );
        registry.register("decisions", "What links decided", self.decisions.clone());
        registry.register_with_unit(
            "link",
            "What one link took for one message",
            Unit::Seconds,
            self.links.clone(),
        );
        registry.register(
            "link_events",
            "What links count themselves, such as the rules of a guard",
            self.link_events.clone(),
        );
        registry.register(
            "tool_calls",
            "Tools that a language model called, by whose they are and what came of it",
            self.tool_calls.clone(),
        );
        registry.register("late", "Late answers by what became of them", self.lates.clone());
        registry.register("jobs", "What links did on their own time", self.jobs.clone());
        registry.register(
            "notifications",
            "What events say of template messages and subscription notifications",
            self.notifications.clone(),
        );
        registry.register(
            "turned_away",
            "Messages that were not worked on, as too many of the follower waited",
            self.turned_away.clone(),
        );
        registry.register(
            "store_degraded",
            "1 while calls of the store fail and the bot goes by what it knows itself",
            self.store_degraded.clone(),
        );
        registry.register(
            "late_unwritten",
            "Late answers that are only in memory, as the store does not take them",
            self.late_unwritten.clone(),
        );
        registry.register(
            "api_circuit_open",
            "1 while WeChat's API does not answer and calls fail at once",
            self.api_circuit_open.clone(),
        );
        registry.register("api_calls", "Calls of WeChat's API now", self.api_calls.clone());
        registry.register(
            "api_calls_not_made",
            "Calls that failed at once: too many waited, or WeChat's API does not answer",
            self.api_calls_not_made.clone(),
        );
        registry.register(
            "unknown_paths",
            "Requests for a path that no account has",
            self.unknown_paths.clone(),
        );
        registry.register(
            "log_lines_lost",
            "Log lines that were dropped, as nobody read them in time",
            self.log_lines_lost.clone(),
        );
        registry.register(
            "clock_jumps",
            "Times the machine's clock was set while the bot ran",
            self.clock_jumps.clone(),
        );
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RequestLabels {
    pub(super) account: String,
    pub(super) outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct EnvelopeLabels {
    pub(super) account: String,
    pub(super) encrypted: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct AccountLabels {
    pub(super) account: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct DecisionLabels {
    pub(super) link: String,
    pub(super) plugin: &'static str,
    pub(super) decision: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct LinkLabels {
    pub(super) link: String,
    pub(super) plugin: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct EventLabels {
    pub(super) link: String,
    pub(super) plugin: &'static str,
    pub(super) event: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ToolLabels {
    pub(super) link: String,
    pub(super) plugin: &'static str,
    /// Whose tool it is, by the configuration: a model's words are no label.
    pub(super) entry: String,
    pub(super) outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct LateLabels {
    pub(super) account: String,
    pub(super) fate: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct NotificationLabels {
    pub(super) account: String,
    pub(super) kind: &'static str,
    pub(super) fate: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct JobLabels {
    pub(super) link: String,
    pub(super) plugin: &'static str,
    pub(super) outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct CallLabels {
    pub(super) account: String,
    pub(super) state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct NotMadeLabels {
    pub(super) account: String,
    pub(super) cause: &'static str,
}

/// From 100 µs to WeChat's 5 s, with the window's end among them.
#[derive(Clone)]
pub(super) struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new([0.0001, 0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 3.0, 4.0, 4.5, 5.0])
    }
}
