//! What is counted of one account.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;

use super::families::{AccountLabels, EnvelopeLabels, Families, RequestLabels};
use crate::journal::RequestOutcome;
use crate::receive::refusal::Refusal;

/// The counters of one account.
pub(super) struct AccountMetrics {
    pub(super) handshake: Counter,
    pub(super) reply: Counter,
    pub(super) success: Counter,
    pub(super) repeat: Counter,
    pub(super) late: Counter,
    pub(super) hung_up: Counter,
    pub(super) refused: Counter,
    pub(super) not_understood: Counter,
    pub(super) encrypted: Counter,
    pub(super) plain: Counter,
    pub(super) answer: Histogram,
    pub(super) turned_away: Counter,
}

impl AccountMetrics {
    pub(super) fn new(families: &Families, id: &str) -> Self {
        let requests = |outcome| {
            let labels = RequestLabels { account: id.to_owned(), outcome };
            families.requests.get_or_create_owned(&labels)
        };
        let envelopes = |encrypted| {
            let labels = EnvelopeLabels { account: id.to_owned(), encrypted };
            families.envelopes.get_or_create_owned(&labels)
        };
        let labels = AccountLabels { account: id.to_owned() };
        Self {
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
            answer: families.answers.get_or_create_owned(&labels),
            turned_away: families.turned_away.get_or_create_owned(&labels),
        }
    }

    pub(super) fn outcome(&self, outcome: RequestOutcome) -> &Counter {
        match outcome {
            RequestOutcome::Reply => &self.reply,
            RequestOutcome::Success => &self.success,
            RequestOutcome::Repeat => &self.repeat,
            RequestOutcome::Late => &self.late,
            RequestOutcome::HungUp => &self.hung_up,
        }
    }

    /// Not WeChat's, or no message.
    pub(super) fn refusal(&self, refusal: &Refusal) -> &Counter {
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
