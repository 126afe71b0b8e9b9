//! Delivers late answers: as customer-service messages, or with the follower's next message.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use wxbot_sdk::api::ApiError;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{QueuedItem, Store};

use super::account::LateAccount;
use super::act::FollowerAct;
use super::after::After;
use super::item::{OutboxItem, Stage};
use super::kept::KeptAnswers;
use super::lease::Lease;
use super::log::LateLog;
use super::outbox::{Outbox, Postponed};
use super::quota::Quotas;
use super::settings::Unclear;
use crate::journal::{Journal, JournalEvent, LateStep};
use crate::log_throttle::SumUp;
use crate::response::Route;

/// The process may have died while a part was being sent: so often it is sent again, then it is
/// unclear whether the follower has it.
const MAX_BEGUN: u32 = 5;
/// The longest pause between two tries.
const MAX_BACKOFF: Duration = Duration::from_secs(300);

/// Delivers the late answers of all accounts.
pub(crate) struct Sender {
    pub(crate) outbox: Outbox,
    pub(crate) kept: KeptAnswers,
    quotas: Quotas,
    journal: Arc<Journal>,
    log: Arc<LateLog>,
    clock: Clock,
}

impl Sender {
    pub(crate) fn new(store: &Arc<dyn Store>, journal: &Arc<Journal>, clock: Clock) -> Self {
        let log = Arc::new(LateLog::default());
        Self {
            outbox: Outbox::new(Arc::clone(store), Arc::clone(&log)),
            kept: KeptAnswers::new(store, journal, clock),
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

    /// Writes a promise down. A failing store is no reason not to make it: then it is as good
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
            self.kept.forget(&item.act.account, &item.act.openid, lease.id()).await;
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
        let ttl = account.settings.ttl;
        match self.kept.offer(ttl, lease.id(), &item).await {
            Ok(()) => {
                self.record(&item, LateStep::Kept);
                self.kept.list_for_operators(lease.id(), &item, ttl).await;
                self.outbox.remove_leased(lease).await;
            }
            Err(error) => self.postpone(lease, item, &error).await,
        }
    }

    /// An answer that could not be sent was offered to the follower meanwhile: takes it back, or
    /// `None` if they have it.
    async fn claim_offered(&self, lease: &Lease, mut item: OutboxItem) -> Option<OutboxItem> {
        let Stage::Ready { parts, offered, .. } = &mut item.stage else { return Some(item) };
        if self.kept.is_unused() {
            return Some(item);
        }
        match self.kept.claim(lease.id(), &item.act).await {
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

    /// Tries it again with backoff until it expires; meanwhile the follower may ask for it.
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
        if self.kept.offer(account.settings.ttl, lease.id(), &item).await.is_ok()
            && let Stage::Ready { offered, .. } = &mut item.stage
        {
            *offered = true;
        }
        self.postpone(lease, item, why).await;
    }

    /// Makes it due again, after a longer pause each time.
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
            self.kept.forget(&item.act.account, &item.act.openid, lease.id()).await;
        }
        item.last_error = Some(why.to_owned());
        self.outbox.bury(lease, &item).await;
    }

    /// Moves an item that can't be read to the dead letters.
    pub(crate) async fn bury_unreadable(&self, queued: QueuedItem) {
        self.journal.record(JournalEvent::Late { account: "", step: LateStep::GivenUp });
        self.outbox.bury_unreadable(queued).await;
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
