//! Over a real socket, on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use wxbot_client::{
    Client, HttpSettings, Pools, Reqwest, Settings, SetupError, Timeouts, TokenKind, Transport,
};
use wxbot_sdk::api::{Api, ApiError, Class};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::custom::CustomMessage;

use crate::wechat::{memory, settings};

const MENU: &str = "/cgi-bin/menu/get";

/// What the server does with each request but those for a token.
#[derive(Clone, Copy, PartialEq)]
enum Habit {
    Answers,
    Closes,
    Hangs,
    /// Sends this, and closes.
    Sends(&'static str),
    /// Sends this, and then nothing more.
    SendsAndHangs(&'static str),
    /// Sends this, and then a byte now and then for ever.
    Drips(&'static str),
    /// Sends this, and then as much as anybody reads.
    Floods(&'static str),
}

/// A server on a free port of loopback, gone with the test's runtime.
struct Server {
    base: String,
    seen: Seen,
}

/// What the server saw of its callers.
#[derive(Clone, Default)]
struct Seen {
    connections: Arc<AtomicUsize>,
    requests: Arc<std::sync::Mutex<Vec<String>>>,
    /// How much of an endless answer was written, and that it was cut off.
    written: Arc<AtomicUsize>,
    cut_off: Arc<Notify>,
}

impl Server {
    async fn start(habit: Habit) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { base, seen: Seen::default() };
        let seen = server.seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, habit, seen.clone()));
            }
        });
        server
    }

    fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    fn client(&self, call: Duration) -> Client {
        client(&HttpSettings { api_base: self.base.clone(), ..HttpSettings::default() }, call)
    }
}

fn client(http: &HttpSettings, call: Duration) -> Client {
    let timeouts = Timeouts { call, ..Timeouts::default() };
    let settings = Settings { timeouts, ..settings(TokenKind::Stable) };
    let transport: Arc<dyn Transport> = Arc::new(Reqwest::new(http).unwrap());
    Client::new(&settings, memory(), Clock::system(), transport)
}

async fn serve(mut stream: TcpStream, habit: Habit, seen: Seen) {
    while let Some(request) = read(&mut stream).await {
        let is_for_a_token = request.starts_with("POST") && request.contains("/stable_token");
        seen.requests.lock().unwrap().push(request);
        let text = match habit {
            _ if is_for_a_token => json(r#"{"access_token":"canary-token","expires_in":7200}"#),
            Habit::Answers => json(r#"{"menu":{}}"#),
            Habit::Closes => return,
            Habit::Hangs => String::new(),
            Habit::Sends(text)
            | Habit::SendsAndHangs(text)
            | Habit::Drips(text)
            | Habit::Floods(text) => text.to_owned(),
        };
        stream.write_all(text.as_bytes()).await.unwrap();
        match habit {
            _ if is_for_a_token => {}
            Habit::Answers => {}
            Habit::Sends(_) => return,
            Habit::Drips(_) => {
                return write_for_ever(stream, b"x", Duration::from_millis(5), seen).await;
            }
            Habit::Floods(_) => {
                return write_for_ever(stream, &[b'x'; 65_536], Duration::ZERO, seen).await;
            }
            _ => std::future::pending().await,
        }
    }
}

fn json(body: &str) -> String {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length";
    format!("{head}: {}\r\n\r\n{body}", body.len())
}

/// Until the other side closes.
async fn write_for_ever(mut stream: TcpStream, bytes: &[u8], apart: Duration, seen: Seen) {
    while let Ok(()) = stream.write_all(bytes).await {
        seen.written.fetch_add(bytes.len(), Ordering::SeqCst);
        tokio::time::sleep(apart).await;
    }
    seen.cut_off.notify_one();
}

/// One request, with as much body as it says.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// More than any of these tests takes.
const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn calls_share_a_connection() {
    let server = Server::start(Habit::Answers).await;
    let client = server.client(LONG);
    for _ in 0..10 {
        client.get(MENU).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
    let requests = server.requests();
    assert_eq!(requests.len(), 11);
    assert!(
        requests[1].starts_with("GET /cgi-bin/menu/get?access_token=canary-token HTTP/1.1\r\n")
    );
}

#[tokio::test]
async fn hundreds_of_calls_at_once_open_few_connections() {
    let server = Server::start(Habit::Answers).await;
    let client = server.client(LONG);
    let calls = (0..500).map(|_| client.get(MENU));
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    let connections = server.connections();
    assert!(connections <= 32, "{connections}: 16 calls, and as many as were just being opened");
}

#[tokio::test]
async fn accounts_with_the_same_proxy_share_connections() {
    let server = Server::start(Habit::Answers).await;
    let mut pools = Pools::default();
    for (account, path) in [("one", ""), ("two", "/base"), ("three", "/")] {
        let api_base = format!("{}{path}", server.base);
        let http = HttpSettings { api_base, ..HttpSettings::default() };
        let transport: Arc<dyn Transport> = Arc::new(pools.transport(&http).unwrap());
        let settings = Settings { account: account.into(), ..settings(TokenKind::Stable) };
        let client = Client::new(&settings, memory(), Clock::system(), transport);
        client.get(MENU).await.unwrap();
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 6));

    let proxy = Some(server.base.clone().into());
    let http = HttpSettings { proxy, api_base: server.base.clone(), ..HttpSettings::default() };
    let transport: Arc<dyn Transport> = Arc::new(pools.transport(&http).unwrap());
    let settings = settings(TokenKind::Stable);
    let client = Client::new(&settings, memory(), Clock::system(), transport);
    client.get(MENU).await.unwrap();
    assert_eq!(server.connections(), 2, "the other way has its own");
}

#[tokio::test]
async fn a_query_is_encoded() {
    let server = Server::start(Habit::Answers).await;
    let _ = server.client(LONG).download("M+/=&你").await;
    let requests = server.requests();
    assert!(requests[1].contains("&media_id=M%2B%2F%3D%26%E4%BD%A0 HTTP"), "{}", requests[1]);
}

#[tokio::test]
async fn a_body_is_sent_whole_with_its_length() {
    let server = Server::start(Habit::Answers).await;
    server.client(LONG).send("o1", &CustomMessage::text("你好")).await.unwrap();
    let request = server.requests().pop().unwrap().to_lowercase();
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(body.starts_with('{') && body.ends_with('}'), "{request}");
    let length = format!("\r\ncontent-length: {}\r\n", body.len());
    assert!(request.contains(&length), "{request}");
    assert!(!request.contains("transfer-encoding"), "{request}");
}

/// Statuses and answers, and what is known of the message that was sent.
#[tokio::test]
async fn a_failure_is_sorted_by_what_is_known_of_it() {
    use Class::{Transient, Unclear};
    const WAIT: &str = "HTTP/1.1 429 x\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
    const DATE: &str = "HTTP/1.1 503 x\r\nRetry-After: Fri, 31 Dec 2027 23:59:59 GMT\r\n\r\n";
    let table = [
        (Habit::Sends(WAIT), Transient, Some(7), "turned away, with a time"),
        (Habit::Sends(DATE), Transient, None, "a date would need clocks that agree"),
        (Habit::Sends("HTTP/1.1 503 x\r\n\r\n{\"errcode\":0}"), Transient, None, "turned away"),
        (Habit::SendsAndHangs("HTTP/1.1 503 x\r\n\r\n"), Transient, None, "no matter its body"),
        (Habit::Drips("HTTP/1.1 503 x\r\n\r\n"), Transient, None, "no matter its body"),
        (Habit::Sends("HTTP/1.1 500 x\r\n\r\n"), Unclear, None, "broken"),
        (Habit::Sends("HTTP/1.1 502 x\r\n\r\n"), Unclear, None, "broken behind a gateway"),
        (Habit::Sends("HTTP/1.1 504 x\r\n\r\n"), Unclear, None, "slow behind a gateway"),
        (Habit::Sends("HTTP/1.1 200 x\r\n\r\n"), Unclear, None, "empty"),
        (Habit::Sends("HTTP/1.1 200 x\r\n\r\n<html>"), Unclear, None, "no JSON"),
        (Habit::Sends("HTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\n{"), Unclear, None, "cut off"),
        (Habit::Sends("SSH-2.0-OpenSSH_9.6\r\n"), Unclear, None, "no HTTP"),
        (Habit::Sends(REDIRECT), Unclear, None, "a captive portal"),
        (Habit::Closes, Unclear, None, "it was read, and never answered"),
    ];
    for (habit, class, retry_after, reason) in table {
        let server = Server::start(habit).await;
        let error = server.client(LONG).send("o1", &CustomMessage::text("hi")).await;
        let error = error.expect_err(reason);
        let seconds = error.retry_after().map(|time| time.as_secs());
        assert_eq!((error.class(), seconds), (class, retry_after), "{reason}: {error:?}");
        assert_eq!(server.requests().len(), 2, "{reason}: it is not made again");
    }
}

#[tokio::test]
async fn an_answer_that_drips_ends_with_the_time_of_the_call() {
    for head in ["", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n{"] {
        let server = Server::start(Habit::Drips(head)).await;
        let client = server.client(Duration::from_millis(200));
        let error = client.send("o1", &CustomMessage::text("hi")).await.unwrap_err();
        assert_eq!(error.class(), Class::Unclear, "{error:?}");
        server.seen.cut_off.notified().await;
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let lengths = ["Content-Length: 1000000000", "Transfer-Encoding: chunked", "X: y"];
    for (at, length) in lengths.into_iter().enumerate() {
        let chunk = if at == 1 { "3B9ACA00\r\n" } else { "" };
        let head = format!("HTTP/1.1 200 OK\r\n{length}\r\n\r\n{chunk}");
        let server = Server::start(Habit::Floods(head.leak())).await;
        let error = server.client(LONG).send("o1", &CustomMessage::text("hi")).await.unwrap_err();
        let ApiError::Unclear { source, .. } = &error else { panic!("{error:?}") };
        assert_eq!(source.to_string(), "the answer is longer than 8388608 bytes", "{length}");
        server.seen.cut_off.notified().await;
        let written = server.seen.written.load(Ordering::SeqCst);
        assert!(written < 32 << 20, "{length}: {written} bytes were taken");
    }
}

#[tokio::test]
async fn what_never_left_can_be_made_again_however_long_it_took() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api_base = format!("https://{}", listener.local_addr().unwrap());
    let http = HttpSettings { api_base, ..HttpSettings::default() };
    let timeouts = Timeouts { token: Duration::from_millis(200), ..Timeouts::default() };
    let settings = Settings { timeouts, ..settings(TokenKind::Stable) };
    let transport: Arc<dyn Transport> = Arc::new(Reqwest::new(&http).unwrap());
    let client = Client::new(&settings, memory(), Clock::system(), transport);
    // Nobody accepts, so the handshake hangs.
    let error = cause(client.get(MENU).await.unwrap_err());
    let ApiError::Unreachable { source, .. } = &error else { panic!("{error:?}") };
    assert_eq!(source.to_string(), "no answer within 200ms");
}

/// An address that nobody listens on.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The one cause of a call that was not made for want of a token.
fn cause(error: ApiError) -> ApiError {
    match error {
        ApiError::NoToken { cause, .. } => *cause,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refused_connection_means_that_nothing_was_sent() {
    let settings = HttpSettings { api_base: nobody().await, ..HttpSettings::default() };
    let error = cause(client(&settings, LONG).get(MENU).await.unwrap_err());
    let ApiError::Unreachable { source, .. } = &error else { panic!("{error:?}") };
    assert!(source.to_string().contains("refused"), "{source}");
}

#[tokio::test]
async fn a_name_that_is_unknown_means_that_nothing_was_sent() {
    // Too long for a name: nobody has to be asked.
    let api_base = format!("http://{}.invalid", "x".repeat(64));
    let settings = HttpSettings { api_base, ..HttpSettings::default() };
    let error = cause(client(&settings, LONG).get(MENU).await.unwrap_err());
    assert!(matches!(error, ApiError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_proxy_that_refuses_means_that_nothing_was_sent() {
    let proxy = Some(nobody().await.into());
    let settings = HttpSettings { proxy, ..HttpSettings::default() };
    let error = cause(client(&settings, LONG).get(MENU).await.unwrap_err());
    assert!(matches!(error, ApiError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_failed_handshake_means_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api_base = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        // Not TLS: every connection is closed at once.
        while listener.accept().await.is_ok() {}
    });
    let settings = HttpSettings { api_base, ..HttpSettings::default() };
    let error = cause(client(&settings, LONG).get(MENU).await.unwrap_err());
    assert!(matches!(error, ApiError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_call_that_was_sent_and_not_answered_may_have_been_done() {
    for habit in [Habit::Closes, Habit::Sends("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")] {
        let server = Server::start(habit).await;
        let error = server.client(LONG).get(MENU).await.unwrap_err();
        let ApiError::Unclear { source, .. } = &error else { panic!("{error:?}") };
        let text = format!("{error} {error:?} {source} {source:?}");
        assert!(!text.contains("canary") && !text.contains("127.0.0.1"), "{text}");
        let menus = server.requests().iter().filter(|r| r.contains(MENU)).count();
        assert_eq!(menus, 1, "it is not made again");
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_may_have_been_done() {
    let server = Server::start(Habit::Hangs).await;
    let error = server.client(Duration::from_millis(100)).get(MENU).await.unwrap_err();
    assert!(matches!(error, ApiError::Unclear { .. }), "{error:?}");
}

const REDIRECT: &str = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn a_redirect_does_not_take_the_token_elsewhere() {
    let server = Server::start(Habit::Sends(REDIRECT)).await;
    let error = server.client(LONG).get(MENU).await.unwrap_err();
    assert!(matches!(error, ApiError::Unclear { .. }), "{error:?}");
    let requests = server.requests();
    assert!(!requests.iter().any(|request| request.contains("elsewhere")), "{requests:?}");
}

#[tokio::test]
async fn a_proxy_is_used() {
    let proxy = Server::start(Habit::Answers).await;
    let settings = HttpSettings {
        api_base: "http://api.example".into(),
        proxy: Some(proxy.base.clone().into()),
        ..HttpSettings::default()
    };
    client(&settings, LONG).get(MENU).await.unwrap();
    let requests = proxy.requests();
    assert!(requests[1].starts_with("GET http://api.example/cgi-bin/menu/get?"), "{}", requests[1]);
}

#[test]
fn a_wrong_url_is_an_error_that_does_not_repeat_it() {
    let wrong = |settings: HttpSettings| Reqwest::new(&settings).err().expect("it is no URL");
    for api_base in ["", "api.weixin.qq.com", "ftp://example.com", "https://example.com?x"] {
        let error = wrong(HttpSettings { api_base: api_base.into(), ..HttpSettings::default() });
        assert!(matches!(error, SetupError::Base), "{api_base}: {error}");
    }
    let proxy = Some("http://user:canary@:x".into());
    let error = wrong(HttpSettings { proxy, ..HttpSettings::default() });
    assert_eq!(error.to_string(), "`proxy` is not a URL like `http://127.0.0.1:3128`");
}
