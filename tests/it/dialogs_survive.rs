//! Conversations on several instances, through restarts, and through a death at every step; and
//! what they cost those who have none.

use std::sync::Arc;

use wxbot_sdk::store::{Reach, Store};
use wxbot_sim::{Act, Exchange, Follower, WeChat};
use wxbot_store::Memory;
use wxbot_tests::instances::Instances;
use wxbot_tests::scripted::{Scripted, seconds, shown};

const BOOKING: &str = "[[chain]]\nplugin = 'booking'\ndialog = { links = false }\n";

/// Far more steps than a conversation takes.
const MOST_STEPS: usize = 400;

struct Bot {
    instances: Arc<Instances>,
    wechat: WeChat,
    store: Arc<Memory>,
}

fn bot(config: &str, reach: Reach) -> Bot {
    let setup = Scripted { config: config.into(), ..Scripted::default() };
    let (wechat, store) = (setup.wechat(), Arc::new(Memory::default()));
    let instances = Instances::none(setup, &wechat, store.clone(), reach);
    Bot { instances, wechat, store }
}

async fn says(follower: &Follower, words: &str) -> Exchange {
    follower.does(Act::text(words)).await.expect("they follow")
}

fn words(follower: &Follower) -> Vec<String> {
    shown(follower).into_iter().map(|(_, words)| words).collect()
}

/// What a follower says, and sees then.
const CONVERSATION: [(&str, &str); 6] = [
    ("预约", "您的姓名？"),
    ("张三", "哪一天？"),
    ("明天", "请写 3月5日 这样的日期"),
    ("3月5日", "坐哪里？\n1. 窗边\n2. 大厅\n3. 包间"),
    ("2", "张三，3月5日，大厅，确定吗？\n1. 是\n2. 否"),
    ("好", "张三，3月5日大厅已预约"),
];

#[tokio::test(start_paused = true)]
async fn a_dialog_goes_on_at_whichever_instance() {
    let bot = bot(BOOKING, Reach::Instances);
    (0..3).for_each(|_| drop(bot.instances.start_one()));
    let alice = bot.wechat.follower("alice");
    for (said, seen) in CONVERSATION {
        assert_eq!(says(&alice, said).await.text(), Some(seen), "{said}");
    }
    assert_eq!(says(&alice, "好").await.text(), Some("好"));
}

#[tokio::test(start_paused = true)]
async fn a_dialog_survives_the_process_between_any_two_messages() {
    for reach in [Reach::Machine, Reach::Instances] {
        let bot = bot(BOOKING, reach);
        bot.instances.start_one();
        let alice = bot.wechat.follower("alice");
        for (said, seen) in CONVERSATION {
            assert_eq!(says(&alice, said).await.text(), Some(seen), "{said}");
            bot.instances.kill_one();
            bot.instances.start_one();
        }
    }
}

/// How a conversation goes of which one process ends at a step.
#[derive(Debug, Clone, Copy)]
struct Row {
    reach: Reach,
    late: &'static str,
    /// The second answer takes 8 seconds.
    slow: &'static str,
    /// The one that takes the place of the first that ended ends at this step, too.
    then: usize,
}

/// What was seen; `None` if it did not come that far.
async fn live(row: Row, last_step: usize) -> Option<Vec<String>> {
    let bot = bot(&format!("{}\n{BOOKING}", row.late), row.reach);
    let mortal = bot.instances.start_one_until(last_step);
    if row.reach == Reach::Instances {
        bot.instances.start_one();
    }
    let replacing = tokio::spawn({
        let instances = Arc::clone(&bot.instances);
        let mut last_steps = std::iter::once(row.then).chain(std::iter::repeat(usize::MAX));
        async move {
            loop {
                seconds(1).await;
                for last_step in last_steps.by_ref().take(instances.remove_the_dead()) {
                    instances.start_one_until(last_step);
                }
            }
        }
    });
    let alice = bot.wechat.follower("alice");
    for (said, _) in CONVERSATION {
        let said = if said == "张三" { format!("{}{said}", row.slow) } else { said.to_owned() };
        says(&alice, &said).await;
        seconds(if row.late.is_empty() { 10 } else { 40 }).await;
    }
    replacing.abort();
    let mut words = words(&alice);
    if mortal.ended_sending() {
        // Nobody can know whether WeChat took it.
        words.dedup();
    }
    mortal.is_over().then_some(words)
}

#[track_caller]
fn check(row: Row) {
    let seen = CONVERSATION.map(|(_, seen)| seen);
    let lives = (0..MOST_STEPS).map_while(|step| paused(live(row, step)));
    let lives: Vec<_> = lives.collect();
    assert!(lives.len() > 10 && lives.len() < MOST_STEPS, "{} steps", lives.len());
    for (step, words) in lives.into_iter().enumerate() {
        assert_eq!(words, seen, "{row:?}, died at step {step}");
    }
}

#[test]
fn a_process_may_die_at_every_step_of_a_dialog() {
    for reach in [Reach::Machine, Reach::Instances] {
        for slow in ["", "slow "] {
            check(Row { reach, late: "", slow, then: usize::MAX });
        }
    }
}

#[test]
fn a_successor_may_die_at_every_step_too() {
    for then in 0..6 {
        check(Row { reach: Reach::Machine, late: "", slow: "", then });
    }
    for then in [0, 3] {
        check(Row { reach: Reach::Instances, late: "", slow: "", then });
    }
}

#[test]
fn a_process_may_die_at_every_step_of_a_question_that_comes_late() {
    let late = "late = { window = '2s', deliveries = 1, customer_service = true }";
    for reach in [Reach::Machine, Reach::Instances] {
        check(Row { reach, late, slow: "slow ", then: usize::MAX });
    }
}

/// A clock and tasks of its own for each life.
fn paused<T>(life: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().expect("threads can be started").block_on(life)
}

/// What one message of somebody without a dialog costs in calls of the store.
async fn calls_for(config: &str, reach: Reach, restarted: bool) -> usize {
    let bot = bot(config, reach);
    bot.instances.start_one();
    let (alice, bob) = (bot.wechat.follower("alice"), bot.wechat.follower("bob"));
    says(&alice, "预约").await;
    if restarted {
        bot.instances.kill_one();
        bot.instances.start_one();
        seconds(10).await;
    }
    bot.instances.calls();
    assert_eq!(says(&bob, "hello").await.text(), Some("hello"));
    seconds(1).await;
    bot.instances.calls()
}

#[tokio::test(start_paused = true)]
async fn who_has_no_dialog_pays_no_call_of_the_store() {
    for (reach, restarted) in [
        (Reach::Process, false),
        (Reach::Machine, false),
        (Reach::Machine, true),
        (Reach::Instances, false),
        (Reach::Instances, true),
    ] {
        let without = calls_for("", reach, restarted).await;
        let with = calls_for(BOOKING, reach, restarted).await;
        assert_eq!(with, without, "{reach:?}, restarted: {restarted}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_version_decides_what_becomes_of_an_older_dialog() {
    for (state, said, seen) in [
        (r#"{"version":2,"state":"Name"}"#, "张三", "哪一天？"),
        (r#"{"version":1,"state":"Who"}"#, "张三", "哪一天？"),
        (r#"{"version":1,"state":"What"}"#, "张三", "抱歉，服务刚刚更新，请重新开始。"),
        (r#"{"version":3,"state":"Name"}"#, "张三", "抱歉，服务刚刚更新，请重新开始。"),
        (r#"{"version":2,"state":{"Odd":1}}"#, "张三", "抱歉，服务刚刚更新，请重新开始。"),
        (r#"{"version":3,"state":"Name"}"#, "取消", "好的，已取消。"),
    ] {
        let bot = bot(BOOKING, Reach::Machine);
        let alice = bot.wechat.follower("alice");
        let record = format!(
            r#"{{"version":1,"record":{{"open":[{{"link":"booking","question":{{"saved":{state},
            "takes_events":false}},"tries":0,"asked_at":0,"until":9000000000000}}],"given":[]}}}}"#
        );
        let (key, hour) = (format!("dialog/4:main/{}", alice.openid()), seconds_of(3600));
        bot.store.put(&key, record.into_bytes(), hour).await.expect("it is in memory");
        bot.instances.start_one();
        seconds(1).await;
        assert_eq!(says(&alice, said).await.text(), Some(seen), "{state}");
        if seen != "哪一天？" {
            assert_eq!(says(&alice, "预约").await.text(), Some("您的姓名？"), "{state}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_in_trouble_asks_nothing_and_silences_nobody() {
    let bot = bot(BOOKING, Reach::Machine);
    bot.instances.start_one();
    let alice = bot.wechat.follower("alice");
    says(&alice, "预约").await;
    bot.instances.trouble(true);
    assert_eq!(says(&alice, "张三").await.text(), Some("张三"), "the next link answers");
    let bob = bot.wechat.follower("bob");
    assert_eq!(says(&bob, "预约").await.text(), Some("预约"), "nothing is asked unsaved");
    bot.instances.trouble(false);
    assert_eq!(says(&alice, "张三").await.text(), Some("哪一天？"));
}

fn seconds_of(seconds: u64) -> std::time::Duration {
    std::time::Duration::from_secs(seconds)
}
