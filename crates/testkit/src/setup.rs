//! What a test may choose before its bot starts.

use std::collections::HashMap;
use std::error::Error as _;
use std::fmt;
use std::io;
use std::sync::Arc;

use tokio::runtime::Handle;
use wxbot::assembly;
use wxbot::config::{Config, ConfigError, Source};
use wxbot::rehearsal::{Direct, InProcess};
use wxbot_core::account::AccountSettings;
use wxbot_core::bot::Bot;
use wxbot_sdk::clock::Clock as BotClock;
use wxbot_server::BindError;
use wxbot_sim::{
    AccountError, Broken, Clock, Fault, Format, HttpEndpoint, Kind, Mode, Options, Repeats, WeChat,
};
use wxbot_store::{Memory, Place};

use crate::TestBot;
use crate::accounts::Console;
use crate::bot::Side;
use crate::served;
use crate::time::Time;

/// 2025-01-01 08:00 in Beijing.
const START: u64 = 1_735_689_600;

/// A [`TestBot`] that is not started yet.
#[derive(Debug, Clone)]
pub struct Setup {
    text: String,
    console: Console,
    options: Options,
    faults: Vec<Fault>,
    variables: HashMap<String, String>,
    start: u64,
    time: Time,
}

/// Why a [`TestBot`] does not start.
#[derive(thiserror::Error)]
pub enum SetupError {
    /// The configuration is wrong; every error with its line.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// WeChat takes no such account.
    #[error("WeChat takes no such account")]
    Account(#[from] AccountError),
    /// There is no place for virtual time.
    #[error(
        "a `TestBot` has virtual time, which takes a runtime of one thread: a plain \
         `#[tokio::test]`, or `wxbot_testkit::run`"
    )]
    Runtime,
    /// No port or thread is free, or there is no client for them.
    #[error("can't serve on this machine: {0}")]
    Serve(String),
}

/// As it reads: this is what `unwrap` shows.
impl fmt::Debug for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl From<BindError> for SetupError {
    fn from(error: BindError) -> Self {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        Self::Serve(format!("{error}{cause}"))
    }
}

impl From<io::Error> for SetupError {
    fn from(error: io::Error) -> Self {
        Self::Serve(error.to_string())
    }
}

impl From<Broken> for SetupError {
    fn from(error: Broken) -> Self {
        Self::Serve(error.to_string())
    }
}

impl Setup {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            console: Console { kind: Kind::Test, format: Format::Xml, mode: None },
            options: Options::default(),
            faults: Vec::new(),
            variables: HashMap::new(),
            start: START,
            time: Time::Virtual,
        }
    }

    /// Accounts of this kind, which decides what they may call. Default: test accounts, which may
    /// nearly everything.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.console.kind = kind;
        self
    }

    /// How WeChat seals what it delivers. Default: as each `[[account]]` says.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.console.mode = Some(mode);
        self
    }

    /// How WeChat writes what it delivers. Default: XML.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.console.format = format;
        self
    }

    /// The query of a repeated delivery. Default: the same again.
    #[must_use]
    pub fn repeats(mut self, repeats: Repeats) -> Self {
        self.options.repeats = repeats;
        self
    }

    /// Everything random on WeChat's side comes from it. Default: 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// Everything in which WeChat's documents leave a choice, the seed among it.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Something goes wrong from the start; [`TestBot::fault`] has it go wrong later.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// What time it is at the start, in Unix seconds. Default: 2025-01-01 08:00 in Beijing.
    #[must_use]
    pub fn starts_at(mut self, unix_seconds: u64) -> Self {
        self.start = unix_seconds;
        self
    }

    /// The environment variable that `${NAME}` takes; those of the process are not seen.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The real server, on free ports and threads of its own, called over HTTP, and WeChat's API
    /// likewise. Time is the machine's: [`TestBot::advance`] really waits.
    #[must_use]
    pub fn over_http(mut self) -> Self {
        self.time = Time::Real;
        self
    }

    /// Starts the bot, and WeChat around it.
    pub async fn start(self) -> Result<TestBot, SetupError> {
        let text = self.console.with_account(&self.text);
        let source = Source { name: "bot.toml".into(), text };
        let variable = |name: &str| self.variables.get(name).cloned();
        let mut config = source.build(variable)?;
        config.store = Place::Memory;
        let accounts = source.outside(variable)?.accounts;
        self.time.begin()?;
        let wechats = self.wechats(&accounts)?;
        for fault in &self.faults {
            wechats.iter().for_each(|(_, wechat)| wechat.fault(fault.clone()));
        }
        match self.time {
            Time::Virtual => self.in_process(config, wechats),
            Time::Real => over_http(config, wechats),
        }
    }

    fn wechats(&self, accounts: &[AccountSettings]) -> Result<Vec<(String, WeChat)>, SetupError> {
        let clock = match self.time {
            Time::Virtual => Clock::starting_at(self.start),
            Time::Real => Clock::real(),
        };
        let wechat = |settings: &AccountSettings| {
            let account = self.console.mirror(settings);
            let wechat = WeChat::with(account, clock, self.options.clone())?;
            Ok((settings.id.clone(), wechat))
        };
        accounts.iter().map(wechat).collect()
    }

    fn in_process(
        &self,
        mut config: Config,
        wechats: Vec<(String, WeChat)>,
    ) -> Result<TestBot, SetupError> {
        for (account, wechat) in &wechats {
            if let Some(client) = config.clients.get_mut(account) {
                client.transport = Arc::new(Direct::new(wechat));
            }
        }
        let clock = BotClock::starting_at(self.start);
        let store = Arc::new(Memory::default());
        let bot = assembly::bot(config, store, &Handle::current(), clock);
        let sides = sides(&bot, wechats, |bot, account| {
            let bridge = InProcess::new(bot, account).ok_or_else(no_door)?;
            Ok(Arc::new(bridge))
        })?;
        Ok(TestBot::new(bot, sides, self.time, None))
    }
}

fn no_door() -> SetupError {
    SetupError::Serve("an account has no door".into())
}

fn sides(
    bot: &Arc<Bot>,
    wechats: Vec<(String, WeChat)>,
    bridge: impl Fn(&Arc<Bot>, &str) -> Result<Arc<InProcess>, SetupError>,
) -> Result<Vec<Side>, SetupError> {
    let side = |(account, wechat): (String, WeChat)| {
        let bridge = bridge(bot, &account)?;
        wechat.connect(bridge.clone());
        Ok(Side { account, wechat, bridge: Some(bridge) })
    };
    wechats.into_iter().map(side).collect()
}

fn over_http(mut config: Config, wechats: Vec<(String, WeChat)>) -> Result<TestBot, SetupError> {
    let mut servers = Vec::new();
    for (account, wechat) in &wechats {
        if let Some(client) = config.clients.get_mut(account) {
            let (server, address) = served::api(wechat)?;
            client.transport = served::transport(address)?;
            servers.push(server);
        }
    }
    let (server, bot, endpoint) = served::bot(config)?;
    servers.push(server);
    let mut sides = Vec::new();
    for (account, wechat) in wechats {
        let door = bot.accounts().iter().find(|door| door.account().id == account);
        let path = &door.ok_or_else(no_door)?.account().path;
        wechat.connect(Arc::new(HttpEndpoint::new(format!("http://{endpoint}{path}"))?));
        sides.push(Side { account, wechat, bridge: None });
    }
    Ok(TestBot::new(bot, sides, Time::Real, Some(servers)))
}
