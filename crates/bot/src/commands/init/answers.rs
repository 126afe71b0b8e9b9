//! What is known of the account before anything is written.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Error;
use wxbot_sim::{Kind, Mode};

use super::secrets;
use crate::cli::{Example, Init};
use crate::commands::input::WrongInput;
use crate::config::PublicUrl;
use crate::config::forms::Form;
use crate::language::Language;

/// Everything that goes into the two files.
pub(super) struct Answers {
    pub(super) app_id: String,
    pub(super) app_secret: Option<String>,
    pub(super) kind: Kind,
    pub(super) url: Option<PublicUrl>,
    pub(super) mode: Mode,
    pub(super) listen: SocketAddr,
    pub(super) lang: Language,
    /// The bot to begin with, instead of a few entries.
    pub(super) example: Option<Example>,
    pub(super) token: String,
    pub(super) encoding_aes_key: String,
}

/// What an account's owner has to know; the rest follows.
pub(super) struct Account {
    pub(super) app_id: String,
    pub(super) app_secret: Option<String>,
    pub(super) kind: Kind,
    pub(super) url: Option<PublicUrl>,
}

impl Answers {
    /// From the command line alone.
    pub(super) fn from_flags(init: &Init) -> Result<Self, Error> {
        let Some(app_id) = init.app_id.clone() else {
            let kinds = Kind::ALL.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let missing = format!(
                "there is no terminal to ask on: give `--app-id`, and what else is known of \
                 `--app-secret`, `--kind` ({kinds}) and `--url`"
            );
            return Err(WrongInput(missing).into());
        };
        let account = Account {
            app_id,
            app_secret: init.app_secret.clone().filter(|secret| !secret.is_empty()),
            kind: init.kind.unwrap_or_else(|| usual_kind(init)),
            url: init.url.clone(),
        };
        for (flag, value, form) in [
            ("--app-id", Some(&account.app_id), Form::AppId),
            ("--app-secret", account.app_secret.as_ref(), Form::AppSecret),
        ] {
            if let Some(fault) = value.and_then(|value| form.fault(value)) {
                return Err(WrongInput(format!("`{flag}` {fault}")).into());
            }
        }
        Ok(Self::of(account, init))
    }

    /// With the defaults that follow from the account, and new secrets.
    pub(super) fn of(account: Account, init: &Init) -> Self {
        let Account { app_id, app_secret, kind, url } = account;
        // The page of a test account has no field for a key.
        let mode = if kind == Kind::Test { Mode::Plain } else { Mode::Safe };
        Self {
            app_id,
            app_secret,
            kind,
            mode: init.mode.unwrap_or(mode),
            listen: init.listen.unwrap_or_else(|| listen(url.as_ref())),
            url,
            lang: init.lang,
            example: init.like,
            token: secrets::token(),
            encoding_aes_key: secrets::encoding_aes_key(),
        }
    }

    /// What the account lacks for the example.
    pub(super) fn misfit(&self) -> Option<String> {
        let needed = self.example?.kind();
        let is_verified = |kind| !matches!(kind, Kind::Personal | Kind::OrganisationUnverified);
        if is_verified(self.kind) || !is_verified(needed) {
            return None;
        }
        let kind = self.kind;
        Some(self.lang.pick(
            format!(
                "这个例子是给 {needed} 账号的；{kind} 账号不能用自定义菜单、客服消息等，请删掉 bot.toml \
                 里用不了的部分，或改用 --like personal"
            ),
            format!(
                "this example is for a {needed} account; a {kind} one has no right to menus or \
                 customer-service messages: take those out of bot.toml, or begin with --like personal"
            ),
        ))
    }

    /// The path of the URL, or the usual one.
    pub(super) fn path(&self) -> &str {
        self.url.as_ref().map_or("/wechat", |url| &url.path)
    }

    /// The URL to enter at WeChat.
    pub(super) fn shown_url(&self) -> String {
        let unknown = || format!("https://bot.example.com{}", self.path());
        self.url.as_ref().map_or_else(unknown, ToString::to_string)
    }
}

/// The account that is meant where nobody says so.
pub(super) fn usual_kind(init: &Init) -> Kind {
    init.like.map_or(Kind::Personal, Example::kind)
}

/// WeChat itself calls port 80; for HTTPS a proxy stands in front.
fn listen(url: Option<&PublicUrl>) -> SocketAddr {
    match url {
        Some(url) if url.is_local() => (Ipv4Addr::LOCALHOST, url.port).into(),
        Some(url) if !url.https => (Ipv4Addr::UNSPECIFIED, 80).into(),
        _ => (Ipv4Addr::LOCALHOST, 8080).into(),
    }
}
