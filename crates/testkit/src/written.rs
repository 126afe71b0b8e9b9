//! A transcript as a text that is the same in each run.

use std::fmt::Write;
use std::time::Duration;

use wxbot::rehearsal::Asked;
use wxbot_sim::Exchange;

use crate::exchange::{in_words, took};
use crate::shared::Shared;
use crate::time::Time;
use crate::transcript::Entry;

/// Milliseconds between the clocks of the bot and of WeChat, where they are not the same.
const CLOCKS_DIFFER: u64 = 100;

/// Names for openids, and no dates.
pub(crate) fn written(shared: &Shared) -> String {
    let pages = shared.transcript.pages();
    let mut text = String::new();
    if pages.forgotten > 0 {
        text = format!("({} entries before are not kept)\n", pages.forgotten);
    }
    for entry in &pages.entries {
        write_entry(shared, &mut text, entry);
    }
    pages.names().fold(text, |text, (openid, name)| text.replace(openid, name))
}

fn write_entry(shared: &Shared, text: &mut String, entry: &Entry) {
    let written = match entry {
        Entry::Waited(time) => writeln!(text, "{} s later", time.as_secs_f64()),
        Entry::Came { name, bubble } => {
            writeln!(text, "  to {name} by the API: {}", indented(&bubble.to_string()))
        }
        Entry::Acted { name, act, exchange: None, .. } => {
            writeln!(text, "{name} {act}\n  (not ended)")
        }
        Entry::Acted { place, name, act, exchange: Some(exchange) } => {
            let account = &shared.rehearsal.accounts()[*place];
            let asked = shared.rehearsal.asked_in(account, exchange);
            let asked = asked.filter(|asked| shows(shared.time, asked, exchange));
            let by = asked.as_ref().and_then(Asked::answered_by);
            let by = by.map(|link| format!("{link}: ")).unwrap_or_default();
            let came = indented(&in_words(&exchange.verdict));
            let times = times(shared.time, exchange);
            writeln!(text, "{name} {act}\n  {by}{came}{times}")
        }
    };
    written.expect("writing to memory does not fail");
}

/// Whether the follower saw what the chain decided: before that, it was a notice of ours.
fn shows(time: Time, asked: &Asked, exchange: &Exchange) -> bool {
    let ended = exchange.deliveries.last().map_or(0, |last| last.sent_at + millis(last.took));
    let slack = if time == Time::Real { CLOCKS_DIFFER } else { 0 };
    exchange.reply().is_some() && asked.at <= ended + slack
}

/// How often it was delivered and how long it took, where that is more than usual.
fn times(time: Time, exchange: &Exchange) -> String {
    let (deliveries, seconds) = (exchange.deliveries.len(), took(exchange).as_secs());
    match (deliveries, seconds, time) {
        (1, 0, _) | (1, _, Time::Real) => String::new(),
        (1, seconds, _) => format!(" (after {seconds} s)"),
        (deliveries, _, Time::Real) => format!(" ({deliveries} deliveries)"),
        (deliveries, seconds, _) => format!(" ({deliveries} deliveries, {seconds} s)"),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n    ")
}
