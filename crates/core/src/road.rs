//! The road of a message: from WeChat's request to wxbot's answer, in seven stops.

use std::future::Future;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use futures_util::poll;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use crate::account::Account;
use crate::chain::{Chain, Outcome};
use crate::context::{About, Context};
use crate::current;
use crate::envelope::{self, Seal};
use crate::message::Message;
use crate::metrics::{AccountMetrics, Metrics, Outcomes};
use crate::refusal::Refusal;
use crate::reply::xml;
use crate::signature::{self, Query};
use crate::store::Store;
use crate::trace::Trace;
use crate::window::Window;

/// A bot that is ready: accounts, the chain, and what they need.
pub struct Bot {
    doors: Vec<Arc<Door>>,
    chain: Arc<Chain>,
    store: Arc<dyn Store>,
    tasks: Handle,
    metrics: Arc<Metrics>,
}

/// Where one account's messages come in.
pub struct Door {
    account: Arc<Account>,
    metrics: AccountMetrics,
}

/// One POST of WeChat.
pub struct Post<'p, B> {
    /// The raw query.
    pub query: &'p str,
    /// The body, read only once the query is verified.
    pub body: B,
    /// When the request arrived.
    pub arrived: Instant,
    /// The same on the clock, in Unix seconds.
    pub now: u64,
}

/// What WeChat gets, with status 200.
#[derive(Debug)]
pub struct Answer {
    /// A passive reply in its envelope; `None` is `success`.
    pub body: Option<String>,
    /// How it came to that; empty when the work was not finished in time.
    pub trace: Trace,
}

impl Bot {
    /// Puts a bot together. `tasks` is a runtime of several threads apart from the one that
    /// serves: what plugins wait for, they wait for there.
    pub fn new(
        accounts: Vec<Account>,
        chain: Chain,
        store: Arc<dyn Store>,
        tasks: Handle,
        metrics: Arc<Metrics>,
    ) -> Self {
        let door = |account: Account| {
            let metrics = metrics.account(&account.id);
            Arc::new(Door { account: Arc::new(account), metrics })
        };
        let doors = accounts.into_iter().map(door).collect();
        Self { doors, chain: Arc::new(chain), store, tasks, metrics }
    }

    /// Where messages come in, one for each account.
    pub fn doors(&self) -> &[Arc<Door>] {
        &self.doors
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The store, for `/readyz`.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The handshake of section 1: what to send back, verbatim.
    pub fn handshake(&self, door: &Door, query: &str, now: u64) -> Result<String, Refusal> {
        let query = Query::parse(query).inspect_err(|refusal| door.refused(refusal))?;
        let verified = signature::verify(&door.account, &query, now);
        let verified = verified.inspect_err(|refusal| door.refused(refusal))?;
        let echostr =
            verified.echostr().ok_or(Refusal::Signature("right, but there is no echostr"))?;
        door.metrics.outcome(Outcomes::Handshake);
        tracing::info!(account = door.account.id, "WeChat verified this address");
        Ok(echostr.to_owned())
    }

    /// The whole road. A refusal is counted and logged; its text is not for WeChat.
    pub async fn answer<B>(&self, door: &Door, post: Post<'_, B>) -> Result<Answer, Refusal>
    where
        B: Future<Output = Result<Bytes, Refusal>>,
    {
        let answer = self.travel(door, post).await;
        answer.inspect_err(|refusal| door.refused(refusal))
    }

    async fn travel<B>(&self, door: &Door, post: Post<'_, B>) -> Result<Answer, Refusal>
    where
        B: Future<Output = Result<Bytes, Refusal>>,
    {
        let account = &door.account;
        let window = Window::open(post.arrived);
        let query = Query::parse(post.query)?;
        let verified = signature::verify(account, &query, post.now)?; // 1 is it WeChat?
        let body = post.body.await?;
        let opened = envelope::open(account, &verified, &body)?; // 2 open it
        door.metrics.envelope(opened.seal.is_some());
        let message = Message::read(opened.fields)?; // 3 what was said
        account.expects(&message)?;
        let about = Arc::new(About { message, account: Arc::clone(account) });
        let ctx = Context::new(Arc::clone(&about), Arc::clone(&self.store), window, post.now);
        let work = Arc::clone(&self.chain).ask(ctx); // 5 ask the plugins
        let outcome = self.in_time(current::scope(&about, work), window).await; // 6 in time?
        Ok(door.say(outcome, &about.message, opened.seal, window, post.now)) // 7 say it
    }

    /// Work that only computes is done here and now. What has to wait goes on as a task of its
    /// own, which nothing cancels: not the end of the window, not a closed connection.
    async fn in_time(
        &self,
        work: impl Future<Output = Outcome> + Send + 'static,
        window: Window,
    ) -> Option<Outcome> {
        let mut work = Box::pin(work);
        if let Poll::Ready(outcome) = poll!(work.as_mut()) {
            return Some(outcome);
        }
        let task = self.tasks.spawn(work);
        match timeout_at(window.closes(), task).await {
            Ok(outcome) => Some(outcome.unwrap_or_default()),
            Err(_) => None,
        }
    }
}

impl Door {
    /// The account.
    pub fn account(&self) -> &Account {
        &self.account
    }

    fn say(
        &self,
        outcome: Option<Outcome>,
        message: &Message,
        seal: Option<Seal<'_>>,
        window: Window,
        now: u64,
    ) -> Answer {
        self.metrics.answered_after(window.elapsed());
        let Some(Outcome { reply, trace }) = outcome else {
            self.metrics.outcome(Outcomes::Late);
            tracing::warn!(
                account = self.account.id,
                "not finished in time: WeChat gets `success`"
            );
            return Answer { body: None, trace: Trace::default() };
        };
        self.metrics.outcome(if reply.is_some() { Outcomes::Reply } else { Outcomes::Success });
        let xml = reply.map(|reply| xml::write(&reply, message, now));
        let body = match seal {
            Some(seal) => xml.map(|xml| seal.close(&xml, now, rand::random())),
            None => xml,
        };
        Answer { body, trace }
    }

    fn refused(&self, refusal: &Refusal) {
        let not_understood = matches!(
            refusal,
            Refusal::NotUnderstood(_)
                | Refusal::TooLarge { .. }
                | Refusal::TooSlow { .. }
                | Refusal::CutOff
                | Refusal::Encoded
        );
        let outcome = if not_understood { Outcomes::NotUnderstood } else { Outcomes::Refused };
        self.metrics.outcome(outcome);
        tracing::warn!(account = self.account.id, reason = %refusal, "refused a request");
    }
}

impl Account {
    /// Whether the message is for this account, where that is known.
    fn expects(&self, message: &Message) -> Result<(), Refusal> {
        match &self.original_id {
            Some(original_id) if *original_id != message.to => Err(Refusal::Misdirected),
            _ => Ok(()),
        }
    }
}
