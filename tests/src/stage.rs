//! A bot and WeChat around it in one process, on a paused clock: what takes a minute takes no time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Handle;
use wxbot::assembly;
use wxbot::config::{ClientConfig, Source};
use wxbot_client::{Settings, Timeouts, TokenKind, Transport};
use wxbot_core::bot::Bot;
use wxbot_core::journal::{JournalEvent, Observer};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;
use wxbot_sim::{Account, Follower, Kind, Options, WeChat, What};
use wxbot_store::Memory;
use wxbot_testkit::{Direct, InProcess};

use crate::instances::{Life, MortalTransport};

/// When a stage's clock begins, in Unix seconds.
pub const BEGINS: u64 = 1_735_689_600;

/// A bot with one account, and a WeChat that calls it.
pub struct Stage {
    /// Answers.
    pub bot: Arc<Bot>,
    /// Delivers, and has the API.
    pub wechat: WeChat,
    runs: Arc<Runs>,
}

/// How often the chain was asked about each message: by openid and what was said.
#[derive(Default)]
pub struct Runs(Mutex<BTreeMap<(String, String), u32>>);

impl Observer for Runs {
    fn observe(&self, event: &JournalEvent<'_>) {
        let JournalEvent::Asked { incoming, .. } = event else { return };
        let message = &incoming.message;
        let what = message.text().or(message.event_key()).unwrap_or_default();
        let message = (message.openid.clone(), what.to_owned());
        *self.0.lock().expect("nobody panics in here").entry(message).or_default() += 1;
    }
}

impl Runs {
    /// How often the chain was asked about this.
    pub fn of(&self, follower: &Follower, said: &str) -> u32 {
        let message = (follower.openid().to_owned(), said.to_owned());
        *self.0.lock().expect("nobody panics in here").get(&message).unwrap_or(&0)
    }

    /// How often it was asked in all, and about how many messages.
    pub fn all(&self) -> (u32, usize) {
        let runs = self.0.lock().expect("nobody panics in here");
        (runs.values().sum(), runs.len())
    }
}

/// What a stage is built of.
pub struct Setup {
    /// What the account may call.
    pub kind: Kind,
    /// Lines of its `[[account]]`, and what follows.
    pub config: String,
    /// What WeChat's documents leave open.
    pub options: Options,
}

impl Default for Setup {
    fn default() -> Self {
        Self { kind: Kind::VerifiedService, config: String::new(), options: Options::default() }
    }
}

impl Setup {
    /// The bot alone, for a WeChat that is there already. It may have another store, and an end.
    pub fn bot_with(
        &self,
        wechat: &WeChat,
        store: Option<Arc<dyn Store>>,
        life: Option<&Arc<Life>>,
    ) -> Arc<Bot> {
        let Account { token, app_id, app_secret, .. } = wechat.account().clone();
        let text = format!(
            "[[account]]\nid = 'main'\ntoken = '{token}'\n{}\n[[chain]]\nplugin = 'scripted'\n",
            self.config
        );
        let source = Source { name: "bot.toml".into(), text };
        let mut components = source.build(|_| None).unwrap_or_else(|error| panic!("{error}"));
        let direct = Direct::new(wechat);
        let transport: Arc<dyn Transport> = match life {
            None => Arc::new(direct),
            Some(life) => Arc::new(MortalTransport { transport: direct, life: Arc::clone(life) }),
        };
        let settings = Settings {
            account: "main".into(),
            app_id: Some(app_id),
            app_secret: Some(app_secret.into()),
            token: TokenKind::Stable,
            timeouts: Timeouts::default(),
        };
        components.clients.insert("main".into(), ClientConfig { settings, transport });
        let store = store.unwrap_or_else(|| Arc::new(Memory::default()));
        let clock = Clock::starting_at(wechat.clock().now());
        assembly::bot(components, store, &Handle::current(), clock)
    }

    /// WeChat alone.
    pub fn wechat(&self) -> WeChat {
        let account = Account { kind: self.kind, ..Account::default() };
        let clock = wxbot_sim::Clock::starting_at(BEGINS);
        WeChat::with(account, clock, self.options.clone()).expect("the account is right")
    }

    /// Everything together.
    pub fn stage(self) -> Stage {
        let wechat = self.wechat();
        let bot = self.bot_with(&wechat, None, None);
        let runs = Arc::new(Runs::default());
        bot.journal().observe(Arc::clone(&runs) as Arc<dyn Observer>);
        let endpoint = InProcess::new(&bot, "main").expect("there is the account");
        wechat.connect(Arc::new(endpoint));
        Stage { bot, wechat, runs }
    }
}

impl Stage {
    /// An account of this kind, with these settings.
    pub fn new(kind: Kind, config: &str) -> Self {
        Setup { kind, config: config.into(), ..Setup::default() }.stage()
    }

    /// How often the chain was asked about this.
    pub fn runs(&self, follower: &Follower, said: &str) -> u32 {
        self.runs.of(follower, said)
    }

    /// How often it was asked in all, and about how many messages.
    pub fn all_runs(&self) -> (u32, usize) {
        self.runs.all()
    }

    /// Whether `/metrics` has this line.
    #[track_caller]
    pub fn counted(&self, line: &str) {
        let metrics = self.bot.metrics().render().expect("metrics are text");
        assert!(metrics.contains(line), "no {line} in\n{metrics}");
    }
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

/// Lets time pass.
pub async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
