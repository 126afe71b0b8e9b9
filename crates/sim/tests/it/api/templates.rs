//! Template messages and subscription notices (sections 7.4, 7.5, 4.4 and 4.5).

use std::sync::Arc;

use serde_json::{Value, json};
use wxbot_sim::{Account, Bubble, Format, Options, Unseen, Verdict};

use super::{Caller, pass};
use crate::bot::{Bot, Step, pair};

const SEND: &str = "message/template/send";
const NOTIFY: &str = "message/subscribe/bizsend";

async fn scene(format: Format) -> (Caller, Arc<Bot>) {
    let account = Account { format, ..Account::default() };
    let (wechat, bot) = pair(account, Options::default(), &[Step::Body(b"success".to_vec())]);
    wechat.add_template("TPL", "Order");
    let mut caller = Caller { wechat, token: String::new() };
    caller.token = caller.stable(false).await["access_token"].as_str().unwrap().to_owned();
    (caller, bot)
}

fn order(openid: &str, thing: &str) -> Value {
    json!({ "touser": openid, "template_id": "TPL", "url": "https://e.com",
            "data": { "thing1": { "value": thing } } })
}

#[tokio::test(start_paused = true)]
async fn a_template_message_is_shown_and_its_end_is_told_later() {
    let (caller, bot) = scene(Format::Xml).await;
    let alice = caller.wechat.follower("alice");
    let sent = caller.post(SEND, order(alice.openid(), "tea")).await;
    assert_eq!(sent["errcode"], 0);
    let bubble = Bubble::Notification {
        template_id: "TPL".into(),
        fields: vec![("thing1".into(), "tea".into())],
        url: Some("https://e.com".into()),
    };
    assert_eq!(alice.phone()[0].bubble(), Some(&bubble));
    assert!(bot.heard().is_empty());
    pass(2).await;
    let told = bot.messages().remove(0);
    let field = |name: &str| told.child_text(name);
    assert_eq!(field("Event"), Some("TEMPLATESENDJOBFINISH"));
    assert_eq!(
        (field("MsgID"), field("Status")),
        (Some(&*sent["msgid"].to_string()), Some("success"))
    );
    assert_eq!((field("FromUserName"), field("MsgId")), (Some(alice.openid()), None));
    assert_eq!(caller.wechat.exchanges()[0].act, None);
}

#[tokio::test(start_paused = true)]
async fn who_refuses_templates_gets_none_and_the_event_says_so() {
    let (caller, bot) = scene(Format::Xml).await;
    let alice = caller.wechat.follower("alice");
    alice.block_templates();
    assert_eq!(caller.code(SEND, order(alice.openid(), "tea")).await, 0);
    pass(2).await;
    assert!(alice.phone().is_empty());
    assert_eq!(bot.messages()[0].child_text("Status"), Some("failed:user block"));
}

#[tokio::test(start_paused = true)]
async fn the_same_client_msg_id_is_sent_once_in_10_minutes() {
    let (caller, _) = scene(Format::Xml).await;
    let alice = caller.wechat.follower("alice");
    let mut body = order(alice.openid(), "tea");
    body["client_msg_id"] = "once-1".into();
    let first = caller.post(SEND, body.clone()).await;
    assert_eq!(caller.post(SEND, body.clone()).await, first);
    assert_eq!(alice.phone().len(), 1);
    pass(600).await;
    assert_ne!(caller.post(SEND, body.clone()).await, first);
    assert_eq!(alice.phone().len(), 2);
    body["client_msg_id"] = "x".repeat(33).into();
    assert_eq!(caller.code(SEND, body).await, 40035);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_template_message_is_said() {
    let (caller, _) = scene(Format::Xml).await;
    let alice = caller.wechat.follower("alice");
    let good = order(alice.openid(), "tea");
    let rows = [
        ("touser", json!("oNobody"), 40003),
        ("touser", json!(caller.wechat.stranger("bob").openid()), 43004),
        ("template_id", json!(""), 40036),
        ("template_id", json!("NONE"), 40037),
        ("data", json!({ "thing1": { "value": "" } }), 47003),
        ("data", json!({ "thing1": { "value": "x".repeat(21) } }), 47003),
        ("data", json!({ "number1": { "value": "many" } }), 47003),
    ];
    for (name, value, errcode) in rows {
        let mut body = good.clone();
        body[name] = value.clone();
        assert_eq!(caller.code(SEND, body).await, errcode, "{name} {value}");
    }
    let list = caller.get("template/get_all_private_template", "").await;
    assert_eq!(list["template_list"][0]["title"], "Order");
}

#[tokio::test(start_paused = true)]
async fn a_notice_needs_a_subscription_and_uses_it_up() {
    for format in Format::ALL {
        let (caller, bot) = scene(*format).await;
        let alice = caller.wechat.follower("alice");
        let notice = order(alice.openid(), "tea");
        assert_eq!(caller.code(NOTIFY, notice.clone()).await, 43101);
        alice.accept_notice("TPL");
        assert_eq!(caller.code(NOTIFY, notice.clone()).await, 0);
        assert_eq!(caller.code(NOTIFY, notice).await, 43101);
        assert_eq!(alice.phone().len(), 1);
        pass(2).await;
        let bodies = bot.heard();
        let bodies: Vec<_> = bodies.iter().map(|one| String::from_utf8_lossy(&one.body)).collect();
        let (popup, sent) = match format {
            Format::Xml => (
                "<SubscribeMsgPopupEvent><List><TemplateId><![CDATA[TPL]]></TemplateId>",
                "<ErrorCode>0</ErrorCode><ErrorStatus><![CDATA[success]]></ErrorStatus></List>",
            ),
            Format::Json => ("\"List\":{\"PopupScene\":\"2\"", "\"ErrorCode\":\"0\""),
        };
        assert!(bodies[0].contains(popup) && bodies[1].contains(sent), "{bodies:?}");
        assert!(bodies[1].contains("subscribe_msg_sent_event"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_such_an_event_is_shown_to_nobody() {
    let (caller, _) = scene(Format::Xml).await;
    let alice = caller.wechat.follower("alice");
    caller.wechat.connect(Arc::new(|_| async { Ok(wxbot_sim::Response::ok("oops")) }));
    caller.code(SEND, order(alice.openid(), "tea")).await;
    pass(2).await;
    let told = caller.wechat.exchanges().remove(0);
    assert!(matches!(told.verdict, Verdict::Nowhere(Unseen::Failure(_))), "{told:?}");
    assert_eq!(alice.phone().len(), 1, "the template message alone");
}

#[tokio::test(start_paused = true)]
async fn templates_come_from_a_library_and_go() {
    let (caller, _) = scene(Format::Xml).await;
    let add = json!({ "template_id_short": "TM00015", "keyword_name_list": ["thing1"] });
    let added = caller.post("template/api_add_template", add).await;
    let id = added["template_id"].as_str().expect("it is a text").to_owned();
    let list = caller.get("template/get_all_private_template", "").await;
    assert_eq!(list["template_list"].as_array().map(Vec::len), Some(2));
    let delete = json!({ "template_id": id });
    assert_eq!(caller.code("template/del_private_template", delete.clone()).await, 0);
    assert_eq!(caller.code("template/del_private_template", delete).await, 40037);
    assert_eq!(caller.code("template/api_add_template", json!({})).await, 40036);
}
