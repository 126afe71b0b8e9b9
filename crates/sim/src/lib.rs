//! wxbot-sim: WeChat's side of the wire, offline and in virtual time.
//!
//! A bot that works against it works against WeChat: pushes are signed and sealed, dropped after
//! 5 seconds and repeated twice, answers are judged as WeChat judges them, and what a follower
//! gets to see is on a phone. It depends on no other crate of wxbot, so that no mistake is shared.
//!
//! ```
//! # use std::sync::Arc;
//! use wxbot_sim::{Account, Act, Clock, Endpoint, WeChat};
//!
//! # async fn test(bot: Arc<dyn Endpoint>) -> Result<(), Box<dyn std::error::Error>> {
//! let wechat = WeChat::new(Account::default(), Clock::starting_at(1_735_689_600))?;
//! wechat.connect(bot);
//! let alice = wechat.follower("alice");
//! let exchange = alice.does(Act::text("hi")).await?;
//! assert_eq!(exchange.text(), Some("hi"));
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod wechat;
mod follower;
mod act;
mod body;
mod push;
mod delivery;
mod endpoint;
mod judge;
mod bubble;
mod links;
mod phone;
mod exchange;
mod api;
pub mod control;
mod server;
mod allowance;
mod faults;
mod options;
mod account;
mod clock;
mod element;
mod wire;
mod world;
mod log;

pub use account::{Account, AccountError, Format, Kind, Mode};
pub use act::{Act, ScannedCode};
pub use api::{ApiCall, ApiRequest, ApiResponse};
pub use bubble::{Bubble, Card, Link, Target};
pub use clock::Clock;
pub use control::Controlled;
pub use delivery::{DELIVERIES, PATIENCE};
pub use element::{Element, Malformed, Value};
pub use endpoint::{Broken, Endpoint, HttpEndpoint, Request, Response};
pub use exchange::{DeliveryRecord, Exchange, Outcome, Unseen, Verdict};
pub use faults::{ApiFault, DeliveryFault, Fault, When};
pub use follower::{ActError, Follower, Platform};
pub use judge::{Cause, Note, TEXT_BYTES};
pub use options::{LongText, OnError, Options, Repeats};
pub use phone::{NOTICE, Shown, Via, What};
pub use push::Fresh;
pub use server::SimServer;
pub use wechat::{HandshakeFailure, WeChat};
pub use wire::{Key, KeyError, OpenError, sign};
