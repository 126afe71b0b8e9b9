//! Who is let in: the handshake, the signature, the clock, the address (protocol section 1).

use std::io::Write;

use serde_json::Value;
use wxbot_tests::bot::{ECHO, SocketBot, account};
use wxbot_tests::http::{self, Response};
use wxbot_tests::paused::PausedBot;
use wxbot_tests::wechat::{
    ACCOUNT, FOLLOWER, Sender, TOKEN, crypto_vectors, element, json_text, nonce, now, sign, text,
};

#[test]
fn the_handshake_is_answered_in_every_mode() {
    for mode in ["plain", "compatible", "safe"] {
        let bot = SocketBot::in_mode(mode, ECHO);
        let response = shake_hands(&bot, &Sender::default().query(), "4375120948345356249");
        assert_eq!((response.status, &*response.body), (200, "4375120948345356249"), "{mode}");
        assert_eq!(bot.metric("wxbot_requests_total{account=\"main\",outcome=\"handshake\""), 1.0);
    }
}

#[test]
fn the_echostr_comes_back_verbatim_and_never_as_a_page() {
    let bot = SocketBot::with_chain(ECHO);
    let table = [
        // in the query, in the answer, why
        ("5837392", "5837392", "as WeChat sends it"),
        ("00000000000000000042", "00000000000000000042", "a text, not a number"),
        ("a%2Bb%2Fc%3D%3D", "a+b/c==", "base64 that was encoded"),
        ("a/b==", "a/b==", "base64 that was not"),
        ("a%20b", "a b", "a blank"),
        ("%E4%BD%A0%E5%A5%BD%20%F0%9F%98%80", "你好 😀", "UTF-8"),
        ("a%26echostr%3Db", "a&echostr=b", "a separator that is part of it"),
        ("%25%32%30", "%20", "decoded once, not twice"),
        ("a%0D%0AX-Evil:%201", "a\r\nX-Evil: 1", "a line break that ends no header"),
        (
            "%3Cscript%3Ealert(1)%3C/script%3E",
            "<script>alert(1)</script>",
            "a page, if a browser took it for one",
        ),
    ];
    for (encoded, expected, why) in table {
        let response = shake_hands(&bot, &Sender::default().query(), encoded);
        assert_eq!((response.status, &*response.body), (200, expected), "{why}");
        assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"), "{why}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{why}");
        assert_eq!(response.header("x-evil"), None, "{why}");
    }
}

#[test]
fn the_official_handshake_is_answered() {
    let vectors = crypto_vectors();
    let example = &vectors["official_vectors"][0];
    let of = |name: &str| example[name].as_str().unwrap();
    assert_eq!(of("id"), "o1_handshake_get");
    let bot = SocketBot::at_any_time(&account("plain").replace(TOKEN, of("token")), ECHO);
    let query = format!(
        "signature={}&timestamp={}&nonce={}",
        of("signature"),
        of("timestamp"),
        of("nonce")
    );
    let response = shake_hands(&bot, &query, of("echostr"));
    assert_eq!((response.status, &*response.body), (200, of("answer_body")));
}

#[test]
fn the_three_are_sorted_by_bytes() {
    let vectors = crypto_vectors();
    let vectors = vectors["plain_signature_vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 5);
    let of = |vector: &Value, name: &str| vector[name].as_str().unwrap().to_owned();
    let accounts: String = vectors
        .iter()
        .enumerate()
        .map(|(n, vector)| {
            let token = of(vector, "token");
            format!("[[account]]\nid = '{n}'\npath = '/{n}'\ntoken = '{token}'\n")
        })
        .collect();
    let bot = SocketBot::at_any_time(&accounts, ECHO);
    for (n, vector) in vectors.iter().enumerate() {
        let (signature, timestamp) = (of(vector, "signature"), of(vector, "timestamp"));
        let query =
            format!("signature={signature}&timestamp={timestamp}&nonce={}", of(vector, "nonce"));
        let response = http::get(bot.endpoint, &format!("/{n}?{query}&echostr=yes"));
        assert_eq!((response.status, &*response.body), (200, "yes"), "{vector}");
    }
}

#[test]
fn whoever_cannot_sign_is_refused_and_told_nothing() {
    let bot = SocketBot::with_chain(ECHO);
    let (time, nonce) = (now().to_string(), nonce());
    let right = sign(&[TOKEN, &time, &nonce]);
    let digit = if right.starts_with('0') { '1' } else { '0' };
    let upper = right.to_uppercase();
    assert_ne!(upper, right);
    let query = |signature: &str, time: &str, nonce: &str| {
        format!("signature={signature}&timestamp={time}&nonce={nonce}")
    };
    let whole = query(&right, &time, &nonce);
    assert_eq!(shake_hands(&bot, &whole, "1").status, 200, "unless something is wrong with it");
    let table = [
        (String::new(), "no query"),
        (query(&format!("{digit}{}", &right[1..]), &time, &nonce), "the first digit is wrong"),
        (query(&format!("{}g", &right[..39]), &time, &nonce), "the last digit is none"),
        (query(&"0".repeat(40), &time, &nonce), "zeros"),
        (query(&upper, &time, &nonce), "upper case, which WeChat never sends"),
        (query(&right[..39], &time, &nonce), "39 digits"),
        (query(&format!("{right}0"), &time, &nonce), "41 digits"),
        (query(&format!("{right}%00"), &time, &nonce), "a NUL behind it"),
        (query(&format!("%20{right}"), &time, &nonce), "a blank before it"),
        (query(&right.repeat(2), &time, &nonce), "twice in one value"),
        (query(&"%C3%A9".repeat(20), &time, &nonce), "40 bytes that are no digits"),
        (query("", &time, &nonce), "an empty signature"),
        (query(&right, "", &nonce), "an empty timestamp"),
        (query(&right, &time, ""), "an empty nonce"),
        (query(&right, "", ""), "nothing was signed"),
        (query(&sign(&[TOKEN, "", &nonce]), "", &nonce), "an empty timestamp, signed"),
        (format!("timestamp={time}&nonce={nonce}"), "no signature"),
        (format!("signature={right}&nonce={nonce}"), "no timestamp"),
        (format!("signature={right}&timestamp={time}"), "no nonce"),
        (format!("Signature={right}&timestamp={time}&nonce={nonce}"), "another name"),
        (format!("{whole}&signature={right}"), "the signature twice"),
        (format!("signature={}&{whole}", "0".repeat(40)), "two signatures, the last one right"),
        (format!("{whole}&timestamp={time}"), "the timestamp twice"),
        (format!("{whole}&nonce=1"), "two nonces"),
        (query(&sign(&["another", &time, &nonce]), &time, &nonce), "another token"),
        (query(&sign(&["", &time, &nonce]), &time, &nonce), "an empty token"),
        (query(&right, &nonce, &nonce), "another timestamp"),
        (query(&right, &time, &time), "another nonce"),
    ];
    for (query, why) in table {
        check_refused(&bot, &query, why);
    }
}

#[test]
fn a_get_without_an_echostr_is_no_handshake() {
    let bot = SocketBot::with_chain(ECHO);
    let response = http::get(bot.endpoint, &format!("/wechat?{}", Sender::default().query()));
    assert_eq!((response.status, &*response.body), (403, "Forbidden"));
    assert_eq!(bot.metric("wxbot_requests_total{account=\"main\",outcome=\"refused\""), 1.0);
}

#[test]
fn the_clock_may_differ_by_300_seconds_either_way() {
    let now: u64 = 1_735_689_700;
    let bot = PausedBot::in_mode("plain", ECHO, now);
    for (off, accepted) in [
        (-301, false),
        (-300, true),
        (-1, true),
        (0, true),
        (1, true),
        (300, true),
        (301, false),
        (-1_735_689_700, false),
        (86_400_000, false),
    ] {
        let sender = Sender { timestamp: now.saturating_add_signed(off), ..Sender::default() };
        let handshake = bot.get(&format!("{}&echostr=1", sender.query()));
        assert_eq!(handshake.is_ok(), accepted, "{off} s");
        let answer = bot.post(&sender.query(), text("hi").as_bytes());
        assert_eq!(answer.is_ok(), accepted, "{off} s");
    }
}

#[test]
fn the_clock_is_that_of_the_machine() {
    let bot = SocketBot::with_chain(ECHO);
    // A second or two may pass on the way, so not every row is at the edge.
    for (off, status) in [(-301, 403), (-298, 200), (299, 200), (304, 403)] {
        let sender = Sender { timestamp: now().saturating_add_signed(off), ..Sender::default() };
        assert_eq!(shake_hands(&bot, &sender.query(), "1").status, status, "{off} s");
        assert_eq!(bot.deliver(&sender.query(), text("hi")).status, status, "{off} s");
    }
}

#[test]
fn a_bot_goes_by_one_clock() {
    let began = 1_735_689_700;
    let bot = SocketBot::at(began, ECHO);
    let then = Sender { timestamp: began, ..Sender::default() };
    assert_eq!(shake_hands(&bot, &then.query(), "1").status, 200, "by the bot's clock");
    assert_eq!(bot.deliver(&then.query(), text("hi")).status, 200, "by the bot's clock");
    let by_the_machine = Sender::default();
    assert_eq!(shake_hands(&bot, &by_the_machine.query(), "1").status, 403, "by the machine's");
    assert_eq!(bot.deliver(&by_the_machine.query(), text("hi")).status, 403, "by the machine's");
}

#[test]
fn a_timestamp_is_a_number() {
    let bot = SocketBot::with_chain(ECHO);
    let now = now();
    for time in [
        "now".to_owned(),
        format!("-{now}"),
        format!("{now}.0"),
        format!("{now}s"),
        format!("%20{now}"),
        format!("0x{now:x}"),
        "NaN".to_owned(),
        format!("{now}00000000000000000000"),
    ] {
        let signed = sign(&[TOKEN, &time.replace("%20", " "), "1"]);
        let query = format!("signature={signed}&timestamp={time}&nonce=1");
        check_refused(&bot, &query, &time);
    }
}

#[test]
fn a_skew_of_0s_takes_any_timestamp() {
    let bot = SocketBot::at_any_time(&account("plain"), ECHO);
    for timestamp in [now() - 365 * 24 * 3600, 0, now() + 365 * 24 * 3600] {
        let sender = Sender { timestamp, ..Sender::default() };
        assert_eq!(shake_hands(&bot, &sender.query(), "1").status, 200, "{timestamp}");
        assert_eq!(bot.deliver(&sender.query(), text("hi")).status, 200, "{timestamp}");
    }
}

#[test]
fn the_previous_token_is_taken_too_and_signs_its_replies() {
    let sender = |token: &str| Sender { token: token.into(), ..Sender::default() };
    let rotated = |mode| account(mode) + "previous_token = 'tokenBEFORE1'\n";
    let (plain, safe) =
        (SocketBot::start(&rotated("plain"), ECHO), SocketBot::start(&rotated("safe"), ECHO));
    for token in [TOKEN, "tokenBEFORE1"] {
        let sender = sender(token);
        let query = sender.query();
        assert_eq!(shake_hands(&plain, &query, "1").status, 200, "{token}");
        assert_eq!(shake_hands(&safe, &query, "1").status, 200, "{token}");
        let response = plain.deliver(&query, text("hi"));
        assert_eq!(element(&response.body, "Content").as_deref(), Some("hi"), "{token}");
        let (query, body) = sender.safe(&text("hi"));
        let reply = sender.open(&safe.deliver(&query, body).body);
        assert_eq!(element(&reply, "Content").as_deref(), Some("hi"), "{token}");
    }
    let third = sender("tokenTHIRD1");
    check_refused(&plain, &third.query(), "a third token");
    let (query, body) = third.safe(&text("hi"));
    assert_eq!(safe.deliver(&query, body).status, 403, "a third token");
}

#[test]
fn one_token_signs_the_query_and_the_message() {
    let bot = SocketBot::start(&(account("safe") + "previous_token = 'tokenBEFORE1'\n"), ECHO);
    let (new, encrypt) = (Sender::default(), Sender::default().seal(&text("hi")));
    let old = Sender { token: "tokenBEFORE1".into(), ..new.clone() };
    let msg_signature = sign(&[&old.token, &new.timestamp.to_string(), &new.nonce, &encrypt]);
    let query = format!("{}&encrypt_type=aes&msg_signature={msg_signature}", new.query());
    let body = format!("<xml><Encrypt>{encrypt}</Encrypt></xml>");
    assert_eq!(bot.deliver(&query, &body).status, 403, "two tokens in one request");
    assert_eq!(bot.deliver(&old.sealed_query(&encrypt), &body).status, 200, "one");
}

#[test]
fn accounts_do_not_take_each_others_tokens() {
    let bot = SocketBot::start(
        "[[account]]\nid = 'a'\npath = '/a'\ntoken = 'tokenA'\n\
         [[account]]\nid = 'b'\npath = '/b'\ntoken = 'tokenB'\n",
        ECHO,
    );
    for (path, token, status) in
        [("/a", "tokenA", 200), ("/b", "tokenB", 200), ("/a", "tokenB", 403), ("/b", "tokenA", 403)]
    {
        let query = Sender { token: token.into(), ..Sender::default() }.query();
        let got = http::get(bot.endpoint, &format!("{path}?{query}&echostr=1"));
        assert_eq!(got.status, status, "GET {path} with {token}");
        let posted = http::post(bot.endpoint, &format!("{path}?{query}"), text("hi"));
        assert_eq!(posted.status, status, "POST {path} with {token}");
    }
    for account in ["a", "b"] {
        let outcomes = format!("wxbot_requests_total{{account=\"{account}\",outcome=");
        assert_eq!(bot.metric(&format!("{outcomes}\"handshake\"")), 1.0);
        assert_eq!(bot.metric(&format!("{outcomes}\"reply\"")), 1.0);
        assert_eq!(bot.metric(&format!("{outcomes}\"refused\"")), 2.0);
    }
}

#[test]
fn other_methods_are_405_and_other_paths_404() {
    let bot = SocketBot::with_chain(ECHO);
    let query = Sender::default().query();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "post"] {
        let path = format!("/wechat?{query}&echostr=1");
        let response = http::request(bot.endpoint, method, &path, "", b"");
        assert_eq!(response.status, 405, "{method}");
        assert_eq!(response.header("allow"), Some("GET, POST"), "{method}");
        assert_eq!(response.body, "", "{method}");
    }
    for path in ["/", "/wechat/x", "/Wechat", "/x/../wechat", "/healthz", "/readyz", "/metrics"] {
        let path = format!("{path}?{query}&echostr=1");
        assert_eq!(http::get(bot.endpoint, &path).status, 404, "GET {path}");
        assert_eq!(http::post(bot.endpoint, &path, text("hi")).status, 404, "POST {path}");
    }
}

#[test]
fn a_message_for_another_account_is_refused() {
    let accounts = |mode| account(mode) + &format!("original_id = '{ACCOUNT}'\n");
    let (plain, safe) =
        (SocketBot::start(&accounts("plain"), ECHO), SocketBot::start(&accounts("safe"), ECHO));
    let ours = text("hi");
    for (message, status, why) in [
        (ours.clone(), 200, "for this account"),
        (json_text("hi"), 200, "the same in JSON"),
        (ours.replace(ACCOUNT, "gh_another"), 403, "for another"),
        (ours.replace(ACCOUNT, ""), 200, "for nobody: this account stands in"),
        (ours.replace("ToUserName", "ToNobody"), 200, "without a receiver"),
        (ours.replace(ACCOUNT, &ACCOUNT.to_uppercase()), 403, "ids have a case"),
    ] {
        assert_eq!(plain.post(&message).status, status, "{why}");
        // The envelope's own ToUserName is the right one all the time: what is sealed counts.
        let (query, body) = Sender::default().safe(&message);
        assert_eq!(safe.deliver(&query, body).status, status, "{why}, sealed");
    }
}

#[test]
fn a_wrong_signature_is_refused_before_the_body_comes() {
    let bot = SocketBot::with_chain(ECHO);
    let query = Sender { token: "another".into(), ..Sender::default() }.query();
    let mut stream = http::connect(bot.endpoint).unwrap();
    write!(stream, "POST /wechat?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        .unwrap();
    // Not a byte of the body is ever sent. Waiting for it would end in 408.
    assert_eq!(http::read_response(&mut stream).unwrap().status, 403);
}

/// GET and POST are both 403, and neither repeats what was sent.
#[track_caller]
fn check_refused(bot: &SocketBot, query: &str, why: &str) {
    let shaken = shake_hands(bot, query, "ECHOSTR");
    let posted = bot.deliver(query, text("CONTENT"));
    for response in [shaken, posted] {
        assert_eq!((response.status, &*response.body), (403, "Forbidden"), "{why}: {query}");
        for sent in ["ECHOSTR", "CONTENT", FOLLOWER, ACCOUNT] {
            assert!(!response.head.contains(sent), "{why}: {}", response.head);
        }
    }
}

fn shake_hands(bot: &SocketBot, query: &str, echostr: &str) -> Response {
    http::get(bot.endpoint, &format!("/wechat?{query}&echostr={echostr}"))
}
