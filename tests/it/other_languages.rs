//! The contract with handlers in other languages: its schema, its documents, and what is really sent.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

use std::fs;

use serde_json::{Value, json};
use wxbot::config::Source;
use wxbot_sdk::external::{self, Answer};
use wxbot_tests::json_schema::check;

const SCHEMA: &str = include_str!("../../docs/other-languages.schema.json");
const DOCUMENTS: [(&str, &str); 2] = [
    ("docs/en", include_str!("../../docs/en/other-languages.md")),
    ("docs/zh", include_str!("../../docs/zh/other-languages.md")),
];
const SECRET: &str = "whsec_YW4gZXhhbXBsZSBvbmx5OyBtYWtlIHlvdXIgb3duISE=";

/// Where that is not so any more, the test writes what the file would have to be beside it.
#[test]
fn the_schema_in_the_documents_is_that_of_the_types() {
    let schema = format!("{:#}\n", external::schema());
    if schema != SCHEMA && std::env::var_os("INSTA_UPDATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/other-languages.schema.json");
        fs::write(path, &schema).unwrap();
    }
    assert_eq!(schema, SCHEMA, "INSTA_UPDATE=always accepts it");
}

/// The code blocks of a language.
fn blocks<'d>(document: &'d str, language: &str) -> Vec<&'d str> {
    let fence = format!("```{language}\n");
    let starts = document.split(&fence).skip(1);
    starts.map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn every_entry_in_the_documents_loads() {
    for (name, document) in DOCUMENTS {
        let entries = blocks(document, "toml");
        assert_eq!(entries.len(), 4, "{name}");
        for entry in entries {
            let text = format!("[[account]]\ntoken = 'token123'\n{entry}");
            let source = Source { name: name.into(), text };
            let built = source.build(|_| Some(SECRET.to_owned()));
            built.map(drop).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

#[test]
fn what_the_documents_show_is_as_the_schema_says() {
    for (name, document) in DOCUMENTS {
        let [request, reply] = blocks(document, "json")[..] else { panic!("{name}: two blocks") };
        let request: Value = serde_json::from_str(request).unwrap();
        assert_eq!(problem(&request, "Request"), None, "{name}");
        let answer = format!("{{\"reply\":{reply}}}");
        assert_eq!(problem(&serde_json::from_str(&answer).unwrap(), "Answer"), None, "{name}");
        Answer::read(answer.as_bytes()).unwrap();
    }
}

#[test]
fn every_message_is_as_the_schema_says() {
    let lines = include_str!("../fixtures/json/messages.jsonl").lines();
    let messages: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(messages.len() > 100, "{}", messages.len());
    for line in &messages {
        assert_eq!(problem(&line["message"], "Message"), None, "{}", line["body"]);
    }
    let mut wrong = messages[0]["message"].clone();
    wrong["create_time"] = json!("now");
    assert!(problem(&wrong, "Message").is_some(), "the check sees what is wrong");
}

#[test]
fn every_reply_is_as_the_schema_says() {
    for line in include_str!("../fixtures/json/replies.jsonl").lines() {
        let reply: Value = serde_json::from_str(line).unwrap();
        assert_eq!(problem(&json!({ "reply": reply }), "Answer"), None, "{line}");
    }
    for wrong in [json!({ "reply": 1 }), json!({ "replay": "hi" }), json!({ "session": [] })] {
        assert!(problem(&wrong, "Answer").is_some(), "{wrong}");
    }
}

/// What is wrong with a value, by this definition of the schema.
fn problem(value: &Value, definition: &str) -> Option<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    check(value, &schema["$defs"][definition], &schema).err()
}
