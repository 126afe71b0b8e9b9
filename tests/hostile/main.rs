//! Attacks on the program over real sockets: whoever sends what no client sends is cut off soon, costs
//! little, and takes nobody else's place. Bounds are wide: only what never ends misses them.

mod target;
mod attacker;
mod refused; // a refused request that never ends
mod unread; // answers that nobody reads
mod slow; // heads that take their time, connections that say nothing
mod console; // pages, tokens and probes of others
mod flood; // more connections than there are files

use std::process::ExitCode;

use libtest_mimic::Arguments;
use wxbot_tests::redis::plain_trial;

/// Nearly all of the time is spent waiting to be cut off.
const AT_ONCE: usize = 8;

fn main() -> ExitCode {
    let trials = vec![
        plain_trial("refused::silence_after_an_answer_is_cut_off", refused::silence),
        plain_trial("refused::a_body_that_is_sent_flat_out_is_not_read_on", refused::flat_out),
        plain_trial("refused::the_console_is_no_better_to_attack", refused::console),
        plain_trial("unread::answers_that_nobody_reads_are_not_piled_up", unread::piles),
        plain_trial("unread::a_connection_that_is_not_read_holds_no_core", unread::cores),
        plain_trial("slow::a_head_that_dribbles_is_cut_off", slow::dribbles),
        plain_trial("slow::a_connection_that_says_nothing_is_closed", slow::says_nothing),
        plain_trial("slow::a_connection_that_has_more_to_say_is_kept", slow::is_kept),
        plain_trial("console::a_page_that_rebinds_its_name_is_refused", console::rebinding),
        plain_trial("console::who_has_the_token_may_ask_by_any_name", console::any_name),
        plain_trial("console::trying_tokens_is_slow_and_a_few_lines", console::guesses),
        plain_trial("console::a_flood_of_probes_writes_nothing", console::probes),
        plain_trial("flood::idle_connections_keep_nobody_out", flood::idle),
        plain_trial("flood::a_burst_of_genuine_messages_is_answered", flood::genuine),
        plain_trial("flood::who_has_hung_up_keeps_nobody_out", flood::hung_up),
    ];
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    libtest_mimic::run(&arguments, trials).exit_code()
}
