//! The program `wxbot` with the plugins of the tests, for tests that end processes.

use std::process::ExitCode;

use wxbot_tests as _;

fn main() -> ExitCode {
    wxbot::run_command_line()
}
