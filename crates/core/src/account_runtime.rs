//! One account while the bot runs: who it is, and what it remembers of its messages.

use std::sync::Arc;
use std::time::Duration;

use wxbot_sdk::api::{Api, Unconfigured};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::message::Message;
use wxbot_sdk::store::Store;

use crate::account::{Account, Mode};
use crate::journal::AccountTag;
use crate::late::access::Access;
use crate::late::sender::LateAccount;
use crate::limits::Limits;
use crate::once::ledger::{Bounds, Ledger};
use crate::receive::refusal::Refusal;
use crate::receive::replay::ReplayGuard;
use crate::work::shared::Work;

/// A timestamp is accepted for so long where the account accepts any.
const ANY_TIME: Duration = Duration::from_secs(600);

/// Where one account's messages come in.
pub struct AccountRuntime {
    account: Account,
    tag: AccountTag,
    api: Arc<dyn Api>,
    late: LateAccount,
    ledger: Ledger<Work>,
    /// Where the signature does not cover the body.
    pub(crate) replay_guard: Option<ReplayGuard>,
}

impl AccountRuntime {
    pub(crate) fn new(
        place: usize,
        account: Account,
        api: Option<Arc<dyn Api>>,
        store: &Arc<dyn Store>,
        clock: Clock,
        limits: Limits,
    ) -> Self {
        let id: Arc<str> = account.id.as_str().into();
        let settings = account.late.clone();
        let may_send = settings.customer_service;
        let access = Access::new(&id, may_send, api.clone(), Arc::clone(store), clock);
        let binds = account.bind_queries && account.mode < Mode::Safe;
        // A timestamp may be as far ahead of the clock as behind it.
        let accepted_for = account.clock_skew.map_or(ANY_TIME, |skew| 2 * skew);
        Self {
            api: api.unwrap_or_else(|| unconfigured(&account, &id)),
            late: LateAccount::new(settings, access),
            ledger: Ledger::new(Bounds { keep: limits.keep, bytes: limits.bytes, accepted_for }),
            replay_guard: binds.then(|| ReplayGuard::new(accepted_for)),
            tag: AccountTag { place, id },
            account,
        }
    }

    /// The account.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The account's app id; empty where it is not known.
    pub(crate) fn app_id(&self) -> &str {
        &self.account.app_id
    }

    /// The account as observers know it.
    pub(crate) fn tag(&self) -> &AccountTag {
        &self.tag
    }

    pub(crate) fn id(&self) -> &Arc<str> {
        &self.tag.id
    }

    pub(crate) fn api(&self) -> &Arc<dyn Api> {
        &self.api
    }

    pub(crate) fn late(&self) -> &LateAccount {
        &self.late
    }

    pub(crate) fn ledger(&self) -> &Ledger<Work> {
        &self.ledger
    }

    /// Refuses a message for another account, where this one's `original_id` is known. A message
    /// that names no account is taken for this one's.
    pub(crate) fn check_receiver(&self, message: &mut Message) -> Result<(), Refusal> {
        let Some(original_id) = &self.account.original_id else { return Ok(()) };
        if message.to.is_empty() {
            message.to.clone_from(original_id);
        }
        if message.to == *original_id { Ok(()) } else { Err(Refusal::Misdirected) }
    }
}

fn unconfigured(account: &Account, id: &Arc<str>) -> Arc<dyn Api> {
    let key = if account.app_id.is_empty() { "app_id" } else { "app_secret" };
    Arc::new(Unconfigured { account: Arc::clone(id), key })
}
