//! `[server]` and `[console]` of `bot.toml`.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread::available_parallelism;
use std::time::Duration;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use wxbot_sdk::settings::{DurationText, duration};

use crate::files::ServedFile;

/// `[server]`: the endpoint that WeChat calls.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Where it listens: an address and a port.
    #[serde(deserialize_with = "address")]
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// Threads that serve. Default: one per core.
    #[schemars(with = "Option<usize>", extend("default" = null))]
    pub workers: usize,
    /// Connections to the endpoint at the same time. Default: half of the files that this process may
    /// open.
    pub max_connections: Option<usize>,
    /// How far a request's timestamp may be from the clock; `0s` for any distance.
    #[serde(with = "duration")]
    #[schemars(with = "DurationText")]
    pub clock_skew: Duration,
    /// Small texts beside this file, each served at `/NAME`.
    #[schemars(with = "Vec<String>")]
    pub files: Vec<ServedFile>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            workers: available_parallelism().map_or(2, usize::from),
            max_connections: None,
            clock_skew: Duration::from_secs(300),
            files: Vec::new(),
        }
    }
}

/// `[console]`: the operator's listener.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleSettings {
    /// Where health, readiness, metrics and the console are: an address and a port.
    #[serde(deserialize_with = "address")]
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// Asked for as `Authorization: Bearer …`; needed where others can reach it.
    #[schemars(with = "Option<String>")]
    pub token: Option<SecretString>,
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
