//! What is to be done at a time is done then, and once, whoever dies or stands still.

use std::sync::Arc;
use std::time::Duration;

use wxbot_core::jobs::intervention::{Intervention, cancel, retry};
use wxbot_core::jobs::listing::{self, Listed, State};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::job::{JobKind, JobRecord, id_of_dead, id_of_once, id_of_schedule};
use wxbot_sdk::schedule::{Missed, Zone};
use wxbot_sdk::store::keys::{dead_jobs, jobs};
use wxbot_sdk::store::record::encode;
use wxbot_sdk::store::{Item, Reach, Store};
use wxbot_sim::WeChat;
use wxbot_store::{Limits, Memory};
use wxbot_tests::clockwork::{done, times};
use wxbot_tests::instances::Instances;
use wxbot_tests::scripted::{BEGINS, Scripted, says, seconds, shown};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

struct Together {
    instances: Arc<Instances>,
    wechat: WeChat,
    store: Arc<Memory>,
}

/// So many instances of a bot with this `clockwork`.
fn together(count: usize, reach: Reach, log: &str, config: &str) -> Together {
    let config =
        format!("[[chain]]\nplugin = 'clockwork'\n[chain.config]\nlog = '{log}'\n{config}\n");
    let setup = Scripted { config, ..Scripted::default() };
    let wechat = setup.wechat();
    let store = Arc::new(Memory::new(&Limits::default(), Clock::starting_at(BEGINS)));
    let instances = Instances::none(setup, &wechat, Arc::clone(&store) as _, reach);
    (0..count).for_each(|_| drop(instances.start_one()));
    Together { instances, wechat, store }
}

/// The same times, from that of the beginning on.
fn since_begin(times: Vec<u64>) -> Vec<u64> {
    times.into_iter().map(|time| time - BEGINS).collect()
}

/// Three instances for so many half hours, of which one dies in the middle of a job, and another one
/// stands still in the middle of others.
async fn live(reach: Reach, log: &str, halves: u64) -> Together {
    let config = "takes = 20\ncron = { morning = '0 9 * * 1-5', half = '*/30 * * * *', sunday = '0 0 * * 0' }";
    let all = together(2, reach, log, config);
    let slow = all.instances.start_one();
    seconds(10).await;
    for half in 1..=halves {
        seconds(HOUR / 2 - 20).await;
        if half % 3 == 0 {
            slow.stop_for(Duration::from_secs(100));
        }
        seconds(20).await;
        if half % 48 == 3 {
            all.instances.kill_one();
        }
        if half % 48 == 4 {
            all.instances.start_one();
        }
    }
    seconds(120).await;
    let expected: Vec<_> = (1..=halves).map(|half| half * HOUR / 2).collect();
    assert_eq!(since_begin(times(log, "half")), expected, "{reach:?}");
    all
}

/// It begins on a Wednesday, at 8:00 in Beijing. Instances look seldom here, as on a file, or a week
/// would take minutes.
#[tokio::test(start_paused = true)]
async fn over_a_week_on_three_instances_each_time_comes_once() {
    live(Reach::Machine, "week", 7 * 48).await;
    let days = [0, 1, 2, 5, 6];
    assert_eq!(since_begin(times("week", "morning")), days.map(|day| day * DAY + HOUR));
    assert_eq!(since_begin(times("week", "sunday")), [3 * DAY + 16 * HOUR]);
}

#[tokio::test(start_paused = true)]
async fn on_three_instances_that_look_often_each_time_comes_once() {
    live(Reach::Instances, "day", 8).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_is_left_out_or_made_up_for_once() {
    for (missed, expected) in [("skip", vec![1, 6]), ("once", vec![1, 2, 6])] {
        let config = format!("missed = '{missed}'\ncron = {{ hourly = '0 * * * *' }}");
        let all = together(1, Reach::Machine, missed, &config);
        seconds(HOUR + 60).await;
        all.instances.kill_one();
        seconds(4 * HOUR).await;
        all.instances.start_one();
        seconds(HOUR).await;
        let expected: Vec<_> = expected.into_iter().map(|hour| hour * HOUR).collect();
        assert_eq!(since_begin(times(missed, "hourly")), expected, "{missed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_schedule_takes_the_place_of_the_old_one() {
    let all = together(1, Reach::Machine, "changed", "cron = { at = '0 9 * * *' }");
    seconds(60).await;
    all.instances.kill_one();
    let config = "[[chain]]\nplugin = 'clockwork'\n[chain.config]\nlog = 'changed'\ncron = { at = '30 8 * * *' }";
    let setup = Scripted { config: config.into(), ..Scripted::default() };
    let store = Arc::clone(&all.store) as Arc<dyn Store>;
    let others = Instances::none(setup, &all.wechat, store, Reach::Machine);
    others.start_one();
    seconds(DAY).await;
    assert_eq!(since_begin(times("changed", "at")), [HOUR / 2]);
}

/// Another instance, with this in its `clockwork`.
fn beside(all: &Together, config: &str) -> Arc<Instances> {
    let config = format!("[[chain]]\nplugin = 'clockwork'\n[chain.config]\n{config}\n");
    let setup = Scripted { config, ..Scripted::default() };
    let store = Arc::clone(&all.store) as Arc<dyn Store>;
    let others = Instances::none(setup, &all.wechat, store, Reach::Machine);
    others.start_one();
    others
}

#[tokio::test(start_paused = true)]
async fn a_changed_schedule_does_not_cut_off_the_run_in_progress() {
    let config = "takes = 600\ncron = { at = '0 9 * * *' }";
    let all = together(1, Reach::Machine, "running", config);
    seconds(HOUR + 120).await;
    let _others = beside(&all, "log = 'running'\ncron = { at = '0 10 * * *' }");
    seconds(HOUR / 2).await;
    assert_eq!(since_begin(times("running", "at")), [HOUR]);
    all.instances.kill_one();
    seconds(4 * HOUR).await;
    assert_eq!(since_begin(times("running", "at")), [HOUR, 2 * HOUR], "the new one is in force");
}

#[tokio::test(start_paused = true)]
async fn what_waited_while_the_bot_ran_is_not_missed() {
    let crons = (0..20).map(|number| format!("at{number} = '0 9 * * *'")).collect::<Vec<_>>();
    let config = format!("takes = 400\ncron = {{ {} }}", crons.join(", "));
    let all = together(1, Reach::Machine, "busy", &config);
    seconds(2 * HOUR).await;
    assert_eq!(done("busy").len(), 20);
    all.instances.kill_one();
}

#[tokio::test(start_paused = true)]
async fn a_reminder_does_not_wait_for_schedules() {
    let crons = (0..20).map(|number| format!("at{number} = '0 9 * * *'")).collect::<Vec<_>>();
    let config = format!("takes = 1200\ncron = {{ {} }}", crons.join(", "));
    let all = together(1, Reach::Machine, "behind", &config);
    let alice = all.wechat.follower("alice");
    says(&alice, &format!("in {} tea", HOUR + 60)).await;
    seconds(HOUR + 60 + 1200 + 30).await;
    assert_eq!(times("behind", "tea").len(), 1);
    seconds(2 * HOUR).await;
    assert_eq!(done("behind").len(), 21, "and all schedules were done");
}

#[tokio::test(start_paused = true)]
async fn one_queue_that_fails_stops_no_other() {
    let config = "cron = { at = '0 9 * * *' }\n[[chain]]\nid = 'broken'\nplugin = 'clockwork'";
    let all = together(1, Reach::Machine, "others", config);
    all.instances.fail_queue(&jobs("broken"));
    seconds(HOUR + 5).await;
    assert_eq!(since_begin(times("others", "at")), [HOUR]);
}

#[tokio::test(start_paused = true)]
async fn a_job_is_added_once_done_once_and_may_be_taken_back() {
    let all = together(2, Reach::Instances, "once", "");
    let alice = all.wechat.follower("alice");
    for (said, answer) in [
        ("in 60 tea", "added"),
        ("in 90 tea", "there"),
        ("in 60 egg", "added"),
        ("cancel egg", "cancelled"),
        ("cancel egg", "gone"),
    ] {
        assert_eq!(says(&alice, said).await.text(), Some(answer), "{said}");
    }
    seconds(600).await;
    assert_eq!(since_begin(times("once", "tea")), [60]);
    assert_eq!(done("once").len(), 1);
    assert_eq!(says(&alice, "in 60 tea").await.text(), Some("added"));
}

#[tokio::test(start_paused = true)]
async fn a_job_may_come_again_under_its_own_name() {
    let all = together(1, Reach::Machine, "thrice", "");
    let alice = all.wechat.follower("alice");
    says(&alice, "in 60 thrice").await;
    seconds(100).await;
    assert_eq!(says(&alice, "in 60 thrice").await.text(), Some("there"));
    seconds(HOUR).await;
    assert_eq!(since_begin(times("thrice", "thrice")), [60, 120, 180]);
    assert_eq!(says(&alice, "in 60 thrice").await.text(), Some("added"));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_never_ends_well_is_tried_five_times() {
    for name in ["panic", "hang", "fail"] {
        let all = together(1, Reach::Machine, name, "");
        let alice = all.wechat.follower("alice");
        says(&alice, &format!("in 60 {name}")).await;
        seconds(2 * HOUR).await;
        assert_eq!(all.store.count(&jobs("clockwork")).await.unwrap(), 0, "{name}");
        let dead = all.store.list(&dead_jobs("clockwork"), 9).await.unwrap();
        assert_eq!(dead.len(), 1, "{name}");
        let record = String::from_utf8(dead[0].value.clone()).unwrap();
        assert!(record.contains("\"attempts\":5"), "{record}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_is_listed_for_a_week() {
    let all = together(0, Reach::Machine, "dead", "");
    let letter = Item { id: "once/tea".into(), value: vec![], due: BEGINS * 1000 + 7 * 86_400_000 };
    all.store.push(&dead_jobs("clockwork"), letter).await.unwrap();
    seconds(7 * DAY - 60).await;
    all.instances.start_one();
    seconds(30).await;
    assert_eq!(all.store.count(&dead_jobs("clockwork")).await.unwrap(), 1);
    seconds(120).await;
    assert_eq!(all.store.count(&dead_jobs("clockwork")).await.unwrap(), 0);
}

/// An instance dies at this step after the job was added, and whatever dies is replaced: how often
/// Alice was told, and whether it died while she was.
async fn told(reach: Reach, last_step: usize) -> (usize, bool, bool) {
    let all = together(1, reach, "deaths", "takes = 20");
    let alice = all.wechat.follower("alice");
    assert_eq!(says(&alice, "in 30 tea").await.text(), Some("added"));
    all.instances.kill_one();
    let mortal = all.instances.start_one_until(last_step);
    for _ in 0..300 {
        seconds(1).await;
        all.instances.replace_the_dead();
    }
    let told = shown(&alice).iter().filter(|(_, words)| words == "tea").count();
    let left = all.store.count(&jobs("clockwork")).await.expect("memory can be reached");
    assert_eq!(left, 0);
    (told, mortal.is_over(), mortal.ended_sending())
}

#[tokio::test(start_paused = true)]
async fn an_instance_may_die_at_every_step_of_a_job() {
    for reach in [Reach::Machine, Reach::Instances] {
        let mut steps = 0;
        loop {
            let (told, died, died_sending) = told(reach, steps).await;
            let fine = told == 1 || told == 2 && died_sending;
            assert!(fine, "{reach:?}, step {steps}: told {told} times, {died_sending}");
            if !died {
                break;
            }
            steps += 1;
        }
        assert!(steps > 6, "it took {steps} steps only");
    }
}

/// What an operator sees, by pages of two.
async fn listed(store: &dyn Store, links: &[&str]) -> Vec<Listed> {
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = listing::page(store, links, next, 2).await.expect("it is in memory");
        assert!(page.listed.len() <= 2);
        all.extend(page.listed);
        next = page.next;
        if next.is_none() {
            return all;
        }
    }
}

fn states(listed: &[Listed]) -> Vec<(&str, State, u32)> {
    listed.iter().map(|job| (&*job.name, job.state, job.attempts)).collect()
}

#[tokio::test(start_paused = true)]
async fn an_operator_sees_how_jobs_stand_on_whatever_page() {
    let all = together(1, Reach::Machine, "stand", "takes = 20");
    let (alice, store) = (all.wechat.follower("alice"), &*all.store);
    for said in ["in 60 tea", "in 3000 egg", "in 3001 ham", "in 60 fail"] {
        assert_eq!(says(&alice, said).await.text(), Some("added"), "{said}");
    }
    for (link, at) in [("other", 7), ("other", 8), ("gone", 9)] {
        let item = Item { id: format!("once/{at}"), value: vec![], due: at };
        store.push(&dead_jobs(link), item).await.unwrap();
    }
    seconds(70).await;
    let jobs = listed(store, &["clockwork", "other"]).await;
    let (failed, tea) = (("fail", State::Waiting, 1), ("tea", State::Leased, 1));
    let (egg, ham) = (("egg", State::Waiting, 0), ("ham", State::Waiting, 0));
    let (seven, eight) = (("7", State::Unreadable, 0), ("8", State::Unreadable, 0));
    assert_eq!(states(&jobs), [failed, tea, egg, ham, seven, eight]);
    assert_eq!(jobs[0].last_error.as_deref(), Some("as it was told"));
    assert_eq!(jobs[1].due / 1000, BEGINS + 60, "not the end of the lease");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_cancelled_while_it_is_done_goes_no_further() {
    let all = together(1, Reach::Machine, "cancelled", "takes = 120");
    let (alice, store) = (all.wechat.follower("alice"), &*all.store);
    says(&alice, "in 30 tea").await;
    seconds(40).await;
    let found = listed(store, &["clockwork"]).await;
    assert_eq!(states(&found), [("tea", State::Leased, 1)]);
    assert_eq!(cancel(store, "clockwork", &found[0].id).await.unwrap(), Intervention::Done);
    seconds(HOUR).await;
    assert_eq!(done("cancelled"), []);
    assert_eq!(store.count(&jobs("clockwork")).await.unwrap(), 0);
}

/// A dead letter, of which the id for an operator is returned.
async fn bury(store: &dyn Store, id: &str, kind: JobKind) -> String {
    let record = JobRecord { attempts: 5, ..JobRecord::new(kind, 7, "oALICE".into()) };
    let (id, due) = (id_of_dead(id, 7), (BEGINS + 7 * DAY) * 1000);
    store
        .push(&dead_jobs("clockwork"), Item { id, value: encode(&record), due })
        .await
        .expect("it is in memory");
    let jobs = listed(store, &["clockwork"]).await;
    jobs.iter().find(|job| job.state == State::DeadLetter).expect("it is listed").id.clone()
}

fn daily(cron: &str) -> JobKind {
    let cron = cron.parse().expect("it is an expression");
    JobKind::Cron { cron, zone: Zone::BEIJING, missed: Missed::Skip, last: None }
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_was_given_up_comes_now_and_then_as_ever() {
    let all = together(1, Reach::Instances, "again", "cron = { at = '0 9 * * *' }");
    seconds(600).await;
    let id = bury(&*all.store, &id_of_schedule("at"), daily("0 9 * * *")).await;
    assert_eq!(retry(&*all.store, "clockwork", &id).await.unwrap(), Intervention::Done);
    assert_eq!(retry(&*all.store, "clockwork", &id).await.unwrap(), Intervention::NotFound);
    seconds(DAY).await;
    assert_eq!(since_begin(times("again", "at")), [600, HOUR]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_waits_while_another_one_of_its_name_is_to_be_done() {
    let all = together(1, Reach::Instances, "refused", "cron = { fail = '5 8 * * *' }");
    let (alice, store) = (all.wechat.follower("alice"), &*all.store);
    says(&alice, "in 60 tea").await;
    let id = bury(store, &id_of_once("tea"), JobKind::Once).await;
    assert_eq!(retry(store, "clockwork", &id).await.unwrap(), Intervention::Busy);
    assert_eq!(store.count(&dead_jobs("clockwork")).await.unwrap(), 1, "it is kept");
    assert_eq!(cancel(store, "clockwork", &id).await.unwrap(), Intervention::Done);
    seconds(310).await;
    let id = bury(store, &id_of_schedule("fail"), daily("5 8 * * *")).await;
    assert_eq!(retry(store, "clockwork", &id).await.unwrap(), Intervention::Busy, "it fails now");
}
