//! Entries that send messages of their own accord, beside an account that can't.

use wxbot_core::chain::LinkSpec;
use wxbot_sdk::matcher::{Matcher, When};

use crate::config::data::Config;
use crate::config::findings::Findings;

/// Warns of each such entry: followers of these accounts get nothing from it.
pub(super) fn find(
    silent: &[&str],
    chain: &[(Matcher, LinkSpec)],
    config: &Config,
    findings: &mut Findings,
) {
    for (_, link) in chain.iter().filter(|(_, link)| link.handler.sends_first()) {
        let Some(entry) = config.chain.iter().find(|entry| entry.id == link.id) else { continue };
        let served = silent.iter().filter(|account| serves(&entry.when, account));
        let served: Vec<_> = served.map(|account| format!("`{account}`")).collect();
        if served.is_empty() {
            continue;
        }
        findings.warn(
            entry.place_of("plugin"),
            format!(
                "`{}` sends customer-service messages, and account {} can't: it takes `app_id` and \
                 `app_secret`, a verified account, and `late.customer_service` not `false`",
                link.id,
                served.join(", ")
            ),
        );
    }
}

/// A pattern may mean any account.
fn serves(when: &When, account: &str) -> bool {
    let named = |name: &String| name == account || name.contains(['*', '?']);
    when.account.as_ref().is_none_or(|names| names.0.iter().any(named))
}
