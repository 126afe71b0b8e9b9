//! What all calls of the API have in common, and tokens (sections 7, 7.1, 7.15 and 8).

mod tokens;
mod custom;
mod menus;
mod media;
mod users;
mod codes;
mod templates;
mod faults;

use std::time::Duration;

use serde_json::{Value, json};
use wxbot_sim::{Account, ApiRequest, Kind, Options, WeChat};

use crate::bot::{Step, pair};

/// A caller with a token.
pub(crate) struct Caller {
    pub(crate) wechat: WeChat,
    pub(crate) token: String,
}

impl Caller {
    /// A caller with a test account, which may call nearly everything.
    pub(crate) async fn new() -> Self {
        Self::of(Kind::Test).await
    }

    pub(crate) async fn of(kind: Kind) -> Self {
        let account = Account { kind, ..Account::default() };
        let (wechat, _) = pair(account, Options::default(), &[Step::Body(b"success".to_vec())]);
        let mut caller = Self { wechat, token: String::new() };
        caller.token = caller.stable(false).await["access_token"].as_str().unwrap().to_owned();
        caller
    }

    pub(crate) async fn stable(&self, force_refresh: bool) -> Value {
        let Account { app_id, app_secret, .. } = self.wechat.account();
        let body = json!({
            "grant_type": "client_credential", "appid": app_id, "secret": app_secret,
            "force_refresh": force_refresh,
        });
        self.send(ApiRequest::post("/cgi-bin/stable_token", "", body.to_string())).await
    }

    pub(crate) async fn send(&self, request: ApiRequest) -> Value {
        let response = self.wechat.api(request).await.unwrap();
        assert_eq!(response.status, 200, "errors have it, too");
        response.json().unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.post_text(path, &body.to_string()).await
    }

    pub(crate) async fn post_text(&self, path: &str, body: &str) -> Value {
        self.send(ApiRequest::post(format!("/cgi-bin/{path}"), self.query(""), body)).await
    }

    pub(crate) async fn get(&self, path: &str, query: &str) -> Value {
        self.send(ApiRequest::get(format!("/cgi-bin/{path}"), self.query(query))).await
    }

    pub(crate) fn query(&self, more: &str) -> String {
        format!("access_token={}&{more}", self.token)
    }

    /// The error code of a post.
    pub(crate) async fn code(&self, path: &str, body: Value) -> i64 {
        self.post(path, body).await["errcode"].as_i64().unwrap_or_default()
    }
}

pub(crate) async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_call_is_said_with_status_200_and_a_rid() {
    let caller = Caller::new().await;
    let query = caller.query("");
    let send = "/cgi-bin/message/custom/send";
    let rows = [
        (ApiRequest::get("/cgi-bin/none", &query), 40066, "no such call"),
        (ApiRequest::get(send, &query), 43002, "a GET"),
        (ApiRequest::post("/cgi-bin/menu/get", &query, "{}"), 43001, "a POST"),
        (ApiRequest::post(send, "", "{}"), 41001, "no token"),
        (ApiRequest::post(send, "access_token=", "{}"), 41001, "an empty token"),
        (ApiRequest::post(send, "access_token=wrong", "{}"), 40014, "another token"),
        (ApiRequest::post(send, &query, ""), 44002, "no body"),
        (ApiRequest::post(send, &query, "{\"touser\":"), 47001, "half a body"),
        (ApiRequest::post(send, &query, r#"{"a":"\u4f60"}"#), 47002, "an escape"),
        (ApiRequest::post("/cgi-bin/menu/create", &query, r#"{"a":"\u4f60"}"#), 40033, "in a menu"),
    ];
    for (request, errcode, reason) in rows {
        let answer = caller.send(request).await;
        assert_eq!(answer["errcode"], errcode, "{reason}");
        assert!(answer["errmsg"].as_str().unwrap().contains(" rid: "), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_account_may_call_what_the_table_says() {
    use Kind::{OrganisationUnverified, Personal, Test, VerifiedService, VerifiedSubscription};
    let verified = &[VerifiedSubscription, VerifiedService, Test][..];
    let service = &[VerifiedService, Test][..];
    let all = &[Personal, OrganisationUnverified, VerifiedSubscription, VerifiedService, Test][..];
    let rows = [
        ("message/custom/send", verified),
        ("message/custom/typing", verified),
        ("menu/create", verified),
        ("menu/trymatch", verified),
        ("user/info/batchget", verified),
        ("tags/create", verified),
        ("qrcode/create", service),
        ("message/template/send", service),
        ("message/subscribe/bizsend", service),
        ("media/upload", all),
        ("material/add_material", all),
        ("openapi/quota/get", all),
        ("callback/check", all),
    ];
    for kind in Kind::ALL {
        let caller = Caller::of(*kind).await;
        for (path, allowed) in rows {
            let errcode = caller.code(path, json!({})).await;
            assert_eq!(errcode != 48001, allowed.contains(kind), "{kind} {path}");
        }
        let current = caller.get("get_current_selfmenu_info", "").await;
        assert_eq!(current["is_menu_open"], 0, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_daily_limit_ends_at_midnight_in_china() {
    let caller = Caller::new().await; // at 00:00 UTC
    caller.wechat.set_daily_limit("/cgi-bin/getcallbackip", 2);
    let ask = async || caller.get("getcallbackip", "").await["errcode"].as_i64();
    assert_eq!([ask().await, ask().await, ask().await], [None, None, Some(45009)]);
    let left = caller.post("openapi/quota/get", json!({ "cgi_path": "/cgi-bin/getcallbackip" }));
    let left = left.await["quota"].clone();
    assert_eq!(left, json!({ "daily_limit": 2, "used": 2, "remain": 0 }));
    pass(16 * 3600).await;
    let fresh = Caller {
        token: caller.stable(false).await["access_token"].as_str().unwrap().into(),
        ..caller
    };
    assert!(fresh.get("getcallbackip", "").await["ip_list"].is_array());
}

#[tokio::test(start_paused = true)]
async fn quotas_are_cleared_ten_times_a_month() {
    let caller = Caller::new().await;
    caller.wechat.set_daily_limit("/cgi-bin/getcallbackip", 1);
    let app_id = caller.wechat.account().app_id.clone();
    for _ in 0..10 {
        assert!(caller.get("getcallbackip", "").await["ip_list"].is_array());
        assert_eq!(caller.get("getcallbackip", "").await["errcode"], 45009);
        assert_eq!(caller.code("clear_quota", json!({ "appid": app_id })).await, 0);
    }
    assert_eq!(caller.code("clear_quota", json!({ "appid": app_id })).await, 48006);
    assert_eq!(caller.code("clear_quota", json!({ "appid": "wx1" })).await, 40013);
    assert_eq!(caller.code("openapi/quota/get", json!({ "cgi_path": "/sns/auth" })).await, 76022);
}

#[tokio::test(start_paused = true)]
async fn the_address_can_be_checked() {
    let caller = Caller::new().await;
    let check = async |action: &str, operator: &str| {
        let body = json!({ "action": action, "check_operator": operator });
        caller.post("callback/check", body).await
    };
    let all = check("all", "DEFAULT").await;
    assert!(all["dns"][0]["ip"].is_string() && all["ping"][0]["package_loss"].is_string());
    assert_eq!(check("dns", "CAP").await.get("ping"), None);
    assert_eq!(check("none", "CAP").await["errcode"], 40202);
    assert_eq!(check("all", "none").await["errcode"], 40203);
    assert!(caller.get("get_api_domain_ip", "").await["ip_list"].is_array());
    let alone = WeChat::new(caller.wechat.account().clone(), caller.wechat.clock()).unwrap();
    let mut alone = Caller { wechat: alone, token: String::new() };
    alone.token = alone.stable(false).await["access_token"].as_str().unwrap().to_owned();
    let body = json!({ "action": "all", "check_operator": "DEFAULT" });
    assert_eq!(alone.code("callback/check", body).await, 40201);
}

#[tokio::test(start_paused = true)]
async fn calls_are_on_record_without_the_secret() {
    let caller = Caller::new().await;
    caller.code("message/custom/send", json!({ "touser": "nobody" })).await;
    let calls = caller.wechat.calls();
    let calls: Vec<_> = calls.iter().map(|call| (&*call.path, call.errcode)).collect();
    assert_eq!(calls, [("/cgi-bin/stable_token", 0), ("/cgi-bin/message/custom/send", 40003)]);
    let secret = &caller.wechat.account().app_secret;
    let body = &caller.wechat.calls()[0].body;
    assert!(body.contains("[redacted]") && !body.contains(secret), "{body}");
}
