//! The accounts of a `bot.toml`, as WeChat has them.

use secrecy::{ExposeSecret, SecretString};
use wxbot_core::account::Mode as BotMode;
use wxbot_sim::{Account, Format, Kind, Mode};

use crate::config::AccountSettings;

/// What WeChat's console says that `bot.toml` does not.
#[derive(Debug, Clone)]
pub struct Console {
    /// Decides what an account may call.
    pub kind: Kind,
    /// How WeChat writes what it delivers.
    pub format: Format,
    /// How WeChat seals what it delivers; otherwise as each account of `bot.toml` says.
    pub mode: Option<Mode>,
    /// Of accounts whose `bot.toml` does not say it.
    pub original_id: String,
}

impl Default for Console {
    /// Test accounts, which may call nearly everything, and XML.
    fn default() -> Self {
        let Account { kind, format, original_id, .. } = Account::default();
        Self { kind, format, mode: None, original_id }
    }
}

impl Console {
    /// The same account on WeChat's side; what the bot does not know is made up.
    pub fn mirror(&self, settings: &AccountSettings) -> Account {
        let made_up = Account::default();
        let secret = |secret: &Option<SecretString>, made_up: String| {
            secret.as_ref().map_or(made_up, |secret| secret.expose_secret().to_owned())
        };
        Account {
            kind: self.kind,
            format: self.format,
            mode: self.mode.unwrap_or(match settings.mode {
                BotMode::Plain => Mode::Plain,
                BotMode::Compatible => Mode::Compatible,
                BotMode::Safe => Mode::Safe,
            }),
            token: settings.token.expose_secret().to_owned(),
            app_id: settings.app_id.clone().unwrap_or(made_up.app_id),
            app_secret: secret(&settings.app_secret, made_up.app_secret),
            encoding_aes_key: secret(&settings.encoding_aes_key, made_up.encoding_aes_key),
            original_id: settings.original_id.clone().unwrap_or_else(|| self.original_id.clone()),
        }
    }
}
