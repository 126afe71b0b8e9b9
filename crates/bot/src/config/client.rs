//! How an account calls WeChat's API.

use std::sync::Arc;

use wxbot_client::{HttpSettings, Pools, Settings, SetupError, Timeouts, TokenKind};
use wxbot_core::account::{AccessToken, AccountSettings};

use super::ClientConfig;

/// The client of an account, or the key of `[[account]]` that is wrong.
pub(super) fn of(
    account: &AccountSettings,
    pools: &mut Pools,
) -> Result<ClientConfig, (&'static str, SetupError)> {
    let settings = Settings {
        account: account.id.clone(),
        app_id: account.app_id.clone(),
        app_secret: account.app_secret.clone(),
        token: match account.access_token {
            AccessToken::Stable => TokenKind::Stable,
            AccessToken::Plain => TokenKind::Plain,
        },
        timeouts: Timeouts::default(),
    };
    let default = HttpSettings::default();
    let http = HttpSettings {
        api_base: account.api_base.clone().unwrap_or(default.api_base),
        proxy: account.proxy.clone(),
        ..HttpSettings::default()
    };
    let transport = pools.transport(&http).map_err(|error| {
        let key = if matches!(error, SetupError::Proxy) { "proxy" } else { "api_base" };
        (key, error)
    })?;
    Ok(ClientConfig { settings, transport: Arc::new(transport) })
}
