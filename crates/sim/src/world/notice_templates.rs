//! Templates of subscription notifications (section 7.5).

/// A template that the account has taken from the library.
#[derive(Debug)]
pub(crate) struct NoticeTemplate {
    pub(crate) title: String,
    /// A line for each field, with the place of its value.
    pub(crate) content: String,
    /// The same with values.
    pub(crate) example: String,
}
