//! What the chain has for followers: the commands of its entries, and what else help says of them.

mod near_miss;

use crate::command::{CommandSet, Commands, Invocation, Slash, Usage, parse_invocation};
use crate::matcher::{Matcher, Subject};

/// Every entry of the chain that has commands, takes some by `when`, or says something in help.
#[derive(Debug, Default)]
pub struct Directory {
    entries: Vec<DirectoryEntry>,
}

/// One entry of the chain.
#[derive(Debug)]
pub struct DirectoryEntry {
    /// The entry's id.
    pub id: String,
    /// The commands of its plugin; `None` where `when` says which messages it gets.
    pub commands: Option<&'static CommandSet>,
    /// What `help = "…"` says of it; empty where it is not to be listed.
    pub help: Option<String>,
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
        self.commands.is_some() || self.help.is_some() || self.when.commands().next().is_some()
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
