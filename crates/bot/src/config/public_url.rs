//! The URL that WeChat calls: 服务器地址.

use std::fmt;
use std::net::IpAddr;

/// `https://bot.example.com/wechat`, in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// Whether it begins with `https`.
    pub https: bool,
    /// A name, or an address without brackets.
    pub host: String,
    /// The one that is written, or that of the scheme.
    pub port: u16,
    /// Begins with `/`.
    pub path: String,
}

/// Why WeChat can't call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// Another scheme, or none.
    #[error("does not begin with `https://` or `http://`")]
    Scheme,
    /// No host, or one with other characters.
    #[error("has no host like `bot.example.com`")]
    Host,
    /// A port that WeChat does not call.
    #[error("has the port {0}; WeChat calls 80 (http) and 443 (https) only")]
    Port(u16),
    /// More than scheme, host and path.
    #[error("has a query, a fragment or a blank in it")]
    More,
}

impl PublicUrl {
    /// Reads a URL. On this machine, where only a simulator calls, any port will do.
    pub fn parse(url: &str) -> Result<Self, PublicUrlError> {
        if url.contains(|c: char| c == '?' || c == '#' || c == '@' || c.is_whitespace()) {
            return Err(PublicUrlError::More);
        }
        let (https, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(PublicUrlError::Scheme),
        };
        let slash = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(slash);
        let usual = if https { 443 } else { 80 };
        let (host, port) = host_and_port(authority, usual).ok_or(PublicUrlError::Host)?;
        let path = if path.is_empty() { "/" } else { path };
        let parsed = Self { https, host: host.to_owned(), port, path: path.to_owned() };
        match parsed.port == usual || parsed.is_local() {
            true => Ok(parsed),
            false => Err(PublicUrlError::Port(port)),
        }
    }

    /// Whether it is on this machine, where WeChat never gets.
    pub fn is_local(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// The same host with another path.
    #[must_use]
    pub fn with_path(&self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self.clone() }
    }
}

/// As it is entered at WeChat.
impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { https, host, port, path } = self;
        f.write_str(if *https { "https://" } else { "http://" })?;
        match host.contains(':') {
            true => write!(f, "[{host}]")?,
            false => f.write_str(host)?,
        }
        if *port != if *https { 443 } else { 80 } {
            write!(f, ":{port}")?;
        }
        f.write_str(path)
    }
}

fn host_and_port(authority: &str, usual: u16) -> Option<(&str, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().ok()?,
        None if port.is_empty() => usual,
        None => return None,
    };
    let fits = |c: char| c.is_alphanumeric() || "-._:".contains(c);
    (!host.is_empty() && host.chars().all(fits)).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_and_written() {
        for (url, port, path) in [
            ("https://bot.example.com/wechat", 443, "/wechat"),
            ("http://203.0.113.7/a/b", 80, "/a/b"),
            ("http://127.0.0.1:8080/wechat", 8080, "/wechat"),
            ("http://[::1]:8080/", 8080, "/"),
            ("https://微信.example.com/", 443, "/"),
        ] {
            let parsed = PublicUrl::parse(url).unwrap();
            assert_eq!((parsed.port, parsed.path.as_str()), (port, path), "{url}");
            assert_eq!(parsed.to_string(), url);
        }
        assert_eq!(
            PublicUrl::parse("https://a.example:443").unwrap().to_string(),
            "https://a.example/"
        );
    }

    #[test]
    fn what_wechat_can_not_call_is_refused() {
        use PublicUrlError::{Host, More, Port, Scheme};
        for (url, error) in [
            ("bot.example.com/wechat", Scheme),
            ("ftp://bot.example.com/", Scheme),
            ("https:///wechat", Host),
            ("https://bot example.com/", More),
            ("https://user@bot.example.com/", More),
            ("https://bot.example.com/wechat?a=1", More),
            ("https://bot.example.com:8443/wechat", Port(8443)),
            ("http://bot.example.com:443/wechat", Port(443)),
            ("http://bot.example.com:x/wechat", Host),
        ] {
            assert_eq!(PublicUrl::parse(url), Err(error), "{url}");
        }
    }
}
