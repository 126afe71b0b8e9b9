//! Entries behind one that answers every text, as where something is added at the end of the file.

use wxbot_core::chain::LinkSpec;
use wxbot_sdk::matcher::Matcher;

use crate::config::data::Config;
use crate::config::findings::Findings;

/// Warns of each such entry, but for those that are for other messages than texts.
pub(super) fn find(chain: &[(Matcher, LinkSpec)], config: &Config, findings: &mut Findings) {
    let settings = |link: &LinkSpec| config.chain.iter().find(|entry| entry.id == link.id);
    let mut links = chain.iter().filter_map(|(when, link)| Some((when, link, settings(link)?)));
    let Some((_, first, _)) = links.find(|(when, link, _)| answers_every_text(when, link)) else {
        return;
    };
    let is_for_texts =
        |when: &Matcher, link: &LinkSpec| when.is_for_texts() && link.handler.answers_texts();
    for (_, link, entry) in links.filter(|(when, link, _)| is_for_texts(when, link)) {
        findings.warn(
            entry.place(),
            format!(
                "entry `{}` is asked about no text, as `{}` above it answers every one: move it up",
                link.id, first.id
            ),
        );
    }
}

fn answers_every_text(when: &Matcher, link: &LinkSpec) -> bool {
    let is_for_all = when.is_for_everybody() && !when.names_messages() && when.is_for_texts();
    is_for_all && link.cooldown.is_none() && link.handler.answers_every_text()
}
