//! What is counted, for `/metrics`.

mod families;
mod account;
mod link;

use std::fmt;
use std::sync::atomic::Ordering;

use prometheus_client::encoding::text::encode;
pub use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use wxbot_sdk::api::ApiCondition;
use wxbot_sdk::tool_call::ToolCall;

use self::account::AccountMetrics;
use self::families::{
    AccountLabels, CallLabels, EventLabels, Families, JobLabels, LateLabels, NotMadeLabels,
    NotificationLabels, ToolLabels,
};
use self::link::LinkMetrics;
use crate::chain::trace::Step;
use crate::journal::{JobOutcome, JournalEvent, LateStep, Observer};

/// The metrics of a bot, an observer of its journal.
pub struct Metrics {
    registry: Registry,
    families: Families,
    /// Of each account, by its place.
    of_accounts: Vec<AccountMetrics>,
    /// Of each link, by its place.
    of_links: Vec<LinkMetrics>,
}

impl Metrics {
    /// Of accounts, by their ids, and links, by their ids and plugins, in the order of `bot.toml`.
    pub(crate) fn new<'a>(
        accounts: impl Iterator<Item = &'a str>,
        links: impl Iterator<Item = (&'a str, &'static str)>,
    ) -> Self {
        let (mut registry, families) = (Registry::with_prefix("wxbot"), Families::default());
        families.register(&mut registry);
        let of_accounts = accounts.map(|id| AccountMetrics::new(&families, id)).collect();
        let of_links = links.map(|(id, plugin)| LinkMetrics::new(&families, id, plugin)).collect();
        Self { registry, families, of_accounts, of_links }
    }

    /// Whether calls of the store fail now.
    pub(crate) fn set_store_degraded(&self, degraded: bool) {
        self.families.store_degraded.set(i64::from(degraded));
    }

    /// How many late answers the store does not take.
    pub(crate) fn set_late_unwritten(&self, answers: usize) {
        self.families.late_unwritten.set(answers.try_into().unwrap_or(i64::MAX));
    }

    /// How an account's calls of WeChat's API go now.
    pub(crate) fn set_api(&self, account: &str, condition: ApiCondition) {
        let ApiCondition { circuit_open, calling, waiting, overloaded, cut } = condition;
        let account = || account.to_owned();
        let labels = AccountLabels { account: account() };
        self.families.api_circuit_open.get_or_create(&labels).set(i64::from(circuit_open));
        for (state, calls) in [("made", calling), ("waiting", waiting)] {
            let labels = CallLabels { account: account(), state };
            self.families
                .api_calls
                .get_or_create(&labels)
                .set(calls.try_into().unwrap_or(i64::MAX));
        }
        for (cause, calls) in [("overload", overloaded), ("circuit_open", cut)] {
            let labels = NotMadeLabels { account: account(), cause };
            let counter = self.families.api_calls_not_made.get_or_create(&labels);
            counter.inner().fetch_max(calls, Ordering::Relaxed);
        }
    }

    /// A request came for a path that no account has.
    pub fn count_unknown_path(&self) {
        self.families.unknown_paths.inc();
    }

    /// Where log lines are counted that were lost.
    pub fn log_lines_lost(&self) -> Counter {
        self.families.log_lines_lost.clone()
    }

    /// The machine's clock was set.
    pub fn clock_jumped(&self) {
        self.families.clock_jumps.inc();
    }

    /// The OpenMetrics text.
    pub(crate) fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn job(&self, place: usize, link: &str, outcome: JobOutcome) {
        let outcome = match outcome {
            JobOutcome::Done => "done",
            JobOutcome::Retried => "retried",
            JobOutcome::GivenUp => "given_up",
            JobOutcome::Skipped => "skipped",
        };
        let (link, plugin) = (link.to_owned(), self.of_links[place].plugin);
        self.families.jobs.get_or_create(&JobLabels { link, plugin, outcome }).inc();
    }

    fn step(&self, step: &Step) {
        self.of_links[step.place].count(step);
        for event in &step.noted.counted {
            self.link_event(step.place, &step.link, event);
        }
        for call in &step.noted.tool_calls {
            self.tool_call(step.place, &step.link, call);
        }
    }

    pub(crate) fn tool_call(&self, place: usize, link: &str, call: &ToolCall) {
        let (link, plugin) = (link.to_owned(), self.of_links[place].plugin);
        let (entry, outcome) = (call.owner.as_str().to_owned(), call.outcome.as_str());
        let labels = ToolLabels { link, plugin, entry, outcome };
        self.families.tool_calls.get_or_create(&labels).inc();
    }

    fn link_event(&self, place: usize, link: &str, event: &'static str) {
        let (link, plugin) = (link.to_owned(), self.of_links[place].plugin);
        self.families.link_events.get_or_create(&EventLabels { link, plugin, event }).inc();
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
        self.families.lates.get_or_create(&LateLabels { account: account.to_owned(), fate }).inc();
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
                trace.steps.iter().for_each(|step| self.step(step));
            }
            JournalEvent::Answered { account, outcome, took } => {
                let account = &self.of_accounts[account.place];
                account.outcome(outcome).inc();
                account.answer.observe(took.as_secs_f64());
            }
            JournalEvent::Late { account, step } => self.late(account, step),
            JournalEvent::Notified { account, kind, fate } => {
                let (account, kind, fate) = (account.to_owned(), kind.as_str(), fate.as_str());
                self.families
                    .notifications
                    .get_or_create(&NotificationLabels { account, kind, fate })
                    .inc();
            }
            JournalEvent::Job { place, link, outcome } => self.job(place, link, outcome),
            JournalEvent::Counted { place, link, event } => self.link_event(place, link, event),
        }
    }
}
