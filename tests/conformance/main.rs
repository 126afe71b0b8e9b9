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
mod orphans;
mod callbacks; // what is posted later

use std::process::ExitCode;

use libtest_mimic::Arguments;
use wxbot_testkit::run;
use wxbot_tests::redis::{plain_trial, trial};

use crate::subject::Subject;

fn main() -> ExitCode {
    let mut trials = examples::trials();
    trials.push(plain_trial("exec::no_process_is_left_after_sigterm", orphans::after_sigterm));
    trials.push(plain_trial("exec::no_process_is_left_after_kill_9", orphans::after_kill_9));
    trials.push(plain_trial("webhook::a_promise_is_kept_over_a_crash", callbacks::over_a_crash));
    trials.push(trial("webhook::any_instance_takes_an_answer", callbacks::to_any_instance));
    for subject in [Subject::Native, Subject::Webhook, Subject::Exec] {
        let of_programs = subject.is_a_program().then(cases::of_programs);
        for (name, case) in cases::all().into_iter().chain(of_programs.into_iter().flatten()) {
            let name = format!("{}::{name}", subject.name());
            trials.push(plain_trial(name, move || run(case(subject))));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
