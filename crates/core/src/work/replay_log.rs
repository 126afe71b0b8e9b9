//! What was seen, in the store: written behind the answers, read by the next process and by the other
//! instances.
//!
//! Records have numbers, and whoever writes one takes the next: so each instance comes by the others'
//! on its way. A record lives as long as a signed request is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::{sleep, timeout};
use wxbot_sdk::store::record::{Record, decode, encode};
use wxbot_sdk::store::{Reach, Store, StoreError, Swap, keys};

use crate::account_runtime::AccountRuntime;
use crate::seen::{AnswersRecord, HeadRecord, SeenRecord};

/// Between two writes; what a process that is killed forgets.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a message waits for what was seen before the process started.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the number of the next record is kept: longer than any record.
const KEEP_HEAD: Duration = Duration::from_secs(24 * 3600);

/// Keeps what was seen of all accounts.
pub(crate) struct ReplayLog {
    store: Arc<dyn Store>,
    accounts: Vec<Arc<AccountRuntime>>,
    keep: Duration,
    keep_answers: Duration,
    /// The number of the next record, once it is known.
    next: Mutex<Option<u64>>,
    /// What there was at the start was read, or could not be.
    is_loaded: AtomicBool,
    loaded: Notify,
}

impl ReplayLog {
    /// `None` where nobody would read it.
    pub(crate) fn new(
        store: &Arc<dyn Store>,
        accounts: &[Arc<AccountRuntime>],
        keep_answers: Duration,
    ) -> Option<Arc<Self>> {
        let keep = accounts.iter().map(|account| account.accepted_for()).max()?;
        let (store, accounts) = (Arc::clone(store), accounts.to_vec());
        (store.reach() != Reach::Process).then(|| {
            let (next, is_loaded, loaded) =
                (Mutex::default(), AtomicBool::new(false), Notify::new());
            Arc::new(Self { store, accounts, keep, keep_answers, next, is_loaded, loaded })
        })
    }

    /// Reads what there is, then keeps reading and writing forever.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            self.write().await;
            self.is_loaded.store(true, Ordering::Relaxed);
            self.loaded.notify_waiters();
            sleep(PAUSE).await;
        }
    }

    /// Waits until it is known what was seen before this process started.
    pub(crate) async fn loaded(&self) {
        if !self.is_loaded.load(Ordering::Relaxed) {
            // Boxed, as it is rare: the common future stays small.
            Box::pin(self.wait_until_loaded()).await;
        }
    }

    async fn wait_until_loaded(&self) {
        let loaded = self.loaded.notified();
        if !self.is_loaded.load(Ordering::Relaxed) && timeout(PATIENCE, loaded).await.is_err() {
            tracing::warn!("degraded: not knowing yet which requests were seen before the start");
        }
    }

    /// Writes what was noted. What can't be written now is written later.
    pub(crate) async fn write(&self) {
        let mut next = self.next.lock().await;
        if let Err(error) = self.advance(&mut next).await {
            tracing::debug!(%error, "what was seen is not in the store");
        }
    }

    async fn advance(&self, next: &mut Option<u64>) -> Result<(), StoreError> {
        let mut number = match *next {
            Some(number) => number,
            None => self.load().await?,
        };
        if self.store.reach() == Reach::Instances || next.is_none() {
            while self.read(number).await? {
                number += 1;
            }
        }
        *next = Some(number);
        let (seen, answers) = self.take_notes();
        if seen.0.is_empty() {
            return Ok(());
        }
        match self.append(&seen, &answers, next).await {
            Ok(()) => Ok(()),
            Err(error) => {
                self.put_back(&seen);
                Err(error)
            }
        }
    }

    /// Reads the records there are, the youngest first.
    async fn load(&self) -> Result<u64, StoreError> {
        let head = self.get(&keys::replay("head")).await?;
        let HeadRecord(head) = head.unwrap_or(HeadRecord(0));
        for number in (0..head).rev() {
            if !self.read(number).await? {
                break;
            }
        }
        Ok(head)
    }

    /// Learns what is in a record; returns whether there is one.
    async fn read(&self, number: u64) -> Result<bool, StoreError> {
        let Some(seen) = self.get::<SeenRecord>(&keys::replay(&number.to_string())).await? else {
            return Ok(false);
        };
        if self.store.reach() == Reach::Machine {
            let answers = self.get(&keys::replay(&format!("{number}.answers"))).await?;
            self.restore_answers(answers.unwrap_or_default());
        }
        self.restore(seen);
        Ok(true)
    }

    /// A record that can't be read is passed over.
    async fn get<R: Record + Default>(&self, key: &str) -> Result<Option<R>, StoreError> {
        let found = self.store.get(key).await?;
        Ok(found.map(|found| {
            decode(&found).unwrap_or_else(|error| {
                tracing::warn!(key, %error, "what was seen can't be read");
                R::default()
            })
        }))
    }

    /// Takes the next number for this record; those that others took first are read.
    async fn append(
        &self,
        seen: &SeenRecord,
        answers: &AnswersRecord,
        next: &mut Option<u64>,
    ) -> Result<(), StoreError> {
        let mut number = next.unwrap_or_default();
        while self.swap_in(number, seen).await? != Swap::Done {
            self.read(number).await?;
            number += 1;
        }
        *next = Some(number + 1);
        // Instances have the answers in the messages' own records.
        if self.store.reach() == Reach::Machine && !answers.0.is_empty() {
            let key = keys::replay(&format!("{number}.answers"));
            self.store.put(&key, encode(answers), self.keep_answers).await?;
        }
        self.store.put(&keys::replay("head"), encode(&HeadRecord(number + 1)), KEEP_HEAD).await
    }

    async fn swap_in(&self, number: u64, seen: &SeenRecord) -> Result<Swap, StoreError> {
        let key = keys::replay(&number.to_string());
        self.store.swap(&key, None, Some(encode(seen)), self.keep).await
    }

    fn take_notes(&self) -> (SeenRecord, AnswersRecord) {
        let (mut all, mut answers) = (SeenRecord::default(), AnswersRecord::default());
        for account in &self.accounts {
            let Some(notes) = account.notes() else { continue };
            let (seen, answered) = notes.take();
            if !seen.is_empty() {
                all.0.insert(account.id().to_string(), seen);
            }
            if !answered.is_empty() {
                answers.0.insert(account.id().to_string(), answered);
            }
        }
        (all, answers)
    }

    fn put_back(&self, seen: &SeenRecord) {
        for account in &self.accounts {
            if let (Some(notes), Some(seen)) = (account.notes(), seen.0.get(&**account.id())) {
                notes.put_back(seen);
            }
        }
    }

    fn restore(&self, seen: SeenRecord) {
        for account in &self.accounts {
            if let Some(seen) = seen.0.get(&**account.id()) {
                account.restore(seen);
            }
        }
    }

    fn restore_answers(&self, answers: AnswersRecord) {
        for account in &self.accounts {
            if let Some(answers) = answers.0.get(&**account.id()) {
                account.restore_answers(answers);
            }
        }
    }
}
