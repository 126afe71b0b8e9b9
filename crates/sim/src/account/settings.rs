//! What the owner of an account chooses in WeChat's console.

use crate::names::names;

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
    /// 测试号: may call nearly everything.
    Test,
}

/// How pushes are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// 明文模式: signed plaintext.
    Plain,
    /// 兼容模式: plaintext and ciphertext in one body.
    Compatible,
    /// 安全模式: ciphertext only.
    Safe,
}

/// The data format of pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// What nearly every account uses.
    Xml,
    /// An option of the newer consoles.
    Json,
}

impl Format {
    /// The format that a body is written in.
    pub fn of_body(body: &str) -> Self {
        if body.trim_start().starts_with('{') { Self::Json } else { Self::Xml }
    }
}

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
}
