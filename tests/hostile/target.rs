//! The program that is attacked, and somebody genuine who talks to it meanwhile.

use std::time::{Duration, Instant};

use wxbot_tests::bot::account;
use wxbot_tests::http;
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::wechat::{Sender, element, text};

/// What an attack may take until it is cut off; it would go on for ever.
pub(crate) const SOON: Duration = Duration::from_secs(30);

const CONSOLE: &str = "[console]\nlisten = '127.0.0.1:0'\n";

/// The program with one account in plain mode that does what it is told, or echoes it.
pub(crate) fn serve() -> Serving {
    serve_with(CONSOLE)
}

/// The same with this `[console]`, and what else it takes.
pub(crate) fn serve_with(console: &str) -> Serving {
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config(console));
    program.serve(&["run", "--log", "json"])
}

/// The same with so many files.
pub(crate) fn serve_with_files(most: usize) -> Serving {
    let program = env!("CARGO_BIN_EXE_scripted-bot");
    let limited = format!("ulimit -n {most} && exec \"$0\" \"$@\"");
    let shell = Program::new("/bin/sh").with_config(&config(CONSOLE));
    shell.serve(&["-c", &limited, program, "run", "--log", "json"])
}

fn config(console: &str) -> String {
    let server = "[server]\nlisten = '127.0.0.1:0'\nworkers = 2\n";
    format!("{server}{console}{}[[chain]]\nplugin = 'scripted'\n", account("plain"))
}

/// A genuine message is answered before WeChat hangs up.
#[track_caller]
pub(crate) fn check_answers(serving: &Serving) {
    let began = Instant::now();
    let query = Sender::default().query();
    let response = http::post(serving.endpoint, &format!("/wechat?{query}"), text("still here?"));
    assert_eq!(element(&response.body, "Content").as_deref(), Some("still here?"));
    assert!(began.elapsed() < Duration::from_secs(5), "WeChat has hung up");
}

/// Whether something is so before [`SOON`] is over.
pub(crate) fn soon(mut is_so: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < SOON {
        if is_so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}
