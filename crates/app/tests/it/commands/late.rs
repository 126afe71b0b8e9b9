//! `wxbot outbox` and `wxbot store`: what is late, and what is kept, with a bot that runs and
//! without one.

use rustix::process::Signal;
use serde_json::Value;
use wxbot_tests::bot::account;
use wxbot_tests::http;
use wxbot_tests::program::{Program, Ran, Serving};
use wxbot_tests::redis::free_port;
use wxbot_tests::wechat::{Sender, element, text_from};

use super::wxbot;

/// An answer too long for one reply, the rest of which can't be sent: nobody listens where the API
/// is.
fn config(console: u16, store: &str) -> String {
    let long = "a".repeat(3000);
    format!(
        "[server]\nlisten = '127.0.0.1:0'\nworkers = 1\n[console]\nlisten = '127.0.0.1:{console}'\n\
         [store]\nurl = '{store}'\n{}app_secret = 'secretTEST1'\n\
         api_base = 'http://127.0.0.1:{}'\nlate = {{ customer_service = true }}\n\
         [[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\nfull = 'long'\nreply = '{long}'\n",
        account("plain"),
        free_port()
    )
}

/// A bot that keeps what is late in a file.
fn on_a_file() -> Program {
    wxbot().with_config(&config(free_port(), "file:store"))
}

/// A follower asks; the second part of the answer is late.
fn is_asked(serving: &Serving, openid: &str) {
    let path = format!("/wechat?{}", Sender::default().query());
    let response = http::post(serving.endpoint, &path, text_from(openid, "long"));
    let content = element(&response.body, "Content").expect("it is a text");
    assert!((1000..3000).contains(&content.len()), "{} bytes", content.len());
}

/// The ids of what is late.
#[track_caller]
fn late(program: &Program) -> Vec<String> {
    let ran = program.run(&["outbox", "list", "--json"]).exits(0);
    let listed: Vec<Value> = serde_json::from_str(&ran.stdout).expect(&ran.stdout);
    let id = |one: &Value| one["id"].as_str().expect("ids are text").to_owned();
    listed.iter().map(id).collect()
}

#[track_caller]
fn change(program: &Program, what: &str, id: &str) -> Ran {
    program.run(&["outbox", what, id])
}

/// Lists, tries again and drops, whoever does it.
#[track_caller]
fn check(program: &Program) {
    let ran = program.run(&["outbox"]).exits(0);
    for word in ["STATE", "ready", "main", "oLAT…name"] {
        assert!(ran.stdout.contains(word), "{word} is not in\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("oLATE_1_with"), "the openid is shortened\n{}", ran.stdout);
    let [id] = &late(program)[..] else { panic!("one is late\n{}", ran.stdout) };
    change(program, "retry", id).exits(0).prints("");
    change(program, "retry", "nothing").exits(2).prints("").says(&[UNKNOWN, "wxbot outbox"]);
    change(program, "drop", "nothing").exits(2).prints("").says(&[UNKNOWN]);
    change(program, "drop", id).exits(0).prints("");
    program.run(&["outbox"]).exits(0).prints("nothing is late\n");
    change(program, "drop", id).exits(2);
}

const UNKNOWN: &str = "error: nothing late has the id `nothing`";

#[test]
fn what_is_late_is_listed_tried_again_and_dropped_while_the_bot_runs() {
    let program = on_a_file();
    let serving = program.serve(&["run"]);
    is_asked(&serving, "oLATE_1_with_a_long_name");
    check(&program);
    serving.stop().exits(0);
}

#[test]
fn what_is_late_is_listed_tried_again_and_dropped_when_no_bot_runs() {
    let program = on_a_file();
    let serving = program.serve(&["run"]);
    is_asked(&serving, "oLATE_1_with_a_long_name");
    serving.signal(Signal::KILL);
    drop(serving);
    check(&program);
}

/// More than fit on a page.
const MANY: usize = 1100;

/// How many are tried again, of all or of a kind.
#[track_caller]
fn retry(program: &Program, options: &[&str]) -> usize {
    let ran = program.run(&[&["outbox", "retry"], options].concat()).exits(0);
    let retried = ran.stdout.trim().strip_prefix("tried again: ").expect(&ran.stdout);
    retried.parse().expect("it is a number")
}

#[test]
fn all_that_is_late_is_tried_again_with_a_bot_and_without_one() {
    let program = on_a_file();
    let serving = program.serve(&["run"]);
    for follower in 0..MANY {
        is_asked(&serving, &format!("oMANY_{follower}"));
    }
    // They move from page to page while they are read, as each is tried.
    assert_eq!(late(&program).len(), MANY, "all are listed");
    assert_eq!(retry(&program, &["--all"]), MANY);
    serving.signal(Signal::KILL);
    drop(serving);
    assert_eq!(late(&program).len(), MANY, "none is lost");
    assert_eq!(retry(&program, &["--all"]), MANY);
    assert_eq!(retry(&program, &["--account", "main", "--since", "1h"]), MANY);
    assert_eq!(late(&program).len(), MANY, "none is lost");
}

#[test]
fn what_is_to_be_tried_again_must_be_said_and_be_there() {
    let program = on_a_file();
    let says = |options: &[&str], what: &[&str]| {
        program.run(&[&["outbox", "retry"], options].concat()).exits(2).prints("").says(what);
    };
    says(&["--account", "mian"], &["no account has the id `mian`; there are: main"]);
    says(&["--since", "soon"], &["soon"]);
    says(&[], &["--all"]);
    says(&["some-id", "--all"], &["--all"]);
}

#[test]
fn bots_with_different_prefixes_share_a_store_and_see_only_their_own() {
    let with_prefix = |prefix: &str| {
        let config = config(free_port(), "file:store");
        config.replace("[store]\n", &format!("[store]\nprefix = '{prefix}'\n"))
    };
    let program = wxbot().with_config(&with_prefix("shop:"));
    let serving = program.serve(&["run"]);
    is_asked(&serving, "oSHOP");
    serving.stop().exits(0);
    program.write("bot.toml", with_prefix("club:"));
    assert_eq!(late(&program).len(), 0);
    program.write("bot.toml", with_prefix("shop:"));
    assert_eq!(late(&program).len(), 1);
}

#[test]
fn a_prefix_that_can_not_be_is_pointed_at() {
    let config =
        config(free_port(), "redis://127.0.0.1").replace("[store]\n", "[store]\nprefix = '{a}'\n");
    let ran = wxbot().with_config(&config).run(&["check"]).exits(2);
    ran.says(&["`{a}` is no prefix of a store", "prefix = "]);
}

#[test]
fn a_memory_store_without_a_bot_has_nothing_to_show() {
    let program = wxbot().with_config(&config(free_port(), "memory:"));
    program.run(&["outbox"]).exits(1).prints("").says(&["no bot runs here", "`memory:`"]);
    program.run(&["store", "export"]).exits(1).prints("").says(&["`memory:` is empty"]);
    let serving = program.serve(&["run"]);
    is_asked(&serving, "oLATE_1_with_a_long_name");
    check(&program);
}

#[test]
fn a_file_that_another_process_has_open_is_1_and_named() {
    let program = on_a_file();
    let _serving = program.serve(&["run"]);
    program.write("other.toml", config(free_port(), "file:store"));
    for command in [&["outbox"][..], &["store", "import"], &["run"]] {
        let arguments = [&["--config", "other.toml"], command].concat();
        let ran = program.run(&arguments).exits(1).prints("");
        ran.says(&["error: `file:store` is in use by another process"]);
    }
}

#[test]
fn what_is_in_a_file_moves_to_another_one() {
    let program = on_a_file();
    let serving = program.serve(&["run"]);
    is_asked(&serving, "oLATE_1_with_a_long_name");
    serving.stop().exits(0);
    let before = late(&program);
    let export = program.run(&["store", "export"]).exits(0);
    export.says(&["exported "]);
    let export = program.run(&["store", "export"]).stdout;
    program.write("other.toml", config(free_port(), "file:other"));
    let other = ["--config", "other.toml", "store", "import"];
    program.run_with_input(&other, &export).exits(0).prints("").says(&["imported "]);
    program.write("bot.toml", config(free_port(), "file:other"));
    assert_eq!(late(&program), before);
}

#[test]
fn what_is_no_export_is_1_and_its_line_named() {
    let program = on_a_file();
    let ran = program.run_with_input(&["store", "import"], "{\"begin\":{\"version\":1}}\nhello\n");
    ran.exits(1).prints("").says(&["error: line 2 is not from an export"]);
    let cut_off = program.run_with_input(&["store", "import"], "{\"begin\":{\"version\":1}}\n");
    cut_off.exits(1).says(&["the export is cut off after 0 entries"]);
}
