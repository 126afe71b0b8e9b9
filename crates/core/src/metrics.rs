//! What is counted, for `/metrics`.

use std::fmt;

use std::sync::atomic::Ordering;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
pub use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use wxbot_sdk::api::ApiCondition;

use crate::chain::trace::{Step, Verdict};
use crate::journal::{JobOutcome, JournalEvent, LateStep, Observer, RequestOutcome};
use crate::receive::refusal::Refusal;

/// The registry and its families. Every label value comes from the configuration or from a closed
/// list, so no follower can add one.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    envelopes: Family<EnvelopeLabels, Counter>,
    answers: Family<AccountLabels, Histogram, Buckets>,
    decisions: Family<DecisionLabels, Counter>,
    links: Family<LinkLabels, Histogram, Buckets>,
    link_events: Family<EventLabels, Counter>,
    lates: Family<LateLabels, Counter>,
    notifications: Family<NotificationLabels, Counter>,
    jobs: Family<JobLabels, Counter>,
    turned_away: Family<AccountLabels, Counter>,
    store_degraded: Gauge,
    late_unwritten: Gauge,
    api_circuit_open: Family<AccountLabels, Gauge>,
    api_calls: Family<CallLabels, Gauge>,
    api_calls_not_made: Family<NotMadeLabels, Counter>,
    log_lines_lost: Counter,
    clock_jumps: Counter,
    unknown_paths: Counter,
    /// Of each account, by its place.
    of_accounts: Vec<AccountMetrics>,
    /// Of each link, by its place.
    of_links: Vec<LinkMetrics>,
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
struct EventLabels {
    link: String,
    plugin: &'static str,
    event: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LateLabels {
    account: String,
    fate: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NotificationLabels {
    account: String,
    kind: &'static str,
    fate: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    link: String,
    plugin: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    account: String,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NotMadeLabels {
    account: String,
    cause: &'static str,
}

/// From 100 µs to WeChat's 5 s, with the window's end among them.
#[derive(Clone)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new([0.0001, 0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 3.0, 4.0, 4.5, 5.0])
    }
}

impl Metrics {
    /// Of accounts, by their ids, and links, by their ids and plugins, in the order of `bot.toml`.
    pub(crate) fn new<'a>(
        accounts: impl Iterator<Item = &'a str>,
        links: impl Iterator<Item = (&'a str, &'static str)>,
    ) -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("wxbot"),
            requests: Family::default(),
            envelopes: Family::default(),
            answers: Family::new_with_constructor(Buckets),
            decisions: Family::default(),
            links: Family::new_with_constructor(Buckets),
            link_events: Family::default(),
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
            of_accounts: Vec::new(),
            of_links: Vec::new(),
        };
        metrics.register();
        metrics.of_accounts = accounts.map(|id| metrics.account(id)).collect();
        metrics.of_links = links.map(|(id, plugin)| metrics.link(id, plugin)).collect();
        metrics
    }

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
        registry.register(
            "link_events",
            "What links count themselves, such as the rules of a guard",
            self.link_events.clone(),
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

    /// Whether calls of the store fail now.
    pub(crate) fn set_store_degraded(&self, degraded: bool) {
        self.store_degraded.set(i64::from(degraded));
    }

    /// How many late answers the store does not take.
    pub(crate) fn set_late_unwritten(&self, answers: usize) {
        self.late_unwritten.set(answers.try_into().unwrap_or(i64::MAX));
    }

    /// How an account's calls of WeChat's API go now.
    pub(crate) fn set_api(&self, account: &str, condition: ApiCondition) {
        let ApiCondition { circuit_open, calling, waiting, overloaded, cut } = condition;
        let account = || account.to_owned();
        let labels = AccountLabels { account: account() };
        self.api_circuit_open.get_or_create(&labels).set(i64::from(circuit_open));
        for (state, calls) in [("made", calling), ("waiting", waiting)] {
            let labels = CallLabels { account: account(), state };
            self.api_calls.get_or_create(&labels).set(calls.try_into().unwrap_or(i64::MAX));
        }
        for (cause, calls) in [("overload", overloaded), ("circuit_open", cut)] {
            let labels = NotMadeLabels { account: account(), cause };
            let counter = self.api_calls_not_made.get_or_create(&labels);
            counter.inner().fetch_max(calls, Ordering::Relaxed);
        }
    }

    /// A request came for a path that no account has.
    pub fn count_unknown_path(&self) {
        self.unknown_paths.inc();
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
    pub(crate) fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn account(&self, id: &str) -> AccountMetrics {
        let requests = |outcome| {
            let labels = RequestLabels { account: id.to_owned(), outcome };
            self.requests.get_or_create_owned(&labels)
        };
        let envelopes = |encrypted| {
            let labels = EnvelopeLabels { account: id.to_owned(), encrypted };
            self.envelopes.get_or_create_owned(&labels)
        };
        let labels = AccountLabels { account: id.to_owned() };
        AccountMetrics {
            handshake: requests("handshake"),
            reply: requests("reply"),
            success: requests("success"),
            repeat: requests("repeat"),
            late: requests("late"),
            hung_up: requests("hung_up"),
            refused: requests("refused"),
            not_understood: requests("not_understood"),
            encrypted: envelopes("yes"),
            plain: envelopes("no"),
            answer: self.answers.get_or_create_owned(&labels),
            turned_away: self.turned_away.get_or_create_owned(&labels),
        }
    }

    fn link(&self, id: &str, plugin: &'static str) -> LinkMetrics {
        let decisions = |decision| {
            let labels = DecisionLabels { link: id.to_owned(), plugin, decision };
            self.decisions.get_or_create_owned(&labels)
        };
        LinkMetrics {
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
            seconds: self.links.get_or_create_owned(&LinkLabels { link: id.to_owned(), plugin }),
        }
    }

    fn job(&self, place: usize, link: &str, outcome: JobOutcome) {
        let outcome = match outcome {
            JobOutcome::Done => "done",
            JobOutcome::Retried => "retried",
            JobOutcome::GivenUp => "given_up",
            JobOutcome::Skipped => "skipped",
        };
        let (link, plugin) = (link.to_owned(), self.of_links[place].plugin);
        self.jobs.get_or_create(&JobLabels { link, plugin, outcome }).inc();
    }

    fn link_event(&self, place: usize, link: &str, event: &'static str) {
        let (link, plugin) = (link.to_owned(), self.of_links[place].plugin);
        self.link_events.get_or_create(&EventLabels { link, plugin, event }).inc();
    }

    fn late(&self, account: &str, step: LateStep) {
        let fate = match step {
            LateStep::Promised => "promised",
            LateStep::Sent => "sent",
            LateStep::Kept => "kept",
            LateStep::Given => "given",
            LateStep::Retried => "retried",
            LateStep::Unclear => "unclear",
            LateStep::GivenUp => "given_up",
            LateStep::Expired => "expired",
        };
        self.lates.get_or_create(&LateLabels { account: account.to_owned(), fate }).inc();
    }
}

impl Observer for Metrics {
    fn observe(&self, event: &JournalEvent<'_>) {
        match *event {
            JournalEvent::Verified { account } => {
                self.of_accounts[account.place].handshake.inc();
            }
            JournalEvent::Refused { account, refusal } => {
                self.of_accounts[account.place].refusal(refusal).inc();
            }
            JournalEvent::Received { account, encrypted } => {
                let account = &self.of_accounts[account.place];
                if encrypted { &account.encrypted } else { &account.plain }.inc();
            }
            JournalEvent::TurnedAway { account } => {
                self.of_accounts[account.place].turned_away.inc();
            }
            JournalEvent::Asked { trace, .. } => {
                for step in &trace.steps {
                    self.of_links[step.place].count(step);
                    let count =
                        |event: &&'static str| self.link_event(step.place, &step.link, event);
                    step.counted.iter().for_each(count);
                }
            }
            JournalEvent::Answered { account, outcome, took } => {
                let account = &self.of_accounts[account.place];
                account.outcome(outcome).inc();
                account.answer.observe(took.as_secs_f64());
            }
            JournalEvent::Late { account, step } => self.late(account, step),
            JournalEvent::Notified { account, kind, fate } => {
                let (account, kind, fate) = (account.to_owned(), kind.as_str(), fate.as_str());
                self.notifications.get_or_create(&NotificationLabels { account, kind, fate }).inc();
            }
            JournalEvent::Job { place, link, outcome } => self.job(place, link, outcome),
            JournalEvent::Counted { place, link, event } => self.link_event(place, link, event),
        }
    }
}

/// The counters of one account.
struct AccountMetrics {
    handshake: Counter,
    reply: Counter,
    success: Counter,
    repeat: Counter,
    late: Counter,
    hung_up: Counter,
    refused: Counter,
    not_understood: Counter,
    encrypted: Counter,
    plain: Counter,
    answer: Histogram,
    turned_away: Counter,
}

impl AccountMetrics {
    fn outcome(&self, outcome: RequestOutcome) -> &Counter {
        match outcome {
            RequestOutcome::Reply => &self.reply,
            RequestOutcome::Success => &self.success,
            RequestOutcome::Repeat => &self.repeat,
            RequestOutcome::Late => &self.late,
            RequestOutcome::HungUp => &self.hung_up,
        }
    }

    /// Not WeChat's, or no message.
    fn refusal(&self, refusal: &Refusal) -> &Counter {
        match refusal {
            Refusal::NotUnderstood(_)
            | Refusal::TooLarge { .. }
            | Refusal::TooSlow { .. }
            | Refusal::CutOff
            | Refusal::Encoded => &self.not_understood,
            _ => &self.refused,
        }
    }
}

/// The counters of one link.
struct LinkMetrics {
    plugin: &'static str,
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
    fn count(&self, step: &Step) {
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
