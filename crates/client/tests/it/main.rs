//! The client against a scripted WeChat in virtual time, and against a real socket.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

mod wechat;
mod stores;
mod tokens;
mod shared;
mod failures;
mod calls;
mod limits;
mod breaker;
mod faults;
mod files;
mod secrets;
mod network;
mod transfers;
