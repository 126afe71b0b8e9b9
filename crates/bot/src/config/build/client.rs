//! How an account calls WeChat's API.

use std::sync::Arc;

use wxbot_client::{HttpSettings, Pools, Settings, SetupError, Timeouts, Transport};

use crate::config::account::AccountSettings;

/// How an account calls WeChat's API.
pub struct ClientConfig {
    /// Who calls.
    pub settings: Settings,
    /// How calls get there.
    pub transport: Arc<dyn Transport>,
}

/// The client of an account; `None` where it has no way to log in. Accounts that call WeChat the same
/// way share connections.
pub(super) fn of(
    account: &AccountSettings,
    pools: &mut Pools,
) -> Option<Result<ClientConfig, SetupError>> {
    let (Some(app_id), Some(app_secret)) = (&account.app_id, &account.app_secret) else {
        return None;
    };
    let settings = Settings {
        account: account.id.clone(),
        app_id: Some(app_id.clone()),
        app_secret: Some(app_secret.clone()),
        token: account.access_token,
        timeouts: Timeouts::default(),
    };
    let transport = pools.transport(&http(account));
    Some(transport.map(|transport| ClientConfig { settings, transport: Arc::new(transport) }))
}

fn http(account: &AccountSettings) -> HttpSettings {
    let default = HttpSettings::default();
    HttpSettings {
        api_base: account.api_base.clone().unwrap_or(default.api_base),
        proxy: account.proxy.clone(),
        connect_timeout: default.connect_timeout,
    }
}

/// The key of `[[account]]` that has to be changed.
pub(super) fn key_of(error: &SetupError) -> &'static str {
    if matches!(error, SetupError::Proxy) { "proxy" } else { "api_base" }
}
