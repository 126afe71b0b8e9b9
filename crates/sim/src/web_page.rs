//! Web pages beside the bot, as a visitor's phone opens them (sections 7.12 and 7.13).

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::account::settings::Kind;
use crate::crypto::sign;
use crate::follower::Follower;
use crate::wechat::WeChat;
use crate::world::web_pages::Login;

const AUTHORIZE: &str = "https://open.weixin.qq.com/connect/oauth2/authorize?";
const FRAGMENT: &str = "#wechat_redirect";
/// WeChat matches the link as a text, so their order counts.
const PARAMETERS: [&str; 5] = ["appid", "redirect_uri", "response_type", "scope", "state"];

/// Why a phone shows an error instead of the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// The account may not ask who somebody is (48001 on the phone).
    #[error("this kind of account has no web logins")]
    NotAllowed,
    /// The link is not the one of the protocol page; says what is wrong.
    #[error("the link is wrong: {0}")]
    Link(&'static str),
    /// `wx.config` fails; says with which words.
    #[error("config: {0}")]
    Config(&'static str),
}

impl Follower {
    /// Opens a link that asks who they are, and agrees. Returns where WeChat sends them.
    pub fn authorizes(&self, link: &str) -> Result<String, PageError> {
        let account = &self.simulation.account;
        if !matches!(account.kind, Kind::VerifiedService | Kind::Test) {
            return Err(PageError::NotAllowed);
        }
        let values = parameters(link)?;
        let [app_id, redirect_uri, response_type, scope, state] = &values;
        check(*app_id == account.app_id, "the app id")?;
        check(redirect_uri.contains("://"), "the redirect URI")?;
        check(response_type == "code", "the response type")?;
        check(["snsapi_base", "snsapi_userinfo"].contains(&&**scope), "the scope")?;
        let suits = state.bytes().all(|byte| byte.is_ascii_alphanumeric());
        check(suits && state.len() <= 128, "the state")?;
        let login = Login { openid: self.openid().to_owned(), scope: scope.clone() };
        let now = self.simulation.clock.now_ms();
        let code = self.simulation.with_world(|world| {
            let code = world.random_text(32);
            world.web_pages.add_code(&code, login, now);
            code
        });
        let separator = if redirect_uri.contains('?') { '&' } else { '?' };
        Ok(format!("{redirect_uri}{separator}code={code}&state={state}"))
    }
}

impl WeChat {
    /// Judges what a page at this URL hands to `wx.config`.
    pub fn configures(&self, url: &str, config: &Value) -> Result<(), PageError> {
        let text = |name: &str| config[name].as_str().unwrap_or_default();
        if text("appId") != self.account().app_id {
            return Err(PageError::Config("invalid appid"));
        }
        let url = url.split('#').next().unwrap_or_default();
        let (nonce, timestamp) = (text("nonceStr"), &config["timestamp"]);
        let signed = |ticket: &str| {
            let text =
                format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}");
            sign(&[&text])
        };
        let now = self.clock().now_ms();
        let is_signed = self.simulation.with_world(|world| {
            world.web_pages.tickets(now).any(|ticket| signed(ticket) == text("signature"))
        });
        if is_signed { Ok(()) } else { Err(PageError::Config("invalid signature")) }
    }

    /// How many tickets for the JS-SDK were issued.
    pub fn jsapi_tickets_issued(&self) -> usize {
        self.simulation.with_world(|world| world.web_pages.tickets_issued())
    }
}

/// The values of the link's parameters, decoded.
fn parameters(link: &str) -> Result<[String; 5], PageError> {
    let query = link.strip_prefix(AUTHORIZE).ok_or(PageError::Link("the address"))?;
    let query = query.strip_suffix(FRAGMENT).ok_or(PageError::Link("the fragment"))?;
    let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    check(pairs.iter().map(|(name, _)| *name).eq(PARAMETERS), "the order of its parameters")?;
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let values: BTreeMap<_, _> =
        pairs.into_iter().map(|(name, text)| (name, decode(text))).collect();
    Ok(PARAMETERS.map(|name| values[name].clone()))
}

fn check(right: bool, what: &'static str) -> Result<(), PageError> {
    if right { Ok(()) } else { Err(PageError::Link(what)) }
}
