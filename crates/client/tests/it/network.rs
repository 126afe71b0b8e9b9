//! Over a real socket, on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wxbot_client::{
    Client, HttpSettings, Reqwest, Settings, SetupError, Timeouts, TokenKind, Transport,
};
use wxbot_sdk::api::{Api, ApiError};
use wxbot_sdk::clock::Clock;

use crate::wechat::{memory, settings};

const MENU: &str = "/cgi-bin/menu/get";

/// What the server does with each request but those for a token.
#[derive(Clone, Copy, PartialEq)]
enum Habit {
    Answers,
    Closes,
    ClosesInTheMiddle,
    Hangs,
    Redirects,
}

/// A server on a free port of loopback, gone with the test's runtime.
struct Server {
    base: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Server {
    async fn start(habit: Habit) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { base, connections: Arc::default(), requests: Arc::default() };
        let (connections, requests) = (server.connections.clone(), server.requests.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, habit, requests.clone()));
            }
        });
        server
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

async fn serve(mut stream: TcpStream, habit: Habit, requests: Arc<std::sync::Mutex<Vec<String>>>) {
    while let Some(request) = read(&mut stream).await {
        let is_for_a_token = request.starts_with("POST") && request.contains("/stable_token");
        requests.lock().unwrap().push(request);
        let json = |body: &str| {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length";
            format!("{head}: {}\r\n\r\n{body}", body.len())
        };
        let answer = match habit {
            _ if is_for_a_token => json(r#"{"access_token":"canary-token","expires_in":7200}"#),
            Habit::Answers => json(r#"{"menu":{}}"#),
            Habit::Closes => return,
            Habit::ClosesInTheMiddle => "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".into(),
            Habit::Hangs => std::future::pending().await,
            Habit::Redirects => {
                "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".into()
            }
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
        if habit == Habit::ClosesInTheMiddle && !is_for_a_token {
            return;
        }
    }
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
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    let requests = server.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 11);
    assert!(
        requests[1].starts_with("GET /cgi-bin/menu/get?access_token=canary-token HTTP/1.1\r\n")
    );
}

#[tokio::test]
async fn a_query_is_encoded() {
    let server = Server::start(Habit::Answers).await;
    let _ = server.client(LONG).download("M+/=&你").await;
    let requests = server.requests.lock().unwrap().clone();
    assert!(requests[1].contains("&media_id=M%2B%2F%3D%26%E4%BD%A0 HTTP"), "{}", requests[1]);
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
    for habit in [Habit::Closes, Habit::ClosesInTheMiddle] {
        let server = Server::start(habit).await;
        let error = server.client(LONG).get(MENU).await.unwrap_err();
        let ApiError::Unclear { source, .. } = &error else { panic!("{error:?}") };
        let text = format!("{error} {error:?} {source} {source:?}");
        assert!(!text.contains("canary") && !text.contains("127.0.0.1"), "{text}");
        let menus = server.requests.lock().unwrap().iter().filter(|r| r.contains(MENU)).count();
        assert_eq!(menus, 1, "it is not made again");
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_may_have_been_done() {
    let server = Server::start(Habit::Hangs).await;
    let error = server.client(Duration::from_millis(100)).get(MENU).await.unwrap_err();
    assert!(matches!(error, ApiError::Unclear { .. }), "{error:?}");
}

#[tokio::test]
async fn a_redirect_does_not_take_the_token_elsewhere() {
    let server = Server::start(Habit::Redirects).await;
    let error = server.client(LONG).get(MENU).await.unwrap_err();
    assert!(matches!(error, ApiError::Unclear { .. }), "{error:?}");
    let requests = server.requests.lock().unwrap().clone();
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
    let requests = proxy.requests.lock().unwrap().clone();
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
