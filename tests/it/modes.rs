//! Plain, compatible and safe: who may send what, and what is sealed (protocol sections 2 and 6).

use std::collections::BTreeSet;

use serde_json::Value;
use wxbot_core::receive::cipher::Key;
use wxbot_tests::bot::{ECHO, SocketBot, account};
use wxbot_tests::http::{self, Response};
use wxbot_tests::wechat::{
    ACCOUNT, AES_KEY, APP_ID, Sender, TOKEN, crypto_vectors, element, json_text, sign, text,
};

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Answered with plain XML.
    Clear,
    /// Answered in an envelope of the data format in which it came.
    Sealed,
    /// 403.
    Refused,
}

#[test]
fn each_mode_takes_what_is_not_weaker() {
    use Outcome::{Clear, Refused, Sealed};
    let keyless = format!("[[account]]\ntoken = '{TOKEN}'\n");
    let table = [
        // the account, then what a plain, a compatible and a safe request gets
        (account("plain"), [Clear, Sealed, Sealed], "plain, but it can open what is sealed"),
        (account("compatible"), [Clear, Sealed, Sealed], "compatible"),
        (account("safe"), [Refused, Sealed, Sealed], "safe"),
        (keyless, [Clear, Clear, Refused], "plain, and it can open nothing"),
    ];
    for (account, outcomes, why) in table {
        let bot = SocketBot::start(&account, ECHO);
        for (form, outcome) in ["plain", "compatible", "safe"].into_iter().zip(outcomes) {
            for json in [false, true] {
                check(&bot, form, json, outcome, why);
            }
        }
    }
}

#[track_caller]
fn check(bot: &SocketBot, form: &str, json: bool, expected: Outcome, why: &str) {
    let said = "你好 ]]> 😀";
    let sender = Sender::default();
    let message = if json { json_text(said) } else { text(said) };
    let (query, body) = match (form, json) {
        ("plain", _) => (sender.query(), message),
        ("compatible", false) => sender.compatible(&message),
        ("compatible", true) => sender.compatible_json(&message),
        (_, false) => sender.safe(&message),
        (_, true) => sender.safe_json(&message),
    };
    let response = bot.deliver(&query, body);
    let context = format!("{why}: a {form} request, JSON {json}: {response:?}");
    assert_eq!(response.status, if expected == Outcome::Refused { 403 } else { 200 }, "{context}");
    let kind = response.header("content-type").unwrap_or_default();
    let reply = match (expected, json) {
        (Outcome::Refused, _) => return assert_eq!(response.body, "Forbidden", "{context}"),
        (Outcome::Sealed, true) => {
            assert_eq!(kind, "application/json", "{context}");
            sender.open_json(&response.body)
        }
        (Outcome::Sealed, false) => {
            assert_eq!(kind, "application/xml; charset=utf-8", "{context}");
            assert!(!response.body.contains("Content"), "{context}");
            sender.open(&response.body)
        }
        (Outcome::Clear, _) => {
            assert_eq!(kind, "application/xml; charset=utf-8", "{context}");
            response.body.clone()
        }
    };
    assert_eq!(element(&reply, "Content").as_deref(), Some(said), "{context}");
}

#[test]
fn the_envelope_is_that_of_section_6_4() {
    let bot = SocketBot::in_mode("safe", ECHO);
    let sender = Sender::default();
    let (query, body) = sender.safe(&text("hi"));
    let envelope = bot.deliver(&query, &body).body;
    let of = |name: &str| element(&envelope, name).unwrap();
    assert_eq!(
        envelope,
        format!(
            "<xml><Encrypt><![CDATA[{}]]></Encrypt><MsgSignature><![CDATA[{}]]></MsgSignature>\
             <TimeStamp>{}</TimeStamp><Nonce><![CDATA[{}]]></Nonce></xml>",
            of("Encrypt"),
            of("MsgSignature"),
            of("TimeStamp"),
            sender.nonce
        )
    );
    let again = element(&bot.deliver(&query, &body).body, "Encrypt");
    assert_ne!(again, Some(of("Encrypt")), "every reply has random bytes of its own");
}

#[test]
fn what_is_sealed_is_answered_not_what_stands_beside_it() {
    for mode in ["plain", "compatible", "safe"] {
        let bot = SocketBot::in_mode(mode, ECHO);
        let sender = Sender::default();
        let (query, body) = sender.compatible(&text("genuine"));
        let reply = sender.open(&bot.deliver(&query, body.replace("genuine", "forged")).body);
        assert_eq!(element(&reply, "Content").as_deref(), Some("genuine"), "{mode}");
        let (query, body) = sender.compatible_json(&json_text("genuine"));
        let reply = sender.open_json(&bot.deliver(&query, body.replace("genuine", "forged")).body);
        assert_eq!(element(&reply, "Content").as_deref(), Some("genuine"), "{mode}");
    }
}

#[test]
fn a_downgrade_or_a_forgery_is_refused_and_all_look_the_same() {
    let bot = SocketBot::in_mode("safe", ECHO);
    let sender = Sender::default();
    let message = text("hi");
    let (plain, json) = (sender.query(), json_text("hi"));
    let (safe_query, safe) = sender.safe(&message);
    let (_, compatible) = sender.compatible(&message);
    let encrypt = sender.seal(&message);
    let another = Sender { app_id: "wxffffffffffffffff".into(), ..sender.clone() };
    let stranger = Sender { aes_key: AES_KEY.replace("Qm", "Zz"), ..sender.clone() };
    let sealed = |encrypt: &str| format!("<xml><Encrypt>{encrypt}</Encrypt></xml>");
    let (other_query, _) = sender.safe(&text("another message"));
    let altered = altered_near_the_end(&encrypt);
    let padded = sender.seal_with_more_padding(&message, 1);
    let table = [
        (plain.clone(), message.clone(), "a plain message under `signature` alone"),
        (plain.clone(), json.clone(), "the same in JSON"),
        (plain.clone(), compatible.clone(), "a compatible body without msg_signature"),
        (plain.clone(), safe.clone(), "a safe body without msg_signature"),
        (format!("{plain}&encrypt_type=raw"), message.clone(), "said to be raw"),
        (format!("{plain}&encrypt_type="), compatible, "an empty encrypt_type"),
        (format!("{plain}&encrypt_type=aes"), message.clone(), "said to be encrypted, but plain"),
        (format!("{plain}&encrypt_type=aes"), safe.clone(), "no msg_signature"),
        (format!("{plain}&encrypt_type=aes&msg_signature="), safe.clone(), "an empty one"),
        (format!("{plain}&encrypt_type=AES"), message.clone(), "another encrypt_type"),
        (safe_query.clone(), message.clone(), "msg_signature, but nothing encrypted"),
        (safe_query.clone(), json, "the same in JSON"),
        (other_query, safe.clone(), "msg_signature of another body"),
        (safe_query.replace("msg_signature=", "msg_signature=0"), safe.clone(), "41 digits"),
        (format!("{safe_query}&msg_signature=0"), safe, "two of them"),
        (safe_query.clone(), sealed(&altered), "an altered Encrypt"),
        (safe_query, sealed(&encrypt[4..]), "an Encrypt without its start"),
        (another.safe(&message).0, another.safe(&message).1, "for another app id"),
        (stranger.safe(&message).0, stranger.safe(&message).1, "sealed with another key"),
        (sender.sealed_query(""), sealed(""), "an empty Encrypt, signed"),
        (sender.sealed_query("AAAA"), sealed("AAAA"), "a short one, signed"),
        (sender.sealed_query(&encrypt[4..]), sealed(&encrypt[4..]), "no whole blocks, signed"),
        (sender.sealed_query("*"), sealed("*"), "no base64, signed"),
        (sender.sealed_query(&altered), sealed(&altered), "altered padding, signed"),
        (sender.sealed_query(&padded), sealed(&padded), "more than 32 bytes of padding, signed"),
    ];
    let refused = bot.deliver(&table[0].0, &table[0].1);
    assert_eq!((refused.status, &*refused.body), (403, "Forbidden"));
    for (query, body, why) in table {
        let response = bot.deliver(&query, body);
        assert_eq!(without_date(&response), without_date(&refused), "{why}");
    }
    let (query, body) = sender.safe(&message);
    assert_eq!(bot.deliver(&query, body).status, 200, "nothing was wrong but what was altered");
}

/// A bit of the last block is changed: the padding or the app id comes out wrong.
fn altered_near_the_end(encrypt: &str) -> String {
    let place = encrypt.len() - 8;
    let other = if &encrypt[place..=place] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &encrypt[..place], &encrypt[place + 1..])
}

fn without_date(response: &Response) -> (u16, String, &str) {
    let lines = response.head.lines().filter(|line| !line.to_lowercase().starts_with("date:"));
    (response.status, lines.collect::<Vec<_>>().join("\n"), &response.body)
}

#[test]
fn the_known_answers_hold() {
    let vectors = Vectors::read();
    let bot = SocketBot::at_any_time(&vectors.accounts("vectors"), WITH_FALLBACK);
    let mut ids = Vec::new();
    for vector in vectors.of("vectors") {
        let (id, sender) = (vector.text("id"), vector.sender());
        ids.push(id);
        let (encrypt, plaintext) = (vector.text("encrypt"), vector.text("plaintext"));
        check_cipher(&vector);
        assert_eq!(sender.open_encrypt(encrypt), plaintext, "{id}: WeChat's side opens it");
        assert_eq!(
            sign(&[vector.text("token"), vector.text("timestamp"), &sender.nonce, encrypt]),
            vector.text("msg_signature"),
            "{id}"
        );
        if vector.text("kind") == "reply" {
            assert_eq!(sender.open(vector.text("body")), plaintext, "{id}: WeChat's side opens it");
            continue;
        }
        let path = format!("/{id}?{}", vector.text("query"));
        let response = http::post(bot.endpoint, &path, vector.text("body"));
        assert_eq!(response.status, 200, "{id}: {response:?}");
        let reply = sender.open(&response.body);
        let said = element(plaintext, "Content").unwrap();
        assert_eq!(element(&reply, "Content"), Some(expected(&said)), "{id}");
    }
    assert_eq!(ids.len(), 12);
    assert!(ids.contains(&"v11_compat") && ids.contains(&"v12_reply_envelope"));
}

#[test]
fn the_official_examples_hold() {
    let vectors = Vectors::read();
    let bot = SocketBot::at_any_time(&vectors.accounts("official_vectors"), WITH_FALLBACK);
    let [handshake, plain, safe, reply] = &vectors.of("official_vectors")[..] else {
        panic!("there are four");
    };

    let query = format!("{}&echostr={}", handshake.signed(), handshake.text("echostr"));
    let response = http::get(bot.endpoint, &format!("/{}?{query}", handshake.text("id")));
    assert_eq!(response.body, handshake.text("answer_body"));

    let path = format!("/{}?{}", plain.text("id"), plain.signed());
    let response = http::post(bot.endpoint, &path, plain.text("body"));
    assert_eq!(element(&response.body, "Content").as_deref(), Some("fallback"));

    let encrypt = safe.text("encrypt");
    let path = format!(
        "/{}?{}&openid={}&encrypt_type=aes&msg_signature={}",
        safe.text("id"),
        safe.signed(),
        safe.text("openid"),
        safe.text("msg_signature")
    );
    let body = format!("{{\"ToUserName\":\"gh_97417a04a28d\",\"Encrypt\":\"{encrypt}\"}}");
    let response = http::post(bot.endpoint, &path, body);
    let answer = safe.sender().open_json(&response.body);
    assert_eq!(element(&answer, "Content").as_deref(), Some("fallback"));
    assert_eq!(element(&answer, "ToUserName").as_deref(), Some(safe.text("openid")));
    check_cipher(safe);

    check_cipher(reply);
    assert_eq!(reply.sender().open_encrypt(reply.text("encrypt")), reply.text("plaintext"));
}

#[test]
fn the_known_forgeries_are_refused() {
    let vectors = Vectors::read();
    let bot = SocketBot::at_any_time(&vectors.accounts("negative_vectors"), WITH_FALLBACK);
    let forgeries = vectors.of("negative_vectors");
    assert_eq!(forgeries.len(), 10);
    for forgery in forgeries {
        let signature =
            sign(&[forgery.text("token"), forgery.text("timestamp"), forgery.text("nonce")]);
        let path = format!(
            "/{}?signature={signature}&timestamp={}&nonce={}&encrypt_type=aes&msg_signature={}",
            forgery.text("id"),
            forgery.text("timestamp"),
            forgery.text("nonce"),
            forgery.text("msg_signature")
        );
        let body = format!(
            "<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\
             <Encrypt><![CDATA[{}]]></Encrypt></xml>",
            forgery.text("encrypt")
        );
        let response = http::post(bot.endpoint, &path, body);
        assert_eq!(
            (response.status, &*response.body),
            (403, "Forbidden"),
            "{}",
            forgery.text("expect")
        );
    }
}

/// Our cipher opens the ciphertext, and with the same random bytes makes the very same one.
#[track_caller]
fn check_cipher(vector: &Vector<'_>) {
    let (id, app_id, plaintext) =
        (vector.text("id"), vector.text("appid"), vector.text("plaintext"));
    let key = Key::parse(vector.text("encoding_aes_key")).expect("it is a key");
    let opened = key.open(vector.text("encrypt"), app_id).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(String::from_utf8_lossy(&opened), plaintext, "{id}");
    let random = match vector.0["random_hex"].as_str() {
        Some(digits) => hex::decode(digits).expect("it is hex"),
        None => vector.text("random_text").into(),
    };
    let sealed = key.seal(random.try_into().expect("16 bytes"), plaintext.as_bytes(), app_id);
    assert_eq!(sealed, vector.text("encrypt"), "{id}");
}

#[test]
fn every_padding_comes_in_and_goes_out() {
    let bot = SocketBot::in_mode("safe", ECHO);
    let padding = |message: &str| 32 - (16 + 4 + message.len() + APP_ID.len()) % 32;
    let (mut came, mut went) = (BTreeSet::new(), BTreeSet::new());
    for length in 1..=32 {
        let (sender, said) = (Sender::default(), "p".repeat(length));
        let message = text(&said);
        let (query, body) = sender.safe(&message);
        // This checks that every byte of the padding is right.
        let reply = sender.open(&bot.deliver(&query, body).body);
        assert_eq!(element(&reply, "Content"), Some(said));
        came.insert(padding(&message));
        went.insert(padding(&reply));
    }
    let all: BTreeSet<usize> = (1..=32).collect();
    assert_eq!((came, went), (all.clone(), all));
}

#[test]
fn an_encoding_aes_key_may_end_in_any_letter_or_digit() {
    let last: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').collect();
    let key = |last: char| format!("{}{last}", &AES_KEY[..42]);
    let accounts: String = last
        .iter()
        .map(|last| {
            account("safe").replace(AES_KEY, &key(*last)).replace("'main'", &format!("'{last}'"))
                + &format!("path = '/{last}'\n")
        })
        .collect();
    let bot = SocketBot::start(&accounts, ECHO);
    for (n, last) in last.iter().enumerate() {
        let sender = Sender { aes_key: key(*last), ..Sender::default() };
        let (query, body) = sender.safe(&text("hi"));
        let response = http::post(bot.endpoint, &format!("/{last}?{query}"), body);
        let reply = sender.open(&response.body);
        assert_eq!(element(&reply, "Content").as_deref(), Some("hi"), "{n}: {last}");
    }
    // The two bits that mean nothing: M, N, O and P are the same key.
    let sender = Sender { aes_key: key('M'), ..Sender::default() };
    let (query, body) = sender.safe(&text("hi"));
    for (last, status) in [('M', 200), ('N', 200), ('O', 200), ('P', 200), ('L', 403), ('Q', 403)] {
        let response = http::post(bot.endpoint, &format!("/{last}?{query}"), &body);
        assert_eq!(response.status, status, "{last}");
    }
}

#[test]
fn the_previous_key_opens_and_seals_the_reply() {
    let before = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    let rotated = account("safe") + &format!("previous_encoding_aes_key = '{before}'\n");
    let bot = SocketBot::start(&rotated, ECHO);
    for aes_key in [AES_KEY, before, AES_KEY] {
        let sender = Sender { aes_key: aes_key.into(), ..Sender::default() };
        let (query, body) = sender.safe(&text("hi"));
        // Only the sender's own key opens it.
        let reply = sender.open(&bot.deliver(&query, body).body);
        assert_eq!(element(&reply, "Content").as_deref(), Some("hi"));
    }
    let third = Sender { aes_key: AES_KEY.replace("Qm", "Zz"), ..Sender::default() };
    let (query, body) = third.safe(&text("hi"));
    assert_eq!(bot.deliver(&query, body).status, 403, "a third key");
}

#[test]
fn the_share_of_encrypted_messages_is_counted() {
    let bot = SocketBot::in_mode("compatible", ECHO);
    let sender = Sender::default();
    for (query, body) in
        [sender.safe(&text("1")), sender.compatible(&text("2")), sender.safe_json(&json_text("3"))]
    {
        assert_eq!(bot.deliver(&query, body).status, 200);
    }
    for body in [text("4"), json_text("5")] {
        assert_eq!(bot.post(&body).status, 200);
    }
    let (query, _) = sender.safe(&text("6"));
    assert_eq!(bot.deliver(&query, sender.safe(&text("7")).1).status, 403, "not counted");
    let envelopes = "wxbot_envelopes_total{account=\"main\",encrypted=";
    assert_eq!(bot.metric(&format!("{envelopes}\"yes\"")), 3.0);
    assert_eq!(bot.metric(&format!("{envelopes}\"no\"")), 2.0);
}

/// An empty text and an event have nothing to echo.
const WITH_FALLBACK: &str = "[[chain]]\nplugin = 'echo'\n\
     [[chain]]\nplugin = 'says'\nconfig = { reply = 'fallback' }\n";

fn expected(said: &str) -> String {
    // 2 KB of Chinese is a little more than a reply may have.
    let end = said.floor_char_boundary(2048);
    if said.is_empty() { "fallback".into() } else { said[..end].into() }
}

/// `crypto_vectors.json`
struct Vectors(Value);

impl Vectors {
    fn read() -> Self {
        Self(crypto_vectors())
    }

    fn of(&self, list: &str) -> Vec<Vector<'_>> {
        self.0[list].as_array().expect("a list").iter().map(Vector).collect()
    }

    /// An account for each vector, under its id.
    fn accounts(&self, list: &str) -> String {
        let account = |vector: &Vector<'_>| {
            let (id, token) = (vector.text("id"), vector.text("token"));
            let account = format!("[[account]]\nid = '{id}'\npath = '/{id}'\ntoken = '{token}'\n");
            match vector.0["encoding_aes_key"].as_str() {
                None => account,
                Some(key) => {
                    let app_id = vector.text("appid");
                    account
                        + &format!(
                            "mode = 'safe'\nencoding_aes_key = '{key}'\napp_id = '{app_id}'\n"
                        )
                }
            }
        };
        self.of(list).iter().map(account).collect()
    }
}

struct Vector<'v>(&'v Value);

impl<'v> Vector<'v> {
    #[track_caller]
    fn text(&self, name: &str) -> &'v str {
        self.0[name].as_str().unwrap_or_else(|| panic!("{} has no {name}", self.0["id"]))
    }

    fn sender(&self) -> Sender {
        Sender {
            token: self.text("token").into(),
            aes_key: self.text("encoding_aes_key").into(),
            app_id: self.text("appid").into(),
            timestamp: self.text("timestamp").parse().expect("a number"),
            nonce: self.text("nonce").into(),
        }
    }

    /// The query up to its signature, as it is printed.
    fn signed(&self) -> String {
        let of = |name| self.text(name);
        format!("signature={}&timestamp={}&nonce={}", of("signature"), of("timestamp"), of("nonce"))
    }
}
