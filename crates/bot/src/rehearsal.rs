//! A bot, and around it a simulated WeChat for each of its accounts, in this process and without a
//! port.
//!
//! A rehearsal shares nothing with a bot that runs in the same process: it has a store, a clock,
//! WeChats and a log of its own, and all of it goes when it is dropped. WeChat's real API is never
//! called. It does not pause time; on a runtime whose time is paused it follows that.

mod console; // the accounts, as WeChat has them
mod in_process; // WeChat calls the bot
mod direct; // the bot calls WeChat
mod asked; // what the chain decided

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use tokio::runtime::Handle;
use wxbot_client::Transport;
use wxbot_core::bot::Bot;
use wxbot_core::receive::envelope;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::message::Message;
use wxbot_sdk::store::Store;
use wxbot_sim::{AccountError, Exchange, Follower, Options, WeChat};
use wxbot_store::{Limits, Memory};

pub use asked::{Asked, AskedLog};
pub use console::Console;
pub use direct::Direct;
pub use in_process::InProcess;

use crate::assembly;
use crate::config::{AccountSettings, Components, ConfigError, Source, Table};

/// A bot with WeChat around it.
pub struct Rehearsal {
    bot: Arc<Bot>,
    accounts: Vec<RehearsedAccount>,
    asked: Arc<AskedLog>,
}

/// One account: WeChat's side of it, and the bot's.
pub struct RehearsedAccount {
    /// Its id in `bot.toml`.
    pub id: String,
    /// Delivers, and has the API.
    pub wechat: WeChat,
    /// The bot, as this WeChat can call it.
    pub endpoint: Arc<InProcess>,
}

impl Rehearsal {
    /// The bot.
    pub fn bot(&self) -> &Arc<Bot> {
        &self.bot
    }

    /// Every account that has a WeChat, in order; there is at least one.
    pub fn accounts(&self) -> &[RehearsedAccount] {
        &self.accounts
    }

    /// The account of this id.
    pub fn account(&self, id: &str) -> Option<&RehearsedAccount> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The first account's WeChat.
    pub fn wechat(&self) -> &WeChat {
        &self.accounts[0].wechat
    }

    /// Somebody who has followed the first account for a day.
    pub fn follower(&self, name: &str) -> Follower {
        self.wechat().follower(name)
    }

    /// What the chain was asked.
    pub fn asked(&self) -> &AskedLog {
        &self.asked
    }

    /// What the chain made of what an account's WeChat delivered in this exchange.
    pub fn asked_in(&self, account: &RehearsedAccount, exchange: &Exchange) -> Option<Asked> {
        let body = &exchange.deliveries.first()?.request.body;
        let inside = account.wechat.account().unsealed(body);
        let (fields, _) =
            envelope::read(inside.as_ref().map_or(body, |inside| inside.as_bytes())).ok()?;
        self.asked.last(&account.id, &Message::read(fields).ok()?)
    }
}

/// A [`Rehearsal`] that has not started yet.
pub struct RehearsalSetup {
    components: Components,
    accounts: Vec<Table<AccountSettings>>,
    console: Console,
    options: Options,
    store: Option<Arc<dyn Store>>,
    starts_at: Option<u64>,
    wechats: HashMap<String, WeChat>,
    asked: Option<Arc<AskedLog>>,
    starts_plugins: bool,
}

impl RehearsalSetup {
    /// Of a configuration as text. `variable` looks up what `${NAME}` stands for.
    pub fn read(
        source: &Source,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let components = source.build(variable)?;
        let accounts = components.config.accounts.clone();
        Ok(Self::new(components, accounts))
    }

    /// Of what a bot is put together from, and those of its accounts, as they are written, that get
    /// a WeChat; at least one. The others can't be spoken to, and call nobody.
    pub fn new(components: Components, accounts: Vec<Table<AccountSettings>>) -> Self {
        Self {
            components,
            accounts,
            console: Console::default(),
            options: Options::default(),
            store: None,
            starts_at: None,
            wechats: HashMap::new(),
            asked: None,
            starts_plugins: true,
        }
    }

    /// What the bot is put together from.
    pub fn components(&self) -> &Components {
        &self.components
    }

    /// What WeChat's console says of the accounts.
    #[must_use]
    pub fn console(self, console: Console) -> Self {
        Self { console, ..self }
    }

    /// What WeChat's documents leave open.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// A store that others may see, too. Default: one in memory; `[store]` is never opened.
    #[must_use]
    pub fn store(self, store: Arc<dyn Store>) -> Self {
        Self { store: Some(store), ..self }
    }

    /// A clock that says this now, in Unix seconds, and then follows tokio's. Default: the
    /// machine's clock.
    #[must_use]
    pub fn starts_at(self, unix_seconds: u64) -> Self {
        Self { starts_at: Some(unix_seconds), ..self }
    }

    /// A WeChat that is there already, for the account of this id. It goes on calling whom it
    /// called, until it is connected to [`RehearsedAccount::endpoint`].
    #[must_use]
    pub fn wechat(mut self, account: &str, wechat: &WeChat) -> Self {
        self.wechats.insert(account.to_owned(), wechat.clone());
        self
    }

    /// Without what plugins do apart from messages: for a message or two.
    #[must_use]
    pub fn without_start(self) -> Self {
        Self { starts_plugins: false, ..self }
    }

    /// A log that other bots write into, too.
    #[must_use]
    pub fn asked(self, log: &Arc<AskedLog>) -> Self {
        Self { asked: Some(Arc::clone(log)), ..self }
    }

    /// Starts the bot, whose plugins wait on this runtime.
    pub fn start(self, tasks: &Handle) -> Result<Rehearsal, RehearsalError> {
        self.start_with(tasks, |wechat| Ok(Arc::new(Direct::new(wechat))))
    }

    /// The same with another way from the bot to a WeChat's API than [`Direct`].
    pub fn start_with(
        mut self,
        tasks: &Handle,
        mut transport: impl FnMut(&WeChat) -> io::Result<Arc<dyn Transport>>,
    ) -> Result<Rehearsal, RehearsalError> {
        let clock = self.starts_at.map_or_else(Clock::system, Clock::starting_at);
        let wechats = self.mirrored()?;
        // A client without a simulated WeChat would call the real one.
        self.components.clients.retain(|id, _| wechats.iter().any(|(account, _, _)| account == id));
        for (account, wechat, _) in &wechats {
            if let Some(client) = self.components.clients.get_mut(account) {
                client.transport = transport(wechat).map_err(RehearsalError::Transport)?;
            }
        }
        let memory = || Arc::new(Memory::new(&Limits::default(), self.store_clock()));
        let store = self.store.clone().unwrap_or_else(|| memory());
        let bot = assembly::bot(self.components, store, tasks, clock);
        let asked = self.asked.unwrap_or_else(|| Arc::new(AskedLog::new(clock)));
        bot.journal().observe(Arc::clone(&asked) as _);
        if self.starts_plugins {
            bot.start_plugins();
        }
        let accounts = wechats.into_iter().map(|(id, wechat, is_new)| {
            let endpoint = InProcess::new(&bot, &id);
            let endpoint = Arc::new(endpoint.expect("the bot is built of the same accounts"));
            if is_new {
                wechat.connect(Arc::clone(&endpoint) as _);
            }
            RehearsedAccount { id, wechat, endpoint }
        });
        let accounts = accounts.collect();
        Ok(Rehearsal { bot, accounts, asked })
    }

    /// Set by nobody while it lasts.
    fn store_clock(&self) -> Clock {
        self.starts_at.map_or_else(Clock::steady, Clock::starting_at)
    }

    /// By the account's id: its WeChat, and whether that is new.
    fn mirrored(&mut self) -> Result<Vec<(String, WeChat, bool)>, AccountError> {
        let clock =
            self.starts_at.map_or_else(wxbot_sim::Clock::real, wxbot_sim::Clock::starting_at);
        let mirror = |settings: &Table<AccountSettings>| {
            let id = settings.id.clone();
            if let Some(wechat) = self.wechats.remove(&id) {
                return Ok((id, wechat, false));
            }
            let account = self.console.mirror(settings);
            Ok((id, WeChat::with(account, clock, self.options.clone())?, true))
        };
        self.accounts.iter().map(mirror).collect()
    }
}

/// Why a rehearsal does not start.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// WeChat takes no such account.
    #[error("WeChat takes no such account")]
    Account(#[from] AccountError),
    /// There is no way to WeChat's API.
    #[error("WeChat's API can't be reached")]
    Transport(#[source] io::Error),
}
