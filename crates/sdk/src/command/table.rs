//! The table of a set of commands: what help, `wxbot check` and `wxbot plugins` read.

use super::argument::ArgumentKind;
use super::invocation::Invocation;
use super::texts::CommandTexts;

/// Commands that belong together; [`Commands`](super::Commands) makes one of an enum.
#[derive(Debug)]
pub struct CommandSet {
    /// What they are about, the enum's doc comment.
    pub about: &'static str,
    /// Whether a slash stands before their names.
    pub slash: Slash,
    /// What is said about a command that can't be read.
    pub texts: &'static CommandTexts,
    /// Each of them.
    pub commands: &'static [Command],
    /// Whether a text at a time in Unix seconds is one of them, rightly written or not.
    pub takes: fn(&str, u64) -> bool,
}

/// One command.
#[derive(Debug)]
pub struct Command {
    /// What it is called; help shows the first.
    pub names: &'static [&'static str],
    /// What it does, in one line.
    pub help: &'static str,
    /// What else there is to say; often empty.
    pub details: &'static str,
    /// What it takes.
    pub arguments: &'static [ArgumentSpec],
}

/// What a command takes at one place.
#[derive(Debug)]
pub struct ArgumentSpec {
    /// What it is called in Rust, or `argument` with its number.
    pub field: &'static str,
    /// What followers call it.
    pub name: &'static str,
    /// How many words.
    pub takes: Takes,
    /// What it is.
    pub kind: fn() -> ArgumentKind,
    /// One that would be right, where its type does not say it.
    pub example: Option<&'static str>,
}

/// How many words an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// One.
    One,
    /// One, or none.
    Optional,
    /// All that are left.
    Many,
    /// The rest of the text, as it was written.
    Rest,
    /// The same, or nothing.
    OptionalRest,
}

/// Whether `/` or `／` stands before a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slash {
    /// Always.
    Required,
    /// Or not.
    Optional,
    /// Never.
    None,
}

impl CommandSet {
    /// The command that is called so, and what follows the name.
    pub(super) fn find<'t>(&self, invocation: &Invocation<'t>) -> Option<(usize, &'t str)> {
        if !self.slash.allows(invocation.has_slash()) {
            return None;
        }
        match self.place_of(invocation.name()) {
            Some(place) => Some((place, invocation.rest())),
            None => self.find_glued(invocation),
        }
    }

    /// Whether one of them is called exactly so.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.place_of(name).is_some()
    }

    /// Every name of every command.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.commands.iter().flat_map(|command| command.names.iter().copied())
    }

    /// How a command is written: `/天气 城市 [哪天]`.
    pub fn written(&self, command: &Command) -> String {
        let mut written = self.name(command.names[0]);
        for argument in command.arguments {
            let name = argument.name;
            written += &match argument.takes {
                Takes::One | Takes::Rest => format!(" {name}"),
                Takes::Optional | Takes::OptionalRest => format!(" [{name}]"),
                Takes::Many => format!(" [{name}…]"),
            };
        }
        written
    }

    /// A name, with a slash where there must be one.
    pub fn name(&self, name: &str) -> String {
        match self.slash {
            Slash::Required => format!("/{name}"),
            Slash::Optional | Slash::None => name.to_owned(),
        }
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        let is_called =
            |command: &Command| command.names.iter().any(|one| one.to_lowercase() == name);
        self.commands.iter().position(is_called)
    }

    /// `/天气杭州`, as Chinese has no blanks. Only behind a slash: 天气真好 is talk.
    fn find_glued<'t>(&self, invocation: &Invocation<'t>) -> Option<(usize, &'t str)> {
        let written = invocation.has_slash().then(|| invocation.written())?;
        let takes_something = self.commands.iter().enumerate();
        let takes_something = takes_something.filter(|(_, command)| !command.arguments.is_empty());
        let names = takes_something.flat_map(|(place, command)| {
            command
                .names
                .iter()
                .map(move |name| (place, *name))
                .filter(|(_, name)| name.ends_with(|last: char| !last.is_ascii()))
        });
        let glued = names.filter_map(|(place, name)| Some((place, written.strip_prefix(name)?)));
        glued.min_by_key(|(_, rest)| rest.len())
    }
}

impl Slash {
    fn allows(self, has_slash: bool) -> bool {
        match self {
            Self::Required => has_slash,
            Self::Optional => true,
            Self::None => !has_slash,
        }
    }
}
