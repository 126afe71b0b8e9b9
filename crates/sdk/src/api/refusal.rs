//! What WeChat says when it refuses a call, and what that means.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use super::class::Class;
use super::codes::{self, ADDRESS};

/// More of an errmsg than this is not kept.
const MOST_CHARACTERS: usize = 400;

/// An errcode of section 7.2, with what it means and what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiRefusal {
    /// errcode.
    pub code: i64,
    /// errmsg, with the rid that WeChat's support asks for.
    pub message: String,
    /// What the code means; empty for one that the protocol page does not list.
    pub meaning: &'static str,
    /// What to do about it; may be empty.
    pub cure: Cow<'static, str>,
}

impl ApiRefusal {
    /// Looks up what a code means. The address that 40164 is about is taken from the errmsg.
    pub fn new(code: i64, message: &str) -> Self {
        let errcode = codes::look_up(code);
        Self {
            code,
            message: message.chars().take(MOST_CHARACTERS).collect(),
            meaning: errcode.meaning,
            cure: with_address(errcode.cure, message),
        }
    }

    /// What the code says of the call.
    pub fn class(&self) -> Class {
        codes::look_up(self.code).class
    }

    /// How long asking again is in vain, where the protocol page knows.
    pub fn retry_after(&self) -> Option<Duration> {
        codes::look_up(self.code).retry_after
    }

    /// The rid, which WeChat's `rid/get` and its support ask for (section 7.15).
    pub fn rid(&self) -> Option<&str> {
        let (_, rid) = self.message.rsplit_once("rid:")?;
        rid.split_whitespace().next()
    }
}

/// A cure that names an address names the one in WeChat's errmsg.
fn with_address(cure: &'static str, message: &str) -> Cow<'static, str> {
    if !cure.contains(ADDRESS) {
        return cure.into();
    }
    let address = address(message).map(|address| address.to_string());
    cure.replace(ADDRESS, address.as_deref().unwrap_or("this machine's address")).into()
}

/// The first thing in a text that is an IP address.
fn address(message: &str) -> Option<std::net::IpAddr> {
    let part = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    let words = message.split(|c| !part(c)).map(|word| word.trim_end_matches([':', '.']));
    words.filter_map(|word| word.parse().ok()).next().map(|ip: std::net::IpAddr| ip.to_canonical())
}

impl fmt::Display for ApiRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WeChat refused with {}", self.code)?;
        if !self.meaning.is_empty() {
            write!(f, " ({})", self.meaning)?;
        }
        write!(f, ": {:?}", self.message)?;
        if !self.cure.is_empty() {
            write!(f, "; {}", self.cure)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_address_is_named_in_the_cure() {
        let messages = [
            (
                "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1-2-3",
                "203.0.113.7",
            ),
            ("invalid ip 2001:db8::7, not in whitelist", "2001:db8::7"),
            ("invalid ip 203.0.113.7: not in whitelist", "203.0.113.7"),
            ("access clientip ::ffff:203.0.113.7 is not registered", "203.0.113.7"),
        ];
        for (message, ip) in messages {
            for code in [40164, 61004] {
                let cure = ApiRefusal::new(code, message).cure;
                assert_eq!(cure, format!("add {ip} to the account's IP white list"), "{message}");
            }
        }
        let cure = ApiRefusal::new(40164, "not in whitelist").cure;
        assert!(cure.contains("IP white list"), "{cure}");
        assert!(!ApiRefusal::new(40013, "from 203.0.113.7").cure.contains("203"));
    }

    #[test]
    fn a_refusal_says_what_it_means_and_what_helps() {
        let refusal = ApiRefusal::new(45015, "response out of time limit rid: 6a-1b-2c");
        assert_eq!(refusal.rid(), Some("6a-1b-2c"));
        let text = refusal.to_string();
        assert!(text.starts_with("WeChat refused with 45015 ("), "{text}");
        assert!(text.contains("48 h") && text.contains("; "), "{text}");
    }

    #[test]
    fn an_unknown_code_is_shown_with_what_wechat_says() {
        let text = ApiRefusal::new(99999, "a\nb").to_string();
        assert_eq!(text, r#"WeChat refused with 99999: "a\nb""#);
    }

    #[test]
    fn an_endless_message_is_cut() {
        assert_eq!(ApiRefusal::new(-1, &"忙".repeat(10_000)).message.chars().count(), 400);
    }
}
