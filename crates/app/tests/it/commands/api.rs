//! `wxbot api`: one call with the token that everybody shares, and what WeChat's refusals mean.

use serde_json::{Value, json};
use wxbot_tests::bot::account;
use wxbot_tests::http;
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::wechat::APP_ID;

use super::sim::control;
use super::{LISTEN, wxbot};

const APP_SECRET: &str = "secretTEST1";

/// WeChat with the account of [`account`], of this kind.
pub(super) fn wechat(kind: &str) -> Serving {
    let common = ["sim", "--listen", "127.0.0.1:0", "--app-id", APP_ID, "--app-secret", APP_SECRET];
    wxbot().simulate(&[&common[..], &["--account", kind]].concat())
}

/// The configuration of a bot that calls it, and keeps its tokens in a file.
pub(super) fn config(sim: &Serving) -> String {
    format!(
        "{LISTEN}[store]\nurl = 'file:store'\n{}app_secret = '{APP_SECRET}'\n\
         api_base = 'http://{}'\n",
        account("plain"),
        sim.endpoint
    )
}

fn beside(sim: &Serving) -> Program {
    wxbot().with_config(&(config(sim) + "[[chain]]\nplugin = 'echo'\n"))
}

fn tokens_issued(sim: &Serving) -> u64 {
    let state = http::get(sim.endpoint, "/_sim/state").body;
    let state: Value = serde_json::from_str(&state).expect(&state);
    state["tokens_issued"].as_u64().expect("it is a count")
}

#[test]
fn a_call_prints_what_wechat_answers() {
    let sim = wechat("verified-service");
    let program = beside(&sim);
    let ran = program.run(&["api", "get", "/cgi-bin/getcallbackip"]).exits(0).says_nothing();
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["ip_list"][0], "127.0.0.1");

    let quota = r#"{"cgi_path": "/cgi-bin/getcallbackip"}"#;
    let ran = program.run(&["api", "POST", "/cgi-bin/openapi/quota/get", quota]).exits(0);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["quota"]["used"], 1, "{answer}");
    let stdin = ["api", "POST", "/cgi-bin/openapi/quota/get", "-"];
    assert_eq!(program.run_with_input(&stdin, quota).exits(0).stdout, ran.stdout);

    let ran = program.run(&["api", "POST", "/cgi-bin/tags/create", r#"{"tag":{"name":"贵宾"}}"#]);
    assert!(ran.exits(0).stdout.contains("贵宾"));
}

#[test]
fn one_token_serves_all_calls_and_the_bot() {
    let sim = wechat("verified-service");
    let program = beside(&sim);
    for _ in 0..3 {
        program.run(&["api", "GET", "/cgi-bin/getcallbackip"]).exits(0);
    }
    assert_eq!(tokens_issued(&sim), 1);
    let bot = program.serve(&["run"]);
    program.run(&["api", "GET", "/cgi-bin/getcallbackip"]).exits(0);
    assert_eq!(tokens_issued(&sim), 1, "a stable token is the same again");
    let config =
        program.read("bot.toml").replace("app_secret", "access_token = 'plain'\napp_secret");
    program.write("plain.toml", config);
    let plain = ["api", "--config", "plain.toml", "GET", "/cgi-bin/getcallbackip"];
    program
        .run(&plain)
        .exits(1)
        .prints("")
        .says(&["in use by another process", "stop the bot first"]);
    bot.stop().exits(0);
    program.run(&plain).exits(0);
}

#[test]
fn a_refusal_has_its_code_its_meaning_and_its_cure_and_no_token() {
    let sim = wechat("personal");
    let program = beside(&sim);
    let ran = program.run(&["api", "GET", "/cgi-bin/menu/get"]).exits(1).prints("");
    ran.says(&["48001", "the account is not authorised for this call", "WeChat's console shows"]);
    let ran = program.run(&["api", "GET", "/cgi-bin/nowhere"]).exits(1).prints("");
    ran.says(&["40066"]);

    let sim = wechat("test");
    assert_eq!(control(sim.endpoint, "whitelist", &json!(["203.0.113.7"])), json!({ "ok": true }));
    let ran = beside(&sim).run(&["api", "GET", "/cgi-bin/getcallbackip"]).exits(1).prints("");
    let ran = ran.says(&["40164", "add 127.0.0.1 to the account's IP white list"]);
    assert!(!ran.stderr.contains(APP_SECRET), "{}", ran.stderr);
}

#[test]
fn no_token_is_printed() {
    let sim = wechat("test");
    let program = beside(&sim);
    for path in ["/cgi-bin/token?grant_type=client_credential", "/cgi-bin/stable_token"] {
        program.run(&["api", "POST", path]).exits(2).prints("").says(&["never shown"]);
    }
    let fault = json!({ "api": { "path": "/cgi-bin/get*", "when": "always", "fault": { "errcode": 40001 } } });
    assert_eq!(control(sim.endpoint, "faults", &fault), json!({ "ok": true }));
    let ran = program.run(&["api", "GET", "/cgi-bin/getcallbackip"]).exits(1).prints("");
    assert_eq!(tokens_issued(&sim), 2, "a spent token is replaced once");
    let export = program.run(&["store", "export"]).exits(0);
    assert!(!ran.stderr.contains(APP_SECRET) && !export.stdout.contains("access_token"));
}

#[test]
fn what_is_no_call_is_2_and_named() {
    let sim = wechat("test");
    let program = beside(&sim);
    let rows: [(&[&str], &str); 6] = [
        (&["PUT", "/x"], "[possible values: GET, POST]"),
        (&["GET", "cgi-bin/menu/get"], "`cgi-bin/menu/get` is no path"),
        (&["GET", "/x", "{}"], "a GET has no JSON"),
        (&["POST", "/x", "{"], "the body is no JSON"),
        (&["GET", "/x?access_token=1"], "leave `access_token` out"),
        (&["GET", "/x", "--account", "other"], "no account has the id `other`; there are: main"),
    ];
    for (arguments, part) in rows {
        program.run(&[&["api"], arguments].concat()).exits(2).prints("").says(&[part]);
    }
    let poor = wxbot().with_config("[[account]]\ntoken = 'token123'\n");
    poor.run(&["api", "GET", "/x"]).exits(2).says(&["needs `app_id` and `app_secret`"]);
}

/// A picture as large as WeChat takes, no two pieces of which are the same.
fn picture() -> Vec<u8> {
    let mut picture = b"\xff\xd8\xff".to_vec();
    picture.extend((0..).flat_map(|number: u32| number.to_be_bytes()).take((10 << 20) - 3));
    picture
}

fn answer(stdout: &str) -> Value {
    serde_json::from_str(stdout).expect(stdout)
}

#[test]
fn a_simulator_that_does_not_run_is_named() {
    let sim = wechat("personal");
    let config = config(&sim);
    let base = format!("`api_base` is http://{}; is `wxbot sim` running?", sim.endpoint);
    drop(sim);
    let ran = wxbot().with_config(&config).run(&["api", "GET", "/cgi-bin/menu/get"]).exits(1);
    ran.says(&[&base, "WeChat can't be reached"]);
}

#[test]
fn a_file_goes_up_and_comes_down_again() {
    let sim = wechat("personal");
    let program = beside(&sim).with_file("photo.jpg", picture());
    let upload = ["api", "POST", "/cgi-bin/media/upload?type=image", "--file", "media=photo.jpg"];
    let uploaded = answer(&program.run(&upload).exits(0).says_nothing().stdout);
    let get = format!("/cgi-bin/media/get?media_id={}", uploaded["media_id"].as_str().unwrap());
    let ran = program.run(&["api", "GET", &get, "--output", "again.jpg"]).exits(0).says_nothing();
    assert_eq!(ran.stdout, "again.jpg: 10485760 bytes, image/jpeg\n");
    let path = |name: &str| program.folder().join(name);
    assert!(std::fs::read(path("again.jpg")).unwrap() == picture());
    let ran = program.run(&["api", "GET", &get]).exits(2).prints("");
    ran.says(&["the answer is a file (image/jpeg); say with --output where it goes"]);
    let full = program.run(&["api", "GET", &get, "--output", "/dev/full"]).exits(1).prints("");
    full.says(&["the file can't be written", "No space left"]);
    let nowhere = program.run(&["api", "GET", &get, "--output", "none/x.jpg"]).exits(1).prints("");
    let nowhere =
        nowhere.says(&["`none/x.jpg`: the file can't be written: No such file or directory"]);
    assert_eq!(nowhere.stderr.matches("No such file").count(), 1, "{}", nowhere.stderr);

    let text = r#"description={"title": "茶", "introduction": ""}"#;
    let add = ["api", "POST", "/cgi-bin/material/add_material?type=video"];
    std::fs::rename(path("photo.jpg"), path("tea.mp4")).unwrap();
    let add = [&add[..], &["--file", "media=tea.mp4", "--field", text]].concat();
    let added = answer(&program.run(&add).exits(0).says_nothing().stdout);
    let body = json!({ "media_id": added["media_id"] }).to_string();
    let get = ["api", "POST", "/cgi-bin/material/get_material", &body, "--output", "tea2.mp4"];
    let ran =
        program.run(&get).exits(1).says(&["the answer is JSON", "`tea2.mp4` was not written"]);
    assert_eq!(answer(&ran.stdout)["title"], "茶", "a video is somewhere else");
    assert!(!path("tea2.mp4").exists());
}

#[test]
fn a_file_that_is_refused_or_wrong_leaves_nothing_behind() {
    let sim = wechat("personal");
    let program = beside(&sim).with_file("photo.jpg", vec![b'x'; (10 << 20) + 1]);
    let upload = |file: &str| {
        ["api", "POST", "/cgi-bin/media/upload?type=image", "--file", file].map(str::to_owned)
    };
    program.run(&upload("media=photo.jpg")).exits(1).prints("").says(&["40009", "too big"]);
    let gone = ["api", "GET", "/cgi-bin/media/get?media_id=x", "--output", "gone.jpg"];
    program.run(&gone).exits(1).prints("").says(&["40007"]);
    assert!(!program.folder().join("gone.jpg").exists());
    let rows: [(&[&str], &str); 5] = [
        (&["POST", "/x", "--file", "photo.jpg"], "like --file media=photo.jpg"),
        (&["POST", "/x", "--file", "media=none.jpg"], "`none.jpg` can't be read: No such file"),
        (&["POST", "/x", "--file", "media=."], "`.` can't be read: it is not a regular file"),
        (&["GET", "/x", "--file", "media=photo.jpg"], "a GET has no file"),
        (&["POST", "/x", "--field", "a=b"], "--file"),
    ];
    for (arguments, part) in rows {
        program.run(&[&["api"], arguments].concat()).exits(2).prints("").says(&[part]);
    }
}

#[test]
fn a_file_goes_to_standard_output_byte_by_byte() {
    let sim = wechat("personal");
    let program = beside(&sim).with_file("photo.png", "\u{7f}\u{0}PNG");
    let upload = ["api", "POST", "/cgi-bin/media/upload?type=image", "--file", "media=photo.png"];
    let uploaded = answer(&program.run(&upload).exits(0).stdout);
    let get = format!("/cgi-bin/media/get?media_id={}", uploaded["media_id"].as_str().unwrap());
    program.run(&["api", "GET", &get, "--output", "-"]).exits(0).prints("\u{7f}\u{0}PNG");
}
