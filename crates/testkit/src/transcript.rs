//! All that was done and seen, in order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wxbot_sim::{Act, Bubble, Exchange, Follower as Phone, Shown, Via};

/// More than a test reads, and little memory.
const KEPT: usize = 10_000;

/// What happened, in order.
#[derive(Default)]
pub(crate) struct Transcript {
    pages: Mutex<Pages>,
}

#[derive(Default)]
pub(crate) struct Pages {
    pub(crate) entries: VecDeque<Entry>,
    /// Entries that are not kept any more.
    pub(crate) forgotten: usize,
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
    /// A follower of the account in this place did something; what came of it is not there until it has ended.
    Acted { place: usize, name: Arc<str>, act: String, exchange: Option<Arc<Exchange>> },
    /// Something came by WeChat's API.
    Came { name: Arc<str>, bubble: Bubble },
    /// The test let time pass.
    Waited(Duration),
}

impl Transcript {
    pub(crate) fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at this phone from now on.
    pub(crate) fn meet(&self, place: usize, name: &str, phone: &Phone) {
        let looked = || Looked { name: name.into(), phone: phone.clone(), shown: 0 };
        let whose = (place, phone.openid().to_owned());
        self.pages().phones.entry(whose).or_insert_with(looked);
    }

    pub(crate) fn write(&self, entry: Entry) {
        self.pages().write(entry);
    }

    /// Somebody does something; the number of the entry.
    pub(crate) fn begin(&self, place: usize, name: &Arc<str>, act: &Act) -> usize {
        let (name, act) = (Arc::clone(name), act.to_string());
        self.pages().write(Entry::Acted { place, name, act, exchange: None })
    }

    /// This came of it.
    pub(crate) fn end(&self, number: usize, ended: &Arc<Exchange>) {
        let mut pages = self.pages();
        let Some(number) = number.checked_sub(pages.forgotten) else { return };
        if let Some(Entry::Acted { exchange, .. }) = pages.entries.get_mut(number) {
            *exchange = Some(Arc::clone(ended));
        }
    }

    /// Writes down what came to this phone by the API.
    pub(crate) fn look_at(&self, place: usize, phone: &Phone) {
        let mut pages = self.pages();
        let looked = pages.phones.get_mut(&(place, phone.openid().to_owned()));
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
    /// Everybody's openid and name.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.phones.iter().map(|((_, openid), looked)| (openid.as_str(), &*looked.name))
    }

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
