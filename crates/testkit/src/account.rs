//! The account that a `bot.toml` of a test may leave out.

use toml::de::DeTable;
use wxbot_sim::{Account, Mode};

/// The configuration with an account. What can't be read is left for who reports errors.
pub(crate) fn with_account(text: &str, mode: Option<Mode>) -> String {
    match DeTable::parse(text) {
        Ok(table) if !table.get_ref().contains_key("account") => {
            format!("{text}\n{}", account(mode.unwrap_or(Mode::Plain)))
        }
        _ => text.to_owned(),
    }
}

fn account(mode: Mode) -> String {
    let Account { token, app_id, app_secret, encoding_aes_key, original_id, .. } =
        Account::default();
    format!(
        "[[account]]\nid = \"main\"\ntoken = \"{token}\"\nmode = \"{mode}\"\n\
         app_id = \"{app_id}\"\napp_secret = \"{app_secret}\"\n\
         encoding_aes_key = \"{encoding_aes_key}\"\noriginal_id = \"{original_id}\"\n"
    )
}
