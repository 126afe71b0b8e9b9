//! wxbot-sim: WeChat's side of the wire, offline and in virtual time.
//!
//! A bot that works against it works against WeChat: pushes are signed and encrypted, time out after
//! 5 seconds and are repeated twice, answers are judged as WeChat judges them, and followers have
//! phones that show the outcome. It depends on no other crate of wxbot, so that the two sides share
//! no mistake.
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

mod wechat; // the account, its followers, its API
mod follower;
mod web_page;
pub mod control;
mod server;

// How WeChat behaves.
mod delivery;
mod judge;
mod api;
mod simulation;
mod world;

// What goes back and forth, and what is seen of it.
mod act;
mod content;
mod body;
mod push;
mod header;
mod endpoint;
mod reply;
mod bubble;
mod link;
mod phone;
mod exchange;
mod cause;
mod api_call;
mod errcode;
mod faults;
mod options;
mod account;

// What all of it is made of.
mod element;
mod xml;
mod crypto;
mod clock;
mod calendar;
mod history;
mod names;

pub use account::settings::{Format, Kind, Mode};
pub use account::{Account, AccountError, Fresh};
pub use act::{Act, ScannedCode};
pub use api_call::{ApiCall, ApiRequest, ApiResponse};
pub use bubble::{Bubble, Card, MAX_TEXT_BYTES};
pub use cause::{Cause, Note};
pub use clock::Clock;
pub use control::ControlResponse;
pub use crypto::{Key, KeyError, OpenError, sign};
pub use delivery::{DELIVERY_TIMEOUT, MAX_DELIVERIES};
pub use element::{Element, Value};
pub use endpoint::http::HttpEndpoint;
pub use endpoint::{Broken, Endpoint, Request, Response};
pub use exchange::{DeliveryRecord, Exchange, Outcome, Unseen, Verdict};
pub use faults::{ApiFault, DeliveryFault, Fault, When};
pub use follower::{ActError, Follower};
pub use header::Header;
pub use link::{Link, Target};
pub use names::UnknownName;
pub use options::{LongText, OnError, Options, Repeats};
pub use phone::{NOTICE, Shown, Via, What};
pub use server::SimServer;
pub use web_page::PageError;
pub use wechat::{HandshakeError, WeChat};
pub use world::follower::Platform;
pub use xml::Malformed;
