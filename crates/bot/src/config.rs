//! `bot.toml`: read once, whole, with every error it has (design of the file: `bot.toml` itself).

mod environment;
mod limits;
mod client;
mod chain;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use wxbot_client::Transport;
use wxbot_core::account::{Account, AccountError, AccountSettings};
use wxbot_core::chain::Entry;
use wxbot_core::late::{LateChanges, LateSettings};
use wxbot_core::road::Limits;
use wxbot_sdk::matcher::Matcher;
use wxbot_sdk::settings::{Problem, Settings};
use wxbot_server::{ConsoleSettings, ServerSettings};
use wxbot_store::Place;

/// The file at the root of the repository: the manual, and what is used where there is no file.
pub const DEFAULT: &str = include_str!("../../../bot.toml");
const DEFAULT_NAME: &str = "bot.toml";
const SECTIONS: [&str; 7] = ["server", "console", "store", "limits", "late", "account", "chain"];

/// Everything `bot.toml` says, checked and built; only ports are not opened yet.
pub struct Config {
    /// `[server]`
    pub server: ServerSettings,
    /// `[console]`
    pub console: ConsoleSettings,
    /// `[store]`, not opened yet.
    pub store: Place,
    /// `[limits]`
    pub limits: Limits,
    /// Every `[[account]]`
    pub accounts: Vec<Account>,
    /// How those that may call WeChat's API do so, by the account's id.
    pub clients: HashMap<String, ClientConfig>,
    /// Every enabled `[[chain]]`, in order.
    pub chain: Vec<(Matcher, Entry)>,
    /// What is allowed and probably not meant.
    pub warnings: Vec<String>,
}

/// How an account calls WeChat's API.
pub struct ClientConfig {
    /// Who calls.
    pub settings: wxbot_client::Settings,
    /// How calls get there.
    pub transport: Arc<dyn Transport>,
}

/// What somebody outside has to know to reach a bot: nothing is built, no store is opened.
pub struct Outside {
    /// `[server]`
    pub server: ServerSettings,
    /// Every `[[account]]`, as it is written.
    pub accounts: Vec<AccountSettings>,
}

/// What is wrong with a configuration: every error, with its line.
#[derive(Debug)]
pub struct ConfigError {
    text: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for ConfigError {}

/// A configuration file, by its name and what is in it.
pub struct Source {
    /// For error texts.
    pub name: String,
    /// TOML.
    pub text: String,
}

impl Source {
    /// Reads the file; without one named, `bot.toml` in this folder; without that, the default.
    pub fn find(path: Option<&Path>) -> Result<Self, ConfigError> {
        let named = path.unwrap_or(Path::new(DEFAULT_NAME));
        let name = named.display().to_string();
        match std::fs::read_to_string(named) {
            Ok(text) => Ok(Self { name, text }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.is_none() => {
                Ok(Self { name: "the built-in bot.toml".into(), text: DEFAULT.into() })
            }
            Err(error) => Err(ConfigError { text: format!("`{name}` can't be read: {error}") }),
        }
    }

    /// Reads and builds everything it says. `variable` looks up environment variables.
    pub fn build(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        build(&self.text, variable).map_err(|problems| self.error(problems))
    }

    /// Reads what somebody outside has to know, and nothing else.
    pub fn outside(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Outside, ConfigError> {
        outside(&self.text, variable).map_err(|problems| self.error(problems))
    }

    fn error(&self, mut problems: Vec<Problem>) -> ConfigError {
        problems.sort_by_key(|problem| problem.span.as_ref().map(|span| span.start));
        let lines: Vec<_> = problems.iter().map(|one| one.render(&self.name, &self.text)).collect();
        ConfigError { text: lines.join("\n\n") }
    }
}

/// `[store]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StoreSettings {
    url: String,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self { url: "memory:".into() }
    }
}

fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, Vec<Problem>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(table);
    }
    let problem = |error: &toml::de::Error| Problem {
        span: error.span(),
        message: error.message().to_owned(),
    };
    Err(errors.iter().map(problem).collect())
}

fn outside(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Outside, Vec<Problem>> {
    let mut table = parse(text)?;
    let unset = environment::fill_in(table.get_mut(), &variable);
    let mut file = Settings::new(table.get_ref().clone(), 0..0);
    let mut reader = Reader::default();
    let server = reader.section(&mut file, "server");
    let tables = reader.tables(&mut file, "account");
    let accounts = tables.into_iter().filter_map(|table| reader.rest(table)).collect();
    if reader.problems.is_empty() && unset.is_empty() {
        return Ok(Outside { server, accounts });
    }
    Err(without_echoes(unset, reader.problems))
}

fn build(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Config, Vec<Problem>> {
    let mut table = parse(text)?;
    let unset = environment::fill_in(table.get_mut(), &variable);
    let mut file = Settings::new(table.get_ref().clone(), 0..0);
    let mut reader = Reader { problems: file.only(&SECTIONS), ..Reader::default() };
    let server: ServerSettings = reader.section(&mut file, "server");
    let console = reader.console(&mut file);
    let store = reader.store(&mut file);
    let limits: limits::LimitSettings = reader.section(&mut file, "limits");
    let late: LateChanges = reader.section(&mut file, "late");
    let late = late.applied_to(&LateSettings::default());
    let accounts = reader.accounts(&mut file, server.clock_skew, &late);
    let chain = reader.chain(&mut file);
    reader.warn_of_demo_token(&server, &accounts);
    reader.warn_of_lone_keys(&accounts);
    match store {
        Some(store) if reader.problems.is_empty() && unset.is_empty() => {
            let (limits, warnings) = (limits.into(), reader.warnings);
            let clients = reader.clients;
            Ok(Config { server, console, store, limits, accounts, clients, chain, warnings })
        }
        _ => Err(without_echoes(unset, reader.problems)),
    }
}

/// A value that could not be filled in is one problem, not also a wrong value.
fn without_echoes(mut unset: Vec<Problem>, mut problems: Vec<Problem>) -> Vec<Problem> {
    let same_place = |one: &Problem, other: &Problem| {
        let (Some(one), Some(other)) = (&one.span, &other.span) else { return false };
        one.start < other.end && other.start < one.end
    };
    problems.retain(|problem| !unset.iter().any(|other| same_place(problem, other)));
    unset.extend(problems);
    unset
}

/// Goes through the sections and remembers all that is wrong with them.
#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
    warnings: Vec<String>,
    clients: HashMap<String, ClientConfig>,
}

impl Reader {
    /// What a result says, or its default and a problem.
    fn keep<T>(&mut self, read: Result<T, Vec<Problem>>) -> Option<T> {
        read.map_err(|problems| self.problems.extend(problems)).ok()
    }

    /// What a table says but for what is wrong with it.
    fn rest<T: serde::de::DeserializeOwned>(&mut self, table: Settings<'_>) -> Option<T> {
        let (rest, problems) = table.read_rest();
        self.problems.extend(problems);
        rest
    }

    /// A section that may be left out.
    fn section<T: serde::de::DeserializeOwned + Default>(
        &mut self,
        file: &mut Settings<'_>,
        name: &str,
    ) -> T {
        let Some(table) = self.table(file, name) else { return T::default() };
        self.keep(table.read()).unwrap_or_default()
    }

    fn table<'t>(&mut self, file: &mut Settings<'t>, name: &str) -> Option<Settings<'t>> {
        let value = file.take(name)?;
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => Some(Settings::new(table, span)),
            _ => {
                let message = format!("`{name}` is a table: write `[{name}]`");
                self.problems.push(Problem::at(span, message));
                None
            }
        }
    }

    /// The tables of an array such as `[[account]]`.
    fn tables<'t>(&mut self, file: &mut Settings<'t>, name: &str) -> Vec<Settings<'t>> {
        let Some(value) = file.take(name) else { return Vec::new() };
        let message = format!("`{name}` is a list of tables: write `[[{name}]]`");
        let DeValue::Array(array) = value.get_ref() else {
            self.problems.push(Problem::at(value.span(), message));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in array.iter() {
            match item.get_ref() {
                DeValue::Table(table) => tables.push(Settings::new(table.clone(), item.span())),
                _ => self.problems.push(Problem::at(item.span(), &message)),
            }
        }
        tables
    }

    fn console(&mut self, file: &mut Settings<'_>) -> ConsoleSettings {
        let span = file.span_of("console");
        let console: ConsoleSettings = self.section(file, "console");
        if let Err(exposed) = console.check_exposure() {
            self.problems.push(Problem::at(span, exposed));
        }
        console
    }

    fn store(&mut self, file: &mut Settings<'_>) -> Option<Place> {
        let table = self.table(file, "store").unwrap_or(Settings::empty(0..0));
        let span = table.span_of("url");
        let settings = self.keep(table.read::<StoreSettings>()).unwrap_or_default();
        let place = Place::read(&settings.url);
        self.keep(place.map_err(|error| vec![Problem::at(span, error)]))
    }

    fn accounts(
        &mut self,
        file: &mut Settings<'_>,
        clock_skew: Duration,
        late: &LateSettings,
    ) -> Vec<Account> {
        let clock_skew = (!clock_skew.is_zero()).then_some(clock_skew);
        let tables = self.tables(file, "account");
        if tables.is_empty() {
            let message = "there is no `[[account]]`: write one with at least a `token`";
            self.problems.push(Problem { span: None, message: message.into() });
        }
        let (mut ids, mut paths) = (HashSet::new(), HashSet::new());
        let mut accounts = Vec::new();
        for table in tables {
            let place = table.clone();
            let Some(settings) = self.rest::<AccountSettings>(table) else { continue };
            let at =
                |key: &str, message: &dyn fmt::Display| Problem::at(place.span_of(key), message);
            if !ids.insert(settings.id.clone()) {
                let message = format!("two accounts have the id `{}`", settings.id);
                self.problems.push(at("id", &message));
            }
            // As requests find them: slashes around a path mean nothing.
            if !paths.insert(settings.path.trim_matches('/').to_owned()) {
                let message = format!("two accounts have the path `{}`", settings.path);
                self.problems.push(at("path", &message));
            }
            // A key that is there, but wrong, is not also missing.
            let there = |key: &str| place.span_of(key) != place.span();
            let echo = |error: &AccountError| match error {
                AccountError::Needs { key, .. } => there(key),
                _ => false,
            };
            let account = Account::new(&settings, clock_skew, late).map_err(|errors| {
                let errors = errors.iter().filter(|error| !echo(error));
                errors.map(|error| at(error.key(), error)).collect()
            });
            accounts.extend(self.keep(account));
            if settings.app_id.is_some() && settings.app_secret.is_some() {
                let client = client::of(&settings);
                let client = client.map_err(|(key, error)| vec![at(key, &error)]);
                let client = self.keep(client).map(|client| (settings.id, client));
                self.clients.extend(client);
            }
        }
        accounts
    }

    /// A key without an app id opens nothing.
    fn warn_of_lone_keys(&mut self, accounts: &[Account]) {
        for account in accounts.iter().filter(|account| account.has_key_alone()) {
            let id = &account.id;
            let warning =
                format!("account `{id}`: `encoding_aes_key` opens nothing without `app_id`");
            self.warnings.push(warning);
        }
    }

    /// The demo's token is known to everybody.
    fn warn_of_demo_token(&mut self, server: &ServerSettings, accounts: &[Account]) {
        let demo = accounts.iter().find(|account| account.token().expose_secret() == DEMO_TOKEN);
        if let Some(account) = demo.filter(|_| !server.listen.ip().is_loopback()) {
            self.warnings.push(format!(
                "account `{}` has the demo's token, which everybody knows: choose another",
                account.id
            ));
        }
    }
}

const DEMO_TOKEN: &str = "wxbot-demo-token";
