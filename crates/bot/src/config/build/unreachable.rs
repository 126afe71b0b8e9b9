//! Entries behind one that answers every text, as where something is added at the end of the file.

use wxbot_core::chain::LinkSpec;
use wxbot_sdk::matcher::{Matcher, When};

use crate::config::chain::LinkSettings;
use crate::config::data::Config;
use crate::config::findings::Findings;
use crate::config::table::Table;

/// Warns of each such entry, but for those that are for other messages than texts.
pub(super) fn find(chain: &[(Matcher, LinkSpec)], config: &Config, findings: &mut Findings) {
    let settings = |link: &LinkSpec| config.chain.iter().find(|entry| entry.id == link.id);
    let mut links = chain.iter().filter_map(|(when, link)| Some((when, link, settings(link)?)));
    let first = links.find(|(when, link, entry)| answers_every_text(when, link, entry));
    let Some((_, first, _)) = first else { return };
    for (_, link, entry) in links.filter(|(_, _, entry)| is_for_texts(&entry.when)) {
        findings.warn(
            entry.place(),
            format!(
                "entry `{}` is asked about no text, as `{}` above it answers every one: move it up",
                link.id, first.id
            ),
        );
    }
}

fn answers_every_text(when: &Matcher, link: &LinkSpec, entry: &Table<LinkSettings>) -> bool {
    let is_for_all = when.is_for_everybody() && !when.names_messages() && is_for_texts(&entry.when);
    is_for_all && link.cooldown.is_none() && link.handler.answers_every_text()
}

fn is_for_texts(when: &When) -> bool {
    let is_text = |kinds: &[String]| kinds.iter().any(|kind| kind == "text");
    let is_kind = when.kind.as_ref().is_none_or(|kinds| is_text(&kinds.0));
    is_kind && when.event.is_none() && when.key.is_none()
}
