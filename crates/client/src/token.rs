//! The access token (section 7.1): one for every task, process and instance of the account, renewed
//! ahead of time, by one of them at a time.

mod fetch;
mod forced;
mod keeper;
mod lease;
mod pause;
mod shared;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use self::fetch::Fetched;
pub(crate) use self::keeper::Tokens;
pub(crate) use self::pause::Failure;

/// A token from WeChat is used for so long, whatever WeChat says: to renew it with every call would
/// help nobody.
const SHORTEST: Duration = Duration::from_secs(60);

/// A token, and until when it is good.
#[derive(Clone)]
pub(crate) struct Token {
    text: SecretString,
    /// By the machine's steady clock: its date may jump.
    until: Instant,
    renew: Instant,
}

impl Token {
    /// One that was there already.
    fn found(text: SecretString, left: Duration, ahead: Duration) -> Self {
        let now = Instant::now();
        Self { text, until: now + left, renew: now + left.saturating_sub(ahead) }
    }

    /// One that WeChat gave just now.
    fn fetched(fetched: Fetched, asked: Instant, ahead: Duration) -> Self {
        let lifetime = fetched.lifetime.max(SHORTEST);
        let renew = asked + lifetime.saturating_sub(ahead).max(SHORTEST);
        Self { text: fetched.token.into(), until: asked + lifetime, renew }
    }

    pub(crate) fn text(&self) -> &str {
        self.text.expose_secret()
    }

    fn is_alive(&self) -> bool {
        Instant::now() < self.until
    }

    fn is_due(&self) -> bool {
        Instant::now() >= self.renew
    }
}

/// What kind of token is wanted.
enum Need {
    /// One that lives.
    Alive,
    /// One that need not be renewed yet.
    Fresh,
    /// One that lives and is another than this, which WeChat refused.
    Other(Token),
}

impl Need {
    fn is_met_by(&self, token: &Token) -> bool {
        token.is_alive()
            && match self {
                Self::Alive => true,
                Self::Fresh => !token.is_due(),
                Self::Other(refused) => token.text() != refused.text(),
            }
    }

    /// Whether asking in vain means asking in force.
    fn is_refused(&self, token: &str) -> bool {
        matches!(self, Self::Other(refused) if refused.text() == token)
    }
}
