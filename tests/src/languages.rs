//! Programs in other languages, for tests that need their interpreters.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

use std::process::{Command, Stdio};

use libtest_mimic::{Completion, Failed, Trial};

/// A test that needs an interpreter such as `python3` or `node`: without the program it is listed as
/// ignored, or fails where `WXBOT_REQUIRE_LANGUAGES=1`.
pub fn trial(program: &str, name: &str, run: impl Fn() + Send + 'static) -> Trial {
    let missing = format!("there is no `{program}` here");
    let required = std::env::var_os("WXBOT_REQUIRE_LANGUAGES").is_some();
    match (is_installed(program), required) {
        (true, _) => Trial::test(name, move || {
            run();
            Ok(())
        }),
        (false, true) => Trial::test(name, move || Err(Failed::from(missing))),
        (false, false) => {
            Trial::ignorable_test(name, move || Ok(Completion::ignored_with(missing)))
        }
    }
}

fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
