//! A body becomes a typed message, and nothing of it is lost (protocol sections 2.3, 3 and 4).

mod values;
mod tree;

use std::path::{Path, PathBuf};
use std::{fs, iter};

use wxbot_core::receive::envelope;
use wxbot_sdk::event::Event;
use wxbot_sdk::message::{ArticleOrigin, Content, Message};

#[test]
fn every_event_and_every_kind_has_a_fixture() {
    let messages: Vec<Message> = fixtures().iter().map(|fixture| read(&fixture.body)).collect();
    for kind in Content::KINDS {
        assert!(messages.iter().any(|message| message.content.kind() == kind), "no {kind}");
    }
    for name in Event::NAMES {
        let events = messages.iter().filter_map(Message::event);
        assert!(events.map(Event::name).any(|event| event == *name), "no {name}");
    }
}

#[test]
fn a_fixture_is_called_after_what_it_holds() {
    for fixture in fixtures() {
        let message = read(&fixture.body);
        let name = match message.event() {
            Some(event) => format!("events/{}", event.name().replace(' ', "_")),
            None => format!("messages/{}", message.content.kind()),
        };
        assert!(fixture.name.starts_with(&name.to_lowercase()), "{} is {name}", fixture.name);
    }
}

#[test]
fn no_two_fixtures_are_the_same_message() {
    let mut times: Vec<u64> =
        fixtures().iter().map(|fixture| read(&fixture.body).create_time).collect();
    let fixtures = times.len();
    times.sort_unstable();
    times.dedup();
    assert_eq!(times.len(), fixtures);
    assert!(times[0] > 0, "a CreateTime is not read");
}

#[test]
fn no_leaf_is_lost() {
    for fixture in fixtures() {
        let message = read(&fixture.body);
        let expected = tree::leaves_of_body(&fixture.body);
        assert_eq!(tree::leaves(message.fields()).len(), expected.len(), "{}", fixture.name);
        for (path, text) in expected {
            let found = message.fields().all(&path);
            let same = |found: &str| text.as_deref().is_none_or(|text| text == found);
            assert!(
                found.iter().any(|element| same(element.text())),
                "{}: {path} should be {text:?}, but it is {found:?}",
                fixture.name
            );
        }
    }
}

#[test]
fn xml_and_json_of_the_same_message_are_equal() {
    for fixture in fixtures() {
        let message = read(&fixture.body);
        let (xml, json) = (tree::to_xml(message.fields()), tree::to_json(message.fields()));
        for body in [xml, json] {
            let same = read(&body);
            assert_eq!(same.content, message.content, "{}", fixture.name);
            assert_eq!(same.to, message.to, "{}", fixture.name);
            assert_eq!(same.openid, message.openid, "{}", fixture.name);
            assert_eq!(same.create_time, message.create_time, "{}", fixture.name);
            assert_eq!(same.msg_id, message.msg_id, "{}", fixture.name);
            assert_eq!(same.article, message.article, "{}", fixture.name);
            assert_eq!(sorted(&same), sorted(&message), "{}", fixture.name);
        }
    }
}

#[test]
fn a_message_survives_as_json() {
    for fixture in fixtures() {
        let message = read(&fixture.body);
        let json = serde_json::to_string(message.fields()).expect("a tree is JSON");
        let fields = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(Message::read(fields), Ok(message), "{}", fixture.name);
    }
}

#[test]
fn an_event_is_known_by_its_name_in_any_case() {
    for fixture in fixtures() {
        let message = read(&fixture.body);
        let Some(event) = message.event() else { continue };
        if matches!(event, Event::Unknown { .. }) {
            continue;
        }
        let name = message.field("Event").unwrap().trim();
        let (first, rest) = name.split_at(1);
        let mixed = first.to_uppercase() + &rest.to_lowercase();
        for other in [name.to_uppercase(), name.to_lowercase(), mixed] {
            let body = with_text_of("Event", name, &other, &fixture.body);
            let body = with_text_of("MsgType", "event", "Event", &body);
            let same = read(&body);
            assert_eq!(same.field("Event").unwrap().trim(), other);
            assert_eq!(same.event(), Some(event), "{} as {other}", fixture.name);
        }
    }
}

#[test]
fn a_broken_number_never_fails_a_push() {
    for fixture in fixtures() {
        let message = read(&fixture.body);
        let numbers = tree::numbers(&fixture.body);
        assert!(numbers > 0, "{} has no number at all", fixture.name);
        let each_alone = (0..numbers).map(|broken| broken..broken + 1);
        for broken in each_alone.chain(iter::once(0..numbers)) {
            let body = tree::break_numbers(&fixture.body, broken.clone());
            let same = read(&body);
            let place = format!("{} with numbers {broken:?} broken", fixture.name);
            assert_eq!(same.content.kind(), message.content.kind(), "{place}");
            assert_eq!(same.event().map(Event::name), message.event().map(Event::name), "{place}");
            assert_eq!(same.openid, message.openid, "{place}");
            assert_eq!(
                tree::leaves(same.fields()).iter().filter(|(_, text)| text.trim() == "x").count(),
                broken.len(),
                "{place}"
            );
        }
    }
}

#[test]
fn a_broken_number_is_none_and_the_rest_is_read() {
    let message = read(
        "<xml><CreateTime>soon</CreateTime><MsgType>event</MsgType><Event>LOCATION</Event>\
         <Latitude>30.27°</Latitude><Longitude>120.155150</Longitude><Precision></Precision></xml>",
    );
    assert_eq!(message.create_time, 0);
    let expected = Event::Location { latitude: None, longitude: Some(120.15515), precision: None };
    assert_eq!(message.event(), Some(&expected));
    assert_eq!(message.field("Latitude"), Some("30.27°"));
}

#[test]
fn an_unknown_kind_arrives_with_its_fields() {
    let message = read(&fixture("messages/hologram.xml"));
    assert_eq!(message.content, Content::Unknown { kind: "Hologram".into() });
    assert_eq!(message.msg_id, Some(24_871_234_567_890_122));
    assert_eq!(message.openid, "oTEST_7vQkR2mXw9ZsLbN4cYdEfG");
    let urls: Vec<&str> =
        message.fields().all("Hologram/Frame/Url").iter().map(|url| url.text()).collect();
    assert_eq!(urls, ["https://example.com/1", "https://example.com/2"]);
}

#[test]
fn an_unknown_event_arrives_with_its_fields() {
    let message = read(&fixture("events/complaint_callback.xml"));
    assert_eq!(message.event(), Some(&Event::Unknown { name: "complaint callback".into() }));
    assert_eq!(message.event().map(Event::name), Some("complaint callback"));
    assert_eq!(message.field("complaint_info/complaint_id"), Some("200000000000"));
    assert_eq!(message.field("complaint_info/state"), Some("1"));
}

#[test]
fn a_platforms_push_is_known_by_its_info_type() {
    let message = read(&fixture("messages/component_verify_ticket.xml"));
    assert_eq!(message.content.kind(), "component_verify_ticket");
    assert_eq!((message.to.as_str(), message.openid.as_str()), ("", ""));
    assert_eq!(message.field("ComponentVerifyTicket"), Some("ticket@@@EXAMPLE"));
}

#[test]
fn a_message_without_a_kind_is_refused() {
    for body in ["<xml></xml>", "<xml><MsgType/></xml>", r#"{"MsgType":" "}"#, "{}"] {
        let (fields, _) = envelope::read(body.as_bytes()).unwrap();
        assert!(Message::read(fields).is_err(), "{body}");
    }
}

#[test]
fn qrscene_is_stripped_once_and_only_for_subscribe() {
    let table = [
        // event, EventKey, scene, event_key
        ("subscribe", "qrscene_7", Some("7"), "7"),
        ("subscribe", "qrscene_qrscene_7", Some("qrscene_7"), "qrscene_7"),
        ("subscribe", "qrscene_", Some(""), ""),
        ("subscribe", "7_qrscene_", None, "7_qrscene_"),
        ("subscribe", "scanimage|ean13|7", None, "scanimage|ean13|7"),
        ("subscribe", "", None, ""),
        ("SCAN", "qrscene_7", Some("qrscene_7"), "qrscene_7"),
        ("CLICK", "qrscene_7", None, "qrscene_7"),
    ];
    for (name, key, expected, event_key) in table {
        let message = read(&format!(
            "<xml><MsgType>event</MsgType><Event>{name}</Event>\
             <EventKey><![CDATA[{key}]]></EventKey></xml>"
        ));
        let scene = match message.event() {
            Some(Event::Subscribe { scene, .. }) => scene.as_deref(),
            Some(Event::Scan { scene, .. }) => Some(scene.as_str()),
            _ => None,
        };
        assert_eq!(scene, expected, "{name} {key}");
        assert_eq!(message.event_key(), Some(event_key), "{name} {key}");
        assert_eq!(message.field("EventKey"), Some(key), "{name} {key}");
    }
}

#[test]
fn a_text_comes_whole() {
    let table = [
        // in <Content>, what was said
        ("<![CDATA[hello]]>", "hello"),
        ("<![CDATA[  hello\t]]>", "  hello\t"),
        ("<![CDATA[one\ntwo\r\n\nthree\n]]>", "one\ntwo\r\n\nthree\n"),
        ("<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
        ("<![CDATA[a]]>b<![CDATA[c]]>", "abc"),
        ("<![CDATA[<xml>&amp;&#x4f60;</xml>]]>", "<xml>&amp;&#x4f60;</xml>"),
        ("&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;", "<b> & \"c\" 'd'"),
        ("&#x4f60;&#22909;", "你好"),
        ("&#x1F600;", "😀"),
        ("a&nbsp;b", "a&nbsp;b"),
        ("Q&A & more &", "Q&A & more &"),
        ("a<!-- b -->c", "ac"),
        ("<![CDATA[👨‍👩‍👧🇨🇳]]>", "👨‍👩‍👧🇨🇳"),
        ("<![CDATA[a\u{0}b\u{b}c\u{1b}]]>", "a\u{0}b\u{b}c\u{1b}"),
        ("<![CDATA[]]>", ""),
        ("", ""),
    ];
    for (content, expected) in table {
        let message =
            read(&format!("<xml><MsgType>text</MsgType><Content>{content}</Content></xml>"));
        assert_eq!(message.text(), Some(expected), "{content}");
    }
    assert_eq!(read("<xml><MsgType>text</MsgType><Content/></xml>").text(), Some(""));
    assert_eq!(read("<xml><MsgType>text</MsgType></xml>").text(), Some(""));
}

#[test]
fn what_all_messages_have_is_read() {
    let message = read(&fixture("messages/text_from_article.xml"));
    assert_eq!(message.to, "gh_5f0c1d2e3a4b");
    assert_eq!(message.openid, "oTEST_7vQkR2mXw9ZsLbN4cYdEfG");
    assert_eq!(message.create_time, 1_735_689_705);
    assert_eq!(message.msg_id, Some(24_871_234_567_890_114));
    let article = ArticleOrigin { msg_data_id: "2650001234".into(), idx: Some(1) };
    assert_eq!(message.article, Some(article));
}

#[test]
fn a_msg_id_keeps_all_its_digits() {
    for (body, expected) in [
        (r#"{"MsgType":"text","MsgId":9223372036854775807}"#, 9_223_372_036_854_775_807),
        (r#"{"MsgType":"text","MsgId":"18446744073709551615"}"#, u64::MAX),
        (
            "<xml><MsgType>voice</MsgType><MsgID>24870000000000011</MsgID></xml>",
            24_870_000_000_000_011,
        ),
    ] {
        assert_eq!(read(body).msg_id, Some(expected), "{body}");
    }
}

#[test]
fn an_event_has_no_msg_id_of_its_own() {
    // The MsgID of a job is that of the message it was about.
    let message = read(&fixture("events/templatesendjobfinish.xml"));
    assert_eq!(message.msg_id, None);
    assert_eq!(message.field("MsgID"), Some("3700112233445566778"));
}

/// A whole body under `tests/fixtures`.
struct Fixture {
    /// `events/click.xml`
    name: String,
    body: String,
}

fn fixtures() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for folder in ["messages", "events"] {
        for entry in fs::read_dir(path(folder)).expect("the fixtures are there") {
            let file = entry.expect("a folder can be listed").file_name();
            let name = format!("{folder}/{}", file.display());
            fixtures.push(Fixture { body: fixture(&name), name });
        }
    }
    fixtures
}

fn fixture(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

#[track_caller]
fn read(body: &str) -> Message {
    let (fields, _) =
        envelope::read(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}"));
    Message::read(fields).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// The body with another text in its first element (or member) of that name.
fn with_text_of(element: &str, old: &str, new: &str, body: &str) -> String {
    let name = [format!("<{element}>"), format!("\"{element}\"")]
        .iter()
        .find_map(|name| body.find(name).map(|place| place + name.len()))
        .expect("the body has it");
    format!("{}{}", &body[..name], body[name..].replacen(old, new, 1))
}

fn sorted(message: &Message) -> Vec<(String, String)> {
    let mut leaves = tree::leaves(message.fields());
    leaves.sort();
    leaves
}
