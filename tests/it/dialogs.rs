//! Conversations: a plugin asks, and the follower's next message is the answer.

use std::time::Duration;

use wxbot_core::dialogs::listing;
use wxbot_testkit::{Follower, TestBot};
use wxbot_tests::bot::ECHO;

const BOOKING: &str = "[[chain]]\nplugin = 'booking'\n";

async fn bot(chain: &str) -> TestBot {
    TestBot::from_toml(&format!("{chain}\n{ECHO}")).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn asked_for_the_day(bot: &TestBot) -> Follower {
    let alice = bot.follower("alice");
    alice.says("预约").await.sees("您的姓名？").by("booking");
    alice.says("张三").await.sees("哪一天？").by("booking");
    alice
}

#[tokio::test(start_paused = true)]
async fn an_answer_goes_to_the_link_that_asked() {
    let bot = bot(BOOKING).await;
    let alice = asked_for_the_day(&bot).await;
    bot.follower("bob").says("张三").await.sees("张三").by("echo");
    alice.says("3月5日").await.sees_contains("坐哪里？").by("booking");
    alice.says("2").await.sees_contains("张三，3月5日，大厅，确定吗？").by("booking");
    alice.says("好的").await.sees("张三，3月5日大厅已预约").by("booking");
    alice.says("3月5日").await.sees("3月5日").by("echo");
}

#[tokio::test(start_paused = true)]
async fn choices_are_tapped_on_a_phone() {
    let bot = bot(BOOKING).await;
    let alice = asked_for_the_day(&bot).await;
    alice.says("3月5日").await;
    alice.taps("包间").await.sees_contains("包间，确定吗？").by("booking");
    alice.taps("窗边").await.sees_contains("是还是否？").by("booking");
    alice.taps("否").await.sees("好的，没有预约").by("booking");
    alice.taps("是").await.sees("是").by("echo");
}

#[tokio::test(start_paused = true)]
async fn an_entry_may_do_without_links() {
    let bot = bot("[[chain]]\nplugin = 'booking'\ndialog = { links = false }\n").await;
    let alice = asked_for_the_day(&bot).await;
    alice.says("3月5日").await.sees("坐哪里？\n1. 窗边\n2. 大厅\n3. 包间");
    alice.says("哪里都行").await.sees("请选一个\n1. 窗边\n2. 大厅\n3. 包间");
    alice.says("３").await.sees("张三，3月5日，包间，确定吗？\n1. 是\n2. 否");
}

#[tokio::test(start_paused = true)]
async fn the_words_of_when_begin_a_dialog_and_its_other_conditions_hold_for_answers() {
    let bot = bot("[[chain]]\nplugin = 'booking'\nwhen = { full = '预约', kind = 'text' }\n").await;
    let alice = asked_for_the_day(&bot).await;
    alice.sends_image("PICTURE").await.sees_image("PICTURE").by("echo");
    alice.says("3月5日").await.sees_contains("坐哪里？").by("booking");
}

#[tokio::test(start_paused = true)]
async fn a_click_in_the_menu_may_begin_a_dialog_and_begin_it_anew() {
    for when in ["event = 'CLICK', key = 'BOOK'", "kind = 'event', key = 'BOOK'"] {
        let bot = bot(&format!("{BOOKING}when = {{ {when} }}\n")).await;
        let alice = bot.follower("alice");
        alice.clicks("BOOK").await.sees("您的姓名？").by("booking");
        alice.says("张三").await.sees("哪一天？").by("booking");
        alice.clicks("HELP").await.by_nobody();
        alice.says("3月5日").await.sees_contains("坐哪里？").by("booking");
        bot.advance(Duration::from_secs(1)).await;
        alice.clicks("BOOK").await.sees("您的姓名？").by("booking");
        alice.says("李四").await.sees("哪一天？").by("booking");
        alice.says("取消").await.sees("好的，已取消。").by("booking");
        bot.advance(Duration::from_secs(1)).await;
        alice.clicks("BOOK").await.sees("您的姓名？").by("booking");
    }
}

#[tokio::test(start_paused = true)]
async fn links_above_have_their_say_first() {
    let guard = "[[chain]]\nplugin = 'keywords'\n\
                 config = { rules = [{ full = '价格', reply = '¥99' }] }\n";
    let bot = bot(&format!("{guard}{BOOKING}")).await;
    let alice = asked_for_the_day(&bot).await;
    alice.says("价格").await.sees("¥99").by("keywords");
    alice.says("3月5日").await.sees_contains("坐哪里？").by("booking");
}

#[tokio::test(start_paused = true)]
async fn what_a_plugin_passes_goes_on_and_the_question_stays_open() {
    let bot = bot(BOOKING).await;
    let alice = asked_for_the_day(&bot).await;
    alice.says("几点开门？").await.sees("几点开门？").by("echo");
    alice.says("3月5日").await.sees_contains("坐哪里？").by("booking");
    alice.says("算了").await.sees("算了").by("echo");
    alice.says("1").await.sees("1").by("echo");
}

#[tokio::test(start_paused = true)]
async fn an_event_is_no_answer_unless_the_question_takes_it() {
    let clicks =
        "[[chain]]\nplugin = 'says'\nwhen = { event = 'CLICK' }\nconfig = { reply = '菜单' }\n";
    let bot = bot(&format!("{BOOKING}{clicks}")).await;
    let alice = asked_for_the_day(&bot).await;
    alice.clicks("HELP").await.sees("菜单").by("says");
    alice.says("3月5日").await.sees_contains("坐哪里？").by("booking");
    let bob = bot.follower("bob");
    bob.says("点一下").await.sees("点哪个菜单？").by("booking");
    bob.clicks("HELP").await.sees("您点了 HELP").by("booking");
    bot.advance(Duration::from_secs(1)).await;
    bob.clicks("HELP").await.sees("您的姓名？").by("booking");
    bob.unfollows().await.sees_nothing();
}

#[tokio::test(start_paused = true)]
async fn words_end_a_dialog() {
    for word in ["取消", "退出", "Cancel", " 「quit」", "ＱＵＩＴ"] {
        let bot = bot(BOOKING).await;
        let alice = asked_for_the_day(&bot).await;
        alice.says(word).await.sees("好的，已取消。").by("booking");
        alice.says("3月5日").await.sees("3月5日").by("echo");
        alice.says("取消").await.sees("取消").by("echo");
    }
}

#[tokio::test(start_paused = true)]
async fn an_entry_chooses_the_words_the_tries_and_the_time() {
    let dialog = "dialog = { cancel = ['不了', 'STOP'], cancelled = 'Bye', tries = 2, \
                  given_up = '打电话吧', ttl = '30s' }\n";
    let bot = bot(&format!("{BOOKING}{dialog}")).await;
    let alice = asked_for_the_day(&bot).await;
    alice.says("取消").await.sees("请写 3月5日 这样的日期").by("booking");
    alice.says("stop").await.sees("Bye").by("booking");
    let alice = asked_for_the_day(&bot).await;
    alice.says("明天").await.sees("请写 3月5日 这样的日期").by("booking");
    alice.says("后天").await.sees("打电话吧").by("booking");
    alice.says("大后天").await.sees("大后天").by("echo");
    let alice = asked_for_the_day(&bot).await;
    bot.advance(Duration::from_secs(29)).await;
    alice.says("明天").await.sees("请写 3月5日 这样的日期").by("booking");
    bot.advance(Duration::from_secs(29)).await;
    alice.says("3月5日").await.sees_contains("坐哪里？").by("booking");
    bot.advance(Duration::from_secs(30)).await;
    alice.says("1").await.sees("1").by("echo");
}

#[tokio::test(start_paused = true)]
async fn three_tries_are_the_default_and_each_question_has_its_own() {
    let bot = bot(BOOKING).await;
    let alice = asked_for_the_day(&bot).await;
    for _ in 0..2 {
        alice.says("明天").await.sees("请写 3月5日 这样的日期");
    }
    alice.says("3月5日").await.sees_contains("坐哪里？");
    for _ in 0..2 {
        alice.says("屋顶").await.sees_contains("请选一个");
    }
    alice.says("屋顶").await.sees_contains("抱歉").by("booking");
    alice.says("1").await.sees("1").by("echo");
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_before_the_question_was_seen_does_not_answer_it() {
    let bot = bot(BOOKING).await;
    let alice = bot.follower("alice");
    let impatient = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        alice.says("在吗").await
    };
    let (asked, impatient) = tokio::join!(alice.says("slow 预约"), impatient);
    asked.sees("您的姓名？").by("booking");
    impatient.sees("在吗").by("echo");
    alice.says("张三").await.sees("哪一天？").by("booking");
}

#[tokio::test(start_paused = true)]
async fn a_late_question_is_answered_like_any_other() {
    let bot = bot(BOOKING).await;
    let alice = asked_for_the_day(&bot).await;
    alice.says("取消").await;
    alice.says("预约").await;
    alice.says("slow 李四").await.sees("哪一天？").by("booking");
    alice.says("3月5日").await.sees_contains("坐哪里？").by("booking");
}

#[tokio::test(start_paused = true)]
async fn two_links_with_one_plugin_have_dialogs_of_their_own() {
    let two = "[[chain]]\nplugin = 'booking'\nid = 'one'\nwhen = { full = 'one' }\n\
               [[chain]]\nplugin = 'booking'\nid = 'two'\nwhen = { full = ['预约', '在？'] }\n";
    let bot = bot(two).await;
    let alice = bot.follower("alice");
    alice.says("预约").await.sees("您的姓名？").by("two");
    alice.says("在？").await.sees("在？").by("echo");
    alice.says("张三").await.sees("哪一天？").by("two");
}

#[tokio::test(start_paused = true)]
async fn answers_that_were_asked_for_do_not_wait_for_a_cooldown() {
    let cooldown = "cooldown = { every = '1h', say = '稍后' }\n";
    let bot = bot(&format!("{BOOKING}{cooldown}")).await;
    let alice = asked_for_the_day(&bot).await;
    alice.says("取消").await.sees("好的，已取消。");
    alice.says("预约").await.sees("稍后");
}

#[tokio::test(start_paused = true)]
async fn an_operator_may_end_a_dialog() {
    let bot = bot(BOOKING).await;
    let alice = asked_for_the_day(&bot).await;
    let (store, now) = (bot.bot().store(), bot.bot().clock().millis());
    let page = listing::page(&**store, Some(alice.openid()), None, now).await.unwrap();
    let [open] = &page.listed[..] else { panic!("{page:?}") };
    assert_eq!((open.link.as_str(), open.left), ("booking", 600));
    assert!(listing::close(&**store, open, now).await.unwrap());
    assert!(!listing::close(&**store, open, now).await.unwrap());
    alice.says("3月5日").await.sees("3月5日").by("echo");
}
