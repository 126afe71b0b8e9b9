//! A bot in a test, and WeChat around it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use wxbot_core::bot::Bot;
use wxbot_sdk::plugin::Plugin;
use wxbot_sim::{ApiCall, Fault, WeChat};

use crate::follower::Follower;
use crate::served::Served;
use crate::setup::{Setup, SetupError};
use crate::time::Time;
use crate::traces::Traces;
use crate::transcript::{Entry, Transcript};
use wxbot::rehearsal::InProcess;

/// A bot with WeChat around it, for as long as a test lasts.
pub struct TestBot {
    shared: Arc<Shared>,
    _servers: Option<Vec<Served>>,
}

/// What the bot, its followers and what they heard have in common.
pub(crate) struct Shared {
    pub(crate) bot: Arc<Bot>,
    pub(crate) sides: Vec<Side>,
    pub(crate) traces: Arc<Traces>,
    pub(crate) transcript: Transcript,
    pub(crate) time: Time,
    /// Unix milliseconds.
    pub(crate) started: u64,
}

/// WeChat's side of one account.
pub(crate) struct Side {
    /// Its id in `bot.toml`.
    pub(crate) account: String,
    pub(crate) wechat: WeChat,
    /// Where WeChat calls, unless that is over HTTP.
    pub(crate) bridge: Option<Arc<InProcess>>,
}

impl TestBot {
    /// Starts the bot of this `bot.toml`, in which an `[[account]]` may be left out.
    pub async fn from_toml(text: &str) -> Result<Self, SetupError> {
        Self::setup(text).start().await
    }

    /// A bot with this plugin alone, and this TOML as its `[chain.config]`.
    pub async fn with<P: Plugin>(config: &str) -> Result<Self, SetupError> {
        let plugin = P::NAME;
        Self::from_toml(&format!("[[chain]]\nplugin = '{plugin}'\n[chain.config]\n{config}")).await
    }

    /// The same, with choices to make before it starts.
    pub fn setup(text: &str) -> Setup {
        Setup::new(text)
    }

    pub(crate) fn new(
        bot: Arc<Bot>,
        sides: Vec<Side>,
        time: Time,
        servers: Option<Vec<Served>>,
    ) -> Self {
        let traces = Arc::new(Traces::new(bot.clock()));
        bot.journal().observe(traces.clone());
        let started = sides.first().map_or(0, |side| side.wechat.clock().now_ms());
        let transcript = Transcript::default();
        let shared = Shared { bot, sides, traces, transcript, time, started };
        Self { shared: Arc::new(shared), _servers: servers }
    }

    /// Somebody who follows the first account, and has for a day.
    pub fn follower(&self, name: &str) -> Follower {
        Follower::new(&self.shared, 0, name)
    }

    /// Somebody who follows the account of this id. Panics where there is none.
    #[track_caller]
    pub fn follower_of(&self, account: &str, name: &str) -> Follower {
        Follower::new(&self.shared, self.side(account), name)
    }

    /// Somebody who does not follow the first account yet.
    pub fn stranger(&self, name: &str) -> Follower {
        self.wechat().stranger(name);
        self.follower(name)
    }

    /// Lets time pass, and everything happen that is due until then. Over HTTP this really waits.
    pub async fn advance(&self, time: Duration) {
        self.shared.time.pass(time).await;
        self.shared.transcript.write(Entry::Waited(time));
        self.shared.transcript.look_at_phones();
    }

    /// Has something go wrong from now on, for all accounts.
    pub fn fault(&self, fault: Fault) {
        self.shared.sides.iter().for_each(|side| side.wechat.fault(fault.clone()));
    }

    /// Has everything go well again.
    pub fn clear_faults(&self) {
        self.shared.sides.iter().for_each(|side| side.wechat.clear_faults());
    }

    /// The calls of WeChat's API that were worked on, account by account.
    pub fn api_calls(&self) -> Vec<ApiCall> {
        self.shared.sides.iter().flat_map(|side| side.wechat.calls()).collect()
    }

    /// One metric, by the start of its line: `wxbot_requests_total{account="main",outcome="reply"}`.
    /// Panics where there is none.
    #[track_caller]
    pub fn metric(&self, name: &str) -> f64 {
        let metrics = self.shared.bot.metrics().render().expect("writing to memory does not fail");
        let line = metrics.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
        value.unwrap_or_else(|| panic!("no metric `{name}` in\n{metrics}"))
    }

    /// All that was done and seen so far: names for openids, no dates, the same in each run.
    ///
    /// Under each act stands what the follower saw, behind the link that answered. What came by
    /// WeChat's API stands where it was first noticed. Over HTTP no act says how long it took.
    pub fn transcript(&self) -> String {
        self.shared.transcript.look_at_phones();
        self.shared.written()
    }

    /// Compares the transcript, whose common indentation does not matter.
    #[track_caller]
    pub fn assert_transcript(&self, expected: &str) {
        let (came, expected) = (self.transcript(), unindented(expected));
        assert!(came == expected, "expected the transcript\n\n{expected}\nbut it is\n\n{came}");
    }

    /// The first account's WeChat.
    pub fn wechat(&self) -> &WeChat {
        &self.shared.sides[0].wechat
    }

    /// The WeChat of the account of this id. Panics where there is none.
    #[track_caller]
    pub fn wechat_of(&self, account: &str) -> &WeChat {
        &self.shared.sides[self.side(account)].wechat
    }

    /// The bot itself.
    pub fn bot(&self) -> &Arc<Bot> {
        &self.shared.bot
    }

    #[track_caller]
    fn side(&self, account: &str) -> usize {
        let place = self.shared.sides.iter().position(|side| side.account == account);
        place.unwrap_or_else(|| panic!("no account is called `{account}`"))
    }
}

impl fmt::Debug for TestBot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts: Vec<_> = self.shared.sides.iter().map(|side| &side.account).collect();
        f.debug_struct("TestBot").field("accounts", &accounts).finish_non_exhaustive()
    }
}

/// Without the blank lines around, and what all lines have in front.
fn unindented(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let indent = lines.clone().map(|line| line.len() - line.trim_start().len()).min();
    lines.map(|line| format!("{}\n", line[indent.unwrap_or(0)..].trim_end())).collect()
}
