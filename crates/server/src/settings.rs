//! `[server]` and `[console]` of `bot.toml`.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::available_parallelism;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use wxbot_sdk::settings::duration;

/// What nobody finds by trying.
const LEAST_BITS: f64 = 128.0;
/// Fewer different letters are no chance: 32 random hex digits have fewer once in ten million times.
const LEAST_DISTINCT: usize = 8;

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// The endpoint WeChat calls.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// Threads that serve; one per core by default.
    pub workers: usize,
    /// Connections to the endpoint at the same time; by default half of the files that this process
    /// may open.
    pub max_connections: Option<usize>,
    /// How far a request's timestamp may be from the clock; `0s` for any distance.
    #[serde(with = "duration")]
    pub clock_skew: Duration,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            workers: available_parallelism().map_or(2, usize::from),
            max_connections: None,
            clock_skew: Duration::from_secs(300),
        }
    }
}

/// `[console]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleSettings {
    /// Health, readiness and metrics.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// Asked for as `Authorization: Bearer …`.
    pub token: Option<SecretString>,
}

/// A console that others can reach, and nothing keeps them from using it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ExposedConsole {
    /// There is no token.
    #[error("the console listens on `{0}`, which others can reach: it needs a `token`")]
    NoToken(SocketAddr),
    /// The token can be found by trying.
    #[error(
        "the console listens on `{0}`, which others can reach: its `token` must be longer, with 128 \
         bits of chance, as `openssl rand -hex 16` prints"
    )]
    WeakToken(SocketAddr),
}

impl ConsoleSettings {
    /// Whether nobody else can get in. On loopback that is so without a token.
    pub fn check_exposure(&self) -> Result<(), ExposedConsole> {
        if self.listen.ip().is_loopback() {
            return Ok(());
        }
        let token = self.token.as_ref().ok_or(ExposedConsole::NoToken(self.listen))?;
        match most_bits(token.expose_secret()) < LEAST_BITS {
            true => Err(ExposedConsole::WeakToken(self.listen)),
            false => Ok(()),
        }
    }
}

/// The chance that is in a token, at most: as if each letter were drawn from all of its kind.
fn most_bits(token: &str) -> f64 {
    let distinct = token.chars().collect::<HashSet<_>>().len();
    if distinct < LEAST_DISTINCT {
        return 0.0;
    }
    let letters_if = |kind: fn(char) -> bool, letters: u8| match token.chars().any(kind) {
        true => f64::from(letters),
        false => 0.0,
    };
    let is_hex = token.chars().all(|letter| letter.is_ascii_hexdigit());
    let alphabet = match is_hex {
        true => 16.0,
        false => {
            letters_if(|letter| letter.is_ascii_digit(), 10)
                + letters_if(|letter| letter.is_ascii_lowercase(), 26)
                + letters_if(|letter| letter.is_ascii_uppercase(), 26)
                + letters_if(|letter| !letter.is_ascii_alphanumeric(), 32)
        }
    };
    alphabet.log2() * token.chars().count() as f64
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 8081).into(), token: None }
    }
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(from)?;
    let wrong = |_| D::Error::custom(format!("`{text}` is no address; write `127.0.0.1:8080`"));
    text.parse().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_beyond_loopback_has_128_bits() {
        let table = [
            ("1", false, "one digit"),
            ("", false, "nothing"),
            ("wxbot-console-token", false, "19 letters"),
            ("00000000000000000000000000000000", false, "one letter 32 times"),
            ("abababababababababababababababab", false, "two letters"),
            ("9f86d081884c7d659a2feaa0c55ad01", false, "31 hex digits"),
            ("9f86d081884c7d659a2feaa0c55ad015", true, "32 hex digits"),
            ("n4bQgYhMfWWaL+qgxVrQFQ", true, "22 letters of base64"),
            ("n4bQgYhMfWWaLqgxVrQF", false, "20 letters and digits"),
        ];
        for (token, is_good, why) in table {
            let listen = (Ipv4Addr::UNSPECIFIED, 8081).into();
            let console = ConsoleSettings { listen, token: Some(token.into()) };
            let good = if is_good { Ok(()) } else { Err(ExposedConsole::WeakToken(listen)) };
            assert_eq!(console.check_exposure(), good, "{why}");
            let console = ConsoleSettings { token: Some(token.into()), ..Default::default() };
            assert_eq!(console.check_exposure(), Ok(()), "{why}, on loopback");
        }
    }
}
