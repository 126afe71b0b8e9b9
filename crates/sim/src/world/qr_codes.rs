//! Parametric QR codes (section 7.9).

use std::collections::BTreeMap;

use crate::errcode::ApiError;

const MAX_PERMANENT: usize = 100_000;
/// Beyond this, expired codes are dropped.
const CAPACITY: usize = 200_000;

/// Codes by ticket.
#[derive(Debug, Default)]
pub(crate) struct QrCodes {
    codes: BTreeMap<String, QrCode>,
}

#[derive(Debug)]
pub(crate) struct QrCode {
    pub(crate) scene: String,
    /// Unix milliseconds; none for a permanent one.
    pub(crate) expires: Option<u64>,
}

impl QrCode {
    fn is_valid(&self, now: u64) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

impl QrCodes {
    /// The scene of a valid code.
    pub(crate) fn scene(&self, ticket: &str, now: u64) -> Option<&str> {
        let code = self.codes.get(ticket)?;
        code.is_valid(now).then_some(&*code.scene)
    }

    pub(crate) fn insert(
        &mut self,
        ticket: String,
        code: QrCode,
        now: u64,
    ) -> Result<(), ApiError> {
        if self.codes.len() >= CAPACITY {
            self.codes.retain(|_, code| code.is_valid(now));
        }
        let permanent = self.codes.values().filter(|code| code.expires.is_none()).count();
        if code.expires.is_none() && permanent >= MAX_PERMANENT {
            return Err(ApiError::code(45009));
        }
        self.codes.insert(ticket, code);
        Ok(())
    }
}
