//! A bot and a simulated WeChat in one process, without a port: deliveries one way, calls of the
//! API the other.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::Instant;
use wxbot_client::{HttpRequest, HttpResponse, Method, Transport, TransportError};
use wxbot_core::account_runtime::AccountRuntime;
use wxbot_core::bot::{Answer, Bot, Post};
use wxbot_core::receive::refusal::Refusal;
use wxbot_server::status_of;
use wxbot_sim::{ApiRequest, Broken, Endpoint, Request, Response, WeChat};

/// Delivers to an account of a bot.
pub struct InProcess {
    bot: Arc<Bot>,
    door: Arc<AccountRuntime>,
    refused: Mutex<Option<String>>,
}

impl InProcess {
    /// The account of this id; `None` if the bot has none.
    pub fn new(bot: &Arc<Bot>, account: &str) -> Option<Self> {
        let door = bot.accounts().iter().find(|door| door.account().id == account)?;
        Some(Self::at(bot, door))
    }

    /// The account behind this door of the bot.
    pub fn at(bot: &Arc<Bot>, door: &Arc<AccountRuntime>) -> Self {
        Self { bot: Arc::clone(bot), door: Arc::clone(door), refused: Mutex::default() }
    }

    /// Why the last request that was refused was, which WeChat is never told.
    pub fn last_refusal(&self) -> Option<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn handshake(&self, query: &str) -> Response {
        let now = self.bot.clock().seconds();
        let answer = self.bot.handshake(&self.door, query, now);
        answer.map_or_else(|refusal| self.refuse(&refusal), Response::ok)
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        let text = refusal.to_string();
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        status(status_of(refusal))
    }
}

#[async_trait]
impl Endpoint for InProcess {
    async fn deliver(&self, request: Request) -> Result<Response, Broken> {
        if request.method == "GET" {
            return Ok(self.handshake(&request.query));
        }
        let body = request.body.into();
        let post = Post {
            query: &request.query,
            body: async { Ok(body) },
            arrived: Instant::now(),
            now: self.bot.clock().seconds(),
        };
        Ok(match self.bot.answer(&self.door, post).await {
            Ok(Answer::Success) => Response::ok("success"),
            Ok(Answer::Reply(body)) => Response::ok(body),
            Ok(Answer::HungUp) => status(504),
            Err(refusal) => self.refuse(&refusal),
        })
    }
}

fn status(status: u16) -> Response {
    Response { status, content_type: None, body: Vec::new() }
}

/// Calls the API of a simulated WeChat.
pub struct Direct {
    wechat: WeChat,
}

impl Direct {
    /// Of this WeChat.
    pub fn new(wechat: &WeChat) -> Self {
        Self { wechat: wechat.clone() }
    }
}

#[async_trait]
impl Transport for Direct {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let (content_type, body) = match request.body {
            Some(body) => (Some(body.content_type), body.bytes.to_vec()),
            None => (None, Vec::new()),
        };
        let request = ApiRequest {
            method: match request.method {
                Method::Get => "GET".into(),
                Method::Post => "POST".into(),
            },
            path: request.path,
            query: encoded(&request.query),
            content_type,
            body,
            remote_ip: None,
        };
        match self.wechat.api(request).await {
            Ok(response) => Ok(HttpResponse {
                status: response.status,
                content_type: response.content_type,
                content_disposition: disposition(response.file_name),
                retry_after: None,
                body: response.body.into(),
            }),
            Err(Broken::Refused) => Err(TransportError::NotSent("refused".into())),
            Err(broken) => Err(TransportError::Unclear(broken.into())),
        }
    }
}

/// What a query need not encode is readable there.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(query: &[(String, String)]) -> String {
    let encode = |text| utf8_percent_encode(text, IN_QUERY);
    let pairs = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn disposition(file_name: Option<String>) -> String {
    file_name.map(|name| format!("attachment; filename=\"{name}\"")).unwrap_or_default()
}
