//! Finds the questions that are nearest to what was asked.
//!
//! Every wording is a set of terms with weights after BM25: the rarer, the heavier. A term stands once
//! in a question, and all questions are short, so nothing else of BM25 is left. How near a wording is,
//! is the share of weight that both have: mostly of the wording's, to some part of what was asked. So
//! it is between 0 and 1, whatever is in the list.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use wxbot_sdk::matcher::normalize;

pub use crate::entry::Entry;
use crate::terms::{Term, is_character, terms};

/// How much it counts that the wording was asked whole, against that nothing else was asked.
const OF_WORDING: f32 = 0.7;
/// In a short list a term is rare by chance, so rarity is not all.
const LEAST_WEIGHT: f32 = 0.5;
/// A character alone says less than two together.
const CHARACTER: f32 = 0.5;
/// What no wording has is mostly politeness.
const UNKNOWN: f32 = 0.5;

/// Above it exactly this was asked.
const EXACT: f32 = 0.999;

/// All wordings by their terms.
#[derive(Debug, Default)]
pub struct Index {
    postings: HashMap<Term, Posting, RandomState>,
    wordings: Vec<Wording>,
    /// Of a term that no wording has.
    unknown: f32,
}

/// One term: where it stands.
#[derive(Debug, Default)]
struct Posting {
    weight: f32,
    wordings: Vec<u32>,
}

#[derive(Debug)]
struct Wording {
    entry: u32,
    /// Of all its terms.
    weight: f32,
}

/// What a wording has in common with what was asked.
#[derive(Debug, Clone, Copy, Default)]
struct Shared {
    weight: f32,
    /// More than single characters, which most questions have in common.
    is_firm: bool,
}

/// An entry that is near.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Its place in the list.
    pub entry: usize,
    /// How near, from 0 to 1.
    pub score: f32,
}

impl Found {
    /// Whether exactly this was asked.
    pub(crate) fn is_exact(&self) -> bool {
        is_exact(self.score)
    }
}

/// Whether exactly that was asked which is so near.
pub(crate) fn is_exact(score: f32) -> bool {
    score > EXACT
}

impl Index {
    /// Files the wordings of all entries.
    pub fn new(entries: &[Entry]) -> Self {
        let mut index = Self::default();
        let mut terms_of = Vec::new();
        for (entry, wording) in all_wordings(entries) {
            let place = as_u32(index.wordings.len());
            let terms = terms(&normalize(wording));
            for term in &terms {
                index.postings.entry(*term).or_default().wordings.push(place);
            }
            index.wordings.push(Wording { entry, weight: 0.0 });
            terms_of.push(terms);
        }
        index.weigh(&terms_of);
        index
    }

    fn weigh(&mut self, terms_of: &[Vec<Term>]) {
        let count = self.wordings.len() as f32;
        let weight = |found: usize| {
            let found = found as f32;
            ((count - found + 0.5) / (found + 0.5)).ln_1p() + LEAST_WEIGHT
        };
        for (term, posting) in &mut self.postings {
            let part = if is_character(*term) { CHARACTER } else { 1.0 };
            posting.weight = weight(posting.wordings.len()) * part;
            posting.wordings.shrink_to_fit();
        }
        for (wording, terms) in self.wordings.iter_mut().zip(terms_of) {
            wording.weight = terms.iter().map(|term| self.postings[term].weight).sum();
        }
        self.unknown = weight(0) * UNKNOWN;
    }

    /// The nearest entries to a normalised text, the nearest first, each once.
    pub fn search(&self, normalized: &str, count: usize) -> Vec<Found> {
        nearest(self.scores(normalized), count)
    }

    /// How near each entry is to a normalised text that has anything in common with it.
    pub(crate) fn scores(&self, normalized: &str) -> HashMap<u32, f32> {
        let (mut shared, mut asked) = (vec![Shared::default(); self.wordings.len()], 0.0);
        for term in terms(normalized) {
            let Some(posting) = self.postings.get(&term) else {
                asked += self.unknown;
                continue;
            };
            asked += posting.weight;
            for wording in &posting.wordings {
                let shared = &mut shared[*wording as usize];
                shared.weight += posting.weight;
                shared.is_firm |= !is_character(term);
            }
        }
        let mut best: HashMap<u32, f32> = HashMap::new();
        for (wording, shared) in self.wordings.iter().zip(shared) {
            let (of_wording, of_asked) = (shared.weight / wording.weight, shared.weight / asked);
            let score = OF_WORDING * of_wording + (1.0 - OF_WORDING) * of_asked;
            if shared.is_firm || score > EXACT {
                let best = best.entry(wording.entry).or_default();
                *best = best.max(score);
            }
        }
        best
    }
}

/// The nearest of these entries, the nearest first.
pub(crate) fn nearest(scores: HashMap<u32, f32>, count: usize) -> Vec<Found> {
    let found = scores.into_iter().map(|(entry, score)| Found { entry: entry as usize, score });
    let mut found: Vec<_> = found.collect();
    found.sort_unstable_by(|one, other| {
        other.score.total_cmp(&one.score).then(one.entry.cmp(&other.entry))
    });
    found.truncate(count);
    found
}

pub(crate) fn all_wordings(entries: &[Entry]) -> impl Iterator<Item = (u32, &str)> {
    let numbered = entries.iter().enumerate();
    numbered.flat_map(|(place, entry)| entry.wordings().map(move |text| (as_u32(place), text)))
}

pub(crate) fn as_u32(place: usize) -> u32 {
    u32::try_from(place).expect("no list has four billion questions")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> (Vec<Entry>, Index) {
        let list = [
            ("怎么退货？", &["能退吗", "退货流程"] as &[&str]),
            ("退货的运费谁出？", &[]),
            ("几点营业？", &["营业时间", "几点开门"]),
            ("怎么开发票？", &[]),
            ("有 Wi-Fi 吗？", &["wifi 密码"]),
        ];
        let also = |also: &[&str]| also.iter().map(|text| (*text).to_owned()).collect();
        let entries: Vec<_> = list
            .iter()
            .map(|(question, more)| Entry::new(question, also(more), "").unwrap())
            .collect();
        let index = Index::new(&entries);
        (entries, index)
    }

    #[test]
    fn the_nearest_is_found_however_it_is_worded() {
        let (entries, index) = index();
        let table = [
            ("怎么退货", "怎么退货？", 0.99),
            ("请问怎么退货呢", "怎么退货？", 0.75),
            ("能退吗", "怎么退货？", 0.99),
            ("ＷＩＦＩ密码", "有 Wi-Fi 吗？", 0.99),
            ("你们几点营业啊", "几点营业？", 0.75),
            ("运费谁出", "退货的运费谁出？", 0.4),
            ("发票", "怎么开发票？", 0.4),
        ];
        for (asked, expected, at_least) in table {
            let found = index.search(&normalize(asked), 1)[0];
            assert_eq!(entries[found.entry].question, expected, "{asked}: {found:?}");
            assert!(found.score >= at_least, "{asked}: {found:?}");
        }
    }

    #[test]
    fn what_has_little_in_common_is_not_near() {
        let (_, index) = index();
        for asked in ["今天天气怎么样", "吗", "？", "", "hello", "在吗", "给我讲个笑话吧"]
        {
            let found = index.search(asked, 1);
            assert!(found.iter().all(|found| found.score < 0.38), "{asked}: {found:?}");
        }
    }

    #[test]
    fn every_question_finds_itself() {
        let (entries, index) = index();
        for (place, entry) in entries.iter().enumerate() {
            for wording in entry.wordings() {
                let found = index.search(&normalize(wording), 1)[0];
                assert!(found.entry == place && found.is_exact(), "{wording}: {found:?}");
            }
        }
    }
}
