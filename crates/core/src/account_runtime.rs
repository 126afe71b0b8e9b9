//! One account while the bot runs: who it is, and what it remembers of its messages.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;
use wxbot_sdk::api::{Api, Unconfigured};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::message::Message;
use wxbot_sdk::sending::Messenger;
use wxbot_sdk::store::{Reach, Store};

use crate::account::{Account, Mode};
use crate::follower_tags::FollowerTags;
use crate::journal::AccountTag;
use crate::key::MessageKey;
use crate::late::access::Access;
use crate::late::messenger::AccountMessenger;
use crate::late::sender::LateAccount;
use crate::limits::Limits;
use crate::once::ledger::{Bounds, Ledger};
use crate::receive::refusal::Refusal;
use crate::receive::replay::{Form, ReplayGuard, Use, UsedBefore};
use crate::receive::signature::Verified;
use crate::seen::{Answered, Notes, Seen};
use crate::tracked_api::TrackedApi;
use crate::work::shared::Work;

/// A timestamp is accepted for so long where the account accepts any.
const ANY_TIME: Duration = Duration::from_secs(600);

/// Where one account's messages come in.
pub struct AccountRuntime {
    account: Account,
    tag: AccountTag,
    app_id: Option<Arc<str>>,
    api: Arc<dyn Api>,
    late: Arc<LateAccount>,
    messenger: Arc<dyn Messenger>,
    follower_tags: FollowerTags,
    ledger: Ledger<Work>,
    /// Where the signature does not cover the body.
    replay_guard: Option<ReplayGuard>,
    /// What is to be written of what was seen, where the store outlives the process.
    notes: Option<Notes>,
    accepted_for: Duration,
}

impl AccountRuntime {
    pub(crate) fn new(
        place: usize,
        account: Account,
        api: Option<Arc<dyn Api>>,
        store: &Arc<dyn Store>,
        clock: Clock,
        limits: Limits,
        tasks: &Handle,
    ) -> Self {
        let id: Arc<str> = account.id.as_str().into();
        let settings = account.late.clone();
        let may_send = settings.customer_service;
        let access = Access::new(&id, may_send, api.clone(), Arc::clone(store), clock);
        let binds = account.bind_queries && account.mode < Mode::Safe;
        // A timestamp may be as far ahead of the clock as behind it.
        let accepted_for = account.clock_skew.map_or(ANY_TIME, |skew| 2 * skew);
        let late = Arc::new(LateAccount::new(settings, access));
        let api: Arc<dyn Api> = match api {
            Some(api) => Arc::new(TrackedApi::new(&id, api, store, clock)),
            None => unconfigured(&account, &id),
        };
        let messenger = AccountMessenger::new((&id, &late), &api, store, clock, tasks);
        Self {
            follower_tags: FollowerTags::new(&id, &api),
            api,
            late,
            messenger: Arc::new(messenger),
            ledger: Ledger::new(Bounds { keep: limits.keep, bytes: limits.bytes, accepted_for }),
            replay_guard: binds.then(|| ReplayGuard::new(accepted_for)),
            notes: (store.reach() != Reach::Process).then(Notes::default),
            accepted_for,
            tag: AccountTag { place, id },
            app_id: Some(account.app_id.as_str()).filter(|id| !id.is_empty()).map(Into::into),
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

    /// The AppID, where there is one.
    pub(crate) fn known_app_id(&self) -> Option<&Arc<str>> {
        self.app_id.as_ref()
    }

    pub(crate) fn api(&self) -> &Arc<dyn Api> {
        &self.api
    }

    pub(crate) fn follower_tags(&self) -> &FollowerTags {
        &self.follower_tags
    }

    pub(crate) fn late(&self) -> &LateAccount {
        &self.late
    }

    /// Sends messages that answer nothing.
    pub fn messenger(&self) -> &Arc<dyn Messenger> {
        &self.messenger
    }

    pub(crate) fn ledger(&self) -> &Ledger<Work> {
        &self.ledger
    }

    /// How long the timestamp of a signed request is accepted.
    pub(crate) fn accepted_for(&self) -> Duration {
        self.accepted_for
    }

    pub(crate) fn notes(&self) -> Option<&Notes> {
        self.notes.as_ref()
    }

    /// Refuses a query that came with another message before, sealed or not. A sealed message is signed
    /// itself: it uses the query up, and is taken whatever that came with.
    pub(crate) fn check_query(
        &self,
        query: &Verified<'_>,
        message: &Message,
        form: Form,
        now: Instant,
    ) -> Result<(), Refusal> {
        let Some(guard) = &self.replay_guard else { return Ok(()) };
        let used = Use::of(query, message);
        match guard.admit(used, now) {
            UsedBefore::ForAnother if form == Form::Plain => return Err(Refusal::Reused),
            UsedBefore::ForAnother | UsedBefore::ForThis => {}
            UsedBefore::Never => {
                if let Some(notes) = &self.notes {
                    notes.query(used.query, used.fields);
                }
            }
        }
        Ok(())
    }

    /// What another process has seen.
    pub(crate) fn restore(&self, seen: &Seen) {
        let now = Instant::now();
        seen.messages.iter().for_each(|[key]| self.ledger.restore_seen(*key, now));
        if let Some(guard) = &self.replay_guard {
            for &[query, fields] in &seen.queries {
                guard.admit(Use { query, fields }, now);
            }
        }
    }

    /// What the previous process answered.
    pub(crate) fn restore_answers(&self, answers: &[Answered]) {
        let now = Instant::now();
        for Answered { key, response } in answers {
            if let Some(key) = MessageKey::from_hex(key) {
                self.ledger.restore_answer(key, response.clone(), now);
            }
        }
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
