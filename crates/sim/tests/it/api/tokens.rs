//! The two kinds of access tokens (section 7.1).

use serde_json::{Value, json};
use wxbot_sim::ApiRequest;

use super::{Caller, pass};

async fn plain(caller: &Caller) -> String {
    let account = caller.wechat.account();
    let query = format!(
        "grant_type=client_credential&appid={}&secret={}",
        account.app_id, account.app_secret
    );
    let answer = caller.send(ApiRequest::get("/cgi-bin/token", query)).await;
    assert_eq!(answer["expires_in"], 7200);
    answer["access_token"].as_str().unwrap().to_owned()
}

fn token(answer: &Value) -> String {
    answer["access_token"].as_str().unwrap().to_owned()
}

/// The error code of a call with this token.
async fn used(caller: &Caller, token: &str) -> i64 {
    let query = format!("access_token={token}");
    let answer = caller.send(ApiRequest::get("/cgi-bin/getcallbackip", query)).await;
    answer["errcode"].as_i64().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_plain_token_is_new_each_time_and_the_old_one_lives_5_minutes() {
    let caller = Caller::new().await;
    let (first, second) = (plain(&caller).await, plain(&caller).await);
    assert_ne!(first, second);
    pass(299).await;
    assert_eq!((used(&caller, &first).await, used(&caller, &second).await), (0, 0));
    pass(1).await;
    assert_eq!((used(&caller, &first).await, used(&caller, &second).await), (40001, 0));
    pass(6_899).await;
    assert_eq!(used(&caller, &second).await, 0);
    pass(1).await;
    assert_eq!(used(&caller, &second).await, 42001, "after two hours");
}

#[tokio::test(start_paused = true)]
async fn a_stable_token_is_the_same_until_its_last_5_minutes() {
    let caller = Caller::new().await;
    let first = caller.token.clone();
    pass(6_899).await;
    let again = caller.stable(false).await;
    assert_eq!((token(&again), &again["expires_in"]), (first.clone(), &json!(301)));
    pass(1).await;
    let second = caller.stable(false).await;
    assert_eq!(second["expires_in"], 7200);
    assert_ne!(token(&second), first);
    pass(299).await;
    assert_eq!((used(&caller, &first).await, used(&caller, &token(&second)).await), (0, 0));
    pass(1).await;
    assert_eq!((used(&caller, &first).await, used(&caller, &token(&second)).await), (42001, 0));
}

#[tokio::test(start_paused = true)]
async fn a_forced_refresh_kills_the_old_one_at_once_but_not_too_often() {
    let caller = Caller::new().await;
    let second = token(&caller.stable(true).await);
    assert_eq!((used(&caller, &caller.token).await, used(&caller, &second).await), (40001, 0));
    pass(29).await;
    assert_eq!(token(&caller.stable(true).await), second, "too soon: nothing happens");
    for _ in 0..19 {
        pass(30).await;
        assert_ne!(token(&caller.stable(true).await), second);
    }
    pass(30).await;
    assert_eq!(caller.stable(true).await["errcode"], 45009, "20 a day");
    assert!(caller.stable(false).await["access_token"].is_string());
    pass(86_400).await;
    assert!(caller.stable(true).await["access_token"].is_string());
}

#[tokio::test(start_paused = true)]
async fn the_two_kinds_know_nothing_of_each_other() {
    let caller = Caller::new().await;
    let plain_token = plain(&caller).await;
    caller.stable(true).await;
    pass(1_000).await;
    assert_eq!(used(&caller, &plain_token).await, 0);
    let stable = token(&caller.stable(false).await);
    plain(&caller).await;
    pass(1_000).await;
    assert_eq!(used(&caller, &stable).await, 0);
    assert_eq!(caller.wechat.tokens_issued(), 4);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_another_process_spent_are_not_the_latest() {
    let caller = Caller::new().await;
    caller.wechat.spend_tokens();
    assert_eq!(used(&caller, &caller.token).await, 40001);
    let fresh = token(&caller.stable(false).await);
    assert_eq!(used(&caller, &fresh).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_given_to_who_knows_the_secret() {
    let caller = Caller::new().await;
    let account = caller.wechat.account();
    let good = json!({
        "grant_type": "client_credential", "appid": account.app_id, "secret": account.app_secret,
    });
    let rows = [
        ("grant_type", json!("password"), 40002),
        ("appid", json!(""), 41002),
        ("appid", json!("wx1111111111111111"), 40013),
        ("secret", Value::Null, 41004),
        ("secret", json!("wrong"), 40125),
    ];
    for (name, value, errcode) in rows {
        let mut body = good.clone();
        body[name] = value;
        let request = ApiRequest::post("/cgi-bin/stable_token", "", body.to_string());
        assert_eq!(caller.send(request).await["errcode"], errcode, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_white_list_says_which_address_it_saw() {
    let caller = Caller::new().await;
    caller.wechat.set_ip_whitelist(["203.0.113.5".parse().unwrap()]);
    let ask = async |ip: &str| {
        let request = ApiRequest::get("/cgi-bin/token", "grant_type=client_credential");
        caller.send(ApiRequest { remote_ip: Some(ip.parse().unwrap()), ..request }).await
    };
    let refused = ask("203.0.113.6").await;
    assert_eq!(refused["errcode"], 40164);
    assert!(refused["errmsg"].as_str().unwrap().contains("203.0.113.6"), "{refused}");
    assert_eq!(ask("203.0.113.5").await["errcode"], 41002);
}
