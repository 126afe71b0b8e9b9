//! An id in settings whose entry does not offer what is needed, or that no entry has.

use crate::settings::nearest;

/// What such an id is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no enabled entry with the id `{id}` offers {what} ({others}){cure}")]
pub struct UnknownEntry {
    id: String,
    what: &'static str,
    others: String,
    cure: String,
}

impl UnknownEntry {
    /// Where these entries offer it.
    pub(super) fn new(id: &str, what: &'static str, known: &[&str]) -> Self {
        let others = match known {
            [] => "none does".to_owned(),
            known => format!("these do: {}", known.join(", ")),
        };
        let near = nearest(id, known.iter().copied());
        let cure = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Self { id: id.to_owned(), what, others, cure }
    }
}
