//! A job as it is stored.

use serde::{Deserialize, Serialize};

use crate::schedule::{Cron, Missed, Zone};
use crate::store::record::Record;

/// A job as it is stored, in the queue of its instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    /// How it came to be.
    pub kind: JobKind,
    /// When it is to be done, in Unix milliseconds; an attempt may be later.
    pub due: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// What was added with it.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub payload: serde_json::Value,
    /// What an attempt kept last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<serde_json::Value>,
}

/// How a job came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// It was added.
    Once,
    /// A schedule says so.
    Cron {
        /// When.
        cron: Cron,
        /// Where it is that time.
        zone: Zone,
        /// What becomes of times at which no bot ran.
        missed: Missed,
        /// When it was last done or left out, in Unix milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<u64>,
    },
}

impl JobRecord {
    /// Whether anybody began to do it.
    pub fn was_begun(&self) -> bool {
        self.attempts > 0 || self.checkpoint.is_some()
    }
}

impl Record for JobRecord {
    const NAME: &'static str = "job";
    const VERSION: u32 = 1;
}

const ONCE: &str = "once/";
const CRON: &str = "cron/";

/// The item that was added under this name.
pub fn id_of_once(name: &str) -> String {
    format!("{ONCE}{name}")
}

/// The item of the schedule of this name.
pub fn id_of_schedule(name: &str) -> String {
    format!("{CRON}{name}")
}

/// Whether an item is a schedule.
pub fn is_schedule(id: &str) -> bool {
    id.starts_with(CRON)
}

/// The name in the id of an item.
pub fn name_of(id: &str) -> &str {
    id.strip_prefix(ONCE).or_else(|| id.strip_prefix(CRON)).unwrap_or(id)
}
