//! `wxbot sessions`: what is open with followers, with a bot that runs and without one.

use wxbot_tests::bot::account;
use wxbot_tests::program::Program;
use wxbot_tests::redis::free_port;

use super::{CHAIN, with_stored, wxbot};

/// Two dialogs, and what is remembered of oALICE under two links, in three values.
const OPEN: &str = include_str!("sessions.jsonl");

/// Kind, link and follower in each line.
#[track_caller]
fn listed(program: &Program, arguments: &[&str]) -> Vec<String> {
    let ran = program.run(arguments).exits(0);
    let words = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        [words[0], words[2], words[words.len() - 1]].join(" ")
    };
    ran.stdout.lines().skip(1).map(words).collect()
}

/// Lists and ends, whoever does it.
#[track_caller]
fn check(program: &Program) {
    let all = [
        "dialog booking oALICE",
        "session other oALICE",
        "session shop oALICE",
        "dialog booking oBOB",
    ];
    assert_eq!(listed(program, &["sessions"]), all);
    assert_eq!(listed(program, &["sessions", "list", "oBOB"]), all[3..]);
    let json = program.run(&["sessions", "list", "oBOB", "--json"]).exits(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect(&json);
    assert_eq!(json[0]["kind"], "dialog");
    assert!(json[0]["left"].as_u64().is_some_and(|left| (1..=600).contains(&left)), "{json}");

    let close = |arguments: &[&str]| program.run(&[&["sessions", "close"], arguments].concat());
    close(&["oCAROL"]).exits(2).prints("").says(&["nothing is open with `oCAROL`", "sessions"]);
    close(&["oALICE", "--account", "other"]).exits(2);
    close(&["oALICE", "--link", "shop"]).exits(0).prints("ended: 1\n");
    assert_eq!(listed(program, &["sessions", "list", "oALICE"]), all[..2]);
    close(&["oALICE"]).exits(0).prints("ended: 2\n");
    assert_eq!(listed(program, &["sessions"]), all[3..]);
    close(&["oBOB"]).exits(0).prints("ended: 1\n");
    program.run(&["sessions"]).exits(0).prints("nothing is open\n");
}

#[test]
fn what_is_open_is_listed_and_ended_while_the_bot_runs() {
    let program = with_stored(OPEN);
    let serving = program.serve(&["run"]);
    check(&program);
    serving.stop().exits(0);
}

#[test]
fn what_is_open_is_listed_and_ended_when_none_runs() {
    check(&with_stored(OPEN));
}

#[test]
fn a_store_in_memory_has_nothing_when_none_runs() {
    let program = wxbot().with_config(&format!(
        "[console]\nlisten = '127.0.0.1:{}'\n{}{CHAIN}",
        free_port(),
        account("plain")
    ));
    program.run(&["sessions"]).exits(1).prints("").says(&["no bot runs here"]);
}
