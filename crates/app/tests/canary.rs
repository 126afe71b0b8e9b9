//! Secrets, words and openids stay where they belong, and one event is one log line.
//!
//! The program runs with values that stand nowhere else, at the `debug` level, through all kinds of
//! traffic; then everything it wrote and served is searched for them.

use std::collections::BTreeMap;

use serde_json::Value;
use wxbot_tests::http::{self, Response};
use wxbot_tests::program::{Program, Ran, Serving};
use wxbot_tests::wechat::{ACCOUNT, APP_ID, Sender, event, now, text_from};

const TOKEN: &str = "canaryTOKENcurrent";
const OLD_TOKEN: &str = "canaryTOKENprevious";
const AES_KEY: &str = "canaryAESKEYcurrentcanaryAESKEYcurrent12345";
const OLD_AES_KEY: &str = "canaryAESKEYbeforecanaryAESKEYbefore1234567";
const CONSOLE_TOKEN: &str = "canaryCONSOLEtoken";
const MODEL_KEY: &str = "sk-canaryMODELKEY0123456789";
const OPENID: &str = "oCANARYcanaryCANARYcanary123";
const WORDS: &str = "canary words of a follower";
const NONCE: &str = "canaryNONCE";
/// Nobody listens there.
const ENDPOINT: &str = "http://canary:canary@127.0.0.1:9/canary?key=canary";
const ECHOSTR: &str = "canaryECHOSTR";

/// Nothing of this may be found. The keys, words and openids are looked for in pieces, so that half
/// of one is found as well.
const CANARIES: [&str; 12] = [
    TOKEN,
    OLD_TOKEN,
    "canaryTOKEN",
    "canaryAESKEY",
    CONSOLE_TOKEN,
    "canaryCONSOLE",
    OPENID,
    "canaryCANARY",
    "canary words",
    NONCE,
    ECHOSTR,
    "canary",
];

/// A model that is asked first, and that nobody reaches.
fn model() -> String {
    format!(
        "[[chain]]\nplugin = 'chat'\n[chain.config]\nkey = '{MODEL_KEY}'\nmodel = 'm1'\n\
         base_url = 'http://127.0.0.1:1/canary'\nretries = 0\nerrors = 'hide'\n"
    )
}

fn wxbot(first: &str) -> Program {
    let config = format!(
        "[server]\nlisten = '127.0.0.1:0'\nworkers = 2\n\
         [console]\nlisten = '127.0.0.1:0'\ntoken = '{CONSOLE_TOKEN}'\n\
         [[account]]\nid = 'main'\ntoken = '${{TOKEN}}'\nprevious_token = '{OLD_TOKEN}'\n\
         mode = 'compatible'\napp_id = '{APP_ID}'\nencoding_aes_key = '{AES_KEY}'\n\
         previous_encoding_aes_key = '{OLD_AES_KEY}'\nbind_queries = false\n\
         [[account]]\nid = 'strict'\npath = '/strict'\ntoken = '${{TOKEN}}'\nmode = 'safe'\n\
         app_id = '{APP_ID}'\nencoding_aes_key = '{AES_KEY}'\noriginal_id = '{ACCOUNT}'\n\
         {first}[[chain]]\nplugin = 'keywords'\n\
         [[chain.config.rules]]\nfull = 'pass me by'\nreply = 'no'\n\
         [[chain]]\nid = 'json'\nplugin = 'webhook'\nconfig = {{ url = '{ENDPOINT}', \
         secret = 'whsec_canarycanarycanarycanarycanarycanary1234' }}\n\
         [[chain]]\nid = 'xml'\nplugin = 'webhook'\nconfig = {{ url = '{ENDPOINT}', \
         format = 'wechat', token = 'canaryOfTheBot' }}\n\
         [[chain]]\nplugin = 'echo'\n"
    );
    let program = Program::new(env!("CARGO_BIN_EXE_wxbot")).with_config(&config);
    program.with_variable("TOKEN", TOKEN).with_variable("WXBOT_LOG", "debug")
}

fn sender() -> Sender {
    Sender {
        token: TOKEN.into(),
        aes_key: AES_KEY.into(),
        nonce: NONCE.into(),
        ..Sender::default()
    }
}

fn query(sender: &Sender) -> String {
    sender.query().replace(wxbot_tests::wechat::FOLLOWER, OPENID)
}

/// Nothing that is there to be read has a canary in it.
#[track_caller]
fn check_silent(where_: &str, text: &str) {
    for canary in CANARIES {
        let found = text.lines().find(|line| line.to_lowercase().contains(&canary.to_lowercase()));
        assert_eq!(found, None, "{canary} is in {where_}");
    }
}

#[test]
fn no_canary_is_in_logs_metrics_or_refusals() {
    for format in ["json", "text"] {
        let serving = wxbot(&model()).serve(&["run", "--log", format]);
        let signatures = good_traffic(&serving);
        let refused = bad_traffic(&serving);
        let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
        for response in &refused {
            check_silent("a refusal", &format!("{}\n{}", response.head, response.body));
            *statuses.entry(response.status).or_default() += 1;
        }
        for status in [400, 401, 403, 404, 405, 413, 415] {
            assert!(statuses.contains_key(&status), "nothing was {status}: {statuses:?}");
        }
        let bearer = format!("Authorization: Bearer {CONSOLE_TOKEN}\r\n");
        for path in ["/", "/healthz", "/readyz", "/metrics"] {
            let page = http::request(serving.operator, "GET", path, &bearer, b"");
            assert_eq!(page.status, 200, "{path}: {page:?}");
            check_silent(path, &format!("{}\n{}", page.head, page.body));
        }
        let ran = serving.stop().exits(0).prints("");
        check_silent("the log", &ran.stderr);
        assert!(ran.stderr.contains("asked"), "the log is at debug level: {}", ran.stderr);
        assert!(ran.stderr.contains("the model gave no answer"), "{}", ran.stderr);
        assert!(ran.stderr.contains("oCAN…y123"), "openids are shortened: {}", ran.stderr);
        for signature in &signatures {
            assert!(!ran.stderr.contains(signature), "a signature is in {}", ran.stderr);
        }
    }
}

/// A job that fails, as nobody listens where WeChat's API should be: its name holds an openid.
#[test]
fn no_canary_is_in_the_log_of_a_job() {
    let config = format!(
        "[server]\nlisten = '127.0.0.1:0'\n[console]\nlisten = '127.0.0.1:0'\n\
         [[account]]\nid = 'main'\ntoken = '{TOKEN}'\napp_id = '{APP_ID}'\n\
         app_secret = '0123456789abcdef0123456789abcdef'\napi_base = 'http://127.0.0.1:1'\n\
         [[chain]]\nplugin = 'schedule'\n"
    );
    let program = Program::new(env!("CARGO_BIN_EXE_wxbot")).with_config(&config);
    let program = program.with_variable("WXBOT_LOG", "debug");
    let mut serving = program.serve(&["run", "--log", "json"]);
    let body = text_from(OPENID, &format!("提醒我 1秒后 {WORDS}"));
    let path = format!("/wechat?{}", query(&sender()));
    let response = http::post(serving.endpoint, &path, body);
    assert!(response.body.contains("好的"), "{response:?}");
    let failed = serving.wait_for("a job failed");
    let failed: Value = serde_json::from_str(&failed).expect("the log is JSON");
    let job = failed["job"].as_str().expect("it is named");
    assert!(job.len() == 12 && job.bytes().all(|byte| byte.is_ascii_hexdigit()), "{failed}");
    check_silent("the log", &serving.stop().exits(0).stderr);
}

/// Handshakes, texts, pictures and events, in every way that is taken. Returns the signatures.
fn good_traffic(serving: &Serving) -> Vec<String> {
    let new = sender();
    let old = Sender { token: OLD_TOKEN.into(), aes_key: OLD_AES_KEY.into(), ..sender() };
    let words = text_from(OPENID, WORDS);
    let clicked = event("CLICK", "V1001").replace(wxbot_tests::wechat::FOLLOWER, OPENID);
    let mut signatures = Vec::new();
    let mut good = |path: &str, (query, body): (String, String)| {
        let response = http::post(serving.endpoint, &format!("{path}?{query}"), body);
        assert_eq!(response.status, 200, "{response:?}");
        signatures.extend(query.split('&').filter_map(|pair| {
            pair.split_once("signature=").map(|(_, signature)| signature.to_owned())
        }));
    };
    for sender in [&new, &old] {
        let path = format!("/wechat?{}&echostr={ECHOSTR}", query(sender));
        assert_eq!(http::get(serving.endpoint, &path).body, ECHOSTR);
        good("/wechat", (query(sender), words.clone()));
        good("/wechat", (query(sender), clicked.clone()));
        good("/wechat", sender.compatible(&words));
        good("/wechat", sender.safe(&words));
    }
    good("/strict", new.safe(&words));
    signatures
}

/// Everything that is refused, in every way.
fn bad_traffic(serving: &Serving) -> Vec<Response> {
    let (endpoint, operator) = (serving.endpoint, serving.operator);
    let words = text_from(OPENID, WORDS);
    let (query, new) = (query(&sender()), sender());
    let post = |path: &str, body: &str| http::post(endpoint, path, body);
    let wrong = Sender { token: "wrong".into(), ..sender() }.query();
    let stale = Sender { timestamp: now() - 3600, ..sender() }.query();
    let (sealed_query, sealed) = new.safe(&words);
    let (_, other_key) = Sender { aes_key: "a".repeat(43), ..sender() }.safe(&words);
    let other_key_query = {
        let encrypt = wxbot_tests::wechat::element(&other_key, "Encrypt").expect("it is sealed");
        new.sealed_query(&encrypt)
    };
    let (other_app_query, other_app) = Sender { app_id: "wxOTHER".into(), ..sender() }.safe(&words);
    let (misdirected_query, misdirected) = new.safe(&words.replace(ACCOUNT, "gh_canary"));
    let request = |method: &str, path: &str, headers: &str, body: &str| {
        let headers = format!("{headers}Content-Length: {}\r\n", body.len());
        http::request(endpoint, method, path, &headers, body.as_bytes())
    };
    let on_wechat = format!("/wechat?{query}");
    let mut responses = vec![
        post(&format!("/wechat?{wrong}"), &words),
        post(&format!("/wechat?{stale}"), &words),
        post(&format!("/wechat?{query}&nonce={NONCE}"), &words),
        post(&format!("/wechat?nonce={NONCE}"), &words),
        post(&format!("/wechat?signature={TOKEN}&timestamp={OPENID}&nonce={NONCE}"), &words),
        post(&format!("/wechat?{query}&encrypt_type=aes"), &sealed),
        post(&format!("/wechat?{query}&encrypt_type=aes&msg_signature={NONCE}"), &sealed),
        post(&format!("/wechat?{other_key_query}"), &other_key),
        post(&format!("/wechat?{other_app_query}"), &other_app),
        post(&format!("/strict?{query}"), &words),
        post(&format!("/strict?{misdirected_query}"), &misdirected),
        post(&format!("/strict?{}", sealed_query.replace("aes", "raw")), &words),
        http::get(endpoint, &format!("/wechat?{wrong}&echostr={ECHOSTR}")),
        http::get(endpoint, &format!("/wechat?{query}")),
        http::get(endpoint, &format!("/{OPENID}?{query}")),
        http::get(operator, &format!("/{CONSOLE_TOKEN}")),
        http::get(operator, "/metrics"),
        http::request(operator, "GET", "/metrics", "Authorization: Bearer canary\r\n", b""),
        request("PUT", &on_wechat, "", &words),
        request("POST", &on_wechat, "Content-Encoding: gzip\r\n", &words),
        post(&on_wechat, &format!("<xml>{}</xml>", WORDS.repeat(60_000))),
    ];
    for body in HOSTILE {
        responses.push(post(&on_wechat, &body.replace("WORDS", WORDS).replace("OPENID", OPENID)));
    }
    // What is no HTTP at all is refused before anything of ours sees it.
    let odd = format!("POST {on_wechat} HTTP/1.1\r\nHost: a\r\nHost: b\r\nX: {OPENID}\r\n\r\n");
    responses.extend(http::raw(endpoint, odd.as_bytes()));
    assert!(responses.iter().all(|response| response.status >= 400), "{responses:?}");
    responses
}

const HOSTILE: [&str; 16] = [
    "",
    "WORDS",
    "<xml><Content>WORDS",
    "<xml><WORDS></xml>",
    "<xml><Content>WORDS</OPENID></xml>",
    "<xml><Content>WORDS</Content></xml><OPENID/>",
    "<!DOCTYPE OPENID><xml><Content>WORDS</Content></xml>",
    "<!DOCTYPE x [<!ENTITY a 'WORDS'>]><xml><Content>&a;</Content></xml>",
    "<xml><?OPENID WORDS?></xml>",
    "<xml><Content><![CDATA[WORDS</Content></xml>",
    "<xml><FromUserName>OPENID</FromUserName><FromUserName>OPENID</FromUserName></xml>",
    "<xml><Content>WORDS</Content></xml>",
    "{\"Content\":\"WORDS\"",
    "{\"Content\":\"WORDS\"} OPENID",
    "{\"OPENID\":canary}",
    "{\"Content\":\"WORDS\n\"}",
];

#[test]
fn no_canary_is_in_what_the_commands_say() {
    let program = wxbot("");
    let everything = |ran: Ran| format!("{}\n{}", ran.stdout, ran.stderr);
    for command in [&["check"] as &[&str], &["plugins"], &["plugins", "echo"]] {
        check_silent("a command", &everything(program.run(command).exits(0)));
    }
    for account in ["main", "strict"] {
        let said = ["say", "hello", "--trace", "--as", OPENID, "--account", account];
        check_silent("say --trace", &everything(program.run(&said).exits(0).prints("hello\n")));
    }
    let refused = ["say", "--xml", "-", "--account", "strict"];
    let body = text_from(OPENID, WORDS).replace(ACCOUNT, "gh_canary");
    check_silent("say --xml", &everything(program.run_with_input(&refused, &body).exits(1)));
    for (line, broken) in [
        ("mode = 'compatible'", "mode = 'unsafe'"),
        ("token = '", "tokne = '"),
        ("encoding_aes_key = '", "encoding_aes_key = 'x"),
        ("encoding_aes_key = '", "encoding_aes_key = x'"),
        ("previous_token = '", "previous_token = ['x', '"),
        ("path = '/strict'", "path = '/wechat'"),
        ("'${TOKEN}'", "'${TOKEN}${MISSING}'"),
    ] {
        let config = program.read("bot.toml");
        assert!(config.contains(line), "{line}");
        program.write("broken.toml", config.replace(line, broken));
        for command in ["check", "run"] {
            let ran = program.run(&["--config", "broken.toml", command]).exits(2);
            check_silent(&format!("{command} of {broken}"), &everything(ran));
        }
    }
}

/// Whatever a follower sends, its event is one line, which is a JSON object, and not a long one.
#[test]
fn one_event_is_one_line() {
    let serving = wxbot("").serve(&["run", "--log", "json"]);
    let forged = r#"{"level":"ERROR","message":"forged"}"#;
    let odd = [
        format!("a\n{forged}\nb"),
        format!("a\r\n{forged}\r\nb"),
        format!("a\u{2028}{forged}\u{2029}b\u{85}c"),
        "\u{1b}[31mred\u{1b}[0m\u{7}\u{8}\0".to_owned(),
        "\u{202e}txt.exe\u{200e}\u{2066}".to_owned(),
        format!("\",\"level\":\"ERROR\",\"x\":\"{}", "\\".repeat(99)),
        "长".repeat(10_000),
    ];
    let (mut asked, mut refused) = (0, 0);
    for odd in &odd {
        let kind = |kind: &str| text_from(OPENID, "hi").replace("[text]", &format!("[{kind}]"));
        // Asked of both links when `keywords` and `echo` pass; `echo` is the second for texts too.
        let bodies = [
            text_from(OPENID, odd),
            text_from(odd, "hi"),
            kind(odd),
            event(odd, odd),
            event("CLICK", odd),
        ];
        for body in bodies {
            let path = format!("/wechat?{}", sender().query());
            assert_eq!(http::post(serving.endpoint, &path, body).status, 200);
            asked += 2;
        }
        let path = format!("/wechat?{}", sender().query());
        let broken = format!("<xml><{}></xml>", odd.replace('>', ""));
        assert_eq!(http::post(serving.endpoint, &path, broken).status, 400);
        refused += 1;
    }
    let ran = serving.stop().exits(0);
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for line in ran.stderr.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| {
            panic!("{error}: {line}");
        });
        assert!(line.len() < 10_000, "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(!line.contains(['\u{2028}', '\u{2029}', '\u{202e}']), "{line:?}");
        *count.entry(event["message"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(count.get("asked"), Some(&asked), "{count:?}");
    assert_eq!(count.get("refused a request"), Some(&refused), "{count:?}");
    assert_eq!(count.get("forged"), None, "{count:?}");
    let ours = ["starting", "serving an account", "in the chain", "ready", "stopped"];
    for (message, times) in ours.iter().zip([1, 2, 4, 1, 1]) {
        assert_eq!(count.get(*message), Some(&times), "{message}: {count:?}");
    }
    // `split` at line feeds, as `lines` does, found them all: nothing else ends a line.
    assert_eq!(ran.stderr.matches('\n').count(), count.values().sum::<usize>());
}

/// Text has no quotes to hide in, so a line that is begun by a follower would be seen here.
#[test]
fn one_event_is_one_line_of_text_too() {
    let serving = wxbot("").serve(&["run", "--log", "text"]);
    let forged = "2026-01-01T00:00:00Z ERROR forged";
    for odd in ["\n", "\r", "\u{2028}", "\u{85}", "\u{b}", "\u{c}"] {
        let odd = format!("x{odd}{forged}");
        for body in [text_from(&odd, &odd), event(&odd, &odd)] {
            let path = format!("/wechat?{}", sender().query());
            assert_eq!(http::post(serving.endpoint, &path, body).status, 200);
        }
    }
    let ran = serving.stop().exits(0);
    let ends = ['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}', '\u{b}', '\u{c}'];
    for line in ran.stderr.split(ends).filter(|line| !line.is_empty()) {
        assert!(line.starts_with("20") && !line.starts_with(forged), "{line}");
    }
}
