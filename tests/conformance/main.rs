//! A handler is a handler, in whatever language: one suite that a plugin, a webhook and a child process
//! pass alike, and the examples of `docs` in Python and Node.
//!
//! Without `python3` or `node` the examples are listed as ignored, or fail where
//! `WXBOT_REQUIRE_LANGUAGES=1`.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

mod subject; // the same handler, three times
mod server;
mod cases; // what all of them do alike
mod examples;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use wxbot_testkit::run;

use crate::subject::Subject;

fn main() -> ExitCode {
    let mut trials = examples::trials();
    for subject in [Subject::Native, Subject::Webhook, Subject::Exec] {
        for (name, case) in cases::all() {
            trials.push(Trial::test(format!("{}::{name}", subject.name()), move || {
                run(case(subject));
                Ok(())
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
