//! What is counted, for `/metrics`.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
pub use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::trace::Verdict;

/// The registry and its families. Every label value comes from the configuration or from a closed
/// list, so no follower can add one.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    envelopes: Family<EnvelopeLabels, Counter>,
    answers: Family<AccountLabels, Histogram, Buckets>,
    decisions: Family<DecisionLabels, Counter>,
    links: Family<LinkLabels, Histogram, Buckets>,
    lates: Family<LateLabels, Counter>,
    turned_away: Family<AccountLabels, Counter>,
    store_degraded: Gauge,
    log_lines_lost: Counter,
    clock_jumps: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    account: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EnvelopeLabels {
    account: String,
    encrypted: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AccountLabels {
    account: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DecisionLabels {
    link: String,
    plugin: &'static str,
    decision: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LinkLabels {
    link: String,
    plugin: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LateLabels {
    account: String,
    fate: &'static str,
}

/// From 100 µs to WeChat's 5 s, with the window's end among them.
#[derive(Clone)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new([0.0001, 0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 3.0, 4.0, 4.5, 5.0])
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("wxbot"),
            requests: Family::default(),
            envelopes: Family::default(),
            answers: Family::new_with_constructor(Buckets),
            decisions: Family::default(),
            links: Family::new_with_constructor(Buckets),
            lates: Family::default(),
            turned_away: Family::default(),
            store_degraded: Gauge::default(),
            log_lines_lost: Counter::default(),
            clock_jumps: Counter::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
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
        registry.register("late", "Late answers by what became of them", self.lates.clone());
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

    /// The counters of late answers.
    pub(crate) fn late(&self) -> LateMetrics {
        LateMetrics { fates: self.lates.clone() }
    }

    /// Whether calls of the store fail now.
    pub fn store_is_degraded(&self, degraded: bool) {
        self.store_degraded.set(i64::from(degraded));
    }

    /// Where log lines are counted that were lost.
    pub fn log_lines_lost(&self) -> Counter {
        self.log_lines_lost.clone()
    }

    /// The machine's clock was set.
    pub fn clock_jumped(&self) {
        self.clock_jumps.inc();
    }

    /// The OpenMetrics text.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// The counters of one account.
    pub(crate) fn account(&self, id: &str) -> AccountMetrics {
        let requests = |outcome| {
            let labels = RequestLabels { account: id.to_owned(), outcome };
            self.requests.get_or_create_owned(&labels)
        };
        let envelopes = |encrypted| {
            let labels = EnvelopeLabels { account: id.to_owned(), encrypted };
            self.envelopes.get_or_create_owned(&labels)
        };
        AccountMetrics {
            outcomes: Outcomes::ALL.map(|outcome| requests(outcome.as_str())),
            encrypted: envelopes("yes"),
            plain: envelopes("no"),
            answer: self.answers.get_or_create_owned(&AccountLabels { account: id.to_owned() }),
            turned_away: self
                .turned_away
                .get_or_create_owned(&AccountLabels { account: id.to_owned() }),
        }
    }

    /// The counters of one link.
    pub(crate) fn link(&self, id: &str, plugin: &'static str) -> LinkMetrics {
        let decisions = |decision| {
            let labels = DecisionLabels { link: id.to_owned(), plugin, decision };
            self.decisions.get_or_create_owned(&labels)
        };
        LinkMetrics {
            passed: decisions("pass"),
            replied: decisions("reply"),
            stopped: decisions("stop"),
            changed: decisions("change"),
            failed: decisions("error"),
            panicked: decisions("panic"),
            timed_out: decisions("timeout"),
            cooling_down: decisions("cooldown"),
            crowded: decisions("crowded"),
            seconds: self.links.get_or_create_owned(&LinkLabels { link: id.to_owned(), plugin }),
        }
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcomes {
    /// The handshake was answered.
    Handshake,
    /// A passive reply.
    Reply,
    /// `success`.
    Success,
    /// What an earlier delivery of the message was told.
    Repeat,
    /// `success` or the notice, because the work was not finished in time.
    Late,
    /// Nothing, because WeChat must have hung up, and delivers again.
    HungUp,
    /// Not WeChat's, or weaker than the mode: 403.
    Refused,
    /// Not a message: another 4xx.
    NotUnderstood,
}

impl Outcomes {
    const ALL: [Self; 8] = [
        Self::Handshake,
        Self::Reply,
        Self::Success,
        Self::Repeat,
        Self::Late,
        Self::HungUp,
        Self::Refused,
        Self::NotUnderstood,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Reply => "reply",
            Self::Success => "success",
            Self::Repeat => "repeat",
            Self::Late => "late",
            Self::HungUp => "hung_up",
            Self::Refused => "refused",
            Self::NotUnderstood => "not_understood",
        }
    }
}

/// The counters of one account.
pub(crate) struct AccountMetrics {
    outcomes: [Counter; 8],
    encrypted: Counter,
    plain: Counter,
    answer: Histogram,
    turned_away: Counter,
}

impl AccountMetrics {
    pub(crate) fn outcome(&self, outcome: Outcomes) {
        self.outcomes[outcome as usize].inc();
    }

    pub(crate) fn envelope(&self, encrypted: bool) {
        if encrypted { &self.encrypted } else { &self.plain }.inc();
    }

    pub(crate) fn turned_away(&self) {
        self.turned_away.inc();
    }

    pub(crate) fn answered_after(&self, took: Duration) {
        self.answer.observe(took.as_secs_f64());
    }
}

/// What becomes of a late answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lates {
    /// WeChat heard `success` or the notice instead of it.
    Promised,
    /// A part of it was sent as a customer-service message.
    Sent,
    /// It waits for the follower's next message.
    Kept,
    /// It was given with a passive reply.
    Given,
    /// Sending failed, and is tried again.
    Retried,
    /// Nobody knows whether WeChat took it.
    Unclear,
    /// It could not be given.
    GivenUp,
}

/// The counters of late answers.
pub(crate) struct LateMetrics {
    fates: Family<LateLabels, Counter>,
}

impl LateMetrics {
    pub(crate) fn count(&self, account: &str, fate: Lates) {
        let fate = match fate {
            Lates::Promised => "promised",
            Lates::Sent => "sent",
            Lates::Kept => "kept",
            Lates::Given => "given",
            Lates::Retried => "retried",
            Lates::Unclear => "unclear",
            Lates::GivenUp => "given_up",
        };
        self.fates.get_or_create(&LateLabels { account: account.to_owned(), fate }).inc();
    }
}

/// The counters of one link.
pub(crate) struct LinkMetrics {
    passed: Counter,
    replied: Counter,
    stopped: Counter,
    changed: Counter,
    failed: Counter,
    panicked: Counter,
    timed_out: Counter,
    cooling_down: Counter,
    crowded: Counter,
    seconds: Histogram,
}

impl LinkMetrics {
    pub(crate) fn count(&self, verdict: &Verdict, took: Duration) {
        let counter = match verdict {
            Verdict::Passed => &self.passed,
            Verdict::Replied(_) => &self.replied,
            Verdict::Stopped => &self.stopped,
            Verdict::Changed => &self.changed,
            Verdict::Failed(_) => &self.failed,
            Verdict::Panicked(_) => &self.panicked,
            Verdict::TimedOut(_) => &self.timed_out,
            Verdict::CoolingDown(_) => &self.cooling_down,
            Verdict::Crowded(_) => &self.crowded,
        };
        counter.inc();
        self.seconds.observe(took.as_secs_f64());
    }
}
