//! Any text comes back, no altered request is accepted, and no body makes the parser panic.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use wxbot_core::receive::envelope;
use wxbot_sdk::fields::Fields;
use wxbot_sdk::message::Message;
use wxbot_tests::bot::ECHO;
use wxbot_tests::paused::PausedBot;
use wxbot_tests::wechat::{Sender, element, json_text, text};

/// What time it is.
const NOW: u64 = 1_735_689_700;

#[test]
fn any_text_comes_back() {
    let plain = PausedBot::in_mode("plain", ECHO, NOW);
    let safe = PausedBot::in_mode("safe", ECHO, NOW);
    check_property(500, &any_words(), |said| {
        let forms = [text(&said), json_text(&said), escaped(&said)];
        for message in &forms {
            let sender = Sender { timestamp: NOW, ..Sender::default() };
            let answer = plain.post(&sender.query(), message.as_bytes());
            let reply = answer.expect("it is signed");
            assert_eq!(element(&reply, "Content").as_deref(), Some(&*said), "{message}");
        }
        let [xml, json, _] = &forms;
        let sender = Sender { timestamp: NOW, ..Sender::default() };
        let (query, body) = sender.safe(xml);
        let envelope = safe.post(&query, body.as_bytes()).unwrap();
        assert_eq!(element(&sender.open(&envelope), "Content").as_deref(), Some(&*said));
        let (query, body) = sender.safe_json(json);
        let envelope = safe.post(&query, body.as_bytes()).unwrap();
        assert_eq!(element(&sender.open_json(&envelope), "Content").as_deref(), Some(&*said));
    });
}

/// The text without CDATA.
fn escaped(said: &str) -> String {
    let escaped = said.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text("").replace("<![CDATA[]]>", &escaped)
}

/// Texts of all characters that XML allows, and of what XML is made of. Short enough not to be
/// cut, and not blank: a blank is nothing to say.
fn any_words() -> impl Strategy<Value = String> {
    let allowed = prop_oneof![
        Just('\t'),
        Just('\n'),
        Just('\r'),
        prop::char::range(' ', '\u{d7ff}'),
        prop::char::range('\u{e000}', '\u{fffd}'),
        prop::char::range('\u{10000}', '\u{10ffff}'),
        prop::char::range(' ', '~'),
    ];
    let piece = prop_oneof![
        6 => allowed.prop_map(String::from),
        1 => prop::sample::select(XML_PIECES).prop_map(String::from),
    ];
    let pieces = prop::collection::vec(piece, 0..100).prop_map(|pieces| pieces.concat());
    pieces.prop_filter("it has words", |said| !said.trim().is_empty())
}

const XML_PIECES: &[&str] = &[
    "]]>",
    "]]",
    "]",
    ">",
    "<",
    "<![CDATA[",
    "&",
    "&amp;",
    "&#0;",
    "&#x1F600;",
    "<!--",
    "-->",
    "<?",
    "?>",
    "</Content>",
    "<Content>",
    "<MsgType>",
    "</xml>",
    "<xml>",
    "<a b='",
    "'",
    "\"",
    "/>",
    "<!DOCTYPE x [",
    "]>",
    "\u{feff}",
    "😀",
    "你",
    "{\"a\":",
    "\\u0000",
    "[",
    "}",
];

#[test]
fn no_altered_request_is_accepted() {
    const MUTATIONS: usize = 100_000;
    const SEED: u64 = 0x5eed_0001;
    println!("seed {SEED:#x}"); // shown when the test fails
    let mut random = SplitMix(SEED);
    let safe = PausedBot::in_mode("safe", ECHO, NOW);
    let plain = PausedBot::in_mode("plain", ECHO, NOW);
    let sender = Sender { timestamp: NOW, ..Sender::default() };
    let message = text("hi");
    let (sealed, body) = sender.safe(&message);
    let plain_query = sender.query();
    assert!(is_reply(&safe.post(&sealed, body.as_bytes())), "unless altered");
    assert!(is_reply(&plain.post(&plain_query, message.as_bytes())));
    let mut tried = BTreeMap::new();
    for _ in 0..MUTATIONS {
        let place = random.below(10);
        let (bot, query, body, what) = match place {
            0..3 => {
                let (query, what) = altered_query(&mut random, &plain_query, &PLAIN_PARAMETERS);
                (&plain, query, message.as_bytes().to_vec(), what)
            }
            3..7 => {
                let (query, what) = altered_query(&mut random, &sealed, &SAFE_PARAMETERS);
                (&safe, query, body.clone().into_bytes(), what)
            }
            _ => (&safe, sealed.clone(), altered_encrypt(&mut random, &body), "an Encrypt"),
        };
        let answer = bot.post(&query, &body);
        let body = String::from_utf8_lossy(&body);
        assert!(answer.is_err(), "{what} was altered, and it was answered: {query}\n{body}");
        *tried.entry(what).or_insert(0) += 1;
    }
    assert!(tried.len() == 4 && tried.values().all(|times| *times > 3_000), "{tried:?}");
}

fn is_reply(answer: &Result<String, u16>) -> bool {
    answer.as_ref().is_ok_and(|answer| answer.starts_with("<xml>"))
}

const PLAIN_PARAMETERS: [&str; 3] = ["signature", "timestamp", "nonce"];
const SAFE_PARAMETERS: [&str; 4] = ["signature", "timestamp", "nonce", "msg_signature"];

/// Flips a bit of a parameter, leaves it out, or says it twice.
fn altered_query(
    random: &mut SplitMix,
    query: &str,
    parameters: &[&str],
) -> (String, &'static str) {
    let name = parameters[random.below(parameters.len())];
    let mut pairs: Vec<String> = query.split('&').map(str::to_owned).collect();
    let start = format!("{name}=");
    let place = pairs.iter().position(|pair| pair.starts_with(&start)).expect("it is there");
    let what = match random.below(20) {
        0 => {
            pairs.remove(place);
            "a parameter left out"
        }
        1 => {
            let mut again = pairs[place].clone();
            if random.below(2) == 0 {
                again = flipped(random, name, &again);
            }
            let at = random.below(pairs.len() + 1);
            pairs.insert(at, again);
            "a parameter twice"
        }
        _ => {
            pairs[place] = flipped(random, name, &pairs[place]);
            "a bit of a parameter"
        }
    };
    (pairs.join("&"), what)
}

/// A bit of the value is flipped; a `&` or a `%` that comes of it is meant as such.
fn flipped(random: &mut SplitMix, name: &str, pair: &str) -> String {
    let mut bytes = pair.as_bytes().to_vec();
    let place = name.len() + 1 + random.below(bytes.len() - name.len() - 1);
    // The eighth bit can't be set in a query that is text.
    bytes[place] ^= 1 << random.below(7);
    String::from_utf8(bytes).expect("it is still ASCII")
}

/// A bit of the Encrypt is flipped.
fn altered_encrypt(random: &mut SplitMix, body: &str) -> Vec<u8> {
    let encrypt = element(body, "Encrypt").expect("it has one");
    let start = body.find(&encrypt).expect("it is there");
    let mut bytes = body.as_bytes().to_vec();
    bytes[start + random.below(encrypt.len())] ^= 1 << random.below(8);
    bytes
}

/// Steele, Lea, Flood: the same numbers on every machine.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

#[test]
fn no_bytes_make_the_parser_panic() {
    check_property(2_000, &prop::collection::vec(any::<u8>(), 0..400), |bytes| {
        let _ = envelope::read(&bytes);
    });
    // Most bytes are not UTF-8, so the parser itself sees the next two.
    check_property(2_000, &xml_like(), |body| {
        let _ = envelope::read(body.as_bytes());
        let _ = envelope::read(format!("<xml><A>{body}</A></xml>").as_bytes());
        let _ = envelope::read(format!("<{body}").as_bytes());
    });
    check_property(2_000, &xml_like(), |body| {
        let _ = envelope::read(format!("{{\"A\":{body}").as_bytes());
        let _ = envelope::read(format!("{{\"{body}\":\"{body}\"}}").as_bytes());
    });
}

#[test]
fn a_message_with_a_bit_flipped_is_answered_or_refused() {
    let bot = PausedBot::in_mode("plain", ECHO, NOW);
    let sender = Sender { timestamp: NOW, ..Sender::default() };
    for message in [text("你好 ]]> 😀"), json_text("你好 ]]> 😀")] {
        for place in 0..message.len() * 8 {
            let mut bytes = message.clone().into_bytes();
            bytes[place / 8] ^= 1 << (place % 8);
            // In plain mode nothing covers the body, so either is right; a panic is not.
            if let Ok(reply) = bot.post(&sender.query(), &bytes)
                && reply != "success"
            {
                assert!(element(&reply, "MsgType").is_some(), "{reply}");
            }
        }
    }
}

#[test]
fn what_was_read_survives_as_json() {
    for words in [xml_like().boxed(), any_words().boxed()] {
        check_property(500, &words, |words| {
            let mixed = format!("<xml><A>{words}<B>{words}</B></A></xml>");
            let odd_name = serde_json::json!({ &words: [{ &words: words }, "x"] }).to_string();
            for body in [text(&words), json_text(&words), mixed, odd_name, words] {
                check_survives(&body);
            }
        });
    }
}

/// What can be read is the same, and the same message, after a detour over JSON.
fn check_survives(body: &str) {
    let Ok((fields, _)) = envelope::read(body.as_bytes()) else { return };
    let json = serde_json::to_string(&fields).expect("a tree is JSON");
    let again: Fields = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(format!("{again:?}"), format!("{fields:?}"));
    assert_eq!(again, fields, "{json}");
    let (message, again) = (Message::read(fields), Message::read(again));
    assert_eq!(again, message, "{json}");
}

fn xml_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(XML_PIECES).prop_map(String::from),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-zA-Z:=& ]{0,8}",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// The check panics when the property does not hold; the smallest value that makes it is shown.
#[track_caller]
fn check_property<S: Strategy>(cases: u32, values: &S, check: impl Fn(S::Value)) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let tested = TestRunner::new(config).run(values, |value| {
        check(value);
        Ok(())
    });
    tested.unwrap_or_else(|error| panic!("{error}"));
}
