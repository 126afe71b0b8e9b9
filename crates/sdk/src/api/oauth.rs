//! Web pages beside the bot that know who looks at them (protocol section 7.13).

use std::fmt;

use serde::Deserialize;

use super::answer::read;
use super::caller::Api;
use super::error::ApiError;
use super::percent;
use crate::call::{Call, Credentials};

const AUTHORIZE: &str = "https://open.weixin.qq.com/connect/oauth2/authorize";
const LOGIN: &str = "/sns/oauth2/access_token";
const REFRESH: &str = "/sns/oauth2/refresh_token";
const PROFILE: &str = "/sns/userinfo";
const CHECK: &str = "/sns/auth";
/// WeChat takes 128 letters and digits, which are the hex digits of these.
const STATE_BYTES: usize = 64;

/// Finds out who looks at a web page. From `ctx.api().oauth()`.
#[derive(Clone, Copy)]
pub struct OAuth<'a> {
    api: &'a dyn Api,
}

/// What a page wants to know of its visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Their openid; they are not asked.
    Base,
    /// Name and picture, too; they are asked to agree.
    UserInfo,
}

/// A visitor who logged in. Its tokens are theirs, have nothing to do with the account's access
/// token, and are not printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct WebLogin {
    /// Who it is.
    pub openid: String,
    /// For [`OAuth::profile`].
    pub access_token: String,
    /// How long that is good, in seconds.
    pub expires_in: u64,
    /// For [`OAuth::refresh`], for 30 days.
    #[serde(default)]
    pub refresh_token: String,
    /// `snsapi_base` or `snsapi_userinfo`.
    #[serde(default)]
    pub scope: String,
    /// 1 for the made-up visitor of a page that is shown as a snapshot.
    #[serde(default)]
    pub is_snapshotuser: u8,
    /// The same for all accounts of an owner who has linked them.
    #[serde(default)]
    pub unionid: Option<String>,
}

/// What a visitor shows of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Profile {
    /// Who it is.
    pub openid: String,
    /// Their name.
    #[serde(default)]
    pub nickname: String,
    /// Where their picture is.
    #[serde(default)]
    pub headimgurl: String,
    /// The same for all accounts of an owner who has linked them.
    #[serde(default)]
    pub unionid: Option<String>,
}

/// Why there is no URL to send a visitor to.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthorizeError {
    /// WeChat sends the visitor there.
    #[error("the redirect URI is not an `http://` or `https://` URL")]
    RedirectUri,
    /// It has to fit in 128 hex digits.
    #[error("the state has more than 64 bytes")]
    State,
    /// There is no app id.
    #[error(transparent)]
    Api(#[from] ApiError),
}

impl<'a> dyn Api + 'a {
    /// Who looks at a web page.
    pub fn oauth(&self) -> OAuth<'_> {
        OAuth { api: self }
    }
}

impl OAuth<'_> {
    /// Where to send a visitor, who comes back to `redirect_uri` with `code` and `state` in the
    /// query. Its host has to be one of the console's web authorization domains. `state` may be
    /// any text: [`state`](Self::state) reads what comes back.
    pub fn authorize_url(
        &self,
        redirect_uri: &str,
        scope: Scope,
        state: &str,
    ) -> Result<String, AuthorizeError> {
        if !["http://", "https://"].iter().any(|scheme| redirect_uri.starts_with(scheme)) {
            return Err(AuthorizeError::RedirectUri);
        }
        if state.len() > STATE_BYTES {
            return Err(AuthorizeError::State);
        }
        let (app_id, scope) = (self.api.app_id()?, scope.as_str());
        let redirect_uri = percent::encode(redirect_uri);
        let state: String = state.bytes().map(|byte| format!("{byte:02x}")).collect();
        // WeChat matches the link as a text: the order counts, and so does the fragment.
        Ok(format!(
            "{AUTHORIZE}?appid={app_id}&redirect_uri={redirect_uri}&response_type=code\
             &scope={scope}&state={state}#wechat_redirect"
        ))
    }

    /// The `state` of [`authorize_url`](Self::authorize_url), from the one in the query; none where
    /// it is not one of ours.
    pub fn state(&self, in_query: &str) -> Option<String> {
        let digits =
            in_query.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<_>>>()?;
        let (pairs, []) = digits.as_chunks::<2>() else { return None };
        let bytes = pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low));
        String::from_utf8(bytes.collect::<Result<Vec<_>, _>>().ok()?).ok()
    }

    /// Who came back with this `code`. A code is good once (40163), for 5 minutes (40029).
    pub async fn login(&self, code: &str) -> Result<WebLogin, ApiError> {
        let call = Call::get(LOGIN).with("code", code).with("grant_type", "authorization_code");
        let call = call.made_with(Credentials::AppSecret);
        read(LOGIN, &self.api.request(call).await?)
    }

    /// The same login with a new token.
    pub async fn refresh(&self, login: &WebLogin) -> Result<WebLogin, ApiError> {
        let call = Call::get(REFRESH)
            .with("appid", self.api.app_id()?)
            .with("grant_type", "refresh_token")
            .with("refresh_token", &login.refresh_token)
            .made_with(Credentials::InQuery);
        read(REFRESH, &self.api.request(call).await?)
    }

    /// Whether the login's token is still good; a refusal says why it is not.
    pub async fn check(&self, login: &WebLogin) -> Result<(), ApiError> {
        let call = Call::get(CHECK)
            .with("access_token", &login.access_token)
            .with("openid", &login.openid)
            .made_with(Credentials::InQuery);
        self.api.request(call).await.map(drop)
    }

    /// Name and picture of who logged in with [`Scope::UserInfo`].
    pub async fn profile(&self, login: &WebLogin) -> Result<Profile, ApiError> {
        let call = Call::get(PROFILE)
            .with("access_token", &login.access_token)
            .with("openid", &login.openid)
            .with("lang", "zh_CN")
            .made_with(Credentials::InQuery);
        read(PROFILE, &self.api.request(call).await?)
    }
}

impl Scope {
    /// The `scope` on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base => "snsapi_base",
            Self::UserInfo => "snsapi_userinfo",
        }
    }
}

impl fmt::Debug for WebLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { openid, scope, .. } = self;
        write!(f, "WebLogin({openid:?}, {scope:?}, …)")
    }
}
