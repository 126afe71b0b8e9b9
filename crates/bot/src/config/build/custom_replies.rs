//! Replies that only a customer-service message gives, beside an account that sends none.

use std::ops::Range;

use wxbot_sdk::settings::{Entries, Value};

use crate::config::data::Config;
use crate::config::findings::Findings;

/// The keys of such a reply; `otherwise` stands beside one of them.
const KINDS: [&str; 4] = ["mini_program", "menu", "article", "mpnews"];

/// Warns of each such reply: some followers see what stands in its place.
pub(super) fn find(silent: &[&str], config: &Config, findings: &mut Findings) {
    if silent.is_empty() {
        return;
    }
    let silent: Vec<_> = silent.iter().map(|id| format!("`{id}`")).collect();
    for link in config.chain.iter().filter(|link| link.enabled) {
        for (place, kind) in places(link.config.entries()) {
            findings.warn(
                Some(place),
                format!(
                    "`{kind}` is sent as a customer-service message, and account {} sends none: \
                     its followers see what is in `otherwise`",
                    silent.join(", ")
                ),
            );
        }
    }
}

/// Where such replies are in a table and in what is in it.
fn places(entries: &Entries) -> Vec<(Range<usize>, &str)> {
    let stands_beside = entries.keys().any(|key| key.get_ref() == "otherwise");
    let is_kind = |key: &str| stands_beside && KINDS.contains(&key);
    let here = entries.keys().filter(|key| is_kind(key.get_ref()));
    let here = here.map(|key| (key.span(), key.get_ref().as_str()));
    let inside = entries.values().flat_map(|value| inside(value.get_ref()));
    here.chain(inside).collect()
}

fn inside(value: &Value) -> Vec<(Range<usize>, &str)> {
    match value {
        Value::Table(entries) => places(entries),
        Value::List(list) => list.iter().flat_map(|item| inside(item.get_ref())).collect(),
        _ => Vec::new(),
    }
}
