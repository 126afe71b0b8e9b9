//! The tables of the file, and what a transaction does with values in them.

use redb::{
    ReadTransaction, ReadableTable, ReadableTableMetadata, Table, TableDefinition, WriteTransaction,
};
use wxbot_sdk::store::{StoreError, Swap, SwapRequest};

use super::entry::{Key, pack, timed, unpack, untimed};
use super::failure::Failure;

type Bytes = &'static [u8];
pub(super) type Definition = TableDefinition<'static, Bytes, Bytes>;

/// `format` → the version of all this.
pub(super) const FORMAT: Definition = TableDefinition::new("format");
/// Key → entry with the time when it is over.
pub(super) const VALUES: Definition = TableDefinition::new("values");
/// The same, sorted by that time.
const EXPIRY: Definition = TableDefinition::new("expiry");
/// Queue and id → entry with the due time.
pub(super) const ITEMS: Definition = TableDefinition::new("items");
/// The same, sorted by due time.
pub(super) const DUE: Definition = TableDefinition::new("due");
/// Queue → how many items it has.
pub(super) const SIZES: Definition = TableDefinition::new("sizes");

/// No key of anybody's: those are words.
const PROBE: &[u8] = b"\0probe";
const PROBE_BYTES: usize = 64 << 10;

/// All tables, open for writing.
pub(super) struct Tables<'t> {
    values: Table<'t, Bytes, Bytes>,
    expiry: Table<'t, Bytes, Bytes>,
    pub(super) items: Table<'t, Bytes, Bytes>,
    pub(super) due: Table<'t, Bytes, Bytes>,
    pub(super) sizes: Table<'t, Bytes, Bytes>,
}

impl<'t> Tables<'t> {
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, Failure> {
        Ok(Self {
            values: transaction.open_table(VALUES)?,
            expiry: transaction.open_table(EXPIRY)?,
            items: transaction.open_table(ITEMS)?,
            due: transaction.open_table(DUE)?,
            sizes: transaction.open_table(SIZES)?,
        })
    }

    /// Keeps a value until a time in Unix milliseconds; beyond `most` values, the one whose time
    /// is over soonest goes.
    pub(super) fn put(
        &mut self,
        key: &[u8],
        value: &[u8],
        until: u64,
        most: u64,
    ) -> Result<(), Failure> {
        if let Some(old) = self.until(key)? {
            self.expiry.remove(timed(old, key).as_slice())?;
        }
        self.values.insert(key, pack(Key::Value(key), until, value).as_slice())?;
        self.expiry.insert(timed(until, key).as_slice(), &[][..])?;
        while self.values.len()? > most && self.forget_first(u64::MAX)? {}
        Ok(())
    }

    pub(super) fn delete(&mut self, key: &[u8]) -> Result<(), Failure> {
        if let Some(until) = self.until(key)? {
            self.expiry.remove(timed(until, key).as_slice())?;
        }
        self.values.remove(key)?;
        Ok(())
    }

    pub(super) fn get(&self, key: &[u8], now: u64) -> Result<Option<Vec<u8>>, Failure> {
        get(&self.values, key, now)
    }

    /// Each with the end of its time; up to the first that was not as expected.
    pub(super) fn swap_all(
        &mut self,
        swaps: &[(u64, SwapRequest)],
        now: u64,
        most: u64,
    ) -> Result<Vec<Swap>, Failure> {
        let mut done = Vec::with_capacity(swaps.len());
        for (until, swap) in swaps {
            done.push(self.swap(swap, *until, now, most)?);
            if done.last() != Some(&Swap::Done) {
                break;
            }
        }
        Ok(done)
    }

    fn swap(
        &mut self,
        swap: &SwapRequest,
        until: u64,
        now: u64,
        most: u64,
    ) -> Result<Swap, Failure> {
        let key = swap.key.as_bytes();
        let found = self.get(key, now)?;
        if found != swap.expected {
            return Ok(Swap::Found(found));
        }
        match &swap.new {
            Some(value) => self.put(key, value, until, most)?,
            None => self.delete(key)?,
        }
        Ok(Swap::Done)
    }

    /// Writes something that needs room. Its time is over at once, so that nobody sees it and it is
    /// forgotten with the next values.
    pub(super) fn probe(&mut self, now: u64) -> Result<(), Failure> {
        self.put(PROBE, &[0; PROBE_BYTES], now, u64::MAX)
    }

    /// Forgets values whose time is over, at most so many; says whether it did.
    pub(super) fn sweep(&mut self, now: u64, steps: usize) -> Result<bool, Failure> {
        let mut swept = false;
        for _ in 0..steps {
            if !self.forget_first(now)? {
                break;
            }
            swept = true;
        }
        Ok(swept)
    }

    /// Forgets the value whose time is over first, if that is not after `now`.
    fn forget_first(&mut self, now: u64) -> Result<bool, Failure> {
        let Some(first) = self.expiry.first()?.map(|(key, _)| key.value().to_vec()) else {
            return Ok(false);
        };
        let (until, key) = untimed(&first)?;
        if until > now {
            return Ok(false);
        }
        // That of a damaged value may be left from before it was written anew.
        if self.until(key)?.is_none_or(|of_value| of_value == until) {
            self.values.remove(key)?;
        }
        self.expiry.remove(first.as_slice())?;
        Ok(true)
    }

    /// A damaged value has no time: it can't be read, but be forgotten and written anew.
    fn until(&self, key: &[u8]) -> Result<Option<u64>, Failure> {
        let Some(stored) = self.values.get(key)? else { return Ok(None) };
        match unpack(Key::Value(key), stored.value()) {
            Ok(entry) => Ok(Some(entry.millis)),
            Err(StoreError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The value under a key, from a table that is open for reading or for writing.
pub(super) fn get(
    values: &impl ReadableTable<Bytes, Bytes>,
    key: &[u8],
    now: u64,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(stored) = values.get(key)? else { return Ok(None) };
    let entry = unpack(Key::Value(key), stored.value())?;
    Ok((entry.millis > now).then(|| entry.bytes.to_vec()))
}

/// Whether a value's time is over.
pub(super) fn has_expired(transaction: &ReadTransaction, now: u64) -> Result<bool, Failure> {
    let expiry = transaction.open_table(EXPIRY)?;
    let Some((first, _)) = expiry.first()? else { return Ok(false) };
    Ok(untimed(first.value())?.0 <= now)
}
