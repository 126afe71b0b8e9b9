//! A bot in a test, and WeChat around it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use wxbot::rehearsal::{Rehearsal, RehearsedAccount};
use wxbot_core::bot::Bot;
use wxbot_sim::{ApiCall, Fault, WeChat};

use crate::follower::Follower;
use crate::served::{ServedBot, ServerThread};
use crate::shared::Shared;
use crate::time::Time;
use crate::transcript::Transcript;
use crate::written::written;

/// A bot with WeChat around it, for as long as a test lasts.
pub struct TestBot {
    shared: Arc<Shared>,
    servers: Option<Servers>,
}

/// What serves where the bot and WeChat talk over HTTP.
pub(crate) struct Servers {
    pub(crate) bot: ServedBot,
    pub(crate) _apis: Vec<ServerThread>,
}

impl TestBot {
    pub(crate) fn new(rehearsal: Rehearsal, time: Time, servers: Option<Servers>) -> Self {
        let started = rehearsal.wechat().clock().now_ms();
        let transcript = Transcript::default();
        let shared = Shared { rehearsal, transcript, time, started };
        Self { shared: Arc::new(shared), servers }
    }

    /// Somebody who follows the first account, and has for a day.
    pub fn follower(&self, name: &str) -> Follower {
        Follower::new(&self.shared, 0, name)
    }

    /// Somebody who follows the account of this id. Panics where there is none.
    #[track_caller]
    pub fn follower_of(&self, account: &str, name: &str) -> Follower {
        Follower::new(&self.shared, self.place(account), name)
    }

    /// Somebody who does not follow the first account yet.
    pub fn stranger(&self, name: &str) -> Follower {
        self.wechat().stranger(name);
        self.follower(name)
    }

    /// Lets time pass, and everything happen that is due until then. Over HTTP this really waits.
    pub async fn advance(&self, time: Duration) {
        self.shared.advance(time).await;
    }

    /// Has something go wrong from now on, for all accounts.
    pub fn fault(&self, fault: Fault) {
        self.accounts().iter().for_each(|account| account.wechat.fault(fault.clone()));
    }

    /// Has everything go well again.
    pub fn clear_faults(&self) {
        self.accounts().iter().for_each(|account| account.wechat.clear_faults());
    }

    /// The calls of WeChat's API that were worked on, account by account.
    pub fn api_calls(&self) -> Vec<ApiCall> {
        self.accounts().iter().flat_map(|account| account.wechat.calls()).collect()
    }

    /// One metric, by the start of its line: `wxbot_requests_total{account="main",outcome="reply"}`.
    /// Panics where there is none.
    #[track_caller]
    pub fn metric(&self, name: &str) -> f64 {
        let metrics = self.bot().render_metrics().expect("writing to memory does not fail");
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
        written(&self.shared)
    }

    /// Compares the transcript, whose common indentation does not matter.
    #[track_caller]
    pub fn assert_transcript(&self, expected: &str) {
        let (came, expected) = (self.transcript(), unindented(expected));
        assert!(came == expected, "expected the transcript\n\n{expected}\nbut it is\n\n{came}");
    }

    /// Where the operator's listener is; `None` unless the bot is served over HTTP.
    pub fn console(&self) -> Option<SocketAddr> {
        self.servers.as_ref().map(|servers| servers.bot.operator)
    }

    /// The first account's WeChat.
    pub fn wechat(&self) -> &WeChat {
        self.shared.rehearsal.wechat()
    }

    /// The WeChat of the account of this id. Panics where there is none.
    #[track_caller]
    pub fn wechat_of(&self, account: &str) -> &WeChat {
        &self.accounts()[self.place(account)].wechat
    }

    /// The bot itself.
    pub fn bot(&self) -> &Arc<Bot> {
        self.shared.rehearsal.bot()
    }

    fn accounts(&self) -> &[RehearsedAccount] {
        self.shared.rehearsal.accounts()
    }

    #[track_caller]
    fn place(&self, account: &str) -> usize {
        let place = self.accounts().iter().position(|one| one.id == account);
        place.unwrap_or_else(|| panic!("no account is called `{account}`"))
    }
}

impl fmt::Debug for TestBot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts: Vec<_> = self.accounts().iter().map(|account| &account.id).collect();
        f.debug_struct("TestBot").field("accounts", &accounts).finish_non_exhaustive()
    }
}

/// Without the blank lines around, and what all lines have in front.
fn unindented(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let indent = lines.clone().map(|line| line.len() - line.trim_start().len()).min();
    lines.map(|line| format!("{}\n", line[indent.unwrap_or(0)..].trim_end())).collect()
}
