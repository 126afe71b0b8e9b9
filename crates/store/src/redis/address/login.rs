//! Who logs in.

use secrecy::{ExposeSecret, SecretString};

use super::percent::decoded;

/// A user and a password, each if there is one.
#[derive(Debug, Clone, Default)]
pub(in crate::redis) struct Login {
    pub(in crate::redis) user: Option<String>,
    pub(in crate::redis) password: Option<SecretString>,
}

impl Login {
    /// Reads `USER:PASSWORD`; empty for none.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let (user, password) = text
            .split_once(':')
            .ok_or("it has a user without a password (`:PASSWORD@` for no user)")?;
        let user = decoded(user)?;
        let user = (!user.is_empty()).then(|| user.into_owned());
        Ok(Self { user, password: Some(decoded(password)?.into_owned().into()) })
    }
}

impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        let password =
            |login: &Self| login.password.as_ref().map(|text| text.expose_secret().to_owned());
        self.user == other.user && password(self) == password(other)
    }
}

impl Eq for Login {}
