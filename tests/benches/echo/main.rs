//! The whole server against a bare actix-web: `cargo bench -p wxbot-tests --bench echo`.
//!
//! One epoll thread keeps 64 connections busy; every message is distinct and correctly signed,
//! every answer is checked. The servers take turns within a round, and ratios are made within a
//! round too: absolute figures move with the machine, ratios hardly do.

mod options;
mod contest; // who is measured, and the rounds
mod wxbot; // the real program: built, configured
mod bare; // what it is measured against
mod child; // a server as a process: start, CPU, memory, stop
mod message; // what the followers say
mod cipher;
mod load; // saying it, as fast as it is answered
mod answer; // what must come back
mod table;

use clap::Parser;
use options::Options;

fn main() -> anyhow::Result<()> {
    // `cargo bench` passes `--bench`; `cargo test --benches` does not, and wants no long work.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing measured: this is `cargo bench -p wxbot-tests --bench echo`");
        return Ok(());
    }
    let options = Options::parse();
    if let Some(port) = options.bare {
        return bare::serve(options.mode, port);
    }
    table::print_setting(&options)?;
    match options.memory {
        Some(messages) => contest::memory(&options, messages),
        None => contest::rounds(&options),
    }
}
