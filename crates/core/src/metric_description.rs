//! What each metric is, by what `/metrics` says of it.

use std::time::Duration;

use wxbot_sdk::api::ApiCondition;
use wxbot_sdk::notification::{Fate, NotificationKind};
use wxbot_sdk::tool_call::{ToolCall, ToolOutcome, ToolOwner};

use crate::journal::{JobOutcome, JournalEvent, LateStep, Observer};
use crate::metrics::Metrics;

/// What a metric is.
#[derive(Debug, PartialEq, Eq)]
pub struct MetricDescription {
    /// As it stands in `/metrics`: `wxbot_requests_total`.
    pub name: String,
    /// `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// What it counts.
    pub meaning: String,
}

/// All metrics, as `/metrics` describes them where each has counted something.
pub fn describe() -> Vec<MetricDescription> {
    let metrics = Metrics::new([""].into_iter(), [("", "")].into_iter());
    metrics.set_api("", ApiCondition::default());
    let (place, link) = (0, "");
    for event in [
        JournalEvent::Late { account: "", step: LateStep::Sent },
        JournalEvent::Notified {
            account: "",
            kind: NotificationKind::Template,
            fate: Fate::Failed,
        },
        JournalEvent::Job { place, link, outcome: JobOutcome::Done },
        JournalEvent::Counted { place, link, event: "" },
    ] {
        metrics.observe(&event);
    }
    let (owner, outcome) = (ToolOwner::Nobody, ToolOutcome::Refused);
    metrics.tool_call(place, link, &ToolCall { owner, outcome, took: Duration::ZERO });
    let text = metrics.render().expect("a String takes whatever is written to it");
    text.split("# HELP ").skip(1).map(MetricDescription::read).collect()
}

impl MetricDescription {
    /// From `NAME MEANING.`, `# TYPE NAME KIND` and samples.
    fn read(text: &str) -> Self {
        let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
        let mut lines = rest.lines().filter(|line| !line.starts_with("# UNIT"));
        let meaning = lines.next().unwrap_or_default().trim_end_matches('.').to_owned();
        let kind = lines.next().and_then(|line| line.rsplit(' ').next()).unwrap_or_default();
        let sample = lines.next().and_then(|line| line.split_once('{')).unwrap_or_default().1;
        let labels = sample.split("=\"").filter_map(|before| before.rsplit(['"', ',']).next());
        let labels = labels.filter(|label| !label.is_empty() && !label.contains('}'));
        Self {
            name: if kind == "counter" { format!("{name}_total") } else { name.to_owned() },
            kind: kind.to_owned(),
            labels: labels.map(str::to_owned).collect(),
            meaning,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_is_described_with_its_labels() {
        let described = describe();
        let of = |name: &str| {
            let found = described.iter().find(|metric| metric.name == name);
            found.unwrap_or_else(|| panic!("no {name} in {described:?}"))
        };
        assert_eq!(of("wxbot_jobs_total").labels, ["link", "plugin", "outcome"]);
        assert_eq!(of("wxbot_jobs_total").kind, "counter");
        assert_eq!(of("wxbot_answer_seconds").labels, ["account"]);
        assert_eq!(of("wxbot_store_degraded").labels, [""; 0]);
        let registered = include_str!("metrics/families.rs").matches("registry.register").count();
        assert_eq!(described.len(), registered);
    }
}
