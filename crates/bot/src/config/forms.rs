//! What the values look like that WeChat gives out: Token, AppID, original id, AppSecret.
//!
//! A value of another form can be configured and never works: every request is then refused, or
//! every call.

use secrecy::{ExposeSecret, SecretString};

use super::account::AccountSettings;

/// The token of the built-in `bot.toml`. WeChat would not take it, so no real account has it.
pub(super) const DEMO_TOKEN: &str = "wxbot-demo-token";

/// The keys of an account whose values have another form, each with what is right. Secrets are
/// described, not quoted.
pub(super) fn misfits(account: &AccountSettings) -> Vec<(&'static str, String)> {
    let secret = |secret: &Option<SecretString>, check: fn(&str) -> Result<(), String>| {
        secret.as_ref().map_or(Ok(()), |secret| check(secret.expose_secret()))
    };
    let text = |text: &Option<String>, check: fn(&str) -> Result<(), String>| {
        text.as_deref().map_or(Ok(()), check)
    };
    let checked = [
        ("token", check_token(account.token.expose_secret())),
        ("previous_token", secret(&account.previous_token, check_token)),
        ("app_id", text(&account.app_id, check_app_id)),
        ("original_id", text(&account.original_id, check_original_id)),
        ("app_secret", secret(&account.app_secret, check_app_secret)),
        ("encoding_aes_key", secret(&account.encoding_aes_key, check_aes_key)),
        ("previous_encoding_aes_key", secret(&account.previous_encoding_aes_key, check_aes_key)),
    ];
    let misfits = checked.into_iter().filter_map(|(key, checked)| Some((key, checked.err()?)));
    misfits.map(|(key, fault)| (key, format!("`{key}` {fault}"))).collect()
}

fn check_token(token: &str) -> Result<(), String> {
    const RIGHT: &str = "a Token is 3 to 32 letters and digits";
    // An empty one is an error of its own.
    if token.is_empty() || token == DEMO_TOKEN {
        return Ok(());
    }
    if let Some(residue) = residue(token) {
        return Err(format!("{residue}; {RIGHT}"));
    }
    if !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(format!("has characters other than a-z, A-Z and 0-9; {RIGHT}"));
    }
    match token.len() {
        3..=32 => Ok(()),
        length => Err(format!("has {length} characters; {RIGHT}")),
    }
}

fn check_app_id(app_id: &str) -> Result<(), String> {
    const RIGHT: &str = "an AppID is `wx` and 16 hex digits";
    let digits = app_id.strip_prefix("wx").unwrap_or_default();
    if app_id.is_empty() || digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(match app_id.starts_with("gh_") {
        true => format!("is `{app_id}`, which looks like an `original_id` (原始ID); {RIGHT}"),
        false => format!("is `{app_id}`; {RIGHT}"),
    })
}

fn check_original_id(original_id: &str) -> Result<(), String> {
    const RIGHT: &str = "an original id (原始ID) is `gh_` and letters and digits";
    let rest = original_id.strip_prefix("gh_").unwrap_or_default();
    if !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(match check_app_id(original_id) {
        Ok(()) if !original_id.is_empty() => {
            format!("is `{original_id}`, which looks like an `app_id` (AppID); {RIGHT}")
        }
        _ => format!("is `{original_id}`; {RIGHT}"),
    })
}

fn check_app_secret(app_secret: &str) -> Result<(), String> {
    residue(app_secret).map_or(Ok(()), |residue| Err(residue.to_owned()))
}

/// Blanks around a key do no harm, and what else is wrong with one is said by the cipher.
fn check_aes_key(key: &str) -> Result<(), String> {
    residue(key.trim()).map_or(Ok(()), |residue| Err(residue.to_owned()))
}

/// What is left over of the file that a value was copied from.
pub(super) fn residue(value: &str) -> Option<&'static str> {
    let quoted =
        |quote: char| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if value.ends_with('\r') {
        return Some("ends with a carriage return, from a file with Windows line endings");
    }
    if quoted('"') || quoted('\'') {
        return Some("has quotation marks around it, which `docker run --env-file` keeps");
    }
    let blank = |c: char| c.is_whitespace() || c.is_control();
    value.contains(blank).then_some("has a blank or a control character in it")
}
