//! From a configuration to what a bot is put together from.

mod client;
mod custom_replies;
mod link;
mod overlaps;
mod sends_first;
mod unknown_accounts;
mod unreachable;

use std::collections::HashMap;

use wxbot_client::{Pools, SetupError};
use wxbot_core::account::Account;
use wxbot_core::chain::{LinkSpec, directory};
use wxbot_core::late::settings::CustomerService;
use wxbot_sdk::matcher::Matcher;
use wxbot_sdk::settings::Problem;

use self::link::Plugins;
use super::account::AccountSettings;
use super::data::Config;
use super::findings::Findings;
use super::origin::ConfigError;

pub use client::ClientConfig;

/// What a bot is put together from. Nothing is opened or started yet.
pub struct Components {
    /// What it was made from.
    pub config: Config,
    /// Every account, ready to verify and open.
    pub accounts: Vec<Account>,
    /// How those that may call WeChat's API do so, by the account's id.
    pub clients: HashMap<String, ClientConfig>,
    /// Every enabled link, in order.
    pub chain: Vec<(Matcher, LinkSpec)>,
}

impl Components {
    /// Builds everything, or shows every error.
    pub fn new(mut config: Config) -> Result<Self, ConfigError> {
        let mut findings = Findings::default();
        let accounts = accounts(&config, &mut findings);
        let clients = clients(&config, &mut findings);
        let chain = chain(&config, &mut findings);
        match findings.errors.is_empty() {
            true => {
                overlaps::find(&chain, &config, &mut findings);
                let silent = silent(&accounts, &clients);
                custom_replies::find(&silent, &config, &mut findings);
                sends_first::find(&silent, &chain, &config, &mut findings);
                unknown_accounts::find(&config, &mut findings);
                unreachable::find(&chain, &config, &mut findings);
                warnings_of_plugins(&chain, &config, &mut findings);
                config.origin.add_warnings(findings.warnings);
                Ok(Self { config, accounts, clients, chain })
            }
            false => Err(config.origin.error(findings.errors)),
        }
    }

    /// What else is wrong with a configuration that has errors already.
    pub(super) fn errors(config: &Config) -> Vec<Problem> {
        let mut findings = Findings::default();
        clients(config, &mut findings);
        chain(config, &mut findings);
        findings.errors
    }
}

impl Config {
    /// How an account of it calls WeChat's API; `None` where it lacks what that takes.
    pub fn client_of(&self, account: &AccountSettings) -> Option<Result<ClientConfig, SetupError>> {
        client::of(account, &mut Pools::default())
    }
}

fn accounts(config: &Config, findings: &mut Findings) -> Vec<Account> {
    let mut accounts = Vec::new();
    for settings in &config.accounts {
        match Account::new(settings.spec(config.server.clock_skew, &config.late)) {
            Ok(account) => accounts.push(account),
            Err(errors) => errors
                .iter()
                .for_each(|error| findings.error(settings.place_of(error.key()), error)),
        }
    }
    accounts
}

fn clients(config: &Config, findings: &mut Findings) -> HashMap<String, ClientConfig> {
    let (mut clients, mut pools) = (HashMap::new(), Pools::default());
    for account in &config.accounts {
        match client::of(account, &mut pools) {
            None => {}
            Some(Ok(client)) => drop(clients.insert(account.id.clone(), client)),
            Some(Err(error)) => {
                findings.error(account.place_of(client::key_of(&error)), error);
            }
        }
    }
    clients
}

/// The ids of accounts that send no customer-service messages, as far as the file says.
fn silent<'a>(accounts: &'a [Account], clients: &HashMap<String, ClientConfig>) -> Vec<&'a str> {
    let sends = |account: &&Account| {
        clients.contains_key(&account.id) && account.late.customer_service != CustomerService::No
    };
    let silent = accounts.iter().filter(|account| !sends(account));
    silent.map(|account| account.id.as_str()).collect()
}

fn chain(config: &Config, findings: &mut Findings) -> Vec<(Matcher, LinkSpec)> {
    let plugins = Plugins::linked(config, findings);
    let mut chain = Vec::new();
    for link in config.chain.iter().filter(|link| link.enabled) {
        chain.extend(findings.keep(plugins.link(link, &config.audiences)));
    }
    if findings.errors.is_empty() {
        connect(&chain, config, findings);
    }
    chain
}

/// What the entries themselves warn of.
fn warnings_of_plugins(chain: &[(Matcher, LinkSpec)], config: &Config, findings: &mut Findings) {
    for (_, link) in chain {
        let entry = config.chain.iter().find(|entry| entry.id == link.id);
        for warning in link.handler.warnings() {
            let place = entry.and_then(|entry| entry.place_of("config"));
            findings.warn(place, format!("entry `{}`: {warning}", link.id));
        }
    }
}

/// Shows every entry the others; one that can't be made would be missed by those that name it.
fn connect(chain: &[(Matcher, LinkSpec)], config: &Config, findings: &mut Findings) {
    let directory = directory(chain);
    for (_, link) in chain {
        if let Err(error) = link.handler.connect(&directory) {
            let entry = config.chain.iter().find(|entry| entry.id == link.id);
            findings.error(entry.and_then(|entry| entry.place_of("config")), error);
        }
    }
}
