//! Where an API is, and what opens it.

use std::collections::BTreeMap;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Config;
use crate::public_web::is_public;

/// The API of the settings, or another that a model names.
pub(super) struct Destination<'c> {
    base_url: &'c str,
    key: Option<&'c SecretString>,
    headers: Option<&'c BTreeMap<String, String>>,
}

impl<'c> Destination<'c> {
    /// The API of the settings.
    pub(super) fn of(config: &'c Config) -> Self {
        let Config { base_url, key, headers, .. } = config;
        Self { base_url, key: key.as_ref(), headers: Some(headers) }
    }

    /// The same, but for what is given here. Credentials are never sent to another host.
    pub(super) fn with_overrides(
        self,
        base_url: Option<&'c str>,
        key: Option<&'c SecretString>,
        headers: Option<&'c BTreeMap<String, String>>,
    ) -> Self {
        let is_same = base_url.is_none_or(|base_url| base_url == self.base_url);
        Self {
            base_url: base_url.unwrap_or(self.base_url),
            key: key.or(self.key.filter(|_| is_same)),
            headers: headers.or(self.headers.filter(|_| is_same)),
        }
    }

    /// The URL of a path behind `base_url`, which may have it already.
    pub(super) fn url(&self, path: &str) -> Result<String, String> {
        let base = self.base_url.trim_end_matches('/');
        let base = base.strip_suffix(path).unwrap_or(base);
        if !(base.starts_with("http://") || base.starts_with("https://")) {
            return Err("`base_url` has to be a URL like `https://api.deepseek.com/v1`".into());
        }
        let url = format!("{base}{path}");
        // The wire takes it for granted.
        url.parse::<http::Uri>().map_err(|_| "`base_url` is no URL")?;
        Ok(url)
    }

    /// Of each request.
    pub(super) fn headers(&self) -> Result<HeaderMap, String> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // As it is pasted: with blanks around it, or out of an example with curl.
        let key = self.key.map(|key| key.expose_secret().trim());
        let key = key.map(|key| key.strip_prefix("Bearer ").unwrap_or(key));
        if key == Some("") && is_public(self.base_url) {
            return Err("`key` is empty".into());
        }
        if let Some(key) = key.filter(|key| !key.is_empty()) {
            let value = HeaderValue::try_from(format!("Bearer {key}")).ok();
            let is_odd = |c: char| !c.is_ascii() || c.is_whitespace() || c == '"' || c == '\'';
            let mut value = value.filter(|_| !key.contains(is_odd)).ok_or(
                "`key` has a character in it that no key has, as a blank or a quotation mark",
            )?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        for (name, value) in self.headers.into_iter().flatten() {
            let wrong = || format!("`{name}` in `headers` is no header");
            let mut value = HeaderValue::try_from(value).map_err(|_| wrong())?;
            value.set_sensitive(true);
            headers.insert(HeaderName::try_from(name).map_err(|_| wrong())?, value);
        }
        Ok(headers)
    }
}
