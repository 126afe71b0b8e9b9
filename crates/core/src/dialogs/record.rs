//! What is stored of a follower's dialogs.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxbot_sdk::clock::millis;
use wxbot_sdk::dialog::Question;
use wxbot_sdk::plugin::Flow;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::store::record::Record;

/// Work on a message may be begun again for so long, and then finds what came of it.
const GIVEN_FOR: Duration = Duration::from_secs(3600);
/// Beyond them the oldest is forgotten: a follower's messages are worked on one after the other.
const MAX_GIVEN: usize = 4;

/// One follower's dialogs with the links of one account, in one value: a step of a dialog and the
/// answer that goes with it are there together, or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FollowerDialogs {
    open: Vec<OpenDialog>,
    given: Vec<Given>,
}

impl Record for FollowerDialogs {
    const NAME: &'static str = "dialogs";
    const VERSION: u32 = 1;
}

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenDialog {
    /// The entry of the chain that asked.
    pub(crate) link: String,
    pub(crate) question: Question,
    /// Answers to it that were none.
    pub(crate) tries: u32,
    /// In Unix milliseconds.
    pub(crate) asked_at: u64,
    /// It is closed then, in Unix milliseconds.
    pub(crate) until: u64,
}

/// What a link said to a message that took its dialog a step further. Whoever works on that message
/// again, since the process died, says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Given {
    /// The message's idempotency key, in hex.
    message: String,
    link: String,
    flow: GivenFlow,
    /// In Unix milliseconds.
    until: u64,
}

/// A [`Flow`], as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum GivenFlow {
    Pass,
    Stop,
    Reply(Reply),
}

impl From<Flow> for GivenFlow {
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::Pass => Self::Pass,
            Flow::Stop => Self::Stop,
            Flow::Reply(reply) => Self::Reply(reply),
        }
    }
}

impl From<GivenFlow> for Flow {
    fn from(flow: GivenFlow) -> Self {
        match flow {
            GivenFlow::Pass => Self::Pass,
            GivenFlow::Stop => Self::Stop,
            GivenFlow::Reply(reply) => Self::Reply(reply),
        }
    }
}

impl FollowerDialogs {
    /// Without what is over.
    pub(super) fn at(mut self, now: u64) -> Self {
        self.open.retain(|dialog| dialog.until > now);
        self.given.retain(|given| given.until > now);
        self
    }

    pub(super) fn open(&self) -> &[OpenDialog] {
        &self.open
    }

    pub(super) fn open_of(&self, link: &str) -> Option<&OpenDialog> {
        self.open.iter().find(|dialog| dialog.link == link)
    }

    /// What a link said to this message before.
    pub(super) fn given(&self, message: &str, link: &str) -> Option<&GivenFlow> {
        let is_it = |given: &&Given| given.message == message && given.link == link;
        self.given.iter().find(is_it).map(|given| &given.flow)
    }

    /// A link's dialog takes a step: this is open now, and this was said.
    pub(super) fn step(
        &mut self,
        message: String,
        link: &str,
        open: Option<OpenDialog>,
        flow: GivenFlow,
        now: u64,
    ) {
        self.close(link);
        self.open.extend(open);
        let until = now + millis(GIVEN_FOR);
        self.given.push(Given { message, link: link.to_owned(), flow, until });
        let beyond = self.given.len().saturating_sub(MAX_GIVEN);
        self.given.drain(..beyond);
    }

    /// Returns whether there was one.
    pub(super) fn close(&mut self, link: &str) -> bool {
        let before = self.open.len();
        self.open.retain(|dialog| dialog.link != link);
        self.open.len() < before
    }

    /// How long all of it lasts; `None` if there is nothing.
    pub(super) fn ttl(&self, now: u64) -> Option<Duration> {
        let open = self.open.iter().map(|dialog| dialog.until);
        let last = open.chain(self.given.iter().map(|given| given.until)).max()?;
        Some(Duration::from_millis(last.saturating_sub(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    fn question() -> Question {
        let json = r#"{"saved":{"version":1,"state":{"Day":{"name":"张三"}}},"takes_events":false,
            "choices":{"serial":42,"labels":["今天","明天"]}}"#;
        serde_json::from_str(json).unwrap()
    }

    fn dialogs(steps: u64) -> FollowerDialogs {
        let mut dialogs = FollowerDialogs::default();
        for step in 0..steps {
            let open = OpenDialog {
                link: "booking".into(),
                question: question(),
                tries: 1,
                asked_at: 1_735_689_600_000,
                until: 1_735_691_400_000,
            };
            let flow = GivenFlow::Reply(Reply::text("哪一天？"));
            dialogs.step(format!("{step:04x}"), "booking", Some(open), flow, 1_735_689_600_000);
        }
        dialogs
    }

    #[test]
    fn dialogs_have_a_golden_file() {
        golden::check("dialogs.1.json", &dialogs(1));
    }

    #[test]
    fn the_last_steps_are_remembered_and_one_question_is_open() {
        let dialogs = dialogs(100);
        assert_eq!((dialogs.open.len(), dialogs.given.len()), (1, MAX_GIVEN));
        assert!(dialogs.given("0063", "booking").is_some());
        assert!(dialogs.given("0000", "booking").is_none());
        let over = dialogs.at(1_735_689_600_000 + millis(GIVEN_FOR));
        assert_eq!((over.ttl(0), over), (None, FollowerDialogs::default()));
    }
}
