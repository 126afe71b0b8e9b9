//! One call of WeChat's API, before it is made.

use serde_json::Value;

/// One call, without the access token.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Call {
    /// For example `/cgi-bin/menu/create`.
    pub path: String,
    /// What stands behind the `?` beside the token.
    pub query: Vec<(String, String)>,
    /// The JSON of a POST; a GET has none.
    pub body: Option<Value>,
    /// What the caller calls it. WeChat does not see it; the outcome of a notification has it.
    pub reference: Option<String>,
    /// What it is made with.
    pub credentials: Credentials,
}

/// What a call is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Credentials {
    /// The account's access token, as nearly all calls are.
    #[default]
    AccessToken,
    /// The account's app id and secret, as those for a web login.
    AppSecret,
    /// What its query has, such as a token of a web login.
    InQuery,
}

impl Call {
    /// A POST with JSON.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::get(path) }
    }

    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// With other credentials than the access token.
    #[must_use]
    pub fn made_with(self, credentials: Credentials) -> Self {
        Self { credentials, ..self }
    }

    /// The follower that a message goes to.
    pub fn openid(&self) -> Option<&str> {
        self.body.as_ref()?.get("touser")?.as_str()
    }

    /// With this in the query.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }
}
