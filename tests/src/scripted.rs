//! A rehearsed bot whose plugin `scripted` does what it is told: what takes a minute takes no time
//! on a paused clock.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use wxbot::config::{ClientConfig, Source};
use wxbot::rehearsal::{Direct, Rehearsal, RehearsalSetup};
use wxbot_client::{Client, Settings, Timeouts, TokenKind};
use wxbot_sim::{Account, Act, Clock, Exchange, Follower, Kind, Options, WeChat, What};

/// When it begins, in Unix seconds.
pub const BEGINS: u64 = 1_735_689_600;

/// One account, and the chain.
pub struct Scripted {
    /// What the account may call.
    pub kind: Kind,
    /// Lines of its `[[account]]`, and what follows.
    pub config: String,
    /// What WeChat's documents leave open.
    pub options: Options,
}

impl Default for Scripted {
    fn default() -> Self {
        Self { kind: Kind::VerifiedService, config: String::new(), options: Options::default() }
    }
}

impl Scripted {
    /// An account of this kind, with these settings.
    pub fn new(kind: Kind, config: &str) -> Self {
        Self { kind, config: config.into(), ..Self::default() }
    }

    /// WeChat alone, which calls nobody yet.
    pub fn wechat(&self) -> WeChat {
        let account = Account { kind: self.kind, ..Account::default() };
        let clock = Clock::starting_at(BEGINS);
        WeChat::with(account, clock, self.options.clone()).expect("the account is right")
    }

    /// A bot for a WeChat that is there already.
    pub fn around(&self, wechat: &WeChat) -> RehearsalSetup {
        let Account { token, app_id, app_secret, .. } = wechat.account().clone();
        let text = format!(
            "[[account]]\nid = 'main'\ntoken = '{token}'\n{}\n[[chain]]\nplugin = 'scripted'\n",
            self.config
        );
        let source = Source { name: "bot.toml".into(), text };
        let mut components = source.build(|_| None).unwrap_or_else(|error| panic!("{error}"));
        // Not by `bot.toml`: that makes an HTTP client, which takes longer than all the rest.
        let settings = client_settings(app_id, app_secret);
        let transport = Arc::new(Direct::new(wechat));
        components.clients.insert("main".into(), ClientConfig { settings, transport });
        let accounts = components.config.accounts.clone();
        let setup = RehearsalSetup::new(components, accounts).wechat("main", wechat);
        setup.starts_at(wechat.clock().now())
    }

    /// Everything together.
    pub fn start(&self) -> Rehearsal {
        let wechat = self.wechat();
        let started = self.around(&wechat).start(&Handle::current());
        let rehearsal = started.expect("the account is right");
        wechat.connect(rehearsal.accounts()[0].endpoint.clone());
        rehearsal
    }
}

/// An account of this kind, with these settings, and all that belongs to it.
pub fn rehearse(kind: Kind, config: &str) -> Rehearsal {
    Scripted::new(kind, config).start()
}

fn client_settings(app_id: String, app_secret: String) -> Settings {
    Settings {
        account: "main".into(),
        app_id: Some(app_id),
        app_secret: Some(app_secret.into()),
        token: TokenKind::Stable,
        timeouts: Timeouts::default(),
    }
}

/// The API of the same account, without the bot knowing of its calls.
pub fn another_program(rehearsal: &Rehearsal) -> Client {
    let Account { app_id, app_secret, .. } = rehearsal.wechat().account().clone();
    let (bot, transport) = (rehearsal.bot(), Arc::new(Direct::new(rehearsal.wechat())));
    let settings = client_settings(app_id, app_secret);
    Client::new(&settings, Arc::clone(bot.store()), bot.clock(), transport)
}

/// How often the chain was asked about what a follower said.
pub fn asked(rehearsal: &Rehearsal, follower: &Follower, said: &str) -> usize {
    rehearsal.asked().count(follower.openid(), said)
}

/// `/metrics` has this line.
#[track_caller]
pub fn check_counted(rehearsal: &Rehearsal, line: &str) {
    let metrics = rehearsal.bot().render_metrics().expect("metrics are text");
    assert!(metrics.contains(line), "no {line} in\n{metrics}");
}

/// What a phone shows: the second since the beginning, and the words. Typing is left out.
pub fn shown(follower: &Follower) -> Vec<(u64, String)> {
    let words = |what: &What| match what {
        What::Bubble(bubble) => Some(bubble.as_text().unwrap_or("(no text)").to_owned()),
        What::Notice(_) => Some("(out of order)".to_owned()),
        What::Typing | What::TypingEnded => None,
    };
    let second = |at: u64| at / 1000 - BEGINS;
    let phone = follower.phone();
    phone.iter().filter_map(|shown| Some((second(shown.at), words(&shown.what)?))).collect()
}

/// The path of WeChat's API that customer-service messages are sent with.
pub const SEND: &str = "/cgi-bin/message/custom/send";

/// How often the API was asked to send something.
pub fn sends(rehearsal: &Rehearsal) -> usize {
    rehearsal.wechat().calls().iter().filter(|call| call.path == SEND).count()
}

/// A follower says this.
pub async fn says(follower: &Follower, words: &str) -> Exchange {
    follower.does(Act::text(words)).await.expect("they follow")
}

/// Lets time pass.
pub async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
