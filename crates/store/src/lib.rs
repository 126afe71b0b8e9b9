//! What a bot keeps between two messages: the implementations of [`wxbot_sdk::store::Store`],
//! each behind a URL.
//!
//! | URL | what was answered with `Ok` survives | for |
//! | --- | --- | --- |
//! | `memory:` | nothing but the process's life | trying things out |
//! | `file:DIR` | kill -9, and a loss of power if the disk keeps what it synced | one instance |
//! | `redis://HOST:PORT/DB` and kin | what the Redis survives | several instances |
//!
//! All do the same, and one suite of tests holds for all: values end with their time to live,
//! [`swap`](wxbot_sdk::store::Store::swap) and
//! [`lease_due`](wxbot_sdk::store::Store::lease_due) are single steps, a queue holds at most
//! [`Limits::queue_items`] items (100 000) and refuses the next new one. Nothing reads a whole queue.
//!
//! [`Place::with_prefix`] is the part of a store that belongs to one deployment: whoever has another
//! prefix sees nothing of it. Without one it is `wxbot:` in a Redis, and all of a `file:`.
//!
//! # `memory:`
//!
//! Values take at most [`Limits::memory_bytes`] (64 MiB); beyond them the one that was used longest
//! ago is forgotten before its time.
//!
//! # `file:DIR`
//!
//! `DIR/wxbot.redb`, for one process at a time. A write returns when it is synced to the disk; all
//! writes that wait share one sync, so many at once cost hardly more than one. Reads see what was
//! acknowledged. A disk that is full or fails is an error to each caller; nothing acknowledged is
//! lost, and the store goes on when the disk does. One that hangs is an error after 2 s, and at once
//! from then on; what was under way may have been written. Dropping the store does not wait for such
//! a disk. Values are bounded by their time to live and by [`Limits::file_values`] (a million);
//! beyond them the one whose time is over soonest is forgotten. The file does not get smaller.
//!
//! Every page and every entry has a checksum. Opening reads the whole file, about half a GB a second,
//! and refuses one that something altered, cut off or emptied, with the entries that are damaged as
//! far as they can be named; it is left as it is. What is altered while it is open is an error to
//! whoever reads it, and [`Health::Degraded`](wxbot_sdk::store::Health::Degraded) from then on.
//! `DIR` is made with mode 0700 and the file with 0600; a file that others can read is taken from
//! them.
//!
//! Times go by the machine's clock as it was at the start, and what has passed since: setting it
//! changes nothing before the next start.
//!
//! # `redis://…`
//!
//! `redis://USER:PASSWORD@HOST:PORT/DB`, `redis+sentinel://HOST:PORT,HOST:PORT/MASTER/DB`,
//! `redis+cluster://HOST:PORT,HOST:PORT`; `rediss` instead of `redis` for TLS by the system's roots
//! (`SSL_CERT_FILE` names others). `?prefix=wxbot:` changes what keys begin with. Redis 6 and later
//! and Valkey: plain commands and Lua.
//!
//! Times go by the clock of the Redis. Whoever waits for a value to change hears of it by publish and
//! subscribe, on one more connection and a channel of the key's name; a user needs the right to both
//! (`+@pubsub &wxbot:*`), and without it waits longer.
//!
//! A call has 200 ms to connect and 200 ms for the answer, and is made once. After three failures
//! in a row the next calls fail at once, for half a second and up to five; then one tries. The
//! start does not need Redis. A call that failed by a time-out may have been done.
//!
//! What Redis does not promise, this store can't: replication is asynchronous, so a failover may
//! forget the last writes although they were acknowledged, and a server without persistence
//! forgets everything when it ends. A message may then be taken for a new one, and a late reply
//! may be lost or sent twice; what a bot does about that is the bot's business. The server needs
//! `maxmemory-policy noeviction` or `volatile-*`: queues have no time to live.
//!
//! # Moving
//!
//! [`export`] writes any store as lines of JSON, [`import`] reads them into any other, and [`backup`]
//! is an export into a file. All but access tokens is in it. A cluster is exported master by master;
//! a `file:` also while a bot has it open.

#![warn(missing_docs)]

mod open;
mod open_error;
mod redaction;
mod contents;
mod memory;
mod file;
mod redis;
mod transfer;
mod limits;
mod condition;
mod token;

pub use contents::{Contents, Entry, Page};
pub use file::{File, Salvage};
pub use limits::Limits;
pub use memory::Memory;
pub use open::{Place, open};
pub use open_error::OpenError;
pub use redis::{Address, Redis};
pub use transfer::{TransferError, backup, export, import};
