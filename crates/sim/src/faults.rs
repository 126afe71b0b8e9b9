//! What can go wrong between WeChat and a bot, by rule or by chance.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use serde::{Deserialize, Deserializer};

/// One thing that goes wrong, where and when. In JSON:
/// `{"api": {"path": "/cgi-bin/message/*", "when": {"nth": 1}, "fault": {"slow": 1500}}}` or
/// `{"delivery": {"number": 1, "when": {"chance": 0.1}, "fault": "lost"}}`; times in milliseconds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Of a call of the API.
    Api {
        /// The calls that are meant; `*` is any number of characters.
        path: String,
        /// Which of them.
        when: When,
        /// What happens.
        fault: ApiFault,
    },
    /// Of a delivery to the bot.
    Delivery {
        /// 1, 2 or 3; nothing means each.
        number: Option<usize>,
        /// Which of them.
        when: When,
        /// What happens.
        fault: DeliveryFault,
    },
}

impl Fault {
    /// Of the calls that a path means.
    pub fn api(path: &str, when: When, fault: ApiFault) -> Self {
        Self::Api { path: path.to_owned(), when, fault }
    }

    /// Of any delivery.
    pub fn delivery(when: When, fault: DeliveryFault) -> Self {
        Self::Delivery { number: None, when, fault }
    }
}

/// Which of the calls or deliveries that a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Each.
    Always,
    /// Only this one, from 1.
    Nth(u64),
    /// As many as this, from the first.
    First(u64),
    /// Each with this probability, from 0 to 1.
    Chance(f64),
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiFault {
    /// It is worked on after so long.
    Slow(#[serde(deserialize_with = "millis")] Duration),
    /// It is never worked on, and so long nobody says so.
    Hang(#[serde(deserialize_with = "millis")] Duration),
    /// The connection is refused: nothing was done.
    Refused,
    /// It is done, and the caller never hears of it.
    AnswerLost,
    /// An HTTP status, and nothing done.
    Status(u16),
    /// It is done, and the answer stops in the middle.
    BrokenJson,
    /// An error code of WeChat's, and nothing done.
    Errcode(i64),
    /// Another process had a new token made just before: all tokens are spent.
    TokenSpent,
}

/// What happens to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryFault {
    /// It never arrives, and WeChat waits in vain.
    Lost,
    /// It arrives so much later, of WeChat's 5 seconds; what comes behind may overtake it.
    Delayed(#[serde(deserialize_with = "millis")] Duration),
    /// It arrives twice at once; WeChat hears the first answer.
    Duplicated,
    /// The connection is refused.
    Refused,
    /// The bot answers, and the connection ends before WeChat has all of it.
    Reset,
}

/// The rules in force, and how often each was asked.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<(Fault, u64)>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.rules.push((fault, 0));
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn of_call(&mut self, called: &str, rng: &mut StdRng) -> Option<ApiFault> {
        let mut happens = None;
        for (rule, asked) in &mut self.rules {
            let Fault::Api { path, when, fault } = rule else { continue };
            if glob(path, called) && when.holds(asked, rng) {
                happens = happens.or(Some(*fault));
            }
        }
        happens
    }

    pub(crate) fn of_delivery(&mut self, which: usize, rng: &mut StdRng) -> Option<DeliveryFault> {
        let mut happens = None;
        for (rule, asked) in &mut self.rules {
            let Fault::Delivery { number, when, fault } = rule else { continue };
            if number.is_none_or(|number| number == which) && when.holds(asked, rng) {
                happens = happens.or(Some(*fault));
            }
        }
        happens
    }
}

impl When {
    fn holds(self, asked: &mut u64, rng: &mut StdRng) -> bool {
        *asked += 1;
        match self {
            Self::Always => true,
            Self::Nth(nth) => *asked == nth,
            Self::First(first) => *asked <= first,
            Self::Chance(chance) => rng.random::<f64>() < chance,
        }
    }
}

/// Whether a text fits a pattern in which `*` is any number of characters.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    ends.into_iter().any(|at| glob(rest, &text[at..]))
}

fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_star_is_any_number_of_characters() {
        let rows = [
            ("*", "/cgi-bin/token", true),
            ("/cgi-bin/*", "/cgi-bin/", true),
            ("/cgi-bin/*/send", "/cgi-bin/message/custom/send", true),
            ("/cgi-bin/*/send", "/cgi-bin/message/custom/typing", false),
            ("/cgi-bin/token", "/cgi-bin/token2", false),
        ];
        for (pattern, text, fits) in rows {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_rule_counts_only_what_it_is_about() {
        let mut faults = Faults::default();
        let when = When::Nth(2);
        faults.add(Fault::Api { path: "/a".into(), when, fault: ApiFault::Refused });
        let mut rng = StdRng::seed_from_u64(1);
        let calls = ["/a", "/b", "/a", "/a"].map(|path| faults.of_call(path, &mut rng));
        assert_eq!(calls, [None, None, Some(ApiFault::Refused), None]);
    }

    #[test]
    fn a_chance_falls_the_same_way_with_the_same_seed() {
        let falls = |seed| {
            let mut faults = Faults::default();
            let (when, fault) = (When::Chance(0.5), DeliveryFault::Lost);
            faults.add(Fault::Delivery { number: None, when, fault });
            let mut rng = StdRng::seed_from_u64(seed);
            [1; 64].map(|number| faults.of_delivery(number, &mut rng).is_some())
        };
        assert_eq!(falls(7), falls(7));
        assert_ne!(falls(7), falls(8));
        let lost = falls(7).iter().filter(|lost| **lost).count();
        assert!((16..=48).contains(&lost), "{lost} of 64");
    }
}
