//! What models do instead of answering, and what followers see of it.

use std::time::Duration;

use serde_json::{Value, json};
use wxbot_testkit::sim::Act;

use super::*;

const SORRY: &str = "抱歉，我现在回答不了，请稍后再试。";
const REFUSED: &str = "抱歉，这个问题我不便回答，换个问题吧。";

/// Alice sees this, after so many requests.
#[track_caller]
fn check(why: &str, scripts: &[Script], expected: &str, asked: usize) {
    check_with("", why, scripts, expected, asked);
}

#[track_caller]
fn check_with(config: &str, why: &str, scripts: &[Script], expected: &str, asked: usize) {
    let last = scripts.len() - 1;
    let scripts = scripts.to_vec();
    wxbot_testkit::run(async {
        let answering = move |asked: &Received| scripts[asked.number.min(last)].clone();
        let (bot, model) = bot(config, answering).await;
        let heard = bot.follower("alice").says("hi").await;
        bot.advance(Duration::from_secs(120)).await;
        let seen = heard.bubbles();
        let seen: Vec<_> = seen.iter().filter_map(|bubble| bubble.as_text()).collect();
        assert_eq!((seen, model.received().len()), (vec![expected], asked), "{why}");
    });
}

fn good() -> Script {
    Script::text("好")
}

fn status(status: u16) -> Script {
    Script::status(status)
}

#[test]
fn what_may_pass_is_tried_again() {
    let good_after = |script: Script| [script, good()];
    let answer = labelled("好");
    check("nobody listens", &good_after(Script::unreachable()), &answer, 2);
    check("429", &good_after(status(429)), &answer, 2);
    let busy = status(429).header("Retry-After", "7");
    check("429 with a time", &good_after(busy), &answer, 2);
    check("500", &good_after(status(500)), &answer, 2);
    check("502, no JSON", &good_after(Script::raw("<html>").header("x", "y").cut()), &answer, 2);
    check("503 twice", &[status(503), status(503), good()], &answer, 3);
    check("cut before the first word", &good_after(Script::silent().cut()), &answer, 2);
    check("stalled before the first word", &good_after(Script::silent().stall()), &answer, 2);
    check("stalled in thought", &good_after(Script::silent().reasoning("hm").stall()), &answer, 2);
    check("an answer without a word", &good_after(Script::silent()), &answer, 2);
    check("nothing but thoughts", &good_after(Script::text("<think>hm")), &answer, 2);
    let error = r#"{"error":{"message":"overloaded","type":"overloaded_error"}}"#;
    check("an error with 200", &good_after(Script::raw(error)), &answer, 2);
}

#[test]
fn retries_have_a_bound() {
    check("500 for ever", &[status(500)], SORRY, 3);
    check_with("retries = 0", "no retries", &[status(500), good()], SORRY, 1);
    check("stalls for ever", &[Script::silent().stall()], SORRY, 3);
    let busy = status(429).header("Retry-After", "3600");
    check("comes back in an hour", &[busy, good()], SORRY, 1);
}

#[test]
fn what_would_fail_again_is_not_tried_again() {
    for code in [400, 401, 402, 403, 404, 301] {
        check(&code.to_string(), &[status(code), good()], SORRY, 1);
    }
    let unpaid = status(429).error("insufficient_quota", "You exceeded your current quota");
    check("nothing left to pay with", &[unpaid, good()], SORRY, 1);
    check("no API at all", &[Script::raw("<html>").header("Content-Type", "text/html")], SORRY, 1);
    check("another JSON", &[Script::raw(r#"{"ok":true}"#)], SORRY, 1);
}

#[test]
fn an_answer_that_began_is_never_asked_for_again() {
    let broken = labelled("说到一半……（回答中断了，请再问一次）");
    check("cut", &[Script::text("说到一半").cut(), good()], &broken, 1);
    check("stalled", &[Script::text("说到一半").stall(), good()], &broken, 1);
    let length = labelled("说到一半……（太长了，发送「继续」接着说）");
    check("max_tokens", &[Script::text("说到一半").finish("length"), good()], &length, 1);
    let slow = Script::text("说".repeat(400)).over(Duration::from_secs(300));
    let broken = format!("{}……（回答中断了，请再问一次）", "说".repeat(144));
    check("timeout", &[slow], &labelled(&broken), 1);
}

#[test]
fn what_is_alive_is_waited_for() {
    let thinks = Script::text("好").over(Duration::from_secs(90));
    let answer = labelled("好");
    check("with comments", &[thinks.clone().keep_alive(Duration::from_secs(10))], &answer, 1);
    check_with("idle_timeout = '95s'", "patient", std::slice::from_ref(&thinks), &answer, 1);
    check_with(
        "stream = false",
        "all at once",
        &[thinks.after(Duration::from_secs(15))],
        &answer,
        1,
    );
}

#[tokio::test]
async fn the_time_is_a_little_less_than_that_of_the_entry() {
    MODEL.set(Some(FakeModel::new(|_| Script::silent().stall())));
    let config = "[[chain]]\nplugin = 'faked-chat'\ntimeout = '60s'\n[chain.config]\n\
                  base_url = 'http://model.test/v1'\nmodel = 'm1'\nidle_timeout = '5m'";
    let bot = TestBot::from_toml(config).await.unwrap();
    let heard = bot.follower("alice").says("hi").await;
    bot.advance(Duration::from_secs(49) - heard.took()).await;
    let heard = heard.sees_nothing_later();
    bot.advance(Duration::from_secs(2)).await;
    heard.sees_later(SORRY);
}

#[test]
fn moderation_is_told_and_not_circumvented() {
    let fallback = "fallbacks = [{ model = 'm2' }]";
    let body = |code: &str, message: &str| [status(400).error(code, message), good()];
    for (provider, scripts) in [
        ("Qwen", body("data_inspection_failed", "Input data may contain inappropriate content.")),
        ("DeepSeek", body("invalid_request_error", "Content Exists Risk")),
        ("Azure", body("content_filter", "The response was filtered")),
        ("GLM", body("1301", "系统检测到输入或生成内容可能包含不安全或敏感内容")),
        ("Doubao", body("InputTextSensitiveContentDetected", "…")),
        ("in the middle", [Script::text("说到一半").finish("content_filter"), good()]),
    ] {
        check_with(fallback, provider, &scripts, REFUSED, 1);
    }
}

#[tokio::test]
async fn what_was_refused_is_not_remembered() {
    let answering = |asked: &Received| match asked.number {
        0 => Script::status(400).error("data_inspection_failed", "…"),
        _ => good(),
    };
    let (alice, model) = alice("", answering).await;
    alice.says("坏").await.sees(REFUSED);
    alice.says("好").await.sees(&labelled("好"));
    assert_eq!(model.received()[1].messages().len(), 2, "the prompt and the question");
}

#[test]
fn other_models_answer_where_one_fails() {
    let fallbacks = "fallbacks = [{ model = 'm2' }, { model = 'm3' }]\nretries = 0";
    wxbot_testkit::run(async {
        let answering = |asked: &Received| match asked.model() {
            "m1" => Script::status(404),
            "m2" => Script::status(500),
            model => Script::text(model),
        };
        let (alice, model) = alice(fallbacks, answering).await;
        alice.says("hi").await.sees(&labelled("m3"));
        let models: Vec<_> =
            model.received().iter().map(|asked| asked.model().to_owned()).collect();
        assert_eq!(models, ["m1", "m2", "m3"]);
    });
    check_with(fallbacks, "all fail", &[status(500)], SORRY, 3);
    let stalls = [Script::silent().stall(), good()];
    check_with("fallbacks = [{ model = 'm2' }]", "one hangs", &stalls, &labelled("好"), 2);
    let hangs = |asked: &Received| match asked.model() {
        "m1" => Script::silent().stall(),
        model => Script::text(model),
    };
    wxbot_testkit::run(async {
        let (bot, model) = bot("fallbacks = [{ model = 'm2' }]", hangs).await;
        let heard = bot.follower("alice").says("hi").await;
        bot.advance(Duration::from_secs(60)).await;
        heard.sees_later(&labelled("m2"));
        assert_eq!(model.received().len(), 2, "a model that hangs takes no time of the others");
    });
}

#[tokio::test]
async fn what_opens_an_api_goes_to_no_other() {
    let config = "retries = 0\nheaders = { X-Gate = 'g1' }\nfallbacks = [
        { model = 'same' },
        { model = 'other', base_url = 'http://other.test/v1' },
        { model = 'own', base_url = 'http://other.test/v1', key = 'sk-other', headers = { X-Gate = 'g2' } },
    ]";
    let (alice, model) = alice(config, |_| Script::status(500)).await;
    alice.says("hi").await.sees(SORRY);
    let asked = model.received();
    let opens = asked.iter().map(|asked| (asked.header("authorization"), asked.header("x-gate")));
    let own = format!("Bearer {KEY}");
    let (same, other) = ((&*own, "g1"), ("Bearer sk-other", "g2"));
    assert_eq!(opens.collect::<Vec<_>>(), [same, same, ("", ""), other]);
}

#[test]
fn answers_are_read_whatever_the_dialect() {
    let chunk = |chunk: Value| Script::text("好").chunk(chunk);
    let call = json!({ "choices": [{ "delta": { "tool_calls": [
        { "id": "1", "type": "function", "function": { "name": "f", "arguments": "{}" } },
    ] } }] });
    let whole = json!({ "choices": [{ "message": { "content": "好" }, "finish_reason": "stop" }] });
    let parts = json!({ "choices": [{ "message": { "content": [
        { "type": "thinking", "thinking": "hm" }, { "type": "text", "text": "好" },
    ] } }] });
    let sse = |body: &str| Script::raw(body).header("Content-Type", "text/event-stream");
    let delta = r#"{"choices":[{"delta":{"content":"好"}}]}"#;
    for (quirk, script) in [
        ("the count alone, without choices", good()),
        ("the count in the choices", good().usage_in_choices()),
        ("no count", good().without_usage()),
        ("a chunk without choices in it", chunk(json!({ "choices": [] }))),
        ("a chunk that is something else", chunk(json!({ "id": "x", "error": null }))),
        ("a delta of nothing", chunk(json!({ "choices": [{ "delta": { "content": null } }] }))),
        ("a choice of nothing", chunk(json!({ "choices": [{}] }))),
        ("a tool call without an index", chunk(call)),
        ("an empty finish_reason", good().finish("")),
        ("whole, though asked for pieces", Script::raw(whole.to_string())),
        ("content in parts", Script::raw(parts.to_string())),
        ("no [DONE] and no blank line", sse(&format!("data: {delta}"))),
        ("single line ends", sse(&format!("data: {delta}\ndata: [DONE]\n"))),
        ("CRLF", sse(&format!("data: {delta}\r\n\r\ndata: [DONE]\r\n\r\n"))),
        ("no blank after the colon", sse(&format!("data:{delta}\n\n"))),
        ("broken behind the end", sse(&format!("data: {delta}\n\ndata: {{\"cho"))),
        (
            "a hang behind the end",
            good().chunk(json!({ "choices": [{ "finish_reason": "stop" }] })).stall(),
        ),
    ] {
        check(quirk, &[script], &labelled("好"), 1);
    }
}

#[tokio::test]
async fn who_wants_reasoning_back_gets_it() {
    let answering = |asked: &Received| {
        let messages = asked.body["messages"].as_array().unwrap();
        let lacks = |message: &Value| {
            message["role"] == "assistant" && message.get("reasoning_content").is_none()
        };
        match messages.iter().any(lacks) {
            true => Script::status(400).error("invalid", "reasoning_content must be passed back"),
            false => good(),
        }
    };
    let (alice, model) = alice("", answering).await;
    for said in ["一", "二", "三"] {
        alice.says(said).await.sees(&labelled("好"));
    }
    assert_eq!(model.received().len(), 4, "it is remembered");
}

#[tokio::test]
async fn two_who_learn_at_once_that_reasoning_is_wanted_are_both_answered() {
    let answering = |asked: &Received| {
        let messages = asked.body["messages"].as_array().unwrap();
        let lacks = |message: &Value| {
            message["role"] == "assistant" && message.get("reasoning_content").is_none()
        };
        match messages.iter().any(lacks) {
            true => Script::status(400).error("invalid", "reasoning_content must be passed back"),
            false => good(),
        }
        .after(Duration::from_secs(1))
    };
    let (bot, _) = bot("", answering).await;
    let followers = ["alice", "bob"].map(|name| bot.follower(name));
    for said in ["一", "二"] {
        let [alice, bob] = followers.each_ref().map(|follower| follower.says(said));
        let (alice, bob) = tokio::join!(alice, bob);
        alice.sees(&labelled("好"));
        bob.sees(&labelled("好"));
    }
}

#[tokio::test]
async fn a_history_that_is_too_long_is_left_out() {
    let answering = |asked: &Received| match asked.messages().len() {
        2 => good(),
        _ => Script::status(400).error("context_length_exceeded", "…"),
    };
    let (alice, model) = alice("", answering).await;
    alice.says("一").await.sees(&labelled("好"));
    alice.says("二").await.sees(&labelled("好"));
    assert_eq!(model.received().len(), 3);
}

#[tokio::test]
async fn errors_are_hinted_shown_or_hidden() {
    let wrong_key = |_: &Received| {
        Script::status(401).error("invalid_api_key", &format!("Incorrect API key: {KEY}"))
    };
    let (by_default, _) = alice("", wrong_key).await;
    by_default.says("hi").await.sees(SORRY).by("faked-chat");
    let (shown, _) = alice("errors = 'show'", wrong_key).await;
    let why =
        "(the API refused (401, invalid_api_key): the key is wrong or has expired; look at `key`)";
    shown.says("hi").await.sees(&format!("{SORRY}\n{why}"));
    let (hidden, _) = alice("errors = 'hide'", wrong_key).await;
    hidden.says("hi").await.sees_nothing().by_nobody();
    let (silent, _) = alice("texts = { sorry = '' }", wrong_key).await;
    silent.says("hi").await.sees_nothing();
}

/// Whoever set the bot up learns what to do about it.
#[tokio::test]
async fn a_refusal_says_what_to_look_at() {
    let rows = [
        (401, "", "look at `key`"),
        (402, "", "no balance"),
        (403, "", "look at `key` and `model`"),
        (404, "model_not_found", "look at `base_url` and `model`"),
        (429, "insufficient_quota", "no balance"),
    ];
    for (status, code, cure) in rows {
        let answer = move |_: &Received| Script::status(status).error(code, "no");
        let (alice, _) = alice("errors = 'show'\nretries = 0", answer).await;
        let heard = alice.says("hi").await;
        let seen = heard.text().unwrap_or_default();
        assert!(seen.contains(cure), "{status}: {seen}");
    }
}

#[tokio::test]
async fn no_error_repeats_a_key_or_what_was_asked() {
    let echo = |asked: &Received| {
        let said = format!("{} {}", asked.header("authorization"), asked.question());
        Script::status(400).error(&said, &said)
    };
    let (alice, _) = alice("errors = 'show'", echo).await;
    let heard = alice.does(Act::text("canary words")).await;
    heard.sees(&format!("{SORRY}\n(the API refused (400, error))"));
}
