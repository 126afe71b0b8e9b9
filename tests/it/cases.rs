//! Bodies as they came in the field, each one of a kind that was answered wrongly.

use wxbot_tests::bot::{ECHO, TestBot};
use wxbot_tests::wechat::{element, now};

/// A body under `tests/fixtures/cases`, sent now.
fn case(name: &str) -> String {
    let path = format!("{}/fixtures/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (head, tail) = body.split_once("CreateTime").expect("every body has one");
    let sent_at: String = tail.chars().skip_while(|c| !c.is_ascii_digit()).take(10).collect();
    format!("{head}CreateTime{}", tail.replacen(&sent_at, &now().to_string(), 1))
}

/// The Content of the reply to a case; without a reply, the body.
#[track_caller]
fn reply_to(bot: &TestBot, name: &str) -> String {
    let response = bot.post(&case(name));
    assert_eq!(response.status, 200, "{name}: {response:?}");
    element(&response.body, "Content").unwrap_or(response.body)
}

#[test]
fn forbidden_characters_in_json_cost_only_themselves() {
    let bot = TestBot::with_chain(ECHO);
    assert_eq!(reply_to(&bot, "33-json-raw-newline.json"), "line one\nline two");
    // The escapes themselves can't be written in the XML of a reply.
    let colours = reply_to(&bot, "33b-json-ansi-colours.json");
    assert_eq!(colours, "[0;32mI (31492) wifi: up[0m");
}

#[test]
fn an_emoji_written_as_two_references_is_one() {
    let bot = TestBot::with_chain(ECHO);
    assert_eq!(reply_to(&bot, "34-emoji-as-two-references.xml"), "hi 😀");
}
