//! wxbot-client: WeChat's HTTP API for one account (protocol section 7).
//!
//! [`Client`] implements [`wxbot_sdk::api::Api`]: it brings the access token, which it shares with
//! every task, process and instance that has the same store, and tells what is known of a call that
//! went wrong. [`Reqwest`] is how calls leave; a test or a simulator gives another [`Transport`].

#![warn(missing_docs)]

mod client;
mod caller;
mod limiter;
mod breaker;
mod typing;
mod single_flight;
mod token;
mod jsapi_ticket;
mod js_config;
mod settings;
mod body;
mod multipart;
mod answer;
mod download;
mod transport;
mod http;
mod visit;

pub use client::Client;
pub use http::{HttpSettings, Pools, Reqwest, SetupError};
pub use settings::{Settings, Timeouts, TokenKind};
pub use transport::{
    BodyReader, Bounds, Cause, HttpRequest, HttpResponse, Method, OpenResponse, RequestBody,
    Transport, TransportError,
};
pub use visit::{Visit, VisitError, Visitor};
