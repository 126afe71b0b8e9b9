//! Accounts that a `when` names, and that are not there: such an entry is asked about nothing.

use wxbot_sdk::matcher::When;
use wxbot_sdk::settings::nearest;

use crate::config::data::Config;
use crate::config::findings::Findings;

/// Warns of each such name.
pub(super) fn find(config: &Config, findings: &mut Findings) {
    let known = || config.accounts.iter().map(|account| account.id.as_str());
    for link in config.chain.iter().filter(|link| link.enabled) {
        for name in names(&link.when) {
            let is_pattern = name.contains(['*', '?']);
            if is_pattern || known().any(|id| id == name) {
                continue;
            }
            let meant = nearest(name, known()).map(|id| format!(" (did you mean `{id}`?)"));
            let (id, meant) = (&link.id, meant.unwrap_or_default());
            let message = format!("entry `{id}`: no account has the id `{name}`{meant}");
            findings.warn(link.place_of("when"), message);
        }
    }
}

fn names(when: &When) -> Vec<&str> {
    let here = when.account.iter().flat_map(|names| &names.0).map(String::as_str);
    let inner = when.not.as_deref().into_iter().chain(when.any.iter().flatten());
    here.chain(inner.flat_map(names)).collect()
}
