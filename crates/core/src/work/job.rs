//! One message, and what it takes to work on it.

use std::sync::Arc;

use tokio::time::Instant;
use wxbot_sdk::clock::millis;
use wxbot_sdk::context::{Context, Incoming, ReplyWindow};
use wxbot_sdk::message::Message;
use wxbot_sdk::reply::Reply;

use super::shared::Work;
use super::window::Window;
use crate::account_runtime::AccountRuntime;
use crate::dialogs::{Look, MessageDialogs};
use crate::engine::Engine;
use crate::key::MessageKey;
use crate::late::act::FollowerAct;
use crate::late::item::{OutboxItem, answer_id, promise_id};
use crate::late::settings::LateSettings;
use crate::late::texts::LateTexts;
use crate::once::order::Follower;
use crate::reply::xml;
use crate::response::{Promise, Response, Route};

/// The work on one message, with all it needs.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) engine: Arc<Engine>,
    pub(crate) account: Arc<AccountRuntime>,
    pub(crate) work: Arc<Work>,
}

impl Job {
    pub(crate) fn new(
        engine: &Arc<Engine>,
        account: &Arc<AccountRuntime>,
        work: Arc<Work>,
    ) -> Self {
        Self { engine: Arc::clone(engine), account: Arc::clone(account), work }
    }

    /// The work that is shared by all deliveries of a message which arrived now.
    pub(crate) fn work(
        engine: &Engine,
        account: &AccountRuntime,
        key: MessageKey,
        message: Message,
        (began, received_at): (Instant, u64),
    ) -> Arc<Work> {
        let incoming = Incoming {
            message,
            account: Arc::clone(account.id()),
            app_id: account.known_app_id().cloned(),
            api: Arc::clone(account.api()),
            messenger: Arc::clone(account.messenger()),
            store: Arc::clone(&engine.store),
            job_signal: engine.job_signal.clone(),
            received_at,
        };
        let window = Window::open(began, &account.late().settings);
        Arc::new(Work::new(key, Arc::new(incoming), began, window))
    }

    /// What plugins see.
    pub(crate) fn context(&self) -> Context {
        let window = Arc::clone(&self.work) as Arc<dyn ReplyWindow>;
        Context::new(Arc::clone(&self.work.incoming), window)
    }

    /// The follower's dialogs, where any link has some.
    pub(crate) async fn dialogs(&self, ctx: &Context, look: Look) -> Option<MessageDialogs<'_>> {
        if !self.has_dialogs() {
            return None;
        }
        let (engine, waited) = (&self.engine, self.work.began.elapsed());
        let arrived = engine.clock.millis().saturating_sub(millis(waited));
        let (store, key) = (&engine.dialogs, self.work.key);
        Some(MessageDialogs::of(store, ctx, key, arrived, look, engine.clock).await)
    }

    pub(crate) fn has_dialogs(&self) -> bool {
        self.engine.chain.has_dialogs() && !self.openid().is_empty()
    }

    /// Remembers the response for the repeats that still come.
    pub(crate) fn record_response(&self, now: Instant) {
        if let Some(response) = self.work.response() {
            self.account.ledger().record(self.work.key, response.clone(), now);
        }
    }

    /// The passive reply, but for its envelope.
    pub(crate) fn passive_reply(&self, reply: &Reply) -> Response {
        Response::Reply(xml::write(reply, self.message(), self.work.incoming.received_at).into())
    }

    /// How an answer would reach the follower if it were late.
    pub(crate) async fn route(&self) -> Route {
        let act = FollowerAct::of(&self.work.incoming);
        self.engine.late.route(self.account.late(), &act).await
    }

    /// An item of the outbox that promises the answer.
    pub(crate) fn outbox_item(&self, route: Route) -> OutboxItem {
        let expires = self.engine.clock.millis() + millis(self.late_settings().ttl);
        OutboxItem::promise(&self.work.incoming, route, &self.engine.instance, expires)
            .of_app(self.account.app_id())
    }

    /// A promise by this instance.
    pub(crate) fn promise(&self, route: Route) -> Promise {
        Promise { route, id: promise_id(self.work.key, &self.engine.instance) }
    }

    /// Gives the answer that was promised.
    pub(crate) async fn deliver_late(
        &self,
        promise: Promise,
        item: OutboxItem,
        mut parts: Vec<Reply>,
    ) {
        let (late, id) = (&self.engine.late, answer_id(self.work.key, &self.engine.instance));
        if parts.is_empty() && promise.route == Route::NextMessage {
            parts.push(Reply::Text(self.late_texts().nothing()));
        }
        let item = item.ready(parts);
        let lease = late.outbox.put(&id, &item).await;
        let counts = self.claim_answer(&id).await;
        late.outbox.remove(&promise.id).await;
        match (counts, promise.route) {
            (false, _) => late.outbox.remove_leased(&lease).await,
            (true, Route::NextMessage) => late.keep(self.account.late(), &lease, item).await,
            (true, Route::CustomerService) => late.send(self.account.late(), &lease, item).await,
        }
    }

    /// Says that this item holds the message's answer. Where instances share the store, another one
    /// may: whether this one counts.
    async fn claim_answer(&self, id: &str) -> bool {
        match &self.engine.instances {
            Some(instances) => instances.finish(self.work.key, id).await,
            None => true,
        }
    }

    pub(crate) fn late_settings(&self) -> &LateSettings {
        &self.account.late().settings
    }

    pub(crate) fn late_texts(&self) -> LateTexts<'_> {
        LateTexts::new(self.late_settings(), self.context())
    }

    pub(crate) fn message(&self) -> &Message {
        &self.work.incoming.message
    }

    pub(crate) fn follower(&self) -> Follower<'_> {
        Follower { account: self.account.id(), openid: self.openid() }
    }

    pub(crate) fn openid(&self) -> &str {
        &self.message().openid
    }
}
