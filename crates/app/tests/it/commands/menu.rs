//! `wxbot menu`: what is planned is what is applied, what is imported is what was there.

use serde_json::{Value, json};
use wxbot_tests::http;
use wxbot_tests::program::{Program, Serving};

use super::api::{config, wechat};
use super::sim::control;
use super::wxbot;

const MENU: &str = "
[[account.menu.button]]
name = '今日'
type = 'click'
key = 'TODAY'

[[account.menu.button]]
name = '更多'
[[account.menu.button.sub_button]]
name = '官网'
type = 'view'
url = 'https://example.com/?a=1&b=\"2\"'
[[account.menu.button.sub_button]]
name = '小程序'
type = 'miniprogram'
url = 'https://example.com/old'
appid = 'wx0123456789abcdef'
pagepath = 'pages/index'

[[account.menu.conditional]]
matchrule = { client_platform_type = '1' }
button = [{ name = '苹果', type = 'click', key = 'IOS' }]

[[account.menu.conditional]]
matchrule = { tag_id = '2' }
button = [{ name = '星标', type = 'click', key = 'STAR' }]
";

const CHAIN: &str = "
[[chain]]
plugin = 'keywords'
[[chain.config.rules]]
event = 'CLICK'
key = ['TODAY', 'IOS', 'STAR']
reply = '好'
";

fn with_menu(sim: &Serving, menu: &str) -> Program {
    wxbot().with_config(&format!("{}{menu}{CHAIN}", config(sim)))
}

fn calls(sim: &Serving, path: &str) -> usize {
    let calls = http::get(sim.endpoint, "/_sim/calls").body;
    let calls: Vec<Value> = serde_json::from_str(&calls).expect(&calls);
    calls.iter().filter(|call| call["path"] == path).count()
}

fn menu_of(sim: &Serving, name: &str) -> Value {
    let follower = http::get(sim.endpoint, &format!("/_sim/followers/{name}")).body;
    serde_json::from_str::<Value>(&follower).expect(&follower)["menu"].take()
}

#[test]
fn what_is_planned_is_applied_and_then_there_is_nothing_to_change() {
    let sim = wechat("verified-service");
    let program = with_menu(&sim, MENU);
    let planned = program.run(&["menu", "plan"]).exits(0).says_nothing().stdout;
    assert!(planned.lines().all(|line| line.starts_with('+')), "{planned}");
    for part in ["今日 click TODAY", "conditional menu for tag_id 2", "星标 click STAR"] {
        assert!(planned.contains(part), "{part} is not in\n{planned}");
    }
    assert_eq!(calls(&sim, "/cgi-bin/menu/create"), 0);
    program.run(&["menu", "apply"]).exits(0).prints(&planned).says(&["applied"]);
    program.run(&["menu", "plan"]).exits(0).prints("").says(&["nothing to change"]);
    program.run(&["menu", "apply"]).exits(0).prints("").says(&["nothing to change"]);
    assert_eq!(calls(&sim, "/cgi-bin/menu/create"), 1);
    // Simulated followers have iPhones, unless they say otherwise.
    assert_eq!(menu_of(&sim, "alice")[0]["name"], "苹果");

    // One button is another, and the conditional menus stay.
    let changed = MENU.replace("'今日'", "'今天'");
    program.write("bot.toml", format!("{}{changed}{CHAIN}", config(&sim)));
    let ran = program.run(&["menu", "plan"]).exits(0);
    let marked: Vec<_> = ran.stdout.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(marked, ["-   今日 click TODAY", "+   今天 click TODAY"]);
    program.run(&["menu", "apply"]).exits(0);
    assert_eq!(calls(&sim, "/cgi-bin/menu/addconditional"), 2);

    // The first one that matches counts, so their order does.
    let (head, rest) = changed.split_once("[[account.menu.conditional]]").unwrap();
    let (first, second) = rest.split_once("[[account.menu.conditional]]").unwrap();
    let turned =
        format!("{head}[[account.menu.conditional]]{second}[[account.menu.conditional]]{first}");
    program.write("bot.toml", format!("{}{turned}{CHAIN}", config(&sim)));
    assert!(!program.run(&["menu", "plan"]).exits(0).stdout.is_empty());
    program.run(&["menu", "apply"]).exits(0);
    program.run(&["menu", "plan"]).exits(0).prints("");
    assert_eq!(calls(&sim, "/cgi-bin/menu/create"), 2);
}

#[test]
fn what_is_imported_is_what_was_there() {
    let sim = wechat("test");
    with_menu(&sim, MENU).run(&["menu", "apply"]).exits(0);
    let imported = with_menu(&sim, "").run(&["menu", "import"]).exits(0).says_nothing().stdout;
    let program = with_menu(&sim, &imported);
    program.run(&["check"]).exits(0);
    program.run(&["menu", "plan"]).exits(0).prints("").says(&["nothing to change"]);
    program.run(&["menu", "delete"]).exits(0).prints("").says(&["deleted"]);
    assert!(menu_of(&sim, "alice").is_null());
    program.run(&["menu", "import"]).exits(0).prints("").says(&["there is no menu"]);
}

/// What the server configuration switches off.
pub(super) fn console() -> Value {
    let menu = json!({ "button": [
        { "name": "电话", "type": "text", "value": "请拨 \"12345\"\n${谢谢}" },
        { "name": "更多", "sub_button": { "list": [
            { "name": "官网", "type": "view", "url": "https://example.com/" },
            { "name": "图", "type": "img", "value": "MEDIA_1" },
            { "name": "文章", "type": "news", "value": "M2", "news_info": { "list": [
                { "title": "一", "digest": "摘要", "show_cover": 0, "author": "",
                  "cover_url": "https://example.com/1.jpg", "content_url": "https://example.com/1" },
            ] } },
        ] } },
    ] });
    let auto_replies = json!({
        "is_add_friend_reply_open": 1,
        "is_autoreply_open": 1,
        "add_friend_autoreply_info": { "type": "text", "content": "欢迎关注" },
        "message_default_autoreply_info": { "type": "text", "content": "稍后回复" },
        "keyword_autoreply_info": { "list": [
            { "rule_name": "价格", "create_time": 1423028166, "reply_mode": "random_one",
              "keyword_list_info": [
                { "type": "text", "match_mode": "contain", "content": "多少钱" },
                { "type": "text", "match_mode": "contain", "content": "价格" },
                { "type": "text", "match_mode": "equal", "content": "¥" },
              ],
              "reply_list_info": [{ "type": "text", "content": "¥99" }] },
            { "rule_name": "地址", "create_time": 1423028166, "reply_mode": "reply_all",
              "keyword_list_info": [{ "type": "text", "match_mode": "equal", "content": "地址" }],
              "reply_list_info": [
                { "type": "text", "content": "一号店" }, { "type": "text", "content": "二号店" },
              ] },
        ] },
    });
    json!({ "menu": menu, "auto_replies": auto_replies })
}

#[test]
fn the_consoles_menu_and_auto_replies_become_entries_that_answer_alike() {
    for kind in ["personal", "verified-service"] {
        let sim = wechat(kind);
        assert_eq!(control(sim.endpoint, "console", &console()), json!({ "ok": true }));
        let imported = with_menu(&sim, "").run(&["menu", "import"]).exits(0).stdout;
        let program = wxbot().with_config(&format!("{}{imported}", config(&sim)));
        program.run(&["check"]).exits(0).says_nothing();
        let rows: [(&[&str], &str); 7] = [
            (&["--event", "subscribe"], "欢迎关注\n"),
            (&["请问多少钱？"], "¥99\n"),
            (&["¥"], "¥99\n"),
            (&["¥ 99"], "稍后回复\n"),
            (&["在吗\n？"], "稍后回复\n"),
            (&["--event", "CLICK", "--key", "MENU_1"], "请拨 \"12345\"\n${谢谢}\n"),
            (&["--event", "CLICK", "--key", "MENU_2"], "MEDIA_1"),
        ];
        for (said, expected) in rows {
            let ran = program.run(&[&["say"], said].concat()).exits(0);
            assert!(ran.stdout.contains(expected), "{said:?}: {}", ran.stdout);
        }
        let both = program.run(&["say", "地址"]).exits(0).stdout;
        assert!(both.contains("一号店") && both.contains("二号店"), "{both}");
        if kind != "personal" {
            program.run(&["menu", "apply"]).exits(0);
            program.run(&["menu", "plan"]).exits(0).prints("");
        }
    }
}

#[test]
fn a_click_that_nobody_answers_is_warned_of() {
    let sim = wechat("test");
    let silent = |chain: &str| wxbot().with_config(&format!("{}{MENU}{chain}", config(&sim)));
    let program = silent(
        "[[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\nkey = 'IOS'\nreply = 'a'\n",
    );
    for command in [&["check"][..], &["menu", "plan"], &["menu", "apply"]] {
        let ran = program.run(command).exits(0).says(&["a click on `TODAY`", "a click on `STAR`"]);
        assert!(!ran.stderr.contains("`IOS`"), "{}", ran.stderr);
    }
    with_menu(&sim, MENU).run(&["check"]).exits(0).says_nothing();
}

#[test]
fn what_can_not_be_done_is_said() {
    let sim = wechat("personal");
    let program = with_menu(&sim, "");
    for action in ["plan", "apply"] {
        program.run(&["menu", action]).exits(2).says(&["`main` has no `[account.menu]`"]);
    }
    let program = with_menu(&sim, MENU);
    for action in ["plan", "apply", "delete"] {
        program.run(&["menu", action]).exits(1).says(&["48001", "not authorised"]);
    }
    program.run(&["menu", "plan", "--account", "x"]).exits(2).says(&["no account has the id `x`"]);
    program.run(&["menu", "dance"]).exits(2).says(&["plan, apply, import, delete"]);
}
