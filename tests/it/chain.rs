//! The chain: asked in order, ended by the first reply, and no plugin's trouble is another's.

use std::time::{Duration, Instant};

use wxbot_tests::bot::{ECHO, TestBot};

#[test]
fn the_first_reply_ends_the_chain() {
    let bot = TestBot::with_chain(
        "[[chain]]\nplugin = 'says'\nid = 'first'\nconfig = { reply = 'one' }\n\
         [[chain]]\nplugin = 'says'\nid = 'second'\nconfig = { reply = 'two' }\n",
    );
    assert_eq!(bot.says("hi"), "one");
    assert_eq!(
        bot.metric("wxbot_decisions_total{link=\"first\",plugin=\"says\",decision=\"reply\""),
        1.0
    );
    assert_eq!(
        bot.metric("wxbot_decisions_total{link=\"second\",plugin=\"says\",decision=\"reply\""),
        0.0
    );
}

#[test]
fn stop_says_nothing_and_asks_nobody_else() {
    let bot = TestBot::with_chain(&format!("[[chain]]\nplugin = 'trouble'\n{ECHO}"));
    assert_eq!(bot.says("stop"), "success");
    assert_eq!(bot.says("go on"), "go on");
}

#[test]
fn a_panic_or_an_error_passes_to_the_next_link() {
    let bot = TestBot::with_chain(&format!("[[chain]]\nplugin = 'trouble'\n{ECHO}"));
    for trouble in ["panic", "fail"] {
        assert_eq!(bot.says(trouble), trouble, "echo is asked after it");
    }
    let decisions = "wxbot_decisions_total{link=\"trouble\",plugin=\"trouble\",decision=";
    assert_eq!(bot.metric(&format!("{decisions}\"panic\"")), 1.0);
    assert_eq!(bot.metric(&format!("{decisions}\"error\"")), 1.0);
}

#[test]
fn on_error_decides_what_follows() {
    let with = |on_error: &str| {
        TestBot::with_chain(&format!(
            "[[chain]]\nplugin = 'trouble'\non_error = {on_error}\ntimeout = '50ms'\n{ECHO}"
        ))
    };
    let (stops, replies) = (with("'stop'"), with("{ reply = '请稍后再试' }"));
    for trouble in ["panic", "fail", "wait"] {
        assert_eq!(stops.says(trouble), "success");
        assert_eq!(replies.says(trouble), "请稍后再试");
    }
}

#[test]
fn a_link_that_waits_or_blocks_past_its_timeout_is_passed() {
    let bot = TestBot::with_chain(&format!(
        "[[chain]]\nplugin = 'trouble'\ntimeout = '50ms'\nconfig = {{ lasts = '20s' }}\n{ECHO}"
    ));
    assert_eq!(bot.says("wait"), "wait", "echo is asked after it");
    assert_eq!(bot.says("block"), "block", "although its thread is still blocked");
}

#[test]
fn what_blocks_or_waits_slows_nobody_else() {
    let bot = TestBot::with_chain(&format!(
        "[[chain]]\nplugin = 'trouble'\nconfig = {{ lasts = '4s' }}\n{ECHO}"
    ));
    std::thread::scope(|scope| {
        let waiting: Vec<_> = ["block", "wait"]
            .into_iter()
            .cycle()
            .take(24)
            .map(|word| scope.spawn(|| bot.says(word)))
            .collect();
        while bot.metric("wxbot_decisions_total{link=\"echo\",plugin=\"echo\",decision=\"reply\"")
            < 20.0
        {
            assert_eq!(bot.says("hi"), "hi");
        }
        assert!(waiting.iter().all(|one| !one.is_finished()), "all 24 still wait or block");
        for one in waiting {
            assert!(["blocked", "waited"].contains(&&*one.join().unwrap()));
        }
    });
}

#[test]
fn a_link_whose_calls_all_block_is_not_asked_any_more() {
    let bot = TestBot::with_chain(&format!(
        "[[chain]]\nplugin = 'trouble'\ntimeout = '10ms'\nconfig = {{ lasts = '3s' }}\n{ECHO}"
    ));
    for _ in 0..80 {
        assert_eq!(bot.says("block"), "block");
    }
    let crowded = "wxbot_decisions_total{link=\"trouble\",plugin=\"trouble\",decision=\"crowded\"";
    assert!(bot.metric(crowded) >= 1.0);
}

#[test]
fn work_that_outlasts_the_window_is_answered_with_success() {
    let bot = TestBot::with_chain("[[chain]]\nplugin = 'trouble'\nconfig = { lasts = '60s' }\n");
    let started = Instant::now();
    assert_eq!(bot.says("wait"), "success");
    assert!(started.elapsed() >= Duration::from_millis(4400), "it was waited for");
    assert_eq!(bot.metric("wxbot_requests_total{account=\"main\",outcome=\"late\""), 1.0);
}

#[test]
fn those_who_were_asked_see_the_reply_the_last_one_first() {
    let footer = |id: &str| {
        format!("[[chain]]\nplugin = 'footer'\nid = '{id}'\nconfig = {{ text = ' {id}' }}\n")
    };
    let (a, b, c) = (footer("a"), footer("b"), footer("c"));
    let bot = TestBot::with_chain(&format!("{a}{b}{ECHO}{c}"));
    assert_eq!(bot.says("hi"), "hi b a", "c was not asked");
}

#[test]
fn a_footer_in_trouble_leaves_the_reply_as_it_was() {
    for instead in ["fail", "panic"] {
        let bot = TestBot::with_chain(&format!(
            "[[chain]]\nplugin = 'footer'\nconfig = {{ instead = '{instead}' }}\n{ECHO}"
        ));
        assert_eq!(bot.says("hi"), "hi");
    }
}

#[test]
fn the_same_plugin_twice_is_two_links() {
    let bot = TestBot::with_chain(
        "[[chain]]\nplugin = 'keywords'\nid = 'prices'\n\
         config = { rules = [{ full = 'price', reply = '¥99' }] }\n\
         [[chain]]\nplugin = 'keywords'\nid = 'places'\n\
         config = { rules = [{ full = 'where', reply = '杭州' }] }\n",
    );
    assert_eq!(bot.says("price"), "¥99");
    assert_eq!(bot.says("where"), "杭州");
    assert_eq!(bot.says("who"), "success");
}

#[test]
fn an_entry_that_is_not_enabled_is_not_asked() {
    let bot = TestBot::with_chain(&format!(
        "[[chain]]\nplugin = 'says'\nenabled = false\nconfig = {{ reply = 'no' }}\n{ECHO}"
    ));
    assert_eq!(bot.says("hi"), "hi");
}

#[test]
fn what_an_instance_keeps_is_its_own() {
    let counter = |id: &str, word: &str| {
        format!("[[chain]]\nplugin = 'counter'\nid = '{id}'\nwhen = {{ prefix = '{word}' }}\n")
    };
    let bot = TestBot::with_chain(&format!("{}{}", counter("one", "a"), counter("two", "b")));
    assert_eq!(bot.says("a"), "1 of 1");
    assert_eq!(bot.says("a"), "2 of 2");
    assert_eq!(bot.says("b"), "1 of 1", "another instance");
    let other = wxbot_tests::wechat::text_from("oTEST_another_follower_00000", "a");
    assert!(bot.post(&other).body.contains("1 of 3"), "another follower");
}
