//! `POST /send` and `wxbot send`: an operator's program says something to a follower first.

use serde_json::{Value, json};
use wxbot_tests::http::{self, Response};
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::redis::free_port;
use wxbot_tests::wechat::{APP_ID, TOKEN};

use super::sim::control;
use super::wxbot;

const APP_SECRET: &str = "secretTEST1";
const SEND: &str = "/cgi-bin/message/custom/send";

/// A bot and WeChat, where alice wrote.
struct Talk {
    program: Program,
    bot: Serving,
    wechat: Serving,
    alice: String,
}

impl Talk {
    fn on(kind: &str, console: &str) -> Self {
        let [endpoint, operator] = [(); 2].map(|()| free_port());
        let target = format!("http://127.0.0.1:{endpoint}/wechat");
        let common = ["sim", "--listen", "127.0.0.1:0", "--target", &target, "--token", TOKEN];
        let more = ["--app-id", APP_ID, "--app-secret", APP_SECRET, "--account", kind];
        let wechat = wxbot().simulate(&[&common[..], &more].concat());
        let program = wxbot().with_config(&format!(
            "[server]\nlisten = '127.0.0.1:{endpoint}'\nworkers = 1\n\
             [console]\nlisten = '127.0.0.1:{operator}'\n{console}\n\
             [[account]]\nid = 'main'\ntoken = '{TOKEN}'\napp_id = '{APP_ID}'\n\
             app_secret = '{APP_SECRET}'\napi_base = 'http://{}'\n\
             [[account]]\nid = 'poor'\npath = '/poor'\ntoken = '{TOKEN}'\n\
             [[chain]]\nplugin = 'echo'\n",
            wechat.endpoint
        ));
        let bot = program.serve(&["run"]);
        control(wechat.endpoint, "followers/alice/acts", &json!({ "text": "hi" }));
        let alice = http::get(wechat.endpoint, "/_sim/followers/alice").body;
        let alice: Value = serde_json::from_str(&alice).expect(&alice);
        let alice = alice["openid"].as_str().expect("it is a text").to_owned();
        Self { program, bot, wechat, alice }
    }

    fn post(&self, headers: &str, body: &[u8]) -> Response {
        let headers = format!("{headers}Content-Length: {}\r\n", body.len());
        http::request(self.bot.operator, "POST", "/send", &headers, body)
    }

    /// The status and what the bot says.
    #[track_caller]
    fn send(&self, body: &Value) -> (u16, Value) {
        let response = self.post("X-Wxbot: 1\r\n", body.to_string().as_bytes());
        let said = serde_json::from_str(&response.body).expect(&response.body);
        (response.status, said)
    }

    /// What alice was sent last.
    fn seen(&self) -> Value {
        let phone = http::get(self.wechat.endpoint, "/_sim/followers/alice/phone").body;
        let phone: Vec<Value> = serde_json::from_str(&phone).expect(&phone);
        phone.last().expect("she sees an echo")["what"]["bubble"].clone()
    }

    fn fails(&self, fault: &Value) {
        let fault = json!({ "api": { "path": SEND, "when": "always", "fault": fault } });
        assert_eq!(control(self.wechat.endpoint, "faults", &fault), json!({ "ok": true }));
    }

    fn run(&self, arguments: &[&str]) -> wxbot_tests::program::Ran {
        self.program.run(&[&["send"], arguments].concat())
    }
}

#[test]
fn a_program_sends_and_is_told_what_came_of_it() {
    let talk = Talk::on("verified-service", "");
    let alice = &talk.alice;
    let sent = |count| (200, json!({ "outcome": "sent", "sent": count, "of": count }));
    assert_eq!(talk.send(&json!({ "openid": alice, "reply": "到货了" })), sent(1));
    assert_eq!(talk.seen()["text"]["text"], "到货了");
    let several =
        json!({ "account": "main", "openid": alice, "reply": ["one", { "text": "two" }] });
    assert_eq!(talk.send(&several), sent(2));

    let (status, said) = talk.send(&json!({ "openid": alice, "reply": ["4", "5", "6"] }));
    assert_eq!((status, &said["outcome"]), (409, &json!("follower_must_write")), "{said}");
    assert_eq!(
        (&said["sent"], &said["of"], &said["errcode"]),
        (&json!(2), &json!(3), &json!(45047))
    );

    let (status, said) = talk.send(&json!({ "openid": "oNOBODY", "reply": "hi" }));
    assert_eq!(
        (status, &said["outcome"], &said["errcode"]),
        (409, &json!("refused"), &json!(40003))
    );
    let (status, said) = talk.send(&json!({ "account": "poor", "openid": alice, "reply": "hi" }));
    assert_eq!((status, &said["outcome"]), (409, &json!("account")), "{said}");
    assert!(said["message"].as_str().unwrap().contains("`poor` needs `app_id`"), "{said}");
}

#[test]
fn what_nobody_knows_is_said_to_be_unknown() {
    let talk = Talk::on("verified-service", "");
    let news = json!({ "openid": talk.alice, "reply": "news" });
    talk.fails(&json!("answer_lost"));
    let (status, said) = talk.send(&news);
    assert_eq!((status, &said["outcome"]), (502, &json!("unclear")), "{said}");
    talk.run(&[&talk.alice, "news"]).exits(1).prints("").says(&["nobody knows whether"]);
    http::request(talk.wechat.endpoint, "DELETE", "/_sim/faults", "", b"");
    talk.fails(&json!({ "errcode": -1 }));
    let (status, said) = talk.send(&news);
    assert_eq!((status, &said["outcome"]), (503, &json!("try_later")), "{said}");
}

#[test]
fn a_wrong_request_is_quoted_and_told_how_it_should_be() {
    let talk = Talk::on("verified-service", "");
    let long = format!(r#"{{"openid":"o1","reply":"{}"}}"#, "a".repeat(70_000));
    let table: [(&str, u16, &[&str]); 11] = [
        ("", 400, &[r#"expected JSON like {"openid": "o…", "reply": "…"}, got ``"#]),
        ("openid=o1", 400, &["got `openid=o1`", "line 1 column"]),
        (r#"{"openid":"o1"}"#, 400, &["missing field `reply`, `template` or `subscription`"]),
        (r#"{"openid":"o1","template":{"data":{}}}"#, 400, &["missing field `id`"]),
        (r#"{"openid":"o1","template":{"id":"T","data":{"a":1}}}"#, 400, &["a value is a text"]),
        (
            r#"{"openid":"o1","template":{"id":"T"},"subscription":{"id":"T"}}"#,
            400,
            &["can't both be sent"],
        ),
        (r#"{"openid":"o1","replay":"hi"}"#, 400, &["unknown field `replay`", "`reply`"]),
        (r#"{"openid":"o1","reply":{"picture":"M"}}"#, 400, &["`picture`", "`image`"]),
        (r#"{"account":"other","openid":"o1","reply":"hi"}"#, 404, &["`other`", "main, poor"]),
        (r#"{"openid":"o1","reply":{"transfer":""}}"#, 400, &["`transfer` can only answer"]),
        (&long, 413, &["more than 65536 bytes"]),
    ];
    for (body, status, parts) in table {
        let response = talk.post("X-Wxbot: 1\r\n", body.as_bytes());
        assert_eq!(response.status, status, "{response:?}");
        let said: Value = serde_json::from_str(&response.body).expect(&response.body);
        assert_eq!((&said["outcome"], &said["sent"]), (&json!("invalid"), &json!(0)), "{said}");
        for part in parts {
            assert!(said["message"].as_str().unwrap().contains(part), "{part} is not in {said}");
        }
    }
}

#[test]
fn who_has_to_write_first_is_sent_the_template_that_is_named() {
    let talk = Talk::on("verified-service", "");
    control(talk.wechat.endpoint, "templates", &json!({ "id": "TPL", "title": "Shipped" }));
    control(talk.wechat.endpoint, "followers/bob/acts", &json!("unsubscribe"));
    let alice = &*talk.alice;
    let template = json!({ "id": "TPL", "data": { "thing1": "tea" }, "reference": "order 42" });
    let news = json!({ "openid": alice, "reply": "On its way", "template": template });
    for _ in 0..5 {
        assert_eq!(talk.send(&news), (200, json!({ "outcome": "sent", "sent": 1, "of": 1 })));
    }
    let (status, said) = talk.send(&news);
    assert_eq!((status, &said["outcome"], &said["as"]), (200, &json!("sent"), &json!("template")));
    assert!(said["msg_id"].as_str().is_some_and(|id| id.len() > 15), "{said}");
    assert_eq!(talk.seen()["notification"]["fields"][0], json!(["thing1", "tea"]));

    let values = ["--template", "TPL", "--data", r#"{"thing1": {"value": "a pot"}}"#];
    let more = ["--url", "https://e.com/42", "--reference", "order 42"];
    let sent = "sent: 1, as a template message\n";
    talk.run(&[&[alice, "On its way"], &values[..], &more].concat()).exits(0).prints(sent);
    talk.run(&[&[alice], &values[..]].concat()).exits(0).prints(sent).says_nothing();
    assert_eq!(talk.seen()["notification"]["fields"][0], json!(["thing1", "a pot"]));
    let subscription = ["--subscription", "TPL", "--data", r#"{"thing1": "tea"}"#];
    let ran = talk.run(&[&[alice, "hi"], &subscription[..]].concat()).exits(1).prints("");
    ran.says(&["45047", "not sent as a notification either", "43101"]);
}

#[test]
fn only_the_operator_sends() {
    let talk = Talk::on("verified-service", "token = 'console-token-1'");
    let news = json!({ "openid": talk.alice, "reply": "news" }).to_string();
    let token = "Authorization: Bearer console-token-1\r\n";
    assert_eq!(talk.post("X-Wxbot: 1\r\n", news.as_bytes()).status, 401);
    assert_eq!(talk.post(token, news.as_bytes()).status, 403, "a browser sends no `X-Wxbot`");
    assert_eq!(talk.seen()["text"]["text"], "hi", "nothing was sent");
    assert_eq!(talk.post(&format!("X-Wxbot: 1\r\n{token}"), news.as_bytes()).status, 200);
    talk.run(&[&talk.alice, "more"]).exits(0).prints("sent: 1\n").says_nothing();
    assert_eq!(talk.seen()["text"]["text"], "more");
}

#[test]
fn a_command_sends_and_exits_with_what_came_of_it() {
    let talk = Talk::on("verified-service", "");
    let alice = &*talk.alice;
    talk.run(&[alice, "到货了", "--account", "main"]).exits(0).prints("sent: 1\n").says_nothing();
    assert_eq!(talk.seen()["text"]["text"], "到货了");
    let two = r#"["one", {"text": "two"}]"#;
    talk.run(&[alice, "--json", two]).exits(0).prints("sent: 2\n").says_nothing();
    let three = r#"["4", "5", "6"]"#;
    let ran = talk.run(&[alice, "--json", three]).exits(1).prints("");
    ran.says(&["only 2 of 3 messages were sent", "the follower has to write first", "45047"]);
    talk.run(&["oNOBODY", "hi"]).exits(1).prints("").says(&["40003", "not one of this account's"]);
}

#[test]
fn a_command_that_can_not_be_meant_is_2_and_none_that_hears_it_is_1() {
    let talk = Talk::on("verified-service", "");
    let rows: [(&[&str], &str); 9] = [
        (&["o1"], "Usage: wxbot send"),
        (&["o1", "hi", "--data", "{}"], "required arguments were not provided"),
        (&["o1", "--template", "T", "--subscription", "T"], "cannot be used with"),
        (&["o1", "--template", "T", "--data", "{"], "`--data` takes values like"),
        (&["o1", "hi", "--json", "\"hi\""], "cannot be used with"),
        (
            &["o1", "hi", "--account", "other"],
            "no account has the id `other`; there are: main, poor",
        ),
        (&["o1", "--json", "{"], "`--json` takes a reply like"),
        (&["o1", "--json", r#"{"picture":"M"}"#], "unknown field `picture`"),
        (&["", "hi"], "no openid is like that"),
    ];
    for (arguments, part) in rows {
        talk.run(arguments).exits(2).prints("").says(&[part]);
    }
    let Talk { program, bot, .. } = talk;
    bot.stop().exits(0);
    program
        .run(&["send", "o1", "hi"])
        .exits(1)
        .prints("")
        .says(&["no wxbot listens at", "start it"]);
}

#[test]
fn an_account_that_may_not_send_is_told_so() {
    let talk = Talk::on("personal", "");
    talk.run(&[&talk.alice, "hi"]).exits(1).prints("").says(&["48001", "not authorised"]);
}
