//! No token and no secret is shown, whatever goes wrong.

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::advance;
use tracing_subscriber::fmt::MakeWriter;
use wxbot_client::TokenKind;
use wxbot_sdk::api::Api;

use crate::wechat::{APP_SECRET, Odd, WeChat, memory, settings};

const MENU: &str = "/cgi-bin/menu/get";

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

fn everything_of(error: &dyn Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(&format!(" {source} {source:?}"));
        next = source.source();
    }
    text
}

#[tokio::test(start_paused = true)]
async fn no_error_and_no_log_line_shows_a_token_or_the_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    let subscriber = subscriber.with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut shown = String::new();
    for kind in [TokenKind::Stable, TokenKind::Plain] {
        let path =
            if kind == TokenKind::Stable { "/cgi-bin/stable_token" } else { "/cgi-bin/token" };
        let wechat = WeChat::new();
        let settings = settings(kind);
        shown.push_str(&format!("{settings:?}"));
        let client = wechat.client_with(&settings, memory());
        for odd in [
            Odd::Answer(r#"{"errcode":40125,"errmsg":"canary-app-secret is wrong"}"#),
            Odd::NotSent,
            Odd::Status(500),
        ] {
            wechat.next(path, odd);
            shown.push_str(&everything_of(&client.get(MENU).await.unwrap_err()));
            advance(Duration::from_secs(61)).await;
        }
        client.get(MENU).await.unwrap();
        for odd in [
            Odd::Answer(r#"{"errcode":45009,"errmsg":"canary-token-1 is tired"}"#),
            Odd::Answer("canary-token-1"),
            Odd::Unclear,
            Odd::Never,
        ] {
            wechat.next(MENU, odd);
            shown.push_str(&everything_of(&client.get(MENU).await.unwrap_err()));
        }
        for call in wechat.calls().iter().chain(&wechat.token_calls()) {
            shown.push_str(&format!("{:?} {:?}", call.request, call.request.body));
        }
    }
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("there is no new access token"), "{logged}");
    assert!(shown.contains("is tired") && shown.contains("is wrong"), "{shown}");
    for secret in [APP_SECRET, "canary-token"] {
        assert!(!shown.contains(secret), "{shown}");
        assert!(!logged.contains(secret), "{logged}");
    }
}
