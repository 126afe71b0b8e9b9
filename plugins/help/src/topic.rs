//! What is asked for: a page, or a command.

use std::convert::Infallible;
use std::str::FromStr;

use wxbot_sdk::context::Context;
use wxbot_sdk::matcher::normalize;

pub(crate) enum Topic {
    Page(usize),
    Name(String),
}

impl FromStr for Topic {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Infallible> {
        let word = normalize(word);
        Ok(word.parse().map_or_else(|_| Self::Name(word.into_owned()), Self::Page))
    }
}

/// All that is known of a command that this follower may use.
pub(crate) fn usage(ctx: &Context, name: &str) -> Option<String> {
    let name = name.trim_start_matches('/').to_lowercase();
    let entries = ctx.directory().usable_by(ctx.subject());
    let listed = entries.filter(|entry| entry.help.as_deref() != Some(""));
    let sets = listed.filter_map(|entry| entry.commands);
    let mut commands = sets.flat_map(|set| set.commands.iter().map(move |one| (set, one)));
    let (set, command) =
        commands.find(|(_, command)| command.names.iter().any(|one| one.to_lowercase() == name))?;
    let others = match &command.names[1..] {
        [] => String::new(),
        others => format!("也可以写：{}", others.join("、")),
    };
    let lines = [&*set.written(command), command.help, command.details, &others];
    Some(lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
}
