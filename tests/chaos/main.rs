//! wxbot loses and doubles nothing: real processes, real sockets, a real `redis-server`, real time.
//!
//! The same promises hold in `it/` in virtual time, where every moment can be chosen; here they
//! hold for the program as it runs, and moments are chosen by chance. A seed is printed; with
//! `WXBOT_SEED` it is taken again. `WXBOT_KILLS`, `WXBOT_MESSAGES` and `WXBOT_FOLLOWERS` make more of it.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

mod town;
mod balancer;
mod kills;
mod instances;
mod trouble;
mod tokens;
mod restart;
mod stopping;
mod moving;
mod dialogs;
mod jobs;
mod table;
mod chat;

use std::process::ExitCode;

use libtest_mimic::Arguments;
use wxbot_tests::redis::{plain_trial, trial};

fn main() -> ExitCode {
    let trials = vec![
        plain_trial("file::late_answers_survive_kill_9", kills::on_a_file),
        trial("redis::late_answers_survive_kill_9", kills::on_redis),
        trial("redis::one_instance_works_on_each_message_once", instances::one),
        trial("redis::three_instances_work_on_each_message_once", instances::three),
        trial("redis::an_instance_that_dies_leaves_one_answer", instances::dying),
        trial("redis::one_that_is_killed_silences_nobody", trouble::killed),
        trial("redis::one_that_hangs_silences_nobody", trouble::hung),
        trial("redis::one_that_is_a_replica_silences_nobody", trouble::replica),
        trial("redis::a_spent_token_is_renewed_once_for_all", tokens::one_refresh),
        trial("redis::a_store_moves_there_with_what_is_late", moving::to_redis),
        plain_trial("file::a_restart_loses_nothing", restart::loses_nothing),
        plain_trial("file::a_dialog_survives_kill_9", dialogs::on_a_file),
        plain_trial("file::a_dialog_meets_a_newer_version", dialogs::with_a_newer_version),
        trial("redis::a_dialog_survives_kill_9", dialogs::on_redis),
        plain_trial("file::a_job_survives_kill_9_and_is_done_once", jobs::on_a_file),
        trial("redis::a_job_survives_kill_9_and_is_done_once", jobs::on_redis),
        plain_trial("file::a_model_that_thinks_through_kill_9_answers_once", chat::on_a_file),
        trial("redis::a_model_that_thinks_through_kill_9_answers_once", chat::on_redis),
        plain_trial("one_whose_drain_hangs_ends_all_the_same", stopping::within_its_bound),
        plain_trial("plugins_that_never_stop_do_not_keep_the_process", stopping::plugins),
        plain_trial(
            "work_that_is_cut_off_is_no_alarm",
            stopping::without_alarm_about_what_begins_again,
        ),
        plain_trial(
            "file::everybody_is_answered_on_every_kind_of_account",
            table::of_what_followers_see,
        ),
        trial(
            "redis::everybody_is_answered_on_every_kind_of_account",
            table::of_what_followers_see_of_redis,
        ),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
