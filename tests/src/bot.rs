//! The real server with real plugins, on free ports of this machine.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::time::Instant;
use wxbot::assembly::{self, Assembly};
use wxbot::config::{AccountSettings, Components, Source};
use wxbot_core::account::Account;
use wxbot_core::bot::{Answer, Bot, Post};
use wxbot_core::late::settings::LateSettings;
use wxbot_core::receive::refusal::Refusal;
use wxbot_sdk::clock::Clock;
use wxbot_server::Server;
use wxbot_store::Memory;

use crate::http::{self, Response};
use crate::wechat::{AES_KEY, APP_ID, Sender, TOKEN, text, text_from};

/// A bot that serves until the test is over.
pub struct TestBot {
    /// Where WeChat calls.
    pub endpoint: SocketAddr,
    /// Where the operator looks.
    pub operator: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TestBot {
    /// One account in this mode, and this chain.
    pub fn in_mode(mode: &str, chain: &str) -> Self {
        Self::start(&account(mode), chain)
    }

    /// One account in plain mode, and this chain.
    pub fn with_chain(chain: &str) -> Self {
        Self::in_mode("plain", chain)
    }

    /// These `[[account]]` and these `[[chain]]`; the ports are free ones.
    pub fn start(accounts: &str, chain: &str) -> Self {
        Self::serve(&format!("{SERVER}{accounts}\n{chain}\n"))
    }

    /// The same for known answers: they are old, and some of their tokens WeChat would not take.
    pub fn at_any_time(accounts: &str, chain: &str) -> Self {
        let mut components = components(&format!("{SERVER}{}\n{chain}\n", account("plain")));
        components.accounts = accounts_as_written(accounts);
        Self::of(components)
    }

    /// A whole `bot.toml`.
    pub fn serve(text: &str) -> Self {
        Self::of(components(text))
    }

    /// A bot in plain mode whose clock says this now, in Unix seconds.
    pub fn at(unix_seconds: u64, chain: &str) -> Self {
        let components = components(&format!("{SERVER}{}\n{chain}\n", account("plain")));
        Self::run(components, move |components| {
            let runtime = Runtime::new().expect("threads can be started");
            let clock = Clock::starting_at(unix_seconds);
            let store = Arc::new(Memory::default());
            (assembly::bot(components, store, runtime.handle(), clock), runtime)
        })
    }

    fn of(components: Components) -> Self {
        Self::run(components, |components| {
            let assembly = Assembly::new(components).expect("threads can be started");
            (Arc::clone(&assembly.bot), assembly)
        })
    }

    /// Serves what is built, which lives as long as what it comes with.
    fn run<L>(
        components: Components,
        build: impl FnOnce(Components) -> (Arc<Bot>, L) + Send + 'static,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (bound, addresses) = mpsc::channel();
        let thread = thread::spawn(move || {
            let config = components.config.clone();
            let (bot, _living) = build(components);
            wxbot_server::block_on(async {
                let server = Server::bind(bot, &config.server, &config.console);
                let server = server.expect("loopback has free ports");
                bound.send((server.endpoint(), server.operator())).expect("the test waits");
                let stop = async { drop(stopped.await) };
                server.run_until(stop).await.expect("the server runs");
            });
        });
        let (endpoint, operator) = addresses.recv().expect("the server starts");
        Self { endpoint, operator, stop: Some(stop), thread: Some(thread) }
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

impl Drop for TestBot {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            ended.expect("there is a thread").expect("the server ends without a panic");
        }
    }
}

/// The same bot without a socket, for what takes a hundred thousand requests or another clock.
pub struct SocketlessBot {
    runtime: Runtime,
    assembly: Assembly,
}

impl SocketlessBot {
    /// One account in this mode, and this chain.
    pub fn in_mode(mode: &str, chain: &str) -> Self {
        let components = components(&format!("{SERVER}{}\n{chain}\n", account(mode)));
        let runtime = Builder::new_current_thread().enable_all().build();
        Self {
            runtime: runtime.expect("a runtime can be built"),
            assembly: Assembly::new(components).expect("threads can be started"),
        }
    }

    /// What a GET is answered with at this time, in Unix seconds.
    pub fn handshake(&self, query: &str, now: u64) -> Result<String, Refusal> {
        let bot = &self.assembly.bot;
        bot.handshake(&bot.accounts()[0], query, now)
    }

    /// What a POST is answered with at this time: an envelope, or `None` for `success`.
    pub fn answer(&self, query: &str, body: &[u8], now: u64) -> Result<Option<String>, Refusal> {
        let bot = &self.assembly.bot;
        let body = body.to_vec();
        let body = async { Ok(body.into()) };
        let post = Post { query, body, arrived: Instant::now(), now };
        let answer = self.runtime.block_on(bot.answer(&bot.accounts()[0], post));
        answer.map(|answer| match answer {
            Answer::Reply(body) => Some(String::from_utf8(body.into()).expect("a reply is text")),
            Answer::Success => None,
            Answer::HungUp => panic!("nothing in time"),
        })
    }
}

const SERVER: &str = "[server]\nlisten = '127.0.0.1:0'\nworkers = 2\n\
                      [console]\nlisten = '127.0.0.1:0'\n";

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
