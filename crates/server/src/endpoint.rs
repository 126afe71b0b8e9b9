//! What WeChat calls: `GET` for the handshake, `POST` for messages.

mod unknown_paths;

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_http::Request;
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::{Response, Url};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, ContentType, HeaderValue};
use actix_web::web::Bytes;
use futures_util::FutureExt;
use tokio::time::Instant;
use wxbot_core::account_runtime::AccountRuntime;
use wxbot_core::bot::{Answer, Bot, Post};

use self::unknown_paths::UnknownPaths;
use crate::files::{self, ServedFile};
use crate::handler::Handler;
use crate::{body, error};

/// The accounts, each at its path, and what is served beside them.
pub(crate) struct Endpoint {
    bot: Arc<Bot>,
    files: Vec<ServedFile>,
    unknown_paths: UnknownPaths,
}

const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// For whoever opens the address in a browser to see whether it works.
const FOR_A_BROWSER: &str = "\
This is a WeChat endpoint, and your request reached it; only WeChat's own, signed requests are answered.
这里是微信公众号的接口地址（服务器地址），您的请求已经到达；只有微信服务器签名的请求会得到回应。
";
/// WeChat itself would wait no longer.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// What a request has that tries to be WeChat's.
const SIGNED: [&str; 5] = ["signature=", "timestamp=", "nonce=", "echostr=", "msg_signature="];

impl Endpoint {
    pub(crate) fn new(bot: Arc<Bot>, files: Vec<ServedFile>) -> Arc<Self> {
        let unknown_paths =
            UnknownPaths::new(bot.accounts().iter().map(|account| account.account()));
        Arc::new(Self { bot, files, unknown_paths })
    }

    /// Slashes around a path mean nothing: people type them, and proxies add them.
    fn account(&self, path: &str) -> Option<&Arc<AccountRuntime>> {
        let path = path.trim_matches('/');
        self.bot.accounts().iter().find(|account| account.account().path.trim_matches('/') == path)
    }

    /// What is beside the accounts: a file, or nothing, which is noted.
    fn elsewhere(&self, request: &Request, path: &str) -> HttpResponse {
        files::answer(&self.files, path, request.method()).unwrap_or_else(|| {
            self.bot.metrics().count_unknown_path();
            self.unknown_paths.log(path);
            HttpResponse::NotFound().finish()
        })
    }
}

impl Handler for Arc<Endpoint> {
    async fn respond(&self, request: Request) -> Response<BoxBody> {
        let url = Url::new(request.uri().clone());
        let Some(account) = self.account(url.path()) else {
            return self.elsewhere(&request, url.path()).into();
        };
        drop(url);
        let response = match *request.method() {
            Method::GET | Method::HEAD => handshake(&request, &self.bot, account).await,
            Method::POST => receive(request, &self.bot, account).await,
            _ => HttpResponse::MethodNotAllowed().insert_header((ALLOW, "GET, POST")).finish(),
        };
        response.into()
    }
}

async fn handshake(request: &Request, bot: &Bot, account: &AccountRuntime) -> HttpResponse {
    let query = query(request);
    match bot.handshake(account, query, bot.clock().seconds()) {
        Ok(echostr) => {
            tokio::time::sleep(wait(query)).await;
            plain_text(echostr)
        }
        Err(_) if is_browser(query) => {
            HttpResponse::Forbidden().content_type(ContentType::plaintext()).body(FOR_A_BROWSER)
        }
        Err(refusal) => error::response(&refusal),
    }
}

/// `wxbot doctor` asks for an answer as late as a delivery's may be, to see what is between.
fn wait(query: &str) -> Duration {
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("wxbot_wait="));
    let asked = asked.and_then(|wait| wait.parse().ok()).map(Duration::from_millis);
    asked.unwrap_or_default().min(LONGEST_WAIT)
}

/// Nothing of a signature is there.
fn is_browser(query: &str) -> bool {
    !query.split('&').any(|pair| SIGNED.iter().any(|name| pair.starts_with(name)))
}

fn query(request: &Request) -> &str {
    request.uri().query().unwrap_or_default()
}

/// Of the request, only its query is kept while the answer is awaited.
async fn receive(
    mut request: Request,
    bot: &Arc<Bot>,
    account: &Arc<AccountRuntime>,
) -> HttpResponse {
    let payload = request.take_payload();
    let body = pin!(body::read(request.head(), payload));
    let query = query(&request).to_owned();
    drop(request);
    let post = Post { query: &query, body, arrived: Instant::now(), now: bot.clock().seconds() };
    let answer = bot.answer(account, post);
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(Ok(Answer::Reply(body))) => envelope(body),
        Ok(Ok(Answer::Success)) => plain_text("success"),
        // Nobody is there to read it; `success` would tell a proxy that all is well.
        Ok(Ok(Answer::HungUp)) => HttpResponse::GatewayTimeout().finish(),
        Ok(Err(refusal)) => error::response(&refusal),
        // A defect of ours; an error status would only make WeChat ask three times.
        Err(_) => plain_text("success"),
    }
}

fn envelope(body: Bytes) -> HttpResponse {
    let content_type = if body.starts_with(b"{") { JSON } else { XML };
    HttpResponse::Ok().insert_header((CONTENT_TYPE, content_type)).body(body)
}

fn plain_text(body: impl Into<String>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(body.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_have_an_answer_wait_longer_than_wechat_does() {
        for (query, millis) in [
            ("signature=1", 0),
            ("signature=1&wxbot_wait=20", 20),
            ("wxbot_wait=", 0),
            ("wxbot_wait=-1", 0),
            ("wxbot_wait=soon", 0),
        ] {
            assert_eq!(wait(query), Duration::from_millis(millis), "{query}");
        }
        for query in ["wxbot_wait=86400000", "wxbot_wait=18446744073709551615"] {
            assert_eq!(wait(query), LONGEST_WAIT, "{query}");
        }
    }
}
