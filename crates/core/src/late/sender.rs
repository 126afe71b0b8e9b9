//! Gives late answers: as customer-service messages, or kept for the follower's next message, and
//! decides what a failure means.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use wxbot_sdk::api::{ApiError, Class};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{QueuedItem, Store, StoreError};

use super::access::Access;
use super::act::FollowerAct;
use super::item::{OutboxItem, Stage};
use super::lease::Lease;
use super::log::LateLog;
use super::next_message::{NextMessage, NextMessages};
use super::outbox::{Outbox, Postponed, millis};
use super::quota::Quotas;
use super::settings::{LateSettings, Unclear};
use super::waiting::WaitingList;
use crate::journal::{Journal, JournalEvent, LateStep};
use crate::log_throttle::SumUp;
use crate::response::Route;

/// As many as the client calls WeChat at once: what waits for its turn is not being sent yet.
const MAX_SENDING: usize = 16;
/// The process may have died while a part was being sent: so often it is sent again, then it is
/// unclear whether the follower has it.
const MAX_BEGUN: u32 = 5;
/// The longest pause between two tries.
const MAX_BACKOFF: Duration = Duration::from_secs(300);

/// How late answers of one account are given.
pub(crate) struct LateAccount {
    pub(crate) settings: LateSettings,
    pub(crate) access: Access,
    /// So many may be sent at once.
    pub(super) sending: Semaphore,
}

impl LateAccount {
    pub(crate) fn new(settings: LateSettings, access: Access) -> Self {
        Self { settings, access, sending: Semaphore::new(MAX_SENDING) }
    }
}

/// Gives late answers, of all accounts.
pub(crate) struct Sender {
    pub(crate) outbox: Outbox,
    pub(crate) next_messages: NextMessages,
    waiting: WaitingList,
    quotas: Quotas,
    journal: Arc<Journal>,
    log: Arc<LateLog>,
    clock: Clock,
}

/// What to do after a call that failed.
#[derive(Debug, PartialEq, Eq)]
enum After {
    /// WeChat did not do it, and may do it later.
    Retry,
    /// It may not be sent now: the answer waits for the follower's next message.
    Keep,
    /// The same, and nothing more may be sent until the follower acts.
    KeepUntilFollowerActs,
    /// It may have been delivered.
    Unclear,
    /// It will never be delivered.
    GiveUp,
}

impl After {
    /// By what is known (the table in protocol section 7.2).
    fn of(error: &ApiError) -> Self {
        if matches!(error, ApiError::NotConfigured { .. } | ApiError::Unsupported { .. }) {
            return Self::Keep;
        }
        match error.class() {
            Class::Transient | Class::TokenSpent | Class::Quota | Class::OperatorMustFix => {
                Self::Retry
            }
            Class::NotAllowed => Self::Keep,
            Class::FollowerLimit => Self::KeepUntilFollowerActs,
            Class::Unclear => Self::Unclear,
            Class::Permanent => Self::GiveUp,
        }
    }
}

impl Sender {
    pub(crate) fn new(store: &Arc<dyn Store>, journal: &Arc<Journal>, clock: Clock) -> Self {
        let log = Arc::new(LateLog::default());
        Self {
            outbox: Outbox::new(Arc::clone(store), Arc::clone(&log)),
            next_messages: NextMessages::new(Arc::clone(store)),
            waiting: WaitingList::new(Arc::clone(store)),
            quotas: Quotas::new(Arc::clone(store)),
            journal: Arc::clone(journal),
            log,
            clock,
        }
    }

    /// How an answer to this act would reach the follower now.
    pub(crate) async fn route(&self, account: &LateAccount, act: &FollowerAct) -> Route {
        match account.access.route().await {
            Route::CustomerService if self.left(act).await > 0 => Route::CustomerService,
            _ => Route::NextMessage,
        }
    }

    /// Writes a promise down. A store in trouble is no reason not to make it: then it is as good
    /// as this process.
    pub(crate) async fn promise(&self, id: &str, item: &OutboxItem) {
        self.outbox.put_aside(id, item).await;
        self.record(item, LateStep::Promised);
    }

    /// Gives an answer whose process died, or whose time to be tried again has come. A follower who
    /// was told nothing waits for it in the chat, so it waits for their next message only where
    /// nothing can be sent.
    pub(crate) async fn give(&self, account: &LateAccount, lease: &Lease, item: OutboxItem) {
        let Some(item) = self.claim_offered(lease, item).await else { return };
        match account.access.may_try().await {
            true => self.send(account, lease, item).await,
            false => self.keep(account, lease, item).await,
        }
    }

    /// Sends what is left of an item, part by part, as long as the lease is held. That a part is
    /// being sent is noted first: a process that dies again and again sends it a few times at most.
    pub(crate) async fn send(&self, account: &LateAccount, lease: &Lease, mut item: OutboxItem) {
        if item.next_part().is_none() {
            return self.outbox.remove(lease.id()).await;
        }
        while let Some(message) = item.next_part() {
            if item.begun() >= MAX_BEGUN {
                item.set_begun(0);
                let why = format!("{MAX_BEGUN} times the process ended while it was being sent");
                return self.after_unclear(account, lease, item, why).await;
            }
            let Some(api) = account.access.api() else {
                return self.keep(account, lease, item).await;
            };
            if self.left(&item.act).await == 0 {
                return self.keep(account, lease, item).await;
            }
            let turn = self.outbox.keep(iter::once(lease), account.sending.acquire()).await;
            item.set_begun(item.begun() + 1);
            if !self.outbox.renew(lease, Some(&item)).await {
                tracing::info!(account = item.act.account, "lost the lease of a late answer");
                return;
            }
            let call = api.send(&item.act.openid, &message);
            let result = self.outbox.keep(iter::once(lease), call).await;
            drop(turn);
            item.set_begun(0);
            account.access.learn(result.as_ref().err()).await;
            match result {
                Ok(()) => self.note_sent(lease, &mut item).await,
                Err(error) if After::of(&error) == After::GiveUp && item.fall_back() => {
                    let account = &*item.act.account;
                    tracing::warn!(account, %error, "sending what stands in place of a reply");
                }
                Err(error) => return self.after(account, lease, item, &error).await,
            }
        }
    }

    /// A part is out, and would be sent again if nobody knew: that is written together with the rest.
    async fn note_sent(&self, lease: &Lease, item: &mut OutboxItem) {
        self.record(item, LateStep::Sent);
        item.remove_part();
        let is_last = item.next_part().is_none();
        let progress = async {
            match is_last {
                true => self.outbox.remove(lease.id()).await,
                false => drop(self.outbox.renew(lease, Some(item)).await),
            }
        };
        let count = self.quotas.count(&item.act, self.clock.seconds());
        tokio::join!(progress, count);
        if is_last && item.is_offered() {
            self.forget(&item.act.account, &item.act.openid, lease.id()).await;
        }
    }

    async fn after(
        &self,
        account: &LateAccount,
        lease: &Lease,
        item: OutboxItem,
        error: &ApiError,
    ) {
        let why = error.to_string();
        match After::of(error) {
            After::Retry => self.retry_later(account, lease, item, &why).await,
            After::Keep => self.keep(account, lease, item).await,
            After::KeepUntilFollowerActs => {
                self.quotas.used_up(&item.act, self.clock.seconds()).await;
                self.keep(account, lease, item).await;
            }
            After::Unclear => self.after_unclear(account, lease, item, why).await,
            After::GiveUp => self.give_up(lease, item, &why).await,
        }
    }

    /// Nobody knows whether the follower has it: the operator's policy says what becomes of it.
    async fn after_unclear(
        &self,
        account: &LateAccount,
        lease: &Lease,
        item: OutboxItem,
        why: String,
    ) {
        self.record(&item, LateStep::Unclear);
        match account.settings.unclear {
            Unclear::Keep => self.keep(account, lease, item).await,
            Unclear::Resend => self.retry_later(account, lease, item, &why).await,
            Unclear::Drop => {
                self.give_up(lease, item, &format!("{why}; it is not sent twice")).await;
            }
        }
    }

    /// Lets an answer wait for the follower's next message.
    pub(crate) async fn keep(&self, account: &LateAccount, lease: &Lease, item: OutboxItem) {
        match self.offer(account, lease.id(), &item).await {
            Ok(()) => {
                self.record(&item, LateStep::Kept);
                self.waiting.add(lease.id(), &item, account.settings.ttl).await;
                self.outbox.remove_leased(lease).await;
            }
            Err(error) => self.postpone(lease, item, &error).await,
        }
    }

    /// Puts an answer among those that wait for the follower's next message.
    async fn offer(
        &self,
        account: &LateAccount,
        id: &str,
        item: &OutboxItem,
    ) -> Result<(), String> {
        let Stage::Ready { parts, .. } = &item.stage else { return Ok(()) };
        let now = self.clock.millis();
        let answer = NextMessage {
            id: id.to_owned(),
            question: item.question.clone(),
            parts: parts.clone(),
            until: now + millis(account.settings.ttl),
            is_being_sent: false,
        };
        let added = self.next_messages.add(&item.act, answer, now).await;
        for id in added.map_err(|error| error.to_string())? {
            tracing::warn!(account = item.act.account, id, "too many answers wait for a follower");
            self.record(item, LateStep::GivenUp);
            self.waiting.remove(&id).await;
        }
        Ok(())
    }

    /// An answer that could not be sent was offered to the follower meanwhile: takes it back, or
    /// `None` if they have it.
    async fn claim_offered(&self, lease: &Lease, mut item: OutboxItem) -> Option<OutboxItem> {
        let Stage::Ready { parts, offered, .. } = &mut item.stage else { return Some(item) };
        if self.next_messages.is_unused() {
            return Some(item);
        }
        let (act, now) = (&item.act, self.clock.millis());
        match self.next_messages.claim(&act.account, &act.openid, lease.id(), now).await {
            Ok(Some(left)) => {
                *offered = true;
                if left.len() < parts.len() {
                    *parts = left;
                }
            }
            Ok(None) if *offered => {
                self.outbox.remove_leased(lease).await;
                return None;
            }
            Ok(None) => {}
            Err(error) => {
                self.postpone(lease, item, &error.to_string()).await;
                return None;
            }
        }
        Some(item)
    }

    /// It is tried again with backoff, until it expires; meanwhile the follower may ask for it.
    async fn retry_later(
        &self,
        account: &LateAccount,
        lease: &Lease,
        mut item: OutboxItem,
        why: &str,
    ) {
        if self.clock.millis() >= item.expires {
            return self.give_up(lease, item, why).await;
        }
        if self.offer(account, lease.id(), &item).await.is_ok()
            && let Stage::Ready { offered, .. } = &mut item.stage
        {
            *offered = true;
        }
        self.postpone(lease, item, why).await;
    }

    /// It is due again later, each time after a longer while.
    async fn postpone(&self, lease: &Lease, mut item: OutboxItem, why: &str) {
        self.log.retried(&item, why);
        self.record(&item, LateStep::Retried);
        item.last_error = Some(why.to_owned());
        item.attempts += 1;
        let backoff = Duration::from_secs(1 << item.attempts.min(9)).min(MAX_BACKOFF);
        match self.outbox.postpone(lease, &item, backoff).await {
            Postponed::NoRoom => {
                self.log.given_up(&item, "the store does not take it, and too many are in memory");
                self.record(&item, LateStep::GivenUp);
            }
            _ => self.outbox.wake(),
        }
    }

    /// An answer can't be given: that is counted, logged and listed.
    pub(crate) async fn give_up(&self, lease: &Lease, mut item: OutboxItem, why: &str) {
        self.log.given_up(&item, why);
        self.record(&item, LateStep::GivenUp);
        if let Stage::Ready { offered, .. } = &mut item.stage
            && std::mem::take(offered)
        {
            self.forget(&item.act.account, &item.act.openid, lease.id()).await;
        }
        item.last_error = Some(why.to_owned());
        self.outbox.bury(lease, &item).await;
    }

    /// An item that can't be read: nobody could give it.
    pub(crate) async fn bury_unreadable(&self, queued: QueuedItem) {
        self.journal.record(JournalEvent::Late { account: "", step: LateStep::GivenUp });
        self.outbox.bury_unreadable(queued).await;
    }

    /// What waits for a follower, the oldest first. A store in trouble has nothing.
    pub(crate) async fn waiting(&self, account: &str, openid: &str) -> Vec<NextMessage> {
        let list = self.next_messages.list(account, openid, self.clock.millis()).await;
        list.unwrap_or_else(|error| {
            tracing::debug!(%error, "what waits for a follower can't be looked up");
            Vec::new()
        })
    }

    /// Of these answers only those are left: the others were given.
    pub(crate) async fn mark_given(
        &self,
        account: &str,
        openid: &str,
        before: &[NextMessage],
        left: &[NextMessage],
    ) {
        let now = self.clock.millis();
        match self.next_messages.replace(account, openid, before, left, now).await {
            Ok(()) => {
                self.journal.record(JournalEvent::Late { account, step: LateStep::Given });
                let is_left = |given: &NextMessage| left.iter().any(|other| other.id == given.id);
                for given in before.iter().filter(|given| !is_left(given)) {
                    self.waiting.remove(&given.id).await;
                }
            }
            Err(error) => tracing::warn!(%error, "an answer that was given may be given again"),
        }
    }

    /// An answer waits no more.
    pub(crate) async fn forget(&self, account: &str, openid: &str, id: &str) {
        let now = self.clock.millis();
        if let Err(error) = self.next_messages.remove(account, openid, id, now).await {
            tracing::warn!(%error, "a part of an answer may be given twice");
        }
        self.waiting.remove(id).await;
    }

    /// What waited too long is counted and logged.
    pub(crate) async fn expire_waiting(&self) -> Result<(), StoreError> {
        for item in self.waiting.take_expired().await? {
            tracing::warn!(account = item.act.account, "a follower did not come for a late answer");
            self.record(&item, LateStep::Expired);
        }
        Ok(())
    }

    async fn left(&self, act: &FollowerAct) -> u32 {
        self.quotas.left(act, self.clock.seconds()).await
    }

    fn record(&self, item: &OutboxItem, step: LateStep) {
        self.journal.record(JournalEvent::Late { account: &item.act.account, step });
    }
}

impl SumUp for Sender {
    fn sum_up(&self) {
        self.log.sum_up();
    }
}
