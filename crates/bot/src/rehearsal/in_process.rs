//! WeChat's requests, handed to a bot in the same process.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_trait::async_trait;
use tokio::time::Instant;
use wxbot_core::account_runtime::AccountRuntime;
use wxbot_core::bot::{Answer, Bot, Post};
use wxbot_core::receive::refusal::Refusal;
use wxbot_server::status_of;
use wxbot_sim::{Broken, Endpoint, Request, Response};

/// The endpoint of one account. It does not keep the bot alive: once that is dropped, connections
/// are refused.
pub struct InProcess {
    // A strong one would close a circle: bot, client, WeChat, endpoint.
    bot: Weak<Bot>,
    /// The account's place in the configuration.
    place: usize,
    refusal: Mutex<Option<String>>,
}

impl InProcess {
    /// The account of this id; `None` if the bot has none.
    pub fn new(bot: &Arc<Bot>, account: &str) -> Option<Self> {
        let place = bot.accounts().iter().position(|one| one.account().id == account)?;
        Some(Self { bot: Arc::downgrade(bot), place, refusal: Mutex::default() })
    }

    /// Why the last refused request was refused, which WeChat never learns.
    pub fn last_refusal(&self) -> Option<String> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn handshake(&self, bot: &Bot, account: &AccountRuntime, query: &str) -> Response {
        let answer = bot.handshake(account, query, bot.clock().seconds());
        answer.map_or_else(|refusal| self.refuse(&refusal), Response::ok)
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        let text = refusal.to_string();
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        status(status_of(refusal))
    }
}

#[async_trait]
impl Endpoint for InProcess {
    async fn deliver(&self, request: Request) -> Result<Response, Broken> {
        let bot = self.bot.upgrade().ok_or(Broken::Refused)?;
        let account = &bot.accounts()[self.place];
        if request.method == "GET" {
            return Ok(self.handshake(&bot, account, &request.query));
        }
        let body = request.body.into();
        let post = Post {
            query: &request.query,
            body: async { Ok(body) },
            arrived: Instant::now(),
            now: bot.clock().seconds(),
        };
        Ok(match bot.answer(account, post).await {
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
