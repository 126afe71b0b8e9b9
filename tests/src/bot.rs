//! The real server with real plugins, on free ports of this machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::runtime::Handle;
use wxbot::assembly;
use wxbot::config::{AccountSettings, Components, Source};
use wxbot_core::account::Account;
use wxbot_core::late::settings::LateSettings;
use wxbot_sdk::clock::Clock;
use wxbot_store::Limits;
use wxbot_testkit::{FreePorts, ServedBot};

use crate::http::{self, Response};
use crate::wechat::{AES_KEY, APP_ID, Sender, TOKEN, text, text_from};

/// A bot that serves until the test is over.
pub struct SocketBot {
    /// Where WeChat calls.
    pub endpoint: SocketAddr,
    /// Where the operator looks.
    pub operator: SocketAddr,
    _served: ServedBot,
}

impl SocketBot {
    /// One account in this mode, and this chain.
    pub fn in_mode(mode: &str, chain: &str) -> Self {
        Self::start(&account(mode), chain)
    }

    /// One account in plain mode, and this chain.
    pub fn with_chain(chain: &str) -> Self {
        Self::in_mode("plain", chain)
    }

    /// These `[[account]]` and these `[[chain]]`.
    pub fn start(accounts: &str, chain: &str) -> Self {
        Self::serve(components(&format!("{accounts}\n{chain}\n")), Clock::system())
    }

    /// The same for known answers: they are old, and some of their tokens WeChat would not take.
    pub fn at_any_time(accounts: &str, chain: &str) -> Self {
        let mut components = components(&format!("{}\n{chain}\n", account("plain")));
        components.accounts = accounts_as_written(accounts);
        Self::serve(components, Clock::system())
    }

    /// A bot in plain mode whose clock says this now, in Unix seconds.
    pub fn at(unix_seconds: u64, chain: &str) -> Self {
        let components = components(&format!("{}\n{chain}\n", account("plain")));
        Self::serve(components, Clock::starting_at(unix_seconds))
    }

    fn serve(components: Components, clock: Clock) -> Self {
        let store = components.config.store.open(&Limits::default());
        let store = store.expect("the store can be opened");
        let ports = FreePorts::of(&components);
        let build = move |tasks: &Handle| Ok(assembly::bot(components, store, tasks, clock));
        let (served, _) = ports.serve(build, Arc::clone).expect("loopback has free ports");
        Self { endpoint: served.endpoint, operator: served.operator, _served: served }
    }

    /// POSTs a signed plain message.
    pub fn post(&self, body: &str) -> Response {
        self.deliver(&Sender::default().query(), body)
    }

    /// POSTs a body behind this query to `/wechat`.
    pub fn deliver(&self, query: &str, body: impl AsRef<[u8]>) -> Response {
        http::post(self.endpoint, &format!("/wechat?{query}"), body)
    }

    /// What a follower's text is answered with: the reply's Content, or the whole body.
    #[track_caller]
    pub fn says(&self, content: &str) -> String {
        let response = self.post(&text(content));
        assert_eq!(response.status, 200, "{response:?}");
        crate::wechat::element(&response.body, "Content").unwrap_or(response.body)
    }

    /// The same from a follower of this openid.
    #[track_caller]
    pub fn says_as(&self, openid: &str, content: &str) -> String {
        let response = self.post(&text_from(openid, content));
        assert_eq!(response.status, 200, "{response:?}");
        crate::wechat::element(&response.body, "Content").unwrap_or(response.body)
    }

    /// One metric, by the start of its line, for example `wxbot_requests_total{account="main",`.
    pub fn metric(&self, name: &str) -> f64 {
        let metrics = http::get(self.operator, "/metrics").body;
        let line = metrics.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
        value.unwrap_or_else(|| panic!("no metric {name} in\n{metrics}"))
    }
}

fn components(text: &str) -> Components {
    let source = Source { name: "bot.toml".into(), text: text.to_owned() };
    source.build(|_| None).unwrap_or_else(|error| panic!("{error}"))
}

/// These `[[account]]`, whatever is in them; a timestamp may be of any time.
fn accounts_as_written(accounts: &str) -> Vec<Account> {
    #[derive(Deserialize)]
    struct Accounts {
        account: Vec<AccountSettings>,
    }

    let Accounts { account } = toml::from_str(accounts).unwrap_or_else(|error| panic!("{error}"));
    let account = account.iter().map(|settings| {
        let account = Account::new(settings.spec(Duration::ZERO, &LateSettings::default()));
        account.unwrap_or_else(|errors| panic!("{errors:?}"))
    });
    account.collect()
}

/// An `[[account]]` in this mode.
pub fn account(mode: &str) -> String {
    format!(
        "[[account]]\nid = 'main'\ntoken = '{TOKEN}'\nmode = '{mode}'\napp_id = '{APP_ID}'\n\
         encoding_aes_key = '{AES_KEY}'\n"
    )
}

/// A chain of `echo` alone.
pub const ECHO: &str = "[[chain]]\nplugin = 'echo'\n";
