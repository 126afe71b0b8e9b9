//! What `/metrics` counts.

use wxbot_core::metric_description::describe;

use super::markdown::{heading, sentence, table};

pub(super) fn reference() -> String {
    let rows = describe().into_iter().map(|metric| {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let name = format!("`{}`", metric.name);
        [name, metric.kind, labels.join(", "), sentence(&metric.meaning)]
    });
    heading(2, "Metrics")
        + "What labels have for values, and what to watch: [Operating](operating.md#metrics).\n\n"
        + &table(["metric", "type", "labels", "meaning"], rows)
}
