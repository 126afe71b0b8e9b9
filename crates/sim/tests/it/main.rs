//! The simulation, rule by rule against the protocol page.

#![allow(clippy::unwrap_used)] // an error here is a failed test

mod bot;
mod sending;
mod repeats;
mod judging;
mod faults;
mod api;
mod control;
mod http;
mod rules;
