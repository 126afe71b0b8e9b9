//! Menus (section 7.6).

use serde_json::{Value, json};
use wxbot_sim::{Act, Platform};

use super::Caller;

fn click(name: &str) -> Value {
    json!({ "name": name, "type": "click", "key": "K" })
}

fn menu(button: Value) -> Value {
    json!({ "button": [button] })
}

fn above(button: Value) -> Value {
    menu(json!({ "name": "more", "sub_button": [button] }))
}

#[tokio::test(start_paused = true)]
async fn a_menu_is_there_until_it_is_deleted() {
    let caller = Caller::new().await;
    assert_eq!(caller.get("menu/get", "").await["errcode"], 46003);
    let buttons = json!([click("one"), { "name": "more", "sub_button": [click("two")] }]);
    assert_eq!(caller.code("menu/create", json!({ "button": buttons })).await, 0);
    let got = caller.get("menu/get", "").await;
    assert_eq!(got["menu"]["button"], buttons);
    assert_eq!(caller.wechat.follower("alice").menu().unwrap().1, buttons);
    let current = caller.get("get_current_selfmenu_info", "").await;
    assert_eq!(current["is_menu_open"], 1);
    let sub_button = &current["selfmenu_info"]["button"][1]["sub_button"];
    assert_eq!(sub_button, &json!({ "list": [click("two")] }));
    assert_eq!(caller.get("menu/delete", "").await["errcode"], 0);
    assert_eq!(caller.get("menu/get", "").await["errcode"], 46003);
}

#[tokio::test(start_paused = true)]
async fn a_button_does_what_its_type_says() {
    let caller = Caller::new().await;
    let alice = caller.wechat.follower("alice");
    assert_eq!(alice.button("one"), None, "there is no menu");
    let mini = json!({ "name": "app", "type": "miniprogram", "url": "https://e.com",
                       "appid": "wx1", "pagepath": "pages/i" });
    let site = json!({ "name": "site", "type": "view", "url": "https://e.com" });
    let more = json!({ "name": "more", "sub_button": [site, mini] });
    let menu = json!({ "button": [click("one"), more] });
    assert_eq!(caller.code("menu/create", menu).await, 0);
    let menu_id = Some(alice.menu().unwrap().0);
    let (url, path) = ("https://e.com".into(), "pages/i".into());
    assert_eq!(alice.button("one"), Some(Act::click("K")));
    assert_eq!(alice.button("site"), Some(Act::View { url, menu_id }));
    assert_eq!(alice.button("app"), Some(Act::ViewMiniProgram { path, menu_id }));
    assert_eq!(alice.button("more"), None, "it opens the level below");
}

#[tokio::test(start_paused = true)]
async fn a_menu_has_limits() {
    let caller = Caller::new().await;
    let (long, four) = ("x".repeat(17), vec![click("a"); 4]);
    let typed = |kind: &str| json!({ "name": "a", "type": kind });
    let view = |url: &str| json!({ "name": "a", "type": "view", "url": url });
    let keyed = |key: &str| json!({ "name": "a", "type": "click", "key": key });
    let six = json!({ "name": "a", "sub_button": vec![click("a"); 6] });
    let nested = json!({ "name": "b", "sub_button": [click("c")] });
    let far = format!("https://e.com/{}", "x".repeat(1011));
    let rows = [
        (menu(click("a")), 0, "a good one"),
        (menu(click("一二三四五")), 0, "15 bytes"),
        (above(click(&"x".repeat(60))), 0, "60 bytes below"),
        (json!({ "button": [] }), 40016, "no button"),
        (json!({}), 40016, "nothing at all"),
        (json!({ "button": four }), 40016, "four on top"),
        (menu(six), 40023, "six below"),
        (above(nested), 40022, "a third level"),
        (menu(click("")), 40018, "no name"),
        (menu(click(&long)), 40018, "17 bytes"),
        (above(click(&"x".repeat(61))), 40025, "61 bytes below"),
        (menu(json!({ "name": "a" })), 40017, "no type"),
        (menu(typed("dance")), 40017, "no such type"),
        (above(typed("dance")), 40024, "the same below"),
        (menu(typed("scancode_push")), 40019, "no key"),
        (menu(keyed(&"k".repeat(129))), 40019, "129 bytes"),
        (above(keyed(&"k".repeat(129))), 40026, "the same below"),
        (menu(typed("view")), 40020, "no address"),
        (menu(view(&far)), 40020, "1025 bytes"),
        (above(view(&far)), 40027, "the same below"),
        (menu(view("e.com")), 40055, "no address"),
        (above(view("e.com")), 40054, "the same below"),
        (menu(typed("media_id")), 40007, "no material"),
        (menu(typed("article_id")), 53600, "no article"),
    ];
    for (body, errcode, reason) in rows {
        assert_eq!(caller.code("menu/create", body).await, errcode, "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_newest_menu_that_fits_is_seen() {
    let caller = Caller::new().await;
    let add = async |name: &str, rule: Value| {
        let body = json!({ "button": [click(name)], "matchrule": rule });
        caller.post("menu/addconditional", body).await
    };
    let android = json!({ "client_platform_type": "2" });
    assert_eq!(add("early", android.clone()).await["errcode"], 65303, "no default menu");
    assert_eq!(caller.code("menu/create", menu(click("default"))).await, 0);
    let tag = caller.post("tags/create", json!({ "tag": { "name": "vip" } })).await;
    let tag = tag["tag"]["id"].clone();
    add("android", android).await;
    let vip = add("vip", json!({ "tag_id": tag.to_string() })).await["menuid"].clone();

    let (alice, bob) = (caller.wechat.follower("alice"), caller.wechat.follower("bob"));
    bob.set_platform(Platform::Android);
    let seen = async |openid: &str| {
        let answer = caller.post("menu/trymatch", json!({ "user_id": openid })).await;
        answer["button"][0]["name"].clone()
    };
    assert_eq!([seen(alice.openid()).await, seen(bob.openid()).await], ["default", "android"]);
    let tagging = json!({ "openid_list": [alice.openid(), bob.openid()], "tagid": tag });
    caller.code("tags/members/batchtagging", tagging).await;
    assert_eq!([seen(alice.openid()).await, seen(bob.openid()).await], ["vip", "vip"]);
    assert_eq!(bob.menu().unwrap().1[0]["name"], "vip");

    let all = caller.get("menu/get", "").await;
    assert_eq!(all["conditionalmenu"][0]["matchrule"]["tag_id"], tag.to_string());
    assert_eq!(caller.code("menu/delconditional", json!({ "menuid": vip })).await, 0);
    assert_eq!(caller.code("menu/delconditional", json!({ "menuid": vip })).await, 65301);
    assert_eq!([seen(alice.openid()).await, seen(bob.openid()).await], ["default", "android"]);
    caller.get("menu/delete", "").await;
    assert_eq!(bob.menu(), None, "conditional ones are deleted, too");
}

#[tokio::test(start_paused = true)]
async fn a_conditional_menu_has_limits_of_its_own() {
    let caller = Caller::new().await;
    caller.code("menu/create", menu(click("default"))).await;
    let views = |hosts: &[&str]| {
        let view =
            |host: &&str| json!({ "name": "a", "type": "view", "url": format!("https://{host}/") });
        json!([{ "name": "a", "sub_button": hosts.iter().map(view).collect::<Vec<_>>() }])
    };
    let one = json!([click("a")]);
    let android = json!({ "client_platform_type": "2" });
    let rows = [
        (one.clone(), json!({}), 65304, "no rule"),
        (one.clone(), Value::Null, 65304, "no rule"),
        (one.clone(), json!({ "tag_id": "" }), 65304, "a rule that says nothing"),
        (one.clone(), json!({ "sex": "1", "tag_id": "2" }), 65320, "an abolished field"),
        (views(&["a.com", "b.com", "c.com", "a.com"]), android.clone(), 0, "three hosts"),
        (views(&["a.com", "b.com", "c.com", "d.com"]), android, 65316, "four hosts"),
    ];
    for (buttons, rule, errcode, reason) in rows {
        let body = json!({ "button": buttons, "matchrule": rule });
        assert_eq!(caller.code("menu/addconditional", body).await, errcode, "{reason}");
    }
}
