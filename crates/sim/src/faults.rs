//! Fault injection between WeChat and a bot, by rule or by chance.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use serde::{Deserialize, Deserializer};

/// A rule for what goes wrong, where and when. In JSON:
/// `{"api": {"path": "/cgi-bin/message/*", "when": {"nth": 1}, "fault": {"slow": 1500}}}` or
/// `{"delivery": {"number": 1, "when": {"chance": 0.1}, "fault": "lost"}}`; times in milliseconds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// In a call of the API.
    Api {
        /// The path of the call; `*` stands for any characters.
        path: String,
        /// Which of these calls.
        when: When,
        /// What happens.
        fault: ApiFault,
    },
    /// In a delivery to the bot.
    Delivery {
        /// 1, 2 or 3; none means each of them.
        number: Option<usize>,
        /// Which of these deliveries.
        when: When,
        /// What happens.
        fault: DeliveryFault,
    },
}

impl Fault {
    /// A fault in calls of a path.
    pub fn api(path: &str, when: When, fault: ApiFault) -> Self {
        Self::Api { path: path.to_owned(), when, fault }
    }

    /// A fault in any delivery.
    pub fn delivery(when: When, fault: DeliveryFault) -> Self {
        Self::Delivery { number: None, when, fault }
    }
}

/// Which of the calls or deliveries a rule applies to.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// All.
    Always,
    /// Only this one, counted from 1.
    Nth(u64),
    /// The first ones, up to this number.
    First(u64),
    /// Each with this probability, from 0 to 1.
    Chance(f64),
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiFault {
    /// It is handled after this delay.
    Slow(#[serde(deserialize_with = "millis")] Duration),
    /// It is never handled, and the connection breaks after this delay.
    Hang(#[serde(deserialize_with = "millis")] Duration),
    /// The connection is refused, and nothing is done.
    Refused,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// It fails with this HTTP status, and nothing is done.
    Status(u16),
    /// It is done, and the answer breaks off in the middle.
    BrokenJson,
    /// It fails with this error code of WeChat's, and nothing is done.
    Errcode(i64),
    /// All tokens are invalidated first, as if another process had refreshed them.
    TokenSpent,
}

/// What happens to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryFault {
    /// It never arrives, and WeChat times out.
    Lost,
    /// It arrives later, within WeChat's 5 seconds; others may overtake it.
    Delayed(#[serde(deserialize_with = "millis")] Duration),
    /// It arrives twice at once; WeChat takes the first answer.
    Duplicated,
    /// The connection is refused.
    Refused,
    /// The bot answers, and the connection breaks before WeChat has received it all.
    Reset,
}

/// The rules in force, and how many calls or deliveries each has seen.
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

    pub(crate) fn in_call(&mut self, called: &str, rng: &mut StdRng) -> Option<ApiFault> {
        let mut injected = None;
        for (rule, seen) in &mut self.rules {
            let Fault::Api { path, when, fault } = rule else { continue };
            if glob(path, called) && when.applies(seen, rng) {
                injected = injected.or(Some(*fault));
            }
        }
        injected
    }

    pub(crate) fn in_delivery(&mut self, which: usize, rng: &mut StdRng) -> Option<DeliveryFault> {
        let mut injected = None;
        for (rule, seen) in &mut self.rules {
            let Fault::Delivery { number, when, fault } = rule else { continue };
            if number.is_none_or(|number| number == which) && when.applies(seen, rng) {
                injected = injected.or(Some(*fault));
            }
        }
        injected
    }
}

impl When {
    fn applies(self, seen: &mut u64, rng: &mut StdRng) -> bool {
        *seen += 1;
        match self {
            Self::Always => true,
            Self::Nth(nth) => *seen == nth,
            Self::First(first) => *seen <= first,
            Self::Chance(chance) => rng.random::<f64>() < chance,
        }
    }
}

/// Whether a text matches a pattern in which `*` stands for any characters.
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
    fn a_star_matches_any_characters() {
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
    fn a_rule_counts_only_what_matches_it() {
        let mut faults = Faults::default();
        let when = When::Nth(2);
        faults.add(Fault::Api { path: "/a".into(), when, fault: ApiFault::Refused });
        let mut rng = StdRng::seed_from_u64(1);
        let calls = ["/a", "/b", "/a", "/a"].map(|path| faults.in_call(path, &mut rng));
        assert_eq!(calls, [None, None, Some(ApiFault::Refused), None]);
    }

    #[test]
    fn chance_is_decided_by_the_seed() {
        let falls = |seed| {
            let mut faults = Faults::default();
            let (when, fault) = (When::Chance(0.5), DeliveryFault::Lost);
            faults.add(Fault::Delivery { number: None, when, fault });
            let mut rng = StdRng::seed_from_u64(seed);
            [1; 64].map(|number| faults.in_delivery(number, &mut rng).is_some())
        };
        assert_eq!(falls(7), falls(7));
        assert_ne!(falls(7), falls(8));
        let lost = falls(7).iter().filter(|lost| **lost).count();
        assert!((16..=48).contains(&lost), "{lost} of 64");
    }
}
