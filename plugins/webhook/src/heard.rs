//! What an endpoint says in its response.

use wxbot_sdk::plugin::Flow;

use crate::error::CallError;

/// What came of a call.
pub(crate) enum Heard {
    /// The answer.
    Flow(Flow),
    /// The answer follows by itself; this is said until then, if anything.
    Later(Option<String>),
}

impl Heard {
    /// The answer, where it has to be there.
    pub(crate) fn flow(self) -> Result<Flow, CallError> {
        match self {
            Self::Flow(flow) => Ok(flow),
            Self::Later(_) => Err(CallError::NothingFollowed),
        }
    }
}
