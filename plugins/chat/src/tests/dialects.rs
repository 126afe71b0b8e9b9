//! Dify and Coze, which speak otherwise.

use serde_json::json;

use super::*;

const SORRY: &str = "抱歉，我现在回答不了，请稍后再试。";

fn sse(body: &str) -> Script {
    Script::raw(body).header("Content-Type", "text/event-stream; charset=utf-8")
}

/// An answer of Dify's in two pieces.
fn dify(conversation: &str) -> Script {
    let event = |event: &str, answer: &str| {
        let event = json!({ "event": event, "conversation_id": conversation, "answer": answer });
        format!("data: {event}\n\n")
    };
    let end = json!({
        "event": "message_end",
        "conversation_id": conversation,
        "metadata": { "usage": { "total_tokens": 60 } },
    });
    sse(&format!(
        "{}event: ping\n\n{}data: {end}\n\n",
        event("message", "你好，"),
        event("agent_message", "世界")
    ))
}

#[tokio::test]
async fn dify_answers_and_remembers_the_conversation() {
    let answering = |asked: &Received| match asked.body["conversation_id"].as_str() {
        Some("c1") if asked.number > 1 => {
            Script::status(404).error("not_found", "Conversation Not Exists.")
        }
        Some(conversation) => dify(conversation),
        None => dify(if asked.number == 0 { "c1" } else { "c2" }),
    };
    let config = "api = 'dify'\nextra = { inputs = { shop = 'tea' } }";
    let (bot, model) = bot(config, answering).await;
    let alice = bot.follower("alice");
    for said in ["一", "二", "三", "四"] {
        alice.says(said).await.sees(&labelled("你好，世界"));
    }
    let asked = model.received();
    assert_eq!(asked[0].path, "/v1/chat-messages");
    let expected = json!({
        "inputs": { "shop": "tea" },
        "query": "一",
        "response_mode": "streaming",
        "user": alice.openid(),
    });
    assert_eq!(asked[0].body, expected);
    let conversations = asked.iter().map(|asked| asked.body["conversation_id"].as_str());
    // The third is asked again in a new conversation, as Dify forgot the first.
    let expected = [None, Some("c1"), Some("c1"), None, Some("c2")];
    assert_eq!(conversations.collect::<Vec<_>>(), expected);
    alice.says("/reset").await.sees("好的，我们重新开始。");
    alice.says("五").await.sees(&labelled("你好，世界"));
    assert!(model.received()[5].body.get("conversation_id").is_none());
}

#[tokio::test]
async fn dify_answers_whole_where_that_is_wanted() {
    let whole = json!({
        "event": "message", "answer": "好", "conversation_id": "c1",
        "metadata": { "usage": { "total_tokens": 60 } },
    });
    let config = "api = 'dify'\nstream = false\nlimits = { tokens_per_day = 50 }";
    let (alice, model) = alice(config, move |_| Script::raw(whole.to_string())).await;
    alice.says("一").await.sees(&labelled("好"));
    assert_eq!(model.received()[0].body["response_mode"], "blocking");
    alice.says("二").await.sees("您今天的提问次数用完了，请明天再来。");
}

#[tokio::test]
async fn what_goes_wrong_at_dify_is_told() {
    let error = |code: &str| {
        let error = json!({ "event": "error", "status": 400, "code": code, "message": "…" });
        sse(&format!("data: {error}\n\n"))
    };
    let replaced = "data: {\"event\":\"message\",\"answer\":\"坏\"}\n\n\
                    data: {\"event\":\"message_replace\",\"answer\":\"换个话题吧\"}\n\n\
                    data: {\"event\":\"message_end\"}\n\n";
    let table = [
        (error("provider_quota_exceeded"), SORRY.to_owned()),
        (error("completion_request_error"), SORRY.to_owned()),
        (Script::status(400).error("app_unavailable", "…"), SORRY.to_owned()),
        (sse("event: ping\n\n"), SORRY.to_owned()),
        (sse(replaced), labelled("换个话题吧")),
    ];
    for (script, expected) in table {
        let (alice, _) = alice("api = 'dify'\nretries = 0", move |_| script.clone()).await;
        alice.says("hi").await.sees(&expected);
    }
}

fn coze(events: &[(&str, serde_json::Value)]) -> Script {
    let events = events.iter().map(|(event, data)| format!("event:{event}\ndata:{data}\n\n"));
    sse(&(events.collect::<String>() + "event:done\ndata:\"[DONE]\"\n\n"))
}

#[tokio::test]
async fn coze_answers_and_is_told_what_was_said() {
    let say =
        |kind: &str, text: &str| json!({ "type": kind, "content": text, "role": "assistant" });
    let script = coze(&[
        ("conversation.chat.created", json!({ "status": "created" })),
        ("conversation.message.delta", say("answer", "你好，")),
        ("conversation.message.delta", say("answer", "世界")),
        ("conversation.message.completed", say("answer", "你好，世界")),
        ("conversation.message.completed", say("follow_up", "还有呢？")),
        ("conversation.chat.completed", json!({ "usage": { "token_count": 60 } })),
    ]);
    let (bot, model) = bot("api = 'coze'\nstream = false", move |_| script.clone()).await;
    let alice = bot.follower("alice");
    alice.says("一").await.sees(&labelled("你好，世界"));
    alice.says("二").await.sees(&labelled("你好，世界"));
    let message = |role: &str, kind: &str, text: &str| json!({ "role": role, "type": kind, "content": text, "content_type": "text" });
    let expected = json!({
        "bot_id": "m1",
        "user_id": alice.openid(),
        "stream": true,
        "auto_save_history": false,
        "additional_messages": [
            message("user", "question", "一"),
            message("assistant", "answer", "你好，世界"),
            message("user", "question", "二"),
        ],
    });
    assert_eq!(model.received()[1].path, "/v1/v3/chat");
    assert_eq!(model.received()[1].body, expected);
}

#[tokio::test]
async fn what_goes_wrong_at_coze_is_told() {
    let failed = json!({ "last_error": { "code": 4011, "msg": "credits run out" } });
    let table = [
        coze(&[("conversation.chat.failed", failed)]),
        coze(&[("error", json!({ "code": 4000, "msg": "…" }))]),
        Script::raw(r#"{"code":4100,"msg":"authentication is invalid"}"#),
        coze(&[]),
    ];
    for script in table {
        let (alice, _) = alice("api = 'coze'\nretries = 0", move |_| script.clone()).await;
        alice.says("hi").await.sees(SORRY);
    }
}

#[tokio::test]
async fn pictures_need_an_api_that_takes_them() {
    for api in ["dify", "coze"] {
        let config =
            format!("api = '{api}'\nbase_url = 'http://a.test'\nmodel = 'm'\nvision = true");
        let error = TestBot::with::<Chat>(&config).await.unwrap_err().to_string();
        assert!(error.contains("`vision` needs `api = \"openai\"`"), "{error}");
    }
}
