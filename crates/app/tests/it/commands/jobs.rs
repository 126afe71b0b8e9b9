//! `wxbot jobs`: what plugins are to do at a time, with a bot that runs and without one.

use std::time::{Duration, Instant};

use serde_json::Value;
use wxbot_tests::bot::account;
use wxbot_tests::program::Program;
use wxbot_tests::redis::free_port;

use super::{CHAIN, with_stored, wxbot};

/// In 2099 a reminder, a schedule and something that nobody can read, and a dead letter.
const JOBS: &str = include_str!("jobs.jsonl");
/// What the dead letter is called.
const CALL: &str = "call/oVjE…zB8o";
const PATIENCE: Duration = Duration::from_secs(30);

fn listed(program: &Program, of: &[&str]) -> Vec<Value> {
    let ran = program.run(&[&["jobs", "list", "--json"], of].concat()).exits(0);
    serde_json::from_str(&ran.stdout).expect(&ran.stdout)
}

/// State, link and name of each.
fn states(program: &Program, of: &[&str]) -> Vec<String> {
    let text = |job: &Value, key: &str| job[key].as_str().expect(key).to_owned();
    let words = |job: &Value| ["state", "link", "name"].map(|key| text(job, key)).join(" ");
    listed(program, of).iter().map(words).collect()
}

fn id_of(program: &Program, name: &str) -> String {
    let listed = listed(program, &[]);
    let job = listed.iter().find(|job| job["name"] == name).expect(name);
    job["id"].as_str().expect("an id is text").to_owned()
}

/// Lists and cancels, whoever does it.
#[track_caller]
fn check(program: &Program) {
    let all = [
        "waiting prices main/oVjE…zB8o/7",
        "waiting echo weekly",
        "unreadable prices odd",
        "dead_letter echo call/oVjE…zB8o",
    ];
    assert_eq!(states(program, &[]), all);
    assert_eq!(states(program, &["prices"]), [all[0], all[2]]);
    let table = program.run(&["jobs"]).exits(0).says_nothing().stdout;
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[1].contains("2099-01-01 08:00") && lines[1].contains(" d "), "{table}");
    assert!(table.ends_with("oVjE…zB8o has no phone\n"), "{table}");
    for secret in ["nho01jw5B6", "买牛奶", "private"] {
        assert!(!table.contains(secret), "{table}");
    }

    let cancel = |link: &str, id: &str| program.run(&["jobs", "cancel", link, id]);
    let retry = |link: &str, id: &str| program.run(&["jobs", "retry", link, id]);
    let reminder = id_of(program, "main/oVjE…zB8o/7");
    cancel("echo", &reminder).exits(2).prints("").says(&["`echo` has no job", "wxbot jobs"]);
    retry("prices", &reminder).exits(2).prints("").says(&["`prices` has no dead letter"]);
    cancel("prices", &reminder).exits(0).prints("").says_nothing();
    cancel("prices", &reminder).exits(2);
    cancel("prices", &id_of(program, "odd")).exits(0);
    cancel("echo", &id_of(program, "weekly")).exits(0);
    assert_eq!(states(program, &[]), [all[1], all[3]], "the schedule goes on");
    let table = program.run(&["jobs"]).exits(0).stdout;
    assert!(table.contains("2099-01-05 09:00"), "{table}");
}

#[test]
fn jobs_are_listed_and_cancelled_while_the_bot_runs() {
    let program = with_stored(JOBS);
    let serving = program.serve(&["run"]);
    check(&program);
    cancel_dead_letter(&program);
    serving.stop().exits(0);
}

#[test]
fn jobs_are_listed_and_cancelled_when_none_runs() {
    let program = with_stored(JOBS);
    check(&program);
    cancel_dead_letter(&program);
}

#[track_caller]
fn cancel_dead_letter(program: &Program) {
    program.run(&["jobs", "cancel", "echo", &id_of(program, CALL)]).exits(0);
    assert_eq!(states(program, &[]), ["waiting echo weekly"]);
}

#[test]
fn a_dead_letter_is_due_again_when_none_runs() {
    let program = with_stored(JOBS);
    let id = id_of(&program, CALL);
    program.run(&["jobs", "retry", "echo", &id]).exits(0).prints("").says_nothing();
    assert_eq!(states(&program, &["echo"]), ["due echo call/oVjE…zB8o", "waiting echo weekly"]);
    program.run(&["jobs", "retry", "echo", &id]).exits(2);
}

/// Nothing is due but that: the bot sleeps for a minute, unless it is woken.
#[test]
fn a_dead_letter_is_tried_again_at_once_while_the_bot_runs() {
    let program = with_stored(JOBS);
    let serving = program.serve(&["run"]);
    program.run(&["jobs", "retry", "echo", &id_of(&program, CALL)]).exits(0);
    let deadline = Instant::now() + PATIENCE;
    let job = loop {
        let jobs = listed(&program, &["echo"]);
        assert_eq!(jobs.len(), 2, "{jobs:?}");
        if jobs[0]["attempts"] == 1 && jobs[0]["state"] == "waiting" {
            break jobs[0].clone();
        }
        assert!(Instant::now() < deadline, "{jobs:?}");
    };
    assert_eq!(job["last_error"], "there is no `on_job` for `call/oVjE…zB8o`");
    let ran = serving.stop().exits(0).says(&["a job failed", CALL]);
    assert!(!ran.stderr.contains("nho01jw5B6"), "{}", ran.stderr);
}

#[test]
fn a_store_without_jobs_says_so_and_one_in_memory_that_it_keeps_nothing() {
    for (store, code, printed) in [("file:empty", 0, "nothing is to be done\n"), ("memory:", 1, "")]
    {
        let program = wxbot().with_config(&format!(
            "[console]\nlisten = '127.0.0.1:{}'\n[store]\nurl = '{store}'\n{}{CHAIN}",
            free_port(),
            account("plain")
        ));
        program.run(&["jobs"]).exits(code).prints(printed);
    }
}
