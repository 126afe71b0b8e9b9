//! What each kind of account may call (section 8.2).

use crate::account::Kind;

/// Calls that are allowed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    /// Tokens, quotas, addresses, the current menu.
    Open,
    /// Temporary and permanent media.
    Media,
    /// Customer-service messages and typing.
    Custom,
    /// Menus.
    Menus,
    /// Users and tags.
    Users,
    /// Template messages.
    Templates,
    /// Subscription notices.
    Notices,
    /// Parametric QR codes.
    QrCodes,
}

impl Kind {
    /// The current table of the documents: whoever is not verified may do little.
    pub(super) fn may(self, function: Function) -> bool {
        use Function::{Custom, Media, Menus, Notices, Open, QrCodes, Templates, Users};
        match (function, self) {
            (Open | Media, _) | (_, Self::VerifiedService | Self::Test) => true,
            (Custom | Menus | Users, Self::VerifiedSubscription) => true,
            (Templates | Notices | QrCodes, Self::VerifiedSubscription) => false,
            (_, Self::Personal | Self::OrganisationUnverified) => false,
        }
    }
}
