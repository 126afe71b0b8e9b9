//! A plugin's state as it is stored: JSON, with the version of the type it was written from.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::RecordError;

/// State that a plugin saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    version: u32,
    state: Value,
}

impl Saved {
    pub(crate) fn of(version: u32, state: &impl Serialize) -> Result<Self, RecordError> {
        let unwritable = |source| RecordError::Unwritable { record: "state of a plugin", source };
        Ok(Self { version, state: serde_json::to_value(state).map_err(unwritable)? })
    }

    /// The state; one of another version, or that does not fit, as `migrate` makes it.
    pub(crate) fn read<S: DeserializeOwned>(
        self,
        version: u32,
        migrate: impl FnOnce(u32, Value) -> Option<S>,
    ) -> Option<S> {
        if self.version == version
            && let Ok(state) = S::deserialize(&self.state)
        {
            return Some(state);
        }
        migrate(self.version, self.state)
    }
}
