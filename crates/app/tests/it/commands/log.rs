//! What `wxbot run` logs: enough to see what happens, and not more because a stranger wants it.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use wxbot_tests::http;
use wxbot_tests::program::{Ran, Serving};
use wxbot_tests::wechat::{Sender, element, text};

use super::{account, in_mode, wxbot};

/// The log lines with this message.
fn lines(ran: &Ran, message: &str) -> Vec<Value> {
    let lines = ran.stderr.lines().map(|line| serde_json::from_str(line).expect(line));
    lines.filter(|line: &Value| line["message"] == message).collect()
}

/// Settings in force, and not what the libraries below say about themselves.
#[test]
fn the_log_of_a_start_and_an_end_is_our_own_lines() {
    let serving = in_mode("safe").serve(&["run"]);
    let (endpoint, console) = (serving.endpoint, serving.operator);
    let ran = serving.stop().exits(0);
    let lines = ran.stderr.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).expect(line);
        let fields = line.as_object_mut().expect("a line is an object");
        let [time, level, target] = ["time", "level", "target"].map(|key| fields.remove(key));
        assert!(time.is_some() && level == Some("INFO".into()), "{level:?}");
        assert!(target.is_some_and(|target| target.to_string().contains("wxbot")));
        line
    });
    let version = env!("CARGO_PKG_VERSION");
    let link = |link, plugin| json!({"message": "in the chain", "link": link, "plugin": plugin});
    let expected = [
        json!({"message": "starting", "version": version, "config": "bot.toml", "store": "memory:"}),
        json!({
            "message": "serving an account",
            "account": "main",
            "mode": "safe",
            "url": format!("http://{endpoint}/wechat"),
        }),
        link("welcome", "welcome"),
        link("prices", "keywords"),
        link("echo", "echo"),
        json!({
            "message": "ready",
            "endpoint": endpoint.to_string(),
            "console": console.to_string(),
        }),
        json!({"message": "stopping: answering what is open", "signal": "SIGTERM"}),
        json!({"message": "stopped"}),
    ];
    assert_eq!(lines.collect::<Vec<_>>(), expected);
}

#[test]
fn what_libraries_say_is_there_for_whoever_asks() {
    let program = in_mode("plain").with_variable("WXBOT_LOG", "info");
    let ran = program.serve(&["run"]).stop().exits(0);
    assert!(ran.stderr.contains("actix_server"), "{}", ran.stderr);
}

#[test]
fn a_level_that_is_not_understood_is_said_and_the_default_is_taken() {
    let program = in_mode("plain").with_variable("WXBOT_LOG", "wxbot=loud");
    let ran = program.serve(&["run"]).stop().exits(0);
    assert_eq!(lines(&ran, "ready").len(), 1);
    ran.says(&["WXBOT_LOG", "wxbot=loud"]);
}

#[test]
fn refusals_of_one_cause_are_five_lines_and_a_count() {
    let serving = in_mode("plain").serve(&["run"]);
    let wrong = Sender { token: "wrong".into(), ..Sender::default() }.query();
    for _ in 0..200 {
        let refused = http::post(serving.endpoint, &format!("/wechat?{wrong}"), text("price"));
        assert_eq!(refused.status, 403);
    }
    let query = Sender::default().query();
    assert_eq!(http::post(serving.endpoint, &format!("/wechat?{query}"), "").status, 400);

    let ran = serving.stop().exits(0);
    let refused = lines(&ran, "refused a request");
    let of = |cause: &str| refused.iter().filter(|line| line["cause"] == cause).count();
    assert_eq!((of("signature"), of("not_understood")), (5, 1), "{refused:?}");
    let more = lines(&ran, "refused more requests");
    let more: Vec<_> = more.iter().map(|line| [&line["account"], &line["cause"]]).collect();
    assert_eq!(more, [["main", "signature"]]);
    assert_eq!(lines(&ran, "refused more requests")[0]["requests"], 195);
}

/// A collector that hangs leaves the pipe full; whoever waited for it would never answer again.
#[test]
fn a_log_that_nobody_reads_stops_nothing() {
    let mut serving = in_mode("plain").with_variable("WXBOT_LOG", "debug").serve(&["run"]);
    serving.stop_reading();
    let wrong = Sender { token: "wrong".into(), ..Sender::default() }.query();
    for n in 0..10_000 {
        let refused = http::post(serving.endpoint, &format!("/wechat?{wrong}"), text("price"));
        assert_eq!(refused.status, 403, "request {n}");
    }
    assert_eq!(price(&serving).as_deref(), Some("¥99"));
    let lost = lost_lines(&serving);
    assert!(lost > 1000, "{lost} lines");

    serving.read_on();
    serving.wait_for("log lines were lost");
    let ran = serving.stop().exits(0);
    let said = lines(&ran, "log lines were lost: nobody read them in time");
    let said: u64 = said.iter().filter_map(|line| line["lines"].as_u64()).sum();
    assert!(said >= lost, "{said} lines, not {lost}");
}

#[test]
fn a_log_that_nobody_reads_does_not_keep_it_from_ending() {
    let mut serving = in_mode("plain").with_variable("WXBOT_LOG", "debug").serve(&["run"]);
    serving.stop_reading();
    let wrong = Sender { token: "wrong".into(), ..Sender::default() }.query();
    for _ in 0..1000 {
        http::post(serving.endpoint, &format!("/wechat?{wrong}"), text("price"));
    }
    serving.signal(Signal::TERM);
    assert_eq!(serving.end_unread_within(Duration::from_secs(10)), Some(0));
}

/// What a follower gets who asks for the price.
fn price(serving: &Serving) -> Option<String> {
    let query = Sender::default().query();
    let answer = http::post(serving.endpoint, &format!("/wechat?{query}"), text("price"));
    element(&answer.body, "Content")
}

fn lost_lines(serving: &Serving) -> u64 {
    let metrics = http::get(serving.operator, "/metrics").body;
    let lost = metrics.lines().find_map(|line| line.strip_prefix("wxbot_log_lines_lost_total "));
    lost.and_then(|lost| lost.parse().ok()).unwrap_or_else(|| panic!("no number in {metrics}"))
}

/// What the thresholds of `faq` are set by; what followers write is no part of it.
#[test]
fn the_nearest_question_of_a_list_is_logged_even_where_it_is_too_far_to_be_answered() {
    let faq = "[[chain]]\nplugin = 'faq'\nconfig = { suggest = 0.7, entries = [\
               { question = '几点营业', reply = 'a' }, { question = '怎么退货', reply = 'b' }] }\n";
    let program = wxbot().with_config(&format!("{}{faq}", account("plain")));
    let serving = program.with_variable("WXBOT_LOG", "debug").serve(&["run"]);
    for asked in ["我想要退货呀", "讲个笑话"] {
        let query = Sender::default().query();
        let answer = http::post(serving.endpoint, &format!("/wechat?{query}"), text(asked));
        assert_eq!(answer.status, 200);
    }
    let ran = serving.stop().exits(0);
    let logged = |message| {
        let line = ran.stderr.lines().find(|line| line.contains(message)).expect(message);
        serde_json::from_str::<Value>(line).expect(line)
    };
    let nearest = logged("nearest question of the list");
    assert_eq!(nearest["question"], "怎么退货");
    let score = nearest["score"].as_f64().expect("a number");
    assert!(0.1 < score && score < 0.7 && nearest["words"] == nearest["score"], "{nearest}");
    assert_eq!(logged("no question of the list has a word in common")["score"], 0.0);
    assert!(!ran.stderr.contains("我想要"), "{}", ran.stderr);
}
