//! The control API, address by address.

use serde_json::{Value, json};
use wxbot_sim::{NOTICE, WeChat, control};

use crate::bot::{START, Step, simple};

async fn asked(wechat: &WeChat, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = control::handle(wechat, method, path, body.as_bytes()).await;
    (answer.status, answer.body)
}

async fn get(wechat: &WeChat, path: &str) -> Value {
    let (status, body) = asked(wechat, "GET", path, Value::Null).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

async fn post(wechat: &WeChat, path: &str, body: Value) -> (u16, Value) {
    asked(wechat, "POST", path, body).await
}

#[tokio::test(start_paused = true)]
async fn an_act_is_answered_with_its_exchange() {
    let (wechat, _) = simple(&[Step::Echo, Step::Body(b"oops".to_vec())]);
    let (status, exchange) =
        post(&wechat, "/_sim/followers/al%20ice/acts", json!({ "text": "hi" })).await;
    let alice = wechat.follower("al ice");
    assert_eq!((status, &exchange["openid"]), (200, &json!(alice.openid())));
    let text = &exchange["verdict"]["reply"]["what"]["bubble"]["text"]["text"];
    assert_eq!((text, &exchange["act"]), (&json!("hi"), &json!(1)));
    let delivery = &exchange["deliveries"][0];
    assert_eq!((&delivery["sent_at"], &delivery["took"]), (&json!(START * 1000), &json!(0)));
    assert!(delivery["request"]["body"].as_str().unwrap().starts_with("<xml>"));
    assert_eq!(delivery["outcome"]["answered"]["status"], 200);

    let click = json!({ "event": "CLICK", "key": "HELP" });
    let (_, exchange) = post(&wechat, "/_sim/followers/al%20ice/acts", click).await;
    assert_eq!(exchange["verdict"]["notice"], "the body is neither XML nor `success`");
    let phone = get(&wechat, "/_sim/followers/al%20ice/phone").await;
    assert_eq!((&phone[0]["via"], &phone[0]["answers"]), (&json!("passive"), &json!(1)));
    assert_eq!(phone[1]["what"]["notice"], NOTICE);
    assert_eq!(get(&wechat, "/_sim/exchanges").await.as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_done_is_said() {
    let (wechat, _) = simple(&[Step::Echo]);
    let acts = "/_sim/followers/bob/acts";
    let set = post(&wechat, "/_sim/followers/bob", json!({ "follows": false })).await;
    assert_eq!((set.0, &set.1["follows"]), (200, &json!(false)));
    let rows = [
        (acts, json!({ "text": "hi" }), 409, "does not follow"),
        (acts, json!({ "scan": { "ticket": "gQ" } }), 409, "no QR code"),
        (acts, json!({ "dance": "hi" }), 400, "unknown variant"),
        (acts, Value::Null, 400, "EOF"),
        ("/_sim/followers/bob", json!({}), 400, "`follows`"),
        ("/_sim/faults", json!({}), 400, "expected"),
        ("/_sim/templates", json!({ "id": "T" }), 400, "`title`"),
        ("/_sim/none", json!({}), 404, "no such address"),
        ("/_sim/calls", json!({}), 404, "no such address"),
    ];
    for (path, body, status, error) in rows {
        let (came, answer) = post(&wechat, path, body).await;
        let text = answer["error"].as_str().unwrap();
        assert!(came == status && text.contains(error), "{path}: {came} {answer}");
    }
    let subscribed = post(&wechat, acts, json!("subscribe")).await;
    assert_eq!(subscribed.0, 200, "{}", subscribed.1);
    assert_eq!(get(&wechat, "/_sim/followers/bob").await["follows"], true);
}

#[tokio::test(start_paused = true)]
async fn the_handshake_can_be_asked_for() {
    let (wechat, _) = simple(&[Step::Handshake, Step::Status(404)]);
    let (_, good) = post(&wechat, "/_sim/handshake", Value::Null).await;
    assert_eq!(good, json!({ "ok": true }));
    let (_, bad) = post(&wechat, "/_sim/handshake", Value::Null).await;
    assert_eq!(bad, json!({ "ok": false, "error": "the status is 404" }));
}

#[tokio::test(start_paused = true)]
async fn everything_can_be_looked_at_but_secrets() {
    let (wechat, _) = simple(&[Step::Echo]);
    let alice = wechat.follower("alice");
    assert_eq!(get(&wechat, "/_sim/followers").await, json!([alice.openid()]));
    let account = wechat.account().clone();
    let body = json!({ "grant_type": "client_credential", "appid": account.app_id,
                       "secret": account.app_secret });
    let request = wxbot_sim::ApiRequest::post("/cgi-bin/stable_token", "", body.to_string());
    wechat.api(request).await.unwrap();
    let calls = get(&wechat, "/_sim/calls").await;
    assert_eq!(
        (&calls[0]["path"], &calls[0]["errcode"]),
        (&json!("/cgi-bin/stable_token"), &json!(0))
    );
    let state = get(&wechat, "/_sim/state").await;
    assert_eq!((&state["account"]["kind"], &state["now"]), (&json!("test"), &json!(START)));
    assert_eq!((&state["tokens_issued"], &state["menu"]), (&json!(1), &Value::Null));
    let all = format!("{calls}{state}");
    for secret in [account.token, account.app_secret, account.encoding_aes_key] {
        assert!(!all.contains(&secret), "{all}");
    }
}

#[tokio::test(start_paused = true)]
async fn faults_come_and_go() {
    let (wechat, _) = simple(&[Step::Echo]);
    let rules = [
        json!({ "delivery": { "number": 1, "when": "always", "fault": "lost" } }),
        json!({ "delivery": { "when": { "chance": 0.0 }, "fault": { "delayed": 1500 } } }),
        json!({ "api": { "path": "/cgi-bin/*", "when": { "nth": 2 }, "fault": { "errcode": -1 } } }),
    ];
    for rule in rules {
        let (status, answer) = post(&wechat, "/_sim/faults", rule).await;
        assert_eq!(status, 200, "{answer}");
    }
    let deliveries = async || {
        let said = post(&wechat, "/_sim/followers/alice/acts", json!({ "text": "hi" })).await;
        said.1["deliveries"].as_array().unwrap().len()
    };
    assert_eq!(deliveries().await, 2);
    asked(&wechat, "DELETE", "/_sim/faults", Value::Null).await;
    assert_eq!(deliveries().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_template_can_be_given() {
    let (wechat, _) = simple(&[Step::Echo]);
    let template = json!({ "id": "TPL", "title": "Order" });
    assert_eq!(post(&wechat, "/_sim/templates", template).await, (200, json!({ "ok": true })));
}
