//! Commands that two entries have: the first one takes them, whatever the second would do.

use std::collections::{BTreeMap, BTreeSet};

use wxbot_core::chain::LinkSpec;
use wxbot_sdk::command::CommandSet;
use wxbot_sdk::matcher::Matcher;

use crate::config::data::Config;
use crate::config::findings::Findings;

/// Warns of each entry whose commands an entry above it takes, from everybody and at any time.
pub(super) fn find(chain: &[(Matcher, LinkSpec)], config: &Config, findings: &mut Findings) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (when, link) in chain {
        let names = names(when, link);
        let mut by_others: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for name in &names {
            if let Some(other) = taken.get(name) {
                by_others.entry(other).or_default().push(name);
            }
        }
        let entry = config.chain.iter().find(|entry| entry.id == link.id);
        for (other, names) in by_others {
            let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let id = &link.id;
            let message = format!(
                "entries `{other}` and `{id}` both have {names}, and `{other}` is asked first"
            );
            findings.warn(entry.and_then(|entry| entry.place()), message);
        }
        if when.is_for_everybody() && link.refusal.is_none() {
            for name in names {
                taken.entry(name).or_insert(&link.id);
            }
        }
    }
}

/// The commands that an entry takes, in lower case.
fn names(when: &Matcher, link: &LinkSpec) -> BTreeSet<String> {
    let of_plugin = link.commands.into_iter().flat_map(CommandSet::names);
    let of_plugin = of_plugin.map(|name: &str| name).filter(|_| !when.names_messages());
    of_plugin.chain(when.commands()).map(str::to_lowercase).collect()
}
