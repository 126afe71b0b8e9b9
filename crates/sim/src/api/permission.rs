//! What each kind of account may call (section 8.2).

use crate::account::settings::Kind;

/// A group of calls that accounts may make together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permission {
    /// Tokens, quotas, addresses, the current menu: for everybody.
    Basic,
    /// Temporary and permanent media.
    Media,
    /// Customer-service messages and typing.
    CustomerService,
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
    /// Publishing drafts.
    Publishing,
    /// Logins of web pages.
    WebLogins,
}

impl Permission {
    /// The documents' current table: accounts that are not verified may do little.
    pub(super) fn is_granted_to(self, kind: Kind) -> bool {
        match (self, kind) {
            (Self::Basic | Self::Media, _) | (_, Kind::VerifiedService | Kind::Test) => true,
            (Self::CustomerService | Self::Menus | Self::Users, Kind::VerifiedSubscription) => true,
            (Self::Publishing, Kind::VerifiedSubscription) => true,
            (Self::Templates | Self::Notices, Kind::VerifiedSubscription) => false,
            (Self::QrCodes | Self::WebLogins, Kind::VerifiedSubscription) => false,
            (_, Kind::Personal | Kind::OrganisationUnverified) => false,
        }
    }
}
