//! The list of what may be used, page by page.

use std::collections::HashSet;

use wxbot_sdk::command::{Command, CommandSet};
use wxbot_sdk::context::Context;
use wxbot_sdk::directory::DirectoryEntry;
use wxbot_sdk::template::{TemplateError, Values};

use crate::config::Config;

/// WeChat takes no more in a text.
const MAX_BYTES: usize = 2048;

/// A line for everything that this follower may use here and now, but help itself.
pub(crate) fn lines(ctx: &Context) -> Vec<String> {
    let mut known = HashSet::new();
    let entries = ctx.directory().usable_by(ctx.subject());
    let entries = entries.filter(|entry| entry.id != ctx.link());
    entries.flat_map(|entry| lines_of(entry, &mut known)).collect()
}

/// What the operator says of an entry, or else its commands that no entry above it has.
fn lines_of(entry: &DirectoryEntry, known: &mut HashSet<&'static str>) -> Vec<String> {
    match (&entry.help, entry.commands) {
        (Some(text), _) if text.is_empty() => Vec::new(),
        (Some(text), _) => vec![text.clone()],
        (None, None) => Vec::new(),
        (None, Some(set)) => {
            let new = set.commands.iter().filter(|command| known.insert(command.names[0]));
            new.map(|command| line(set, command)).collect()
        }
    }
}

fn line(set: &CommandSet, command: &Command) -> String {
    let written = set.written(command);
    if command.help.is_empty() { written } else { format!("{written} — {}", command.help) }
}

/// A page of them, the last one where there are not so many.
pub(crate) fn written(
    config: &Config,
    lines: &[String],
    page: usize,
    ctx: &Context,
) -> Result<String, TemplateError> {
    if lines.is_empty() {
        return config.nothing.render(ctx);
    }
    let title = config.title.render(ctx)?;
    let around = title.len() + more(config, lines.len(), lines.len(), ctx)?.len() + 1;
    let pages = pages(lines, config.lines, MAX_BYTES.saturating_sub(around));
    let page = page.clamp(1, pages.len());
    let text = format!("{title}\n{}", pages[page - 1].join("\n"));
    Ok(match page < pages.len() {
        true => format!("{text}\n{}", more(config, page, pages.len(), ctx)?),
        false => text,
    })
}

/// As many lines each as are wanted, and as WeChat takes.
fn pages(lines: &[String], wanted: usize, room: usize) -> Vec<&[String]> {
    let (mut pages, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (place, line) in lines.iter().enumerate() {
        let is_full = place - start == wanted || bytes + line.len() + 1 > room;
        if is_full && place > start {
            pages.push(&lines[start..place]);
            (start, bytes) = (place, 0);
        }
        bytes += line.len() + 1;
    }
    pages.push(&lines[start..]);
    pages
}

fn more(
    config: &Config,
    page: usize,
    pages: usize,
    ctx: &Context,
) -> Result<String, TemplateError> {
    let values = Values::new(ctx).with("page", page).with("pages", pages).with("next", page + 1);
    config.more.render(values)
}
