//! The chain: asked in order, ended by the first reply, and no plugin's trouble is another's.

use wxbot_tests::bot::{ECHO, SocketBot};
use wxbot_tests::plugins::open_gate;
use wxbot_tests::wechat::nonce;

#[test]
fn the_first_reply_ends_the_chain() {
    let bot = SocketBot::with_chain(
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
    let bot = SocketBot::with_chain(&format!("[[chain]]\nplugin = 'trouble'\n{ECHO}"));
    assert_eq!(bot.says("stop"), "success");
    assert_eq!(bot.says("go on"), "go on");
}

#[test]
fn a_panic_or_an_error_passes_to_the_next_link() {
    let bot = SocketBot::with_chain(&format!("[[chain]]\nplugin = 'trouble'\n{ECHO}"));
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
        SocketBot::with_chain(&format!(
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
    let bot = SocketBot::with_chain(&format!(
        "[[chain]]\nplugin = 'trouble'\ntimeout = '50ms'\n\
         config = {{ until = 'both were passed' }}\n{ECHO}"
    ));
    assert_eq!(bot.says("wait"), "wait", "echo is asked after it");
    assert_eq!(bot.says("block"), "block", "although its thread is still blocked");
    open_gate("both were passed");
}

#[test]
fn what_blocks_or_waits_slows_nobody_else() {
    let bot = SocketBot::with_chain(&format!(
        "[[chain]]\nplugin = 'trouble'\nconfig = {{ until = 'all are served' }}\n{ECHO}"
    ));
    std::thread::scope(|scope| {
        for word in ["block", "wait"].into_iter().cycle().take(24) {
            scope.spawn(|| bot.says_as(&nonce(), word));
        }
        // With 24 of them held and two threads that serve, others are still answered.
        for _ in 0..20 {
            assert_eq!(bot.says("hi"), "hi");
        }
        open_gate("all are served");
    });
}

#[test]
fn a_link_whose_calls_all_block_is_not_asked_any_more() {
    let bot = SocketBot::with_chain(&format!(
        "[[chain]]\nplugin = 'trouble'\ntimeout = '10ms'\n\
         config = {{ until = 'all 80 were asked' }}\n{ECHO}"
    ));
    for _ in 0..80 {
        assert_eq!(bot.says("block"), "block");
    }
    open_gate("all 80 were asked");
    let crowded = "wxbot_decisions_total{link=\"trouble\",plugin=\"trouble\",decision=\"crowded\"";
    assert!(bot.metric(crowded) >= 1.0);
}

#[test]
fn those_who_were_asked_see_the_reply_the_last_one_first() {
    let footer = |id: &str| {
        format!("[[chain]]\nplugin = 'footer'\nid = '{id}'\nconfig = {{ text = ' {id}' }}\n")
    };
    let (a, b, c) = (footer("a"), footer("b"), footer("c"));
    let bot = SocketBot::with_chain(&format!("{a}{b}{ECHO}{c}"));
    assert_eq!(bot.says("hi"), "hi b a", "c was not asked");
}

#[test]
fn a_footer_in_trouble_leaves_the_reply_as_it_was() {
    for instead in ["fail", "panic"] {
        let bot = SocketBot::with_chain(&format!(
            "[[chain]]\nplugin = 'footer'\nconfig = {{ instead = '{instead}' }}\n{ECHO}"
        ));
        assert_eq!(bot.says("hi"), "hi");
    }
}

#[test]
fn the_same_plugin_twice_is_two_links() {
    let bot = SocketBot::with_chain(
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
    let bot = SocketBot::with_chain(&format!(
        "[[chain]]\nplugin = 'says'\nenabled = false\nconfig = {{ reply = 'no' }}\n{ECHO}"
    ));
    assert_eq!(bot.says("hi"), "hi");
}

#[test]
fn what_an_instance_keeps_is_its_own() {
    let counter = |id: &str, word: &str| {
        format!("[[chain]]\nplugin = 'counter'\nid = '{id}'\nwhen = {{ prefix = '{word}' }}\n")
    };
    let bot = SocketBot::with_chain(&format!("{}{}", counter("one", "a"), counter("two", "b")));
    assert_eq!(bot.says("a"), "1 of 1");
    assert_eq!(bot.says("a"), "2 of 2");
    assert_eq!(bot.says("b"), "1 of 1", "another instance");
    let other = wxbot_tests::wechat::text_from("oTEST_another_follower_00000", "a");
    assert!(bot.post(&other).body.contains("1 of 3"), "another follower");
}

#[test]
fn a_link_that_cools_down_answers_each_follower_so_often() {
    let cooldown = |per: &str| {
        SocketBot::with_chain(&format!(
            "[[chain]]\nplugin = 'says'\nconfig = {{ reply = 'yes' }}\n\
             cooldown = {{ every = '1h', per = '{per}', say = '{{left}} s' }}\n{ECHO}"
        ))
    };
    let other = wxbot_tests::wechat::text_from("oTEST_another_follower_00000", "hi");
    for (per, for_the_other) in [("user", "yes"), ("everybody", " s]]>")] {
        let bot = cooldown(per);
        assert_eq!(bot.says("hi"), "yes");
        let told: u64 = bot.says("hi").strip_suffix(" s").unwrap().parse().unwrap();
        assert!((3590..=3600).contains(&told), "{told}");
        assert!(bot.post(&other).body.contains(for_the_other), "per {per}");
    }
}

#[test]
fn a_link_that_cools_down_without_a_word_is_passed() {
    let bot = SocketBot::with_chain(&format!(
        "[[chain]]\nplugin = 'says'\nconfig = {{ reply = 'yes' }}\n\
         cooldown = {{ every = '1h' }}\n{ECHO}"
    ));
    assert_eq!(bot.says("hi"), "yes");
    assert_eq!(bot.says("hi"), "hi");
}
