//! The console: pages that make a browser ask, tokens that are tried, probes without end.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use wxbot_tests::http::{self, Response};
use wxbot_tests::program::Serving;
use wxbot_tests::usage::written;

use crate::target::{check_answers, serve, serve_with};

const TOKEN: &str = "9f86d081884c7d659a2feaa0c55ad015";

/// One request with these header lines.
fn ask(console: SocketAddr, method: &str, path: &str, headers: &str) -> Response {
    let head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
    http::raw(console, head.as_bytes()).expect("the console answers")
}

/// A page of `evil.example`, whose name was pointed at this machine, reads and changes nothing.
pub(crate) fn rebinding() {
    let serving = serve();
    let (console, port) = (serving.operator, serving.operator.port());
    let changes =
        ["/outbox/retry?until=0", "/outbox/1/retry", "/outbox/1/drop"].map(|path| ("POST", path));
    let reads = ["/", "/healthz", "/readyz", "/metrics", "/outbox"].map(|path| ("GET", path));
    for (method, path) in reads.into_iter().chain(changes) {
        for host in [format!("evil.example:{port}"), "evil.example".into(), "127.0.0.1.evil".into()]
        {
            let headers = format!("Host: {host}\r\nX-Wxbot: 1\r\n");
            let response = ask(console, method, path, &headers);
            assert_eq!(response.status, 403, "{method} {path} of {host}");
        }
        for origin in ["http://evil.example", "https://127.0.0.1", "null", "http://localhost:1"] {
            let headers = format!("Host: 127.0.0.1:{port}\r\nOrigin: {origin}\r\nX-Wxbot: 1\r\n");
            let response = ask(console, method, path, &headers);
            assert_eq!(response.status, 403, "{method} {path} from {origin}");
        }
        let good = if path.contains("/1/") { 404 } else { 200 };
        for name in ["127.0.0.1", "localhost", "[::1]", "192.168.0.7"] {
            let host = format!("Host: {name}:{port}\r\nX-Wxbot: 1\r\n");
            assert_eq!(ask(console, method, path, &host).status, good, "{method} {path} of {name}");
            let headers = format!("{host}Origin: http://{name}:{port}\r\n");
            let response = ask(console, method, path, &headers);
            assert_eq!(response.status, good, "{method} {path} from {name}");
        }
    }
    for (method, path) in changes {
        let host = format!("Host: 127.0.0.1:{port}\r\n");
        assert_eq!(ask(console, method, path, &host).status, 403, "{path} of a form elsewhere");
    }
    let nowhere =
        ask(console, "GET", "/outbox?from=nowhere", &format!("Host: 127.0.0.1:{port}\r\n"));
    assert_eq!(nowhere.status, 400);
    assert!(nowhere.body.contains("`nowhere` is no place"), "{}", nowhere.body);
}

pub(crate) fn any_name() {
    let serving = serve_with(&format!("[console]\nlisten = '127.0.0.1:0'\ntoken = '{TOKEN}'\n"));
    let console = serving.operator;
    for (token, status) in [(TOKEN, 200), ("", 401), ("9f86d081", 401)] {
        let headers = format!("Host: wxbot.internal\r\nAuthorization: Bearer {token}\r\n");
        assert_eq!(ask(console, "GET", "/metrics", &headers).status, status, "{token}");
    }
    let headers = "Host: wxbot.internal\r\n";
    assert_eq!(ask(console, "GET", "/readyz", headers).status, 200, "a probe has no token");
}

pub(crate) fn guesses() {
    let mut serving =
        serve_with(&format!("[console]\nlisten = '127.0.0.1:0'\ntoken = '{TOKEN}'\n"));
    let (console, began) = (serving.operator, Instant::now());
    let wrong = "Host: a\r\nAuthorization: Bearer wrong\r\n";
    assert_eq!(ask(console, "GET", "/outbox", wrong).status, 401);
    assert!(began.elapsed() > Duration::from_millis(500), "one after the other, they are slow");
    thread::scope(|scope| {
        let tried: Vec<_> = (0..100)
            .map(|_| scope.spawn(|| ask(console, "GET", "/outbox", wrong).status))
            .collect();
        let right = format!("Host: a\r\nAuthorization: Bearer {TOKEN}\r\n");
        assert_eq!(ask(console, "GET", "/outbox", &right).status, 200, "meanwhile");
        for status in tried {
            let status = status.join().expect("nobody panics");
            assert!(matches!(status, 401 | 429), "{status}");
        }
    });
    let log = serving.log();
    let lines: Vec<_> = log.iter().filter(|line| line.contains("login")).collect();
    assert!((1..=5).contains(&lines.len()), "{lines:#?}");
    assert!(log.iter().all(|line| !line.contains("wrong\"")), "no token is logged");
}

/// `/readyz` says how the store does, and made it write each time.
pub(crate) fn probes() {
    let serving = serve_with("[console]\nlisten = '127.0.0.1:0'\n[store]\nurl = 'file:data'\n");
    let ready = |serving: &Serving| http::get(serving.operator, "/readyz");
    assert_eq!(ready(&serving).body, "ready\n");
    let before = written(serving.id());
    for _ in 0..500 {
        assert_eq!(ready(&serving).body, "ready\n");
    }
    let bytes = written(serving.id()) - before;
    assert!(bytes < 1 << 20, "{bytes} bytes were written for 500 probes");
    check_answers(&serving);
}
