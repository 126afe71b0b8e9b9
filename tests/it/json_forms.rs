//! What others read and write as JSON: the form of each is held by a file under `fixtures/json`.

use std::fs;

use serde_json::{Value, json};
use wxbot_core::receive::envelope;
use wxbot_sdk::message::Message;
use wxbot_sdk::reply::{Article, Music, Reply, Video};

fn path(name: &str) -> String {
    format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn file(name: &str) -> String {
    let path = path(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of a file, one JSON each.
fn lines(name: &str) -> Vec<String> {
    file(&format!("json/{name}")).lines().map(str::to_owned).collect()
}

/// The names of all bodies under `fixtures`.
fn bodies() -> Vec<String> {
    let in_folder = |folder: &str| {
        let files = fs::read_dir(path(folder)).expect("the fixtures are there");
        let name = |file: fs::DirEntry| format!("{folder}/{}", file.file_name().display());
        files.map(|file| name(file.expect("a folder can be listed"))).collect::<Vec<_>>()
    };
    let mut bodies = [in_folder("messages"), in_folder("events")].concat();
    bodies.sort_unstable();
    bodies
}

fn message(body: &str) -> Message {
    let (fields, _) = envelope::read(body.as_bytes()).expect("the body is good");
    Message::read(fields).expect("it has a kind")
}

/// Where that is not so any more, the test prints what the file would have to be.
#[test]
fn a_message_is_written_with_its_typed_fields_and_all_others() {
    let written: Vec<_> = bodies()
        .iter()
        .map(|name| {
            let message = serde_json::to_string(&message(&file(name))).unwrap();
            format!("{{\"body\":\"{name}\",\"message\":{message}}}")
        })
        .collect();
    let expected = lines("messages.jsonl");
    if written != expected {
        println!("{}", written.join("\n"));
    }
    written.iter().zip(&expected).for_each(|(written, expected)| assert_eq!(written, expected));
    assert_eq!(written.len(), expected.len());
}

#[test]
fn no_key_of_a_message_is_there_twice() {
    for name in bodies() {
        let written = serde_json::to_string(&message(&file(&name))).unwrap();
        let keys_once: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(keys_once.to_string().len(), written.len(), "{name}");
    }
}

#[test]
fn a_message_of_any_kind_says_so() {
    let body = |rest: &str| {
        format!(
            "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName>\
             <CreateTime>1700000000</CreateTime>{rest}<MsgId>18446744073709551615</MsgId></xml>"
        )
    };
    let table = [
        (
            "<MsgType>text</MsgType><Content> hi </Content>",
            json!({"kind": "text", "content": " hi "}),
        ),
        ("<MsgType>ShortVideo</MsgType>", json!({"kind": "shortvideo", "media_id": ""})),
        ("<MsgType>Hologram</MsgType>", json!({"kind": "Hologram"})),
        (
            "<MsgType>event</MsgType><Event>CLICK</Event>",
            json!({"kind": "event", "event": "click", "key": ""}),
        ),
        ("<MsgType>event</MsgType><Event>New</Event>", json!({"kind": "event", "event": "New"})),
        (
            "<MsgType>device_event</MsgType><Event>bind</Event>",
            json!({"kind": "device_event", "event": "bind"}),
        ),
    ];
    for (rest, expected) in table {
        let written = serde_json::to_value(message(&body(rest))).unwrap();
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&written[key], value, "{rest}: {written}");
        }
        let id =
            if written["kind"] == "event" { Value::Null } else { json!("18446744073709551615") };
        assert_eq!(written["msg_id"], id, "{rest}");
        assert_eq!(written["create_time"], 1_700_000_000, "{rest}");
        assert_eq!((&written["openid"], &written["to"]), (&json!("o1"), &json!("gh_1")), "{rest}");
    }
}

#[test]
fn every_field_that_came_is_in_a_message() {
    let written = serde_json::to_value(message(
        "<xml><MsgType>new</MsgType><A>1</A><B><C>2</C>x</B><A>3</A><D>text<E/></D><F><G/></F><A/></xml>",
    ));
    let expected = json!({
        "MsgType": "new",
        "A": ["1", "3", ""],
        "B": {"C": "2"},
        "D": {"#text": "text", "E": ""},
        "F": {"G": ""},
    });
    assert_eq!(written.unwrap()["fields"], expected);
}

/// One of each, in the order of the file.
fn replies() -> Vec<Reply> {
    let music = Music::new("https://example.com/a.mp3");
    let article = Article::new("标题二").description("摘要").pic_url("https://example.com/p.jpg");
    vec![
        Reply::text("你好\n<a href=\"https://example.com/\">点我</a> 😀"),
        Reply::image("imgMEDIA_0001"),
        Reply::voice("voiMEDIA_0001"),
        Reply::video("vidMEDIA_0001"),
        Video::new("vidMEDIA_0001").title("标题").description("说明").into(),
        music.clone().into(),
        music
            .title("歌")
            .description("谁")
            .hq_music_url("https://example.com/b.mp3")
            .thumb_media_id("thuMEDIA_0001")
            .into(),
        Reply::news([Article::new("标题"), article.url("https://example.com/x")]),
        Reply::transfer(),
        Reply::transfer_to("alice@demo_acct"),
        Reply::several([Reply::text("先说这个"), Reply::image("imgMEDIA_0001")]),
    ]
}

#[test]
fn a_reply_is_written_as_in_a_rule_of_keywords() {
    let replies = replies();
    let written = replies.iter().map(|reply| serde_json::to_string(reply).unwrap());
    assert_eq!(written.collect::<Vec<_>>(), lines("replies.jsonl"));
}

#[test]
fn a_reply_is_read_as_it_is_written() {
    let read = |json: &str| serde_json::from_str::<Reply>(json).unwrap();
    let lines = lines("replies.jsonl");
    assert_eq!(lines.iter().map(|line| read(line)).collect::<Vec<_>>(), replies());
    assert_eq!(read(r#"{"text":"hi"}"#), Reply::text("hi"), "a text in a table");
    assert_eq!(read("[]"), Reply::Several(vec![]), "none at all");
}

#[test]
fn what_is_no_reply_says_what_one_is() {
    let table = [
        ("1", "expected a text, a table such as { image = \"MEDIA_ID\" }, or a list of them"),
        ("{}", "a reply is exactly one of text, image"),
        (r#"{"image":"M","text":"hi"}"#, "a reply is exactly one of text, image"),
        (r#"{"picture":"M"}"#, "unknown field `picture`, expected one of `text`, `image`"),
        (r#"{"news":[{"url":"https://example.com/"}]}"#, "missing field `title`"),
        (r#"{"Text":"hi"}"#, "unknown field `Text`"),
    ];
    for (json, expected) in table {
        let error = serde_json::from_str::<Reply>(json).unwrap_err().to_string();
        assert!(error.contains(expected), "{json}: {error}");
    }
}
