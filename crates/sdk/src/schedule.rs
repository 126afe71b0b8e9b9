//! When something recurs: cron expressions, at a fixed offset from UTC.
//!
//! ```
//! use wxbot_sdk::schedule::{Cron, Zone};
//!
//! let cron: Cron = "0 9 * * 1-5".parse()?;
//! let new_year = 1_735_689_600_000; // 2025-01-01 08:00 in Beijing, a Wednesday
//! assert_eq!(cron.next_after(new_year, Zone::BEIJING), Some(new_year + 3_600_000));
//! # Ok::<(), wxbot_sdk::schedule::CronError>(())
//! ```

mod cron;
mod zone;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

pub use cron::{Cron, CronError};
pub use zone::{Zone, ZoneError};

/// Something an instance does again and again: it is a [`Job`](crate::job::Job) each time.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Unique in the instance. What is known of it is kept under this name.
    pub name: String,
    /// When.
    pub cron: Cron,
    /// Where it is that time.
    pub zone: Zone,
    /// What becomes of times at which no bot ran.
    pub missed: Missed,
}

/// What becomes of times that passed while no bot ran: those more than five minutes ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Missed {
    /// They are left out.
    #[default]
    Skip,
    /// All of them together are made up for once.
    Once,
}

/// A type that is written as one text, and says what is wrong with another one.
macro_rules! written_as_text {
    ($type:ty, $name:literal) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string" })
            }
        }
    };
}

written_as_text!(Cron, "Cron");
written_as_text!(Zone, "Zone");
