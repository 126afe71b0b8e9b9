//! What the chain has for followers, and for other entries: the commands of its entries, what else help
//! says of them, what can be looked up in them, and embeddings.

mod near_miss;
mod unknown_entry;

use std::fmt;
use std::sync::Arc;

use crate::command::{CommandSet, Commands, Invocation, Slash, Usage, parse_invocation};
use crate::embeddings::Embeddings;
use crate::knowledge::Knowledge;
use crate::matcher::{Matcher, Subject};

pub use unknown_entry::UnknownEntry;

/// Every entry of the chain that has commands, takes some by `when`, says something in help, or offers
/// knowledge or embeddings.
#[derive(Debug, Default)]
pub struct Directory {
    entries: Vec<DirectoryEntry>,
}

/// One entry of the chain.
pub struct DirectoryEntry {
    /// The entry's id.
    pub id: String,
    /// The commands of its plugin; `None` where `when` says which messages it gets.
    pub commands: Option<&'static CommandSet>,
    /// What `help = "…"` says of it; empty where it is not to be listed.
    pub help: Option<String>,
    /// What can be looked up in it.
    pub knowledge: Option<Arc<dyn Knowledge>>,
    /// What makes vectors of texts in it.
    pub embeddings: Option<Arc<dyn Embeddings>>,
    /// Its `when`.
    pub when: Matcher,
}

static EMPTY: Directory = Directory { entries: Vec::new() };

impl Directory {
    /// One without entries.
    pub(crate) fn empty() -> &'static Self {
        &EMPTY
    }

    /// Those of these entries that followers can know of.
    pub fn new(entries: impl IntoIterator<Item = DirectoryEntry>) -> Self {
        Self { entries: entries.into_iter().filter(DirectoryEntry::says_anything).collect() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// In the order of the chain.
    pub fn entries(&self) -> &[DirectoryEntry] {
        &self.entries
    }

    /// Those that this follower may use here and now.
    pub fn usable_by(&self, subject: Subject<'_>) -> impl Iterator<Item = &DirectoryEntry> {
        self.entries.iter().filter(move |entry| entry.when.holds_for_follower(subject))
    }

    /// What can be looked up in these entries, as far as this follower may use them here and now.
    pub fn knowledge<'d>(
        &'d self,
        ids: &'d [String],
        subject: Subject<'d>,
    ) -> impl Iterator<Item = &'d Arc<dyn Knowledge>> {
        let usable = self.usable_by(subject).filter(|entry| ids.contains(&entry.id));
        usable.filter_map(|entry| entry.knowledge.as_ref())
    }

    /// Refuses the first of these ids whose entry offers no knowledge.
    pub fn require_knowledge(&self, ids: &[String]) -> Result<(), UnknownEntry> {
        self.require(ids, "knowledge", |entry| entry.knowledge.is_some())
    }

    /// What makes vectors of texts in this entry, whoever may use it otherwise.
    pub fn embeddings(&self, id: &str) -> Result<&Arc<dyn Embeddings>, UnknownEntry> {
        let all = self.entries.iter();
        let offering = all.filter_map(|entry| Some((&*entry.id, entry.embeddings.as_ref()?)));
        let offering: Vec<_> = offering.collect();
        let found = offering.iter().find(|(known, _)| *known == id).map(|(_, found)| *found);
        let known = || offering.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        found.ok_or_else(|| UnknownEntry::new(id, "embeddings", &known()))
    }

    /// Refuses the first of these ids whose entry has no commands.
    pub fn require_commands(&self, ids: &[String]) -> Result<(), UnknownEntry> {
        self.require(ids, "commands", |entry| entry.commands.is_some())
    }

    fn require(
        &self,
        ids: &[String],
        what: &'static str,
        offers: impl Fn(&DirectoryEntry) -> bool,
    ) -> Result<(), UnknownEntry> {
        let offering = self.entries.iter().filter(|entry| offers(entry));
        let known: Vec<_> = offering.map(|entry| &*entry.id).collect();
        match ids.iter().find(|id| !known.contains(&id.as_str())) {
            Some(id) => Err(UnknownEntry::new(id, what, &known)),
            None => Ok(()),
        }
    }

    /// The command that was said, or how it should have been: what is exactly one of others' is left
    /// to them, and what is nearly one is answered by the entry that it is nearest to.
    pub(crate) fn parse<C: Commands>(&self, subject: Subject<'_>) -> Option<Result<C, Usage>> {
        let invocation = Invocation::read(subject.message.words()?)?;
        let (name, has_slash) = (invocation.name(), invocation.has_slash());
        let of_others = || has_slash && self.usable_by(subject).any(|entry| entry.has(name));
        if !C::SET.has(name) && of_others() {
            return None;
        }
        let parsed = parse_invocation(&invocation, subject.now);
        if parsed.is_some() || !has_slash || C::SET.slash == Slash::None {
            return parsed;
        }
        let names = self.usable_by(subject).flat_map(DirectoryEntry::names);
        let near = near_miss::nearest(name, C::SET, names)?;
        Some(Err(Usage::did_you_mean(C::SET.texts, &near)))
    }
}

impl DirectoryEntry {
    fn says_anything(&self) -> bool {
        self.commands.is_some()
            || self.help.is_some()
            || self.knowledge.is_some()
            || self.embeddings.is_some()
            || self.when.commands().next().is_some()
    }

    /// Whether it takes a command that is called so, in lower case.
    fn has(&self, name: &str) -> bool {
        self.commands.is_some_and(|set| set.has(name))
            || self.when.commands().any(|one| one.to_lowercase() == name)
    }

    /// The names of commands that it takes, as they are written with a slash.
    fn names(&self) -> impl Iterator<Item = &str> {
        let of_plugin = self.commands.into_iter().flat_map(CommandSet::names);
        let of_plugin = of_plugin.map(|name: &str| name);
        of_plugin.chain(self.when.commands())
    }
}

impl fmt::Debug for DirectoryEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryEntry").field("id", &self.id).finish_non_exhaustive()
    }
}
