//! `[[account]]`: an Official Account, as WeChat's settings page has it.

use std::net::SocketAddr;
use std::time::Duration;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use wxbot_client::TokenKind;
use wxbot_core::account::{Account, AccountError, AccountSpec, Mode};
use wxbot_core::late::settings::{LateChanges, LateSettings};
use wxbot_sdk::settings::Settings;

use super::bounds;
use super::findings::Findings;
use super::forms::{DEMO_TOKEN, Form};
use super::menu::{self, Menu};
use super::public_url::PublicUrl;
use super::table::Table;

/// One `[[account]]`: an Official Account, as WeChat's settings page has it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// Its name in logs, metrics and `when`.
    #[serde(default = "default_id")]
    pub id: String,
    /// Where WeChat calls, beginning with `/`.
    #[serde(default = "default_path")]
    pub path: String,
    /// The Token of the server configuration.
    #[schemars(with = "String")]
    pub token: SecretString,
    /// The Token before the last change, still taken.
    #[schemars(with = "Option<String>")]
    pub previous_token: Option<SecretString>,
    /// The weakest form that is taken. Default: plain.
    #[serde(default)]
    pub mode: Mode,
    /// `wx` and 16 hex digits; inside every encrypted message.
    pub app_id: Option<String>,
    /// The EncodingAESKey of the server configuration, 43 characters.
    #[schemars(with = "Option<String>")]
    pub encoding_aes_key: Option<SecretString>,
    /// The EncodingAESKey before the last change, still taken.
    #[schemars(with = "Option<String>")]
    pub previous_encoding_aes_key: Option<SecretString>,
    /// `gh_…`; when given, messages for another account are refused.
    pub original_id: Option<String>,
    /// The AppSecret (开发者密码), for WeChat's API.
    #[schemars(with = "Option<String>")]
    pub app_secret: Option<SecretString>,
    /// Where WeChat's API is; only a simulator is elsewhere. Default: `https://api.weixin.qq.com`.
    pub api_base: Option<String>,
    /// The proxy on the way there; may hold a password.
    #[schemars(with = "Option<String>")]
    pub proxy: Option<SecretString>,
    /// Which kind of access token is used. Default: stable.
    #[serde(default)]
    pub access_token: TokenKind,
    /// Whether a timestamp and nonce are taken for one message only, where the signature does not
    /// cover the body.
    #[serde(default = "yes")]
    pub bind_queries: bool,
    /// Whether others may reach it although its token is the demo's, which everybody knows.
    #[serde(default)]
    pub allow_demo_token: bool,
    /// What differs from `[late]`.
    #[serde(default)]
    pub late: LateChanges,
    /// The whole URL that WeChat calls (服务器地址), for `wxbot doctor`; an empty one is none.
    #[serde(default, deserialize_with = "text_unless_empty")]
    pub url: Option<String>,
    /// The menu that followers see, for `wxbot menu`.
    pub menu: Option<Menu>,
}

fn yes() -> bool {
    true
}

fn default_id() -> String {
    "main".into()
}

fn default_path() -> String {
    "/wechat".into()
}

fn text_unless_empty<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Some(String::deserialize(from)?).filter(|text| !text.is_empty()))
}

impl AccountSettings {
    /// The keys whose values come from WeChat, and what those are.
    fn given_out(&self) -> impl Iterator<Item = (&'static str, &str, Form)> {
        fn secret(secret: &Option<SecretString>) -> Option<&str> {
            secret.as_ref().map(ExposeSecret::expose_secret)
        }
        let values = [
            ("token", Some(self.token.expose_secret()), Form::Token),
            ("previous_token", secret(&self.previous_token), Form::Token),
            ("app_id", self.app_id.as_deref(), Form::AppId),
            ("original_id", self.original_id.as_deref(), Form::OriginalId),
            ("app_secret", secret(&self.app_secret), Form::AppSecret),
            ("encoding_aes_key", secret(&self.encoding_aes_key), Form::AesKey),
            ("previous_encoding_aes_key", secret(&self.previous_encoding_aes_key), Form::AesKey),
        ];
        values.into_iter().filter_map(|(key, value, form)| Some((key, value?, form)))
    }

    /// What core has to know of it.
    pub fn spec(&self, clock_skew: Duration, late: &LateSettings) -> AccountSpec {
        AccountSpec {
            id: self.id.clone(),
            path: self.path.clone(),
            token: self.token.clone(),
            previous_token: self.previous_token.clone(),
            mode: self.mode,
            app_id: self.app_id.clone(),
            encoding_aes_key: self.encoding_aes_key.clone(),
            previous_encoding_aes_key: self.previous_encoding_aes_key.clone(),
            original_id: self.original_id.clone(),
            clock_skew: Some(clock_skew).filter(|skew| !skew.is_zero()),
            bind_queries: self.bind_queries,
            late: self.late.applied_to(late),
        }
    }
}

/// Reads every `[[account]]` of a bot that listens there.
pub(super) fn read(
    tables: Vec<Settings>,
    listen: SocketAddr,
    findings: &mut Findings,
) -> Vec<Table<AccountSettings>> {
    let mut accounts = Vec::new();
    for table in tables {
        let Some(settings) = findings.rest::<AccountSettings>(table.clone()) else { continue };
        let account = Table::new(settings, table);
        check_alone(&account, findings);
        check_beside(&accounts, &account, findings);
        if let Some(late) = account.table_at("late") {
            bounds::check("late", late, findings);
        }
        warn_of_lone_key(&account, findings);
        warn_of_odd_secret(&account, findings);
        if !listen.ip().is_loopback() {
            check_demo_token(&account, findings);
        }
        accounts.push(account);
    }
    accounts
}

/// What is wrong with an account, whatever the others are.
fn check_alone(account: &Table<AccountSettings>, findings: &mut Findings) {
    let mut misfits = Vec::new();
    for (key, value, form) in account.given_out() {
        if let Some(fault) = form.fault(value) {
            findings.error(account.place_of(key), format!("`{key}` {fault}"));
            misfits.push(key);
        }
    }
    if let Some(Err(error)) = account.url.as_deref().map(PublicUrl::parse) {
        findings.error(account.place_of("url"), format!("`url` {error}"));
    }
    if let Some(menu) = account.table_at("menu").filter(|_| account.menu.is_some()) {
        menu::rules::check(menu, findings);
    }
    // A key that is there, but wrong, is not also missing, or wrong in another way.
    let is_known = |error: &AccountError| match error {
        AccountError::Needs { key, .. } => account.has(key),
        error => misfits.contains(&error.key()),
    };
    let spec = account.spec(Duration::ZERO, &LateSettings::default());
    let errors = Account::new(spec).err().unwrap_or_default();
    for error in errors.iter().filter(|error| !is_known(error)) {
        findings.error(account.place_of(error.key()), error);
    }
}

/// Nothing tells two accounts apart that share an id or a path.
fn check_beside(
    others: &[Table<AccountSettings>],
    account: &Table<AccountSettings>,
    findings: &mut Findings,
) {
    if others.iter().any(|other| other.id == account.id) {
        let message = format!("two accounts have the id `{}`", account.id);
        findings.error(account.place_of("id"), message);
    }
    // As requests find them: slashes around a path mean nothing.
    let path = |account: &AccountSettings| account.path.trim_matches('/').to_owned();
    if others.iter().any(|other| path(other) == path(account)) {
        let message = format!("two accounts have the path `{}`", account.path);
        findings.error(account.place_of("path"), message);
    }
}

/// A key without an app id opens nothing.
fn warn_of_lone_key(account: &Table<AccountSettings>, findings: &mut Findings) {
    let no_app_id = account.app_id.as_deref().unwrap_or_default().is_empty();
    let keys = [&account.encoding_aes_key, &account.previous_encoding_aes_key];
    if no_app_id && keys.into_iter().any(Option::is_some) {
        let message =
            format!("account `{}`: `encoding_aes_key` opens nothing without `app_id`", account.id);
        findings.warn(account.place_of("encoding_aes_key"), message);
    }
}

/// WeChat says nowhere what an AppSecret is made of; a simulator takes any.
fn warn_of_odd_secret(account: &Table<AccountSettings>, findings: &mut Findings) {
    let secret = account.app_secret.as_ref().map(ExposeSecret::expose_secret);
    let Some(secret) = secret.filter(|_| account.api_base.is_none()) else { return };
    let is_usual = secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_usual && Form::AppSecret.fault(secret).is_none() {
        let message = format!(
            "account `{}`: `app_secret` has {} characters; an AppSecret usually is 32 hex digits",
            account.id,
            secret.chars().count()
        );
        findings.warn(account.place_of("app_secret"), message);
    }
}

/// The demo's token is known to everybody: where others can reach the account, they can speak for
/// every follower.
fn check_demo_token(account: &Table<AccountSettings>, findings: &mut Findings) {
    let tokens =
        [("token", Some(&account.token)), ("previous_token", account.previous_token.as_ref())];
    for (key, token) in tokens {
        if token.is_none_or(|token| token.expose_secret() != DEMO_TOKEN) {
            continue;
        }
        let id = &account.id;
        let message = format!("account `{id}` has the demo's token, which everybody knows");
        if account.allow_demo_token {
            findings.warn(account.place_of(key), message);
        } else {
            let how = "choose another, or write `allow_demo_token = true`";
            findings
                .error(account.place_of(key), format!("{message}, and others can reach it: {how}"));
        }
    }
}
