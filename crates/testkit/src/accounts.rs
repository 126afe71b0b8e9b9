//! The accounts of a `bot.toml`, as WeChat has them.

use secrecy::{ExposeSecret, SecretString};
use toml::de::DeTable;
use wxbot::config::AccountSettings;
use wxbot_core::account::Mode as BotMode;
use wxbot_sim::{Account, Format, Kind, Mode};

/// What WeChat's console says that `bot.toml` does not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    pub(crate) kind: Kind,
    pub(crate) format: Format,
    /// Otherwise as the account of `bot.toml` says.
    pub(crate) mode: Option<Mode>,
}

impl Console {
    /// The configuration with an account. What can't be read is left for who reports errors.
    pub(crate) fn with_account(&self, text: &str) -> String {
        match DeTable::parse(text) {
            Ok(table) if !table.get_ref().contains_key("account") => {
                format!("{text}\n{}", self.account())
            }
            _ => text.to_owned(),
        }
    }

    fn account(&self) -> String {
        let Account { token, app_id, app_secret, encoding_aes_key, original_id, .. } =
            Account::default();
        let mode = self.mode.unwrap_or(Mode::Plain);
        format!(
            "[[account]]\nid = \"main\"\ntoken = \"{token}\"\nmode = \"{mode}\"\n\
             app_id = \"{app_id}\"\napp_secret = \"{app_secret}\"\n\
             encoding_aes_key = \"{encoding_aes_key}\"\noriginal_id = \"{original_id}\"\n"
        )
    }

    /// The same account on WeChat's side; what the bot does not know is made up.
    pub(crate) fn mirror(&self, settings: &AccountSettings) -> Account {
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
            original_id: settings.original_id.clone().unwrap_or(made_up.original_id),
        }
    }
}
