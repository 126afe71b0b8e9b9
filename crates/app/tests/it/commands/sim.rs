//! `wxbot sim` beside `wxbot run`, and `wxbot say` over HTTP: real ports, real processes.

use std::net::SocketAddr;

use serde_json::{Value, json};
use wxbot_tests::bot::account;
use wxbot_tests::http;
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::wechat::{AES_KEY, APP_ID, TOKEN};

use super::{CHAIN, LISTEN, in_mode, wxbot};

/// A control request, as by curl.
pub(super) fn control(sim: SocketAddr, path: &str, body: &Value) -> Value {
    let response = http::post(sim, &format!("/_sim/{path}"), body.to_string());
    serde_json::from_str(&response.body).unwrap_or_else(|error| panic!("{error}: {response:?}"))
}

fn simulate(bot: &Serving, more: &[&str]) -> Serving {
    let target = format!("http://{}/wechat", bot.endpoint);
    let common = [
        "sim",
        "--listen",
        "127.0.0.1:0",
        "--target",
        &target,
        "--token",
        TOKEN,
        "--app-id",
        APP_ID,
    ];
    wxbot().simulate(&[&common, more].concat())
}

#[test]
fn a_bot_and_a_simulated_wechat_talk_in_every_mode_and_format() {
    for mode in ["plain", "compatible", "safe"] {
        let bot = in_mode(mode).serve(&["run"]);
        for format in ["xml", "json"] {
            let more = ["--mode", mode, "--encoding-aes-key", AES_KEY, "--format", format];
            let sim = simulate(&bot, &more);
            let at = sim.endpoint;
            assert_eq!(control(at, "handshake", &json!({})), json!({ "ok": true }), "{mode}");
            let exchange = control(at, "followers/alice/acts", &json!({ "text": "the price?" }));
            let shown = &exchange["verdict"]["reply"]["what"]["bubble"];
            assert_eq!(shown["text"]["text"], "¥99", "{mode} {format}: {exchange}");
            let exchange = control(at, "followers/alice/acts", &json!("subscribe"));
            let shown = &exchange["verdict"]["reply"]["what"]["bubble"];
            assert_eq!(shown["text"]["text"], "欢迎", "{mode} {format}: {exchange}");
            let phone = http::get(at, "/_sim/followers/alice/phone").body;
            let phone: Value = serde_json::from_str(&phone).unwrap();
            assert_eq!(phone.as_array().map(Vec::len), Some(2), "{phone}");
            sim.stop().exits(0).prints("").says(&["\"message\":\"stopped\""]);
        }
        bot.stop().exits(0);
    }
}

#[test]
fn a_follower_does_whatever_the_help_shows() {
    let bot = in_mode("plain").serve(&["run"]);
    let sim = simulate(&bot, &[]);
    let help = wxbot().run(&["sim", "--help"]).exits(0).stdout;
    let acts = help.lines().filter_map(|line| match line.split_once("/alice/acts -d '") {
        Some((_, act)) => act.strip_suffix('\''),
        None => line.trim_start().starts_with("{\"").then_some(line),
    });
    let mut kinds = Vec::new();
    for act in acts {
        let act: Value = serde_json::from_str(act).unwrap_or_else(|error| panic!("{error}: {act}"));
        let done = control(sim.endpoint, "followers/alice/acts", &act);
        assert_eq!(done["error"], Value::Null, "{act}: {done}");
        kinds.push(act.as_object().map_or(act.to_string(), |act| act.keys().cloned().collect()));
    }
    for kind in ["text", "click", "image", "voice", "location", "scan_scene", "\"subscribe\""] {
        assert!(kinds.iter().any(|shown| shown == kind), "{kind} of {kinds:?}");
    }
    sim.stop().exits(0);
    bot.stop().exits(0);
}

/// Everybody on the machine can read a command line.
#[test]
fn secrets_come_from_the_environment_where_the_command_line_has_none() {
    let bot = in_mode("safe").serve(&["run"]);
    let target = format!("http://{}/wechat", bot.endpoint);
    let program = wxbot()
        .with_variable("WXBOT_SIM_TOKEN", TOKEN)
        .with_variable("WXBOT_SIM_APP_SECRET", "secretTEST1")
        .with_variable("WXBOT_SIM_ENCODING_AES_KEY", AES_KEY);
    let common = ["sim", "--listen", "127.0.0.1:0", "--target", &target, "--app-id", APP_ID];
    let sim = program.simulate(&[&common[..], &["--mode", "safe"]].concat());
    let exchange = control(sim.endpoint, "followers/alice/acts", &json!({ "text": "price" }));
    assert_eq!(exchange["verdict"]["reply"]["what"]["bubble"]["text"]["text"], "¥99", "{exchange}");
    let asked = format!("/cgi-bin/token?grant_type=client_credential&appid={APP_ID}");
    let token = http::get(sim.endpoint, &format!("{asked}&secret=secretTEST1")).body;
    assert!(token.contains("access_token"), "{token}");
    sim.stop().exits(0);

    // What is on the command line counts.
    let wrong = [&common[..], &["--mode", "safe", "--token", "another"]].concat();
    let sim = program.simulate(&wrong);
    let exchange = control(sim.endpoint, "handshake", &json!({}));
    assert_ne!(exchange, json!({ "ok": true }));
    sim.stop().exits(0);

    let help = program.run(&["sim", "--help"]).exits(0).stdout;
    for name in ["WXBOT_SIM_TOKEN", "WXBOT_SIM_APP_SECRET", "WXBOT_SIM_ENCODING_AES_KEY"] {
        assert!(help.contains(name), "{name} is not in\n{help}");
    }
    for secret in [TOKEN, "secretTEST1", AES_KEY] {
        assert!(!help.contains(secret), "{secret} is in\n{help}");
    }
}

#[test]
fn a_delivery_that_is_lost_comes_again() {
    let bot = in_mode("plain").serve(&["run"]);
    for repeats in ["same-query", "fresh-query"] {
        let sim = simulate(&bot, &["--repeats", repeats, "--account", "personal", "--seed", "7"]);
        let refused = json!({ "delivery": { "when": { "nth": 1 }, "fault": "reset" } });
        assert_eq!(control(sim.endpoint, "faults", &refused), json!({ "ok": true }));
        let exchange = control(sim.endpoint, "followers/bob/acts", &json!({ "text": "price" }));
        let deliveries = exchange["deliveries"].as_array().expect("there are some");
        assert_eq!(deliveries.len(), 2, "{exchange}");
        let same = deliveries[0]["request"]["query"] == deliveries[1]["request"]["query"];
        assert_eq!(same, repeats == "same-query", "{exchange}");
        assert_eq!(exchange["verdict"]["reply"]["what"]["bubble"]["text"]["text"], "¥99");
        let state: Value =
            serde_json::from_str(&http::get(sim.endpoint, "/_sim/state").body).unwrap();
        assert_eq!((&state["seed"], &state["account"]["kind"]), (&json!(7), &json!("personal")));
        sim.stop().exits(0);
    }
}

#[test]
fn what_can_not_be_simulated_is_2_and_named() {
    let rows: [(&[&str], &str); 5] = [
        (&["--listen", "0.0.0.0:0"], "others can reach `0.0.0.0:0`"),
        (&["--mode", "safe", "--listen", "127.0.0.1:0"], "the account's key is not usable"),
        (&["--mode", "saef"], "expected plain, compatible, safe, got `saef`"),
        (&["--account", "gold"], "expected personal, "),
        (&["--repeats", "never"], "expected same-query, fresh-query"),
    ];
    for (arguments, part) in rows {
        let ran = wxbot().run(&[&["sim"], arguments].concat()).exits(2).prints("");
        ran.says(&[part]);
    }
}

/// What follows `wxbot init`: nothing has to be said twice.
#[test]
fn the_account_is_by_default_that_of_the_configuration_here() {
    for mode in ["plain", "compatible", "safe"] {
        let bot = in_mode(mode).serve(&["run"]);
        let program = beside(&bot, mode);
        let sim = program.simulate(&["sim", "--listen", "127.0.0.1:0"]);
        let exchange = control(sim.endpoint, "followers/alice/acts", &json!({ "text": "price" }));
        let shown = &exchange["verdict"]["reply"]["what"]["bubble"]["text"]["text"];
        assert_eq!(shown, "¥99", "{mode}: {exchange}");
        sim.stop().exits(0);

        let program = program.with_variable("WXBOT_SIM_TOKEN", "another");
        let sim = program.simulate(&["sim", "--listen", "127.0.0.1:0"]);
        let answer = control(sim.endpoint, "handshake", &json!({}));
        assert_ne!(answer, json!({ "ok": true }), "{mode}");
        sim.stop().exits(0);
        bot.stop().exits(0);
    }
}

/// The configuration of a bot that serves, with the port that it took.
fn beside(bot: &Serving, mode: &str) -> Program {
    let listen = format!("[server]\nlisten = '{}'\n", bot.endpoint);
    wxbot().with_config(&format!("{listen}{}{CHAIN}", account(mode)))
}

#[test]
fn say_over_http_asks_the_bot_that_runs() {
    for mode in ["plain", "compatible", "safe"] {
        let bot = in_mode(mode).serve(&["run"]);
        let program = beside(&bot, mode);
        for _ in 0..2 {
            let ran = program.run(&["say", "--over-http", "the price, please"]).exits(0);
            ran.prints("¥99\n").says_nothing();
        }
        let event = ["say", "--over-http", "--event", "subscribe"];
        program.run(&event).exits(0).prints("欢迎\n");
        program.run(&["say", "--over-http", "other"]).exits(0).prints("").says(&["no reply"]);
        let url = format!("--over-http=http://{}/wechat", bot.endpoint);
        let elsewhere = wxbot().with_config(&format!("{LISTEN}{}{CHAIN}", account(mode)));
        elsewhere.run(&["say", &url, "price"]).exits(0).prints("¥99\n");

        let stranger = account(mode).replace(TOKEN, "another");
        program.write("stranger.toml", format!("{stranger}{CHAIN}"));
        let ran = program.run(&["--config", "stranger.toml", "say", &url, "price"]).exits(1);
        ran.prints("").says(&["answered with status 403"]);
        bot.stop().exits(0).says(&["the signature"]);
    }
}

#[test]
fn say_over_http_opens_no_store_and_says_when_nobody_listens() {
    let gone = in_mode("plain").serve(&["run"]);
    let program = beside(&gone, "plain");
    gone.stop().exits(0);
    let ran = program.run(&["say", "--over-http", "hi"]).exits(1).prints("");
    ran.says(&["can't be reached", "refused"]);
    program.run(&["say", "--over-http", "--trace", "hi"]).exits(2).says(&["cannot be used with"]);
}
