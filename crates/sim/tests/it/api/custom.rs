//! Customer-service messages (section 7.3).

use serde_json::{Value, json};
use wxbot_sim::{Act, Bubble, Kind, Target, Via, What};

use super::{Caller, pass};

const SEND: &str = "message/custom/send";

fn text(openid: &str, content: &str) -> Value {
    json!({ "touser": openid, "msgtype": "text", "text": { "content": content } })
}

#[tokio::test(start_paused = true)]
async fn five_messages_within_48_hours_after_a_message() {
    let caller = Caller::new().await;
    let alice = caller.wechat.follower("alice");
    let send = async || caller.code(SEND, text(alice.openid(), "hi")).await;
    assert_eq!(send().await, 45015, "nothing was said yet");
    alice.does("hello").await.unwrap();
    for _ in 0..5 {
        assert_eq!(send().await, 0);
    }
    assert_eq!(send().await, 45047);
    alice.does("hello").await.unwrap();
    assert_eq!(send().await, 0);
    let phone = alice.phone();
    assert_eq!(phone.len(), 6);
    assert_eq!((phone[0].text(), phone[0].via, phone[0].answers), (Some("hi"), Via::Api, None));
}

#[tokio::test(start_paused = true)]
async fn the_window_closes_after_48_hours() {
    let mut caller = Caller::new().await;
    let alice = caller.wechat.follower("alice");
    alice.does("hello").await.unwrap();
    for (passes, errcode) in [(48 * 3600 - 1, 0), (1, 45015)] {
        pass(passes).await;
        caller.token = caller.stable(false).await["access_token"].as_str().unwrap().to_owned();
        assert_eq!(caller.code(SEND, text(alice.openid(), "hi")).await, errcode);
    }
}

#[tokio::test(start_paused = true)]
async fn three_messages_within_a_minute_after_a_touch() {
    let scanned = |key: &str| wxbot_sim::ScannedCode {
        key: key.into(),
        scan_type: "qrcode".into(),
        result: "x".into(),
    };
    let touches = [
        Act::click("K"),
        Act::menu_item("yes", "1"),
        Act::ScanCodePush(scanned("K")),
        Act::ScanCodeWait(scanned("K")),
        Act::Subscribe,
        Act::ScanScene { scene: "s".into(), ticket: "t".into() },
    ];
    for touch in touches {
        let caller = Caller::new().await;
        let alice = caller.wechat.follower("alice");
        let send = async || caller.code(SEND, text(alice.openid(), "hi")).await;
        alice.does(touch.clone()).await.unwrap();
        pass(59).await;
        let codes = [send().await, send().await, send().await, send().await];
        assert_eq!(codes, [0, 0, 0, 45047], "{touch:?}");
        pass(1).await;
        assert_eq!(send().await, 45015, "{touch:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_opens_nothing_opens_nothing() {
    let caller = Caller::new().await;
    let alice = caller.wechat.follower("alice");
    let acts = [
        Act::View { url: "https://e.com".into(), menu_id: None },
        Act::ReportLocation { latitude: 1.0, longitude: 2.0, precision: 3.0 },
        Act::Pictures { event: "pic_weixin".into(), key: "K".into(), md5_sums: Vec::new() },
    ];
    for act in acts {
        alice.does(act.clone()).await.unwrap();
        assert_eq!(caller.code(SEND, text(alice.openid(), "hi")).await, 45015, "{act:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_passive_reply_does_not_count() {
    let caller = Caller::new().await;
    let echo = |request: wxbot_sim::Request| async move {
        let message = wxbot_sim::Element::read_xml(&String::from_utf8(request.body).unwrap());
        let message = message.unwrap();
        let field = |name: &str| message.child_text(name).unwrap().to_owned();
        let body = crate::bot::text("passive");
        let reply = crate::bot::reply(&field("FromUserName"), &field("ToUserName"), &body);
        Ok(wxbot_sim::Response::ok(reply))
    };
    caller.wechat.connect(std::sync::Arc::new(echo));
    let alice = caller.wechat.follower("alice");
    assert_eq!(alice.does("hello").await.unwrap().text(), Some("passive"));
    for errcode in [0, 0, 0, 0, 0, 45047] {
        assert_eq!(caller.code(SEND, text(alice.openid(), "hi")).await, errcode);
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_follower_can_be_written_to() {
    let caller = Caller::new().await;
    let alice = caller.wechat.follower("alice");
    alice.does("hello").await.unwrap();
    alice.does(Act::Unsubscribe).await.unwrap();
    assert_eq!(caller.code(SEND, text(alice.openid(), "hi")).await, 43004);
    alice.does(Act::Subscribe).await.unwrap();
    for errcode in [0, 0, 0, 45047] {
        let came = caller.code(SEND, text(alice.openid(), "hi")).await;
        assert_eq!(came, errcode, "what was said before counts no more");
    }
    assert_eq!(caller.code(SEND, text("oNobody", "hi")).await, 40003);
    assert_eq!(caller.code(SEND, json!({ "msgtype": "text" })).await, 41009);
}

/// A verified account with a follower who has sent a text and media.
async fn scene() -> (Caller, wxbot_sim::Follower) {
    let caller = Caller::of(Kind::VerifiedService).await;
    let alice = caller.wechat.follower("alice");
    alice.does(Act::image("IMAGE")).await.unwrap();
    alice.does(Act::voice("VOICE")).await.unwrap();
    let (media_id, thumb_media_id) = ("VIDEO".into(), "THUMB".into());
    alice.does(Act::Video { media_id, thumb_media_id }).await.unwrap();
    (caller, alice)
}

#[tokio::test(start_paused = true)]
async fn every_type_is_shown() {
    let (caller, alice) = scene().await;
    caller.wechat.add_article("ARTICLE");
    let article = json!({ "title": "t", "url": "https://e.com" });
    let item = json!({ "id": "101", "content": "yes" });
    let mini = json!({ "title": "t", "appid": "wx1", "pagepath": "p", "thumb_media_id": "IMAGE" });
    let rows = [
        ("text", json!({ "content": "<a href=\"https://e.com\">link</a>" })),
        ("image", json!({ "media_id": "IMAGE" })),
        ("voice", json!({ "media_id": "VOICE_16K" })),
        ("video", json!({ "media_id": "VIDEO", "thumb_media_id": "THUMB", "title": "t" })),
        ("music", json!({ "musicurl": "u", "hqmusicurl": "h", "thumb_media_id": "THUMB" })),
        ("news", json!({ "articles": [article] })),
        ("mpnewsarticle", json!({ "article_id": "ARTICLE" })),
        ("msgmenu", json!({ "head_content": "?", "list": [item], "tail_content": "!" })),
        ("wxcard", json!({ "card_id": "CARD" })),
        ("miniprogrampage", mini),
    ];
    for (index, (kind, content)) in rows.iter().enumerate() {
        alice.does("more").await.unwrap();
        let body = json!({ "touser": alice.openid(), "msgtype": kind, (*kind): content });
        assert_eq!(caller.code(SEND, body).await, 0, "{kind}");
        assert_eq!(alice.phone().len(), index + 1);
    }
    let phone = alice.phone();
    let bubble = |index: usize| phone[index].bubble().unwrap();
    assert_eq!(bubble(0).as_text(), Some("link"));
    assert_eq!(bubble(1), &Bubble::Image { media_id: "IMAGE".into() });
    assert_eq!(bubble(8), &Bubble::Coupon { card_id: "CARD".into() });
    let menu_item = &bubble(7).links()[0];
    let target = Target::MenuItem { content: "yes".into(), id: "101".into() };
    assert_eq!((&menu_item.target, menu_item.tap()), (&target, Some(Act::menu_item("yes", "101"))));
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_message_is_said() {
    let (caller, alice) = scene().await;
    let article = json!({ "title": "t" });
    let rows = [
        ("text", json!({ "content": "" }), 44004, "nothing to read"),
        ("text", json!({ "content": "字".repeat(683) }), 45002, "2049 bytes"),
        ("text", json!({ "content": "a".repeat(2048) }), 0, "2048 bytes"),
        ("image", json!({ "media_id": "NONE" }), 40007, "nobody knows it"),
        ("image", json!({ "media_id": "VOICE" }), 40007, "it is no picture"),
        ("news", json!({ "articles": [article, article] }), 45008, "one is the limit"),
        ("news", json!({ "articles": [] }), 44003, "no article"),
        ("mpnews", json!({ "media_id": "ARTICLE" }), 40007, "an article id in its place"),
        ("mpnewsarticle", json!({ "article_id": "NONE" }), 53600, "not published"),
        ("msgmenu", json!({ "list": [] }), 40035, "nothing to tap"),
        ("sticker", json!({}), 40008, "no such type"),
    ];
    for (kind, content, errcode, reason) in rows {
        let body = json!({ "touser": alice.openid(), "msgtype": kind, (kind): content });
        assert_eq!(caller.code(SEND, body).await, errcode, "{kind}: {reason}");
    }
    assert_eq!(alice.phone().len(), 1, "what was refused was not shown");
}

#[tokio::test(start_paused = true)]
async fn a_test_account_has_no_menu_messages() {
    let caller = Caller::new().await;
    let alice = caller.wechat.follower("alice");
    alice.does("hello").await.unwrap();
    let menu = json!({ "list": [{ "id": "1", "content": "yes" }] });
    let body = json!({ "touser": alice.openid(), "msgtype": "msgmenu", "msgmenu": menu });
    assert_eq!(caller.code(SEND, body).await, 48008);
}

#[tokio::test(start_paused = true)]
async fn media_of_a_follower_is_good_for_three_days() {
    let (mut caller, alice) = scene().await;
    let body =
        json!({ "touser": alice.openid(), "msgtype": "image", "image": { "media_id": "IMAGE" } });
    for (passes, errcode) in [(3 * 86_400 - 1, 0), (1, 40007)] {
        pass(passes).await;
        caller.token = caller.stable(false).await["access_token"].as_str().unwrap().to_owned();
        alice.does("still here").await.unwrap();
        assert_eq!(caller.code(SEND, body.clone()).await, errcode);
    }
}

#[tokio::test(start_paused = true)]
async fn typing_is_shown_for_15_seconds_or_until_a_message() {
    let caller = Caller::new().await;
    let alice = caller.wechat.follower("alice");
    let typing = async |command: &str| {
        let body = json!({ "touser": alice.openid(), "command": command });
        caller.code("message/custom/typing", body).await
    };
    assert_eq!(typing("Typing").await, 45080, "nobody has said anything");
    alice.does("hello").await.unwrap();
    assert_eq!([typing("Typing").await, typing("Typing").await], [0, 45081]);
    assert_eq!(typing("Sing").await, 45072);
    assert_eq!([typing("CancelTyping").await, typing("Typing").await], [0, 0]);
    caller.code(SEND, text(alice.openid(), "hi")).await;
    assert_eq!(typing("Typing").await, 0, "a message ends it");
    pass(15).await;
    assert_eq!(typing("Typing").await, 0, "it ends by itself");
    pass(16).await;
    assert_eq!(typing("Typing").await, 45080, "31 seconds later");
    let signs = alice.phone();
    let signs = signs.iter().filter(|shown| shown.what == What::Typing);
    assert_eq!(signs.count(), 4);
}
