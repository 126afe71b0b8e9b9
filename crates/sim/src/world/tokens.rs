//! Access tokens: the plain kind and the stable kind, which do not affect each other (section 7.1).

use crate::calendar::day;
use crate::errcode::ApiError;

const LIFETIME: u64 = 7200 * 1000;
/// How long an old plain token stays valid beside a new one.
const OVERLAP: u64 = 300 * 1000;
/// Between two forced refreshes.
const FORCED_INTERVAL: u64 = 30 * 1000;
const MAX_FORCED_PER_DAY: u64 = 20;
/// Tokens are remembered after they expired, to tell why they are refused.
const MAX_REMEMBERED: usize = 1000;

/// All tokens that were issued.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: Vec<Token>,
    count: u64,
    /// The last forced refresh, and how many there were on that day.
    forced: Option<(u64, u64)>,
}

#[derive(Debug)]
struct Token {
    value: String,
    kind: TokenKind,
    /// Unix milliseconds.
    expires: u64,
    /// When it stops being valid early, as it is not the latest.
    revoked: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Plain,
    Stable,
}

/// A token as the caller gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessToken {
    pub(crate) value: String,
    /// Seconds.
    pub(crate) expires_in: u64,
}

impl Token {
    fn check(&self, now: u64) -> Result<(), ApiError> {
        if self.revoked.is_some_and(|revoked| now >= revoked) {
            return Err(ApiError::code(40001));
        }
        if now >= self.expires { Err(ApiError::code(42001)) } else { Ok(()) }
    }

    fn revoke_at(&mut self, at: u64) {
        self.revoked = Some(self.revoked.map_or(at, |revoked| revoked.min(at)));
    }
}

impl Tokens {
    /// Refuses a call whose token is not valid.
    pub(crate) fn check(&self, value: &str, now: u64) -> Result<(), ApiError> {
        let token = self.issued.iter().find(|token| token.value == value);
        token.ok_or(ApiError::code(40014))?.check(now)
    }

    /// How many were issued so far.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Revokes all tokens, as if another process had refreshed them.
    pub(crate) fn revoke_all(&mut self, now: u64) {
        self.issued.iter_mut().for_each(|token| token.revoke_at(now));
    }

    /// A plain token is new with each call, and the old one stays valid for 5 minutes.
    pub(crate) fn plain(&mut self, value: String, now: u64) -> AccessToken {
        self.of_kind(TokenKind::Plain).for_each(|token| token.revoke_at(now + OVERLAP));
        self.issue(TokenKind::Plain, value, now)
    }

    /// A stable token stays the same until its last 5 minutes.
    pub(crate) fn stable(&mut self, value: String, now: u64) -> AccessToken {
        let good = |token: &&mut Token| token.check(now).is_ok() && token.expires > now + OVERLAP;
        if let Some(token) = self.of_kind(TokenKind::Stable).find(good) {
            let expires_in = (token.expires - now) / 1000;
            return AccessToken { value: token.value.clone(), expires_in };
        }
        self.issue(TokenKind::Stable, value, now)
    }

    /// Replaces the stable token at once, but not soon after the last time.
    pub(crate) fn refresh_stable(
        &mut self,
        value: String,
        now: u64,
    ) -> Result<AccessToken, ApiError> {
        let count = match self.forced {
            Some((last, _)) if now < last + FORCED_INTERVAL => return Ok(self.stable(value, now)),
            Some((last, count)) if day(last) == day(now) => count,
            _ => 0,
        };
        if count == MAX_FORCED_PER_DAY {
            return Err(ApiError::code(45009));
        }
        self.forced = Some((now, count + 1));
        self.of_kind(TokenKind::Stable).for_each(|token| token.revoke_at(now));
        Ok(self.issue(TokenKind::Stable, value, now))
    }

    fn issue(&mut self, kind: TokenKind, value: String, now: u64) -> AccessToken {
        if self.issued.len() == MAX_REMEMBERED {
            self.issued.remove(0);
        }
        let expires = now + LIFETIME;
        self.issued.push(Token { value: value.clone(), kind, expires, revoked: None });
        self.count += 1;
        AccessToken { value, expires_in: LIFETIME / 1000 }
    }

    fn of_kind(&mut self, kind: TokenKind) -> impl Iterator<Item = &mut Token> {
        self.issued.iter_mut().filter(move |token| token.kind == kind)
    }
}
