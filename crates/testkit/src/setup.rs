//! What a test may choose before its bot starts.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Handle;
use wxbot::config::Source;
use wxbot::rehearsal::{Console, RehearsalSetup};
use wxbot_sdk::plugin::Plugin;
use wxbot_sim::{Fault, Format, HttpEndpoint, Kind, Mode, Options, Repeats};

use crate::account::with_account;
use crate::bot::{Servers, TestBot};
use crate::error::SetupError;
use crate::served::{self, FreePorts};
use crate::time::Time;

/// 2025-01-01 08:00 in Beijing.
const START: u64 = 1_735_689_600;

/// A [`TestBot`] that is not started yet.
#[derive(Debug, Clone)]
pub struct Setup {
    name: String,
    text: String,
    console: Console,
    options: Options,
    faults: Vec<Fault>,
    variables: HashMap<String, String>,
    start: u64,
    time: Time,
}

/// Ways to begin. They stand here because a [`Setup`] becomes a bot.
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
}

impl Setup {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            name: "bot.toml".into(),
            text: text.to_owned(),
            console: Console::default(),
            options: Options::default(),
            faults: Vec::new(),
            variables: HashMap::new(),
            start: START,
            time: Time::Virtual,
        }
    }

    /// Where the configuration is from: the files that it names are beside that. Default: `bot.toml`
    /// in this folder.
    #[must_use]
    pub fn named(mut self, path: impl AsRef<Path>) -> Self {
        self.name = path.as_ref().display().to_string();
        self
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
        let text = with_account(&self.text, self.console.mode);
        let source = Source { name: self.name.clone(), text };
        let setup = RehearsalSetup::read(&source, |name| self.variables.get(name).cloned())?;
        let setup = setup.console(self.console.clone()).options(self.options.clone());
        self.time.begin()?;
        let bot = match self.time {
            Time::Virtual => {
                let rehearsal = setup.starts_at(self.start).start(&Handle::current())?;
                TestBot::new(rehearsal, self.time, None)
            }
            Time::Real => over_http(setup)?,
        };
        self.faults.into_iter().for_each(|fault| bot.fault(fault));
        Ok(bot)
    }
}

fn over_http(setup: RehearsalSetup) -> Result<TestBot, SetupError> {
    let ports = FreePorts::of(setup.components());
    let build = move |tasks: &Handle| {
        let mut apis = Vec::new();
        let rehearsal = setup.start_with(tasks, |wechat| {
            let (server, transport) = served::api(wechat).map_err(io::Error::other)?;
            apis.push(server);
            Ok(transport)
        })?;
        Ok((rehearsal, apis))
    };
    let (served, (rehearsal, apis)) =
        ports.serve(build, |(rehearsal, _)| rehearsal.bot().clone())?;
    for (account, runtime) in rehearsal.accounts().iter().zip(rehearsal.bot().accounts()) {
        let url = format!("http://{}{}", served.endpoint, runtime.account().path);
        account.wechat.connect(Arc::new(HttpEndpoint::new(url)?));
    }
    Ok(TestBot::new(rehearsal, Time::Real, Some(Servers { bot: served, _apis: apis })))
}
