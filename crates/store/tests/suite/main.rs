//! One suite for all stores, and what is special to some of them. Redis tests start a
//! `redis-server` of their own; without the program they are listed as ignored, or fail where
//! `WXBOT_REQUIRE_REDIS=1`.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

mod subject;
mod shared;
mod values;
mod queues;
mod leases;
mod watching;
mod large;
mod model;
mod transfer;
mod durability;
mod files;
mod golden;
mod trouble;
mod topologies;
mod speed;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use wxbot_tests::redis;

use subject::Kind;

/// A test that holds for every store.
pub(crate) struct Test {
    name: &'static str,
    run: fn(Kind),
}

/// Makes a [`Test`] of an async function. Time is paused: `memory:` and `file:` follow it.
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[crate::Test] = &[$(crate::Test {
            name: stringify!($name),
            run: |kind| crate::subject::paused(async move { $name(Subject::new(kind)).await }),
        }),+];
    };
}
pub(crate) use tests;

fn main() -> ExitCode {
    if let Some(directory) = std::env::var_os(durability::CHILD) {
        return durability::child(directory.as_ref());
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials());
    shared::stop();
    conclusion.exit_code()
}

fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for kind in [Kind::Memory, Kind::File, Kind::Redis] {
        let tests = [
            values::TESTS,
            queues::TESTS,
            leases::TESTS,
            watching::TESTS,
            large::TESTS,
            model::TESTS,
            transfer::TESTS,
        ];
        for test in tests.into_iter().flatten() {
            let name = format!("{}::{}", kind.name(), test.name);
            trials.push(on(kind, name, move || (test.run)(kind)));
        }
    }
    for (name, run) in durability::TESTS.iter().chain(files::TESTS).chain([&golden::OF_FILE]) {
        trials.push(on(Kind::File, format!("file::{name}"), run));
    }
    for (name, run) in trouble::TESTS.iter().chain(topologies::TESTS).chain([&golden::OF_REDIS]) {
        trials.push(on(Kind::Redis, format!("redis::{name}"), run));
    }
    for (name, run) in speed::TESTS {
        let trial = on(Kind::Redis, format!("speed::{name}"), run);
        trials.push(trial.with_ignored_flag(true));
    }
    trials
}

/// A test that needs this kind of store.
fn on(kind: Kind, name: String, run: impl Fn() + Send + 'static) -> Trial {
    match kind {
        Kind::Memory | Kind::File => redis::plain_trial(name, run),
        Kind::Redis => redis::trial(name, run),
    }
}
