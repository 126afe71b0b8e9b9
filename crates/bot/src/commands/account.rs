//! An account of the configuration, and WeChat's API with its token.

use std::sync::Arc;

use anyhow::{Error, bail};
use tokio::runtime::{Builder, Runtime};
use wxbot_client::{Client, TokenKind};
use wxbot_sdk::api::Api;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;
use wxbot_store::{Limits, Memory, OpenError};

use super::input::WrongInput;
use crate::config::{AccountSettings, Config, Table};

/// The account of this id, or the first one.
pub(super) fn find<'c>(
    config: &'c Config,
    id: Option<&str>,
) -> Result<&'c Table<AccountSettings>, WrongInput> {
    let mut accounts = config.accounts.iter();
    let found = accounts.find(|account| id.is_none_or(|id| account.id == id));
    found.ok_or_else(|| {
        let known: Vec<&str> = config.accounts.iter().map(|known| known.id.as_str()).collect();
        let (id, known) = (id.unwrap_or_default(), known.join(", "));
        WrongInput(format!("no account has the id `{id}`; there are: {known}"))
    })
}

/// WeChat's API for an account, with the access token that the bot has, too.
pub(super) fn api(config: &Config, account: &AccountSettings) -> Result<Arc<dyn Api>, Error> {
    let Some(client) = config.client_of(account) else {
        let id = &account.id;
        let missing =
            format!("account `{id}` needs `app_id` and `app_secret` to call WeChat's API");
        return Err(WrongInput(missing).into());
    };
    let client = client?;
    let store = store(config, account)?;
    Ok(Arc::new(Client::new(&client.settings, store, Clock::system(), client.transport)))
}

/// The store with the token. A file is the running bot's alone; then WeChat gives the same token
/// again, if it is a stable one.
fn store(config: &Config, account: &AccountSettings) -> Result<Arc<dyn Store>, Error> {
    match config.store.open(&Limits::default()) {
        Err(OpenError::InUse { .. }) if account.access_token == TokenKind::Stable => {
            Ok(Arc::new(Memory::default()))
        }
        Err(error @ OpenError::InUse { .. }) => bail!(
            "{error}, which has the access token; with `access_token = \"plain\"` another one would \
             take its place, so stop the bot first"
        ),
        opened => Ok(opened?),
    }
}

/// Where a command waits for WeChat.
pub(super) fn runtime() -> Result<Runtime, Error> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}
