//! wxbot: what a bot is made of.
//!
//! A bot of one's own is a crate with three short files, which `wxbot new bot NAME` makes. `Cargo.toml`
//! names the plugins:
//!
//! ```toml
//! [dependencies]
//! wxbot = "0.1"
//! wxbot-plugin-echo = "0.1"
//!
//! [build-dependencies]
//! wxbot-build = "0.1"
//! ```
//!
//! `build.rs` links them, and `src/main.rs` is the program:
//!
//! ```ignore
//! fn main() { wxbot_build::link_plugins() }
//! ```
//!
//! ```ignore
//! wxbot::main!();
//! ```

mod cli;
mod language;
mod commands;
pub mod config;
pub mod assembly;
pub mod rehearsal;
mod clock_watch;
mod telemetry;

use std::process::ExitCode;

/// The whole program: links the plugins that the build script found, and runs the command line.
#[macro_export]
macro_rules! main {
    () => {
        include!(concat!(env!("OUT_DIR"), "/wxbot_plugins.rs"));

        fn main() -> ::std::process::ExitCode {
            $crate::run_command_line()
        }
    };
}

/// Runs the command line of this process. 0 is good, 1 failed, 2 is a wrong command line or
/// configuration.
pub fn run_command_line() -> ExitCode {
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    telemetry::start(&cli);
    let code = match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => commands::report(&error),
    };
    telemetry::flush();
    code
}
