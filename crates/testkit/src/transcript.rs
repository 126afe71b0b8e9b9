//! All that was done and seen, as a text that is the same in each run.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wxbot_sim::{Act, Bubble, Exchange, Follower as Phone, Shown, Via};

use crate::bot::Shared;
use crate::heard::took;
use crate::report::in_words;
use crate::time::Time;
use crate::traces::Asked;

/// More than a test reads, and little memory.
const KEPT: usize = 10_000;
/// Milliseconds between the clocks of the bot and of WeChat, where they are not the same.
const CLOCKS_DIFFER: u64 = 100;

/// What happened, in order.
#[derive(Default)]
pub(crate) struct Transcript {
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    entries: VecDeque<Entry>,
    /// Entries that are not kept any more.
    forgotten: usize,
    /// By the account's place and the openid.
    phones: BTreeMap<(usize, String), Looked>,
}

/// A phone, and how much of it is in the transcript.
struct Looked {
    name: Arc<str>,
    phone: Phone,
    shown: u64,
}

/// One thing that happened.
pub(crate) enum Entry {
    /// A follower of this account did something; what came of it is not there until it has ended.
    Acted { side: usize, name: Arc<str>, act: String, exchange: Option<Arc<Exchange>> },
    /// Something came by WeChat's API.
    Came { name: Arc<str>, bubble: Bubble },
    /// The test let time pass.
    Waited(Duration),
}

impl Transcript {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at this phone from now on.
    pub(crate) fn meet(&self, side: usize, name: &str, phone: &Phone) {
        let looked = || Looked { name: name.into(), phone: phone.clone(), shown: 0 };
        let whose = (side, phone.openid().to_owned());
        self.pages().phones.entry(whose).or_insert_with(looked);
    }

    pub(crate) fn write(&self, entry: Entry) {
        self.pages().write(entry);
    }

    /// Somebody does something; the number of the entry.
    pub(crate) fn begin(&self, side: usize, name: &Arc<str>, act: &Act) -> usize {
        let (name, act) = (Arc::clone(name), act.to_string());
        self.pages().write(Entry::Acted { side, name, act, exchange: None })
    }

    /// This came of it.
    pub(crate) fn end(&self, number: usize, ended: &Arc<Exchange>) {
        let mut pages = self.pages();
        let Some(place) = number.checked_sub(pages.forgotten) else { return };
        if let Some(Entry::Acted { exchange, .. }) = pages.entries.get_mut(place) {
            *exchange = Some(Arc::clone(ended));
        }
    }

    /// Writes down what came to this phone by the API.
    pub(crate) fn look_at(&self, side: usize, phone: &Phone) {
        let mut pages = self.pages();
        let looked = pages.phones.get_mut(&(side, phone.openid().to_owned()));
        let came = looked.map(Looked::look).unwrap_or_default();
        for entry in came {
            pages.write(entry);
        }
    }

    /// Writes down what came to any phone by the API, in the order in which it came.
    pub(crate) fn look_at_phones(&self) {
        let mut pages = self.pages();
        let mut came: Vec<_> = pages.phones.values_mut().flat_map(Looked::look_with_time).collect();
        came.sort_by_key(|(at, _)| *at);
        for (_, entry) in came {
            pages.write(entry);
        }
    }
}

impl Pages {
    fn write(&mut self, entry: Entry) -> usize {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
            self.forgotten += 1;
        }
        self.entries.push_back(entry);
        self.forgotten + self.entries.len() - 1
    }
}

impl Looked {
    fn look(&mut self) -> Vec<Entry> {
        self.look_with_time().into_iter().map(|(_, entry)| entry).collect()
    }

    fn look_with_time(&mut self) -> Vec<(u64, Entry)> {
        let (shown, count) = self.phone.phone_since(self.shown);
        self.shown = count;
        let by_api = shown.iter().filter(|shown| shown.via == Via::Api);
        let entry = |shown: &Shown| {
            let bubble = shown.bubble()?.clone();
            Some((shown.at, Entry::Came { name: Arc::clone(&self.name), bubble }))
        };
        by_api.filter_map(entry).collect()
    }
}

impl Shared {
    pub(crate) fn written(&self) -> String {
        let pages = self.transcript.pages();
        let mut text = String::new();
        if pages.forgotten > 0 {
            text = format!("({} entries before are not kept)\n", pages.forgotten);
        }
        for entry in &pages.entries {
            self.write_entry(&mut text, entry);
        }
        for ((_, openid), Looked { name, .. }) in &pages.phones {
            text = text.replace(openid, name);
        }
        text
    }

    fn write_entry(&self, text: &mut String, entry: &Entry) {
        let written = match entry {
            Entry::Waited(time) => writeln!(text, "{} s later", time.as_secs_f64()),
            Entry::Came { name, bubble } => {
                writeln!(text, "  to {name} by the API: {}", indented(&bubble.to_string()))
            }
            Entry::Acted { name, act, exchange: None, .. } => {
                writeln!(text, "{name} {act}\n  (not ended)")
            }
            Entry::Acted { side, name, act, exchange: Some(exchange) } => {
                let asked = self.asked(&self.sides[*side], exchange);
                let asked = asked.filter(|asked| self.shows(asked, exchange));
                let by = asked.as_ref().and_then(Asked::answered_by);
                let by = by.map(|link| format!("{link}: ")).unwrap_or_default();
                let came = indented(&in_words(&exchange.verdict));
                let times = self.times(exchange);
                writeln!(text, "{name} {act}\n  {by}{came}{times}")
            }
        };
        written.expect("writing to memory does not fail");
    }

    /// Whether the follower saw what the chain decided: before that, it was a notice of ours.
    fn shows(&self, asked: &Asked, exchange: &Exchange) -> bool {
        let ended = exchange.deliveries.last().map_or(0, |last| last.sent_at + millis(last.took));
        let slack = if self.time == Time::Real { CLOCKS_DIFFER } else { 0 };
        exchange.reply().is_some() && asked.at <= ended + slack
    }

    /// How often it was delivered and how long it took, where that is more than usual.
    fn times(&self, exchange: &Exchange) -> String {
        let (deliveries, seconds) = (exchange.deliveries.len(), took(exchange).as_secs());
        match (deliveries, seconds, self.time) {
            (1, 0, _) | (1, _, Time::Real) => String::new(),
            (1, seconds, _) => format!(" (after {seconds} s)"),
            (deliveries, _, Time::Real) => format!(" ({deliveries} deliveries)"),
            (deliveries, seconds, _) => format!(" ({deliveries} deliveries, {seconds} s)"),
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n    ")
}
