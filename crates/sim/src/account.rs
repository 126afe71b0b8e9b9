//! The account whose bot is called: what its owner entered in WeChat's console.

use std::fmt;
use std::str::FromStr;

use crate::wire::{Key, KeyError};

/// An Official Account, as its owner set it up.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// What it may call (section 8).
    pub kind: Kind,
    /// Signs every push.
    pub token: String,
    /// `wx` and 16 hex digits; stands inside everything sealed.
    pub app_id: String,
    /// For access tokens.
    pub app_secret: String,
    /// How pushes are sealed (section 2.2).
    pub mode: Mode,
    /// 43 characters; may be empty in plain mode.
    pub encoding_aes_key: String,
    /// How pushes are written (section 2.2).
    pub format: Format,
    /// `gh_…`, the name that pushes are sent to.
    pub original_id: String,
}

/// The kinds of accounts, by what they may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 个人公众号: can never be verified.
    Personal,
    /// An organisation's account without 微信认证.
    OrganisationUnverified,
    /// 认证公众号.
    VerifiedSubscription,
    /// 认证服务号.
    VerifiedService,
    /// 测试号: nearly everything.
    Test,
}

/// How pushes are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// 明文模式: signed, readable.
    Plain,
    /// 兼容模式: readable and sealed in one body.
    Compatible,
    /// 安全模式: sealed.
    Safe,
}

/// How pushes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// What nearly every account uses.
    Xml,
    /// A choice of the newer consoles.
    Json,
}

/// Why an account cannot be set up like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The key is no EncodingAESKey.
    #[error("the account's key is not usable")]
    Key(#[from] KeyError),
    /// A name that is none of the table's.
    #[error("expected {expected}, got `{came}`")]
    Unknown {
        /// The names there are.
        expected: String,
        /// What came instead.
        came: String,
    },
}

impl Default for Account {
    /// A test account with made-up ids, in plain mode, with a key for the other modes.
    fn default() -> Self {
        Self {
            kind: Kind::Test,
            token: "tokenALPHA1".into(),
            app_id: "wx0123456789abcdef".into(),
            app_secret: "0123456789abcdef0123456789abcdef".into(),
            mode: Mode::Plain,
            encoding_aes_key: "Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM".into(),
            format: Format::Xml,
            original_id: "gh_5f0c1d2e3a4b".into(),
        }
    }
}

impl Account {
    /// The key, unless the mode is plain and there is none.
    pub(crate) fn key(&self) -> Result<Option<Key>, AccountError> {
        if self.mode == Mode::Plain && self.encoding_aes_key.is_empty() {
            return Ok(None);
        }
        Ok(Some(Key::parse(&self.encoding_aes_key)?))
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, mode, format, .. } = self;
        write!(f, "Account({}, {kind}, {mode}, {format})", self.original_id)
    }
}

/// Enums that have a name each in files and on command lines.
macro_rules! names {
    ($type:ident: $($variant:ident = $name:literal),+) => {
        impl $type {
            /// All of them, in the order of the documents.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in files and on command lines.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $type {
            type Err = AccountError;

            fn from_str(name: &str) -> Result<Self, AccountError> {
                let found = Self::ALL.iter().find(|one| one.name() == name).copied();
                found.ok_or_else(|| AccountError::Unknown {
                    expected: [$($name),+].join(", "),
                    came: name.to_owned(),
                })
            }
        }
    };
}

pub(crate) use names;

names!(Kind:
    Personal = "personal",
    OrganisationUnverified = "organisation-unverified",
    VerifiedSubscription = "verified-subscription",
    VerifiedService = "verified-service",
    Test = "test");
names!(Mode: Plain = "plain", Compatible = "compatible", Safe = "safe");
names!(Format: Xml = "xml", Json = "json");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for kind in Kind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(*kind));
        }
        let error = "gold".parse::<Mode>().unwrap_err();
        assert_eq!(error.to_string(), "expected plain, compatible, safe, got `gold`");
    }

    #[test]
    fn no_secret_is_printed() {
        let account = Account::default();
        let printed = format!("{account:?}");
        for secret in [&account.token, &account.app_secret, &account.encoding_aes_key] {
            assert!(!printed.contains(secret.as_str()), "{printed}");
        }
    }

    #[test]
    fn a_key_is_asked_for_where_something_is_sealed() {
        let account =
            |mode, key: &str| Account { mode, encoding_aes_key: key.into(), ..Account::default() };
        assert!(account(Mode::Plain, "").key().is_ok_and(|key| key.is_none()));
        assert!(account(Mode::Safe, "").key().is_err());
        assert!(account(Mode::Plain, "short").key().is_err());
    }
}
