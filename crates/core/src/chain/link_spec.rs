//! What a link is made of: an entry of `[[chain]]`, built.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::command::CommandSet;
use wxbot_sdk::directory::DirectoryEntry;
use wxbot_sdk::matcher::Matcher;
use wxbot_sdk::plugin::Handler;
use wxbot_sdk::template::Template;

use super::cooldown::Cooldown;
use super::dialog::DialogRules;
use super::refusal::Refusal;

/// What a link is made of.
pub struct LinkSpec {
    /// Unique in the chain.
    pub id: String,
    /// The plugin's name.
    pub plugin: &'static str,
    /// The instance.
    pub handler: Arc<dyn Handler>,
    /// [`Plugin::COMPUTES_ONLY`](wxbot_sdk::plugin::Plugin::COMPUTES_ONLY).
    pub computes_only: bool,
    /// The longest it may take for one message.
    pub timeout: Duration,
    /// What follows when it does not answer properly.
    pub on_error: OnError,
    /// How often it may answer.
    pub cooldown: Option<Cooldown>,
    /// How its conversations go, if its plugin has any.
    pub dialogs: Option<DialogRules>,
    /// Said before it is asked, as it takes long.
    pub later: Option<Template>,
    /// The commands of its plugin.
    pub commands: Option<&'static CommandSet>,
    /// What help says of it.
    pub help: Option<String>,
    /// What others than its audience are told.
    pub refusal: Option<Refusal>,
}

impl LinkSpec {
    /// Whether it can't be said who is refused without the followers' tags.
    pub(super) fn asks_for_tags(&self) -> bool {
        let audiences = self.refusal.iter().flat_map(|refusal| &refusal.audiences);
        audiences.into_iter().any(|audience| audience.asks_for_tags())
    }

    /// What followers can know of it.
    pub(super) fn in_directory(&self, when: &Matcher) -> DirectoryEntry {
        let (id, help, mut when) = (self.id.clone(), self.help.clone(), when.clone());
        if let Some(refusal) = &self.refusal {
            when = when.only_for(refusal.audiences.clone());
        }
        let commands = self.commands.filter(|_| !when.names_messages());
        let (knowledge, embeddings) = (self.handler.knowledge(), self.handler.embeddings());
        DirectoryEntry { id, commands, help, knowledge, embeddings, when }
    }
}

/// What follows when a link fails, panics or is too slow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    /// The next link is asked.
    #[default]
    Pass,
    /// Nobody else is asked, and nothing is said.
    Stop,
    /// This is said.
    Reply(Template),
}
