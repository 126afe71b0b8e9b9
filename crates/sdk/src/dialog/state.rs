//! Where a dialog stands, as the plugin has it.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where a dialog stands: usually an enum with a variant for each question.
pub trait DialogState: Serialize + DeserializeOwned {
    /// Raised whenever what older versions saved can't be read as this type any more.
    const VERSION: u32 = 1;

    /// Whether an event, such as a click in the menu, is an answer to this question, too. Others
    /// than that pass the dialog by.
    fn takes_events(&self) -> bool {
        false
    }

    /// Makes what another version saved into this one's. By default the dialog ends, and the
    /// follower is told so.
    fn migrate(version: u32, state: serde_json::Value) -> Option<Self> {
        let _ = (version, state);
        None
    }
}

/// A single question needs no state.
impl DialogState for () {}
