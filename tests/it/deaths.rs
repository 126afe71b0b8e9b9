//! A process may die at every step: before and after each change in the store and each call of
//! WeChat's API. So may the one that goes on with what it left. The follower has one answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use wxbot_sdk::store::Reach;
use wxbot_sim::{ApiFault, Exchange, Fault, Kind, Verdict, When};
use wxbot_store::Memory;
use wxbot_tests::instances::Instances;
use wxbot_tests::scripted::{SEND, Scripted, says, seconds, shown};

/// Far more steps than one message takes.
const MOST_STEPS: usize = 100;

/// Who dies at some step.
#[derive(Debug, Clone, Copy)]
enum Mortal {
    /// Who is told the message.
    First,
    /// Who goes on when the first, which promised an answer, is dead.
    Successor,
}

struct Row {
    mortal: Mortal,
    reach: Reach,
    kind: Kind,
    late: &'static str,
    said: &'static str,
}

impl Row {
    /// The words, which nobody said before, and the answer to them.
    fn words(&self) -> (String, String) {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let (takes, answer) = self.said.rsplit_once(' ').expect("an answer is the last word");
        let answer = format!("{answer}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        (format!("{takes} {answer}"), answer)
    }
}

/// What came of one message, with a process that ended at some step.
struct Lived {
    exchange: Exchange,
    answers: usize,
    died: bool,
    died_sending: bool,
    runs: usize,
}

/// One process ends at this step. Where instances share the store the first is one of two, and all
/// that ends is replaced after a second.
async fn live(row: &Row, last_step: usize) -> Lived {
    let setup = Scripted { kind: row.kind, config: row.late.into(), ..Scripted::default() };
    let wechat = setup.wechat();
    let store = Arc::new(Memory::default());
    let instances = Instances::none(setup, &wechat, store, row.reach);
    let first = instances.start_one_until(match row.mortal {
        Mortal::First => last_step,
        Mortal::Successor => usize::MAX,
    });
    if let (Mortal::First, Reach::Instances) = (row.mortal, row.reach) {
        instances.start_one();
    }
    let replacing = tokio::spawn({
        let instances = Arc::clone(&instances);
        async move {
            loop {
                seconds(1).await;
                instances.replace_the_dead();
            }
        }
    });
    let alice = wechat.follower("alice");
    let (said, answer) = row.words();
    let exchange = says(&alice, &said).await;
    let mortal = match row.mortal {
        Mortal::First => first,
        Mortal::Successor => {
            instances.kill_one();
            instances.start_one_until(last_step)
        }
    };
    seconds(120).await;
    if exchange.text().is_some_and(|text| text.contains("发送「1」")) {
        says(&alice, "1").await;
    }
    replacing.abort();
    let answers = shown(&alice).iter().filter(|(_, words)| *words == answer).count();
    let (died, died_sending) = (mortal.is_over(), mortal.ended_sending());
    Lived { exchange, answers, died, died_sending, runs: instances.asked(&alice, &said) }
}

/// A clock and tasks of its own for each life.
fn paused<T>(life: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().expect("threads can be started").block_on(life)
}

/// Ends a process at each step, until it has no more steps to end at.
#[track_caller]
fn check(row: Row) {
    let Row { mortal, reach, kind, said, .. } = row;
    let mut wrong = Vec::new();
    for step in 0..MOST_STEPS {
        let lived = paused(live(&row, step));
        if !lived.died {
            assert!(step > 5, "it took {step} steps only");
            assert!(
                wrong.is_empty(),
                "{mortal:?}, {reach:?}, {kind}, {said}:\n{}",
                wrong.join("\n")
            );
            return;
        }
        let failed = matches!(lived.exchange.verdict, Verdict::Notice(_));
        let fine = match lived.answers {
            0 => failed,
            1 => true,
            answers => answers == 2 && lived.died_sending,
        };
        if !fine || lived.runs == 0 {
            let verdict = &lived.exchange.verdict;
            let Lived { answers, died_sending, runs, .. } = lived;
            wrong.push(format!(
                "step {step}: {answers} answers, {runs} runs, died sending: {died_sending}, \
                 {verdict:?}"
            ));
        }
    }
    panic!("still alive after {MOST_STEPS} steps");
}

const SHORT: &str = "late = { window = '2s', deliveries = 1, customer_service = true }";
const SHORT_KEPT: &str = "late = { window = '2s', deliveries = 1, customer_service = false }";

#[test]
fn a_process_on_a_file_may_die_at_every_step_of_a_late_answer() {
    for (kind, late) in [(Kind::VerifiedService, SHORT), (Kind::Personal, SHORT_KEPT)] {
        check(Row {
            mortal: Mortal::First,
            reach: Reach::Machine,
            kind,
            late,
            said: "after 8 done",
        });
        check(Row {
            mortal: Mortal::First,
            reach: Reach::Machine,
            kind,
            late,
            said: "first 8 done",
        });
        check(Row {
            mortal: Mortal::First,
            reach: Reach::Machine,
            kind,
            late: "",
            said: "after 20 done",
        });
    }
}

#[test]
fn an_instance_may_die_at_every_step_of_a_late_answer() {
    for (kind, late) in [(Kind::VerifiedService, SHORT), (Kind::Personal, SHORT_KEPT)] {
        check(Row {
            mortal: Mortal::First,
            reach: Reach::Instances,
            kind,
            late,
            said: "after 8 done",
        });
        check(Row {
            mortal: Mortal::First,
            reach: Reach::Instances,
            kind,
            late,
            said: "first 8 done",
        });
        check(Row {
            mortal: Mortal::First,
            reach: Reach::Instances,
            kind,
            late: "",
            said: "after 20 done",
        });
    }
}

#[test]
fn an_instance_may_die_at_every_step_of_an_answer_in_time() {
    for said in ["after 0 done", "after 3 done", "after 8 done"] {
        let (reach, kind) = (Reach::Instances, Kind::VerifiedService);
        check(Row { mortal: Mortal::First, reach, kind, late: "", said });
    }
}

#[test]
fn a_successor_may_die_at_every_step_too() {
    for (kind, late) in [(Kind::VerifiedService, SHORT), (Kind::Personal, SHORT_KEPT)] {
        for reach in [Reach::Machine, Reach::Instances] {
            check(Row { mortal: Mortal::Successor, reach, kind, late, said: "after 8 done" });
            check(Row { mortal: Mortal::Successor, reach, kind, late, said: "first 8 done" });
        }
    }
}

/// A bot that is restarted again and again has to come to an end with everything sometime.
#[test]
fn work_that_is_cut_off_again_and_again_is_not_given_up() {
    let answers = paused(async {
        let setup = Scripted { config: SHORT.into(), ..Scripted::default() };
        let wechat = setup.wechat();
        let store = Arc::new(Memory::default());
        let instances = Instances::none(setup, &wechat, store, Reach::Machine);
        instances.start_one();
        let alice = wechat.follower("alice");
        let exchange = says(&alice, "after 5 done").await;
        assert_eq!(exchange.verdict, Verdict::Silence);
        for _ in 0..30 {
            instances.kill_one();
            instances.start_one();
            seconds(2).await;
        }
        assert!(shown(&alice).is_empty(), "it takes longer than each of them lives");
        seconds(600).await;
        shown(&alice).len()
    });
    assert_eq!(answers, 1);
}

/// Each of them dies while WeChat is asked to send the answer, which it does for each.
#[test]
fn what_is_cut_off_while_it_is_sent_is_sent_a_few_times_at_most() {
    let (sent, given) = paused(async {
        let setup = Scripted { config: SHORT.into(), ..Scripted::default() };
        let wechat = setup.wechat();
        let store = Arc::new(Memory::default());
        let instances = Instances::none(setup, &wechat, store, Reach::Machine);
        instances.start_one();
        wechat.fault(Fault::api(SEND, When::Always, ApiFault::Slow(Duration::from_secs(8))));
        let alice = wechat.follower("alice");
        says(&alice, "after 5 done").await;
        for _ in 0..20 {
            seconds(7).await;
            instances.kill_one();
            instances.start_one();
        }
        seconds(600).await;
        (shown(&alice).len(), says(&alice, "1").await.text().map(str::to_owned))
    });
    assert_eq!(sent, 5, "then nobody knows whether she has it");
    assert_eq!(given.as_deref(), Some("done"), "it waits for her next message");
}
