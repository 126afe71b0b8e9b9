//! Web pages beside the bot: tickets for the JS-SDK, and logins (sections 7.12 and 7.13).

use std::collections::BTreeMap;

use crate::errcode::ApiError;

/// Of a ticket and of the token of a login.
pub(crate) const LIFETIME: u64 = 7200 * 1000;
const CODE_LASTS: u64 = 5 * 60 * 1000;
const REFRESH_LASTS: u64 = 30 * 86_400_000;

/// Everything that was given to pages.
#[derive(Debug, Default)]
pub(crate) struct WebPages {
    /// When each ends, in Unix milliseconds.
    tickets: Vec<(String, u64)>,
    codes: BTreeMap<String, Code>,
    access_tokens: BTreeMap<String, (Login, u64)>,
    refresh_tokens: BTreeMap<String, (Login, u64)>,
}

/// Who logged in, and for what.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) openid: String,
    /// `snsapi_base` or `snsapi_userinfo`.
    pub(crate) scope: String,
}

#[derive(Debug)]
struct Code {
    login: Login,
    expires: u64,
    used: bool,
}

impl WebPages {
    pub(crate) fn add_ticket(&mut self, ticket: &str, now: u64) {
        self.tickets.push((ticket.to_owned(), now + LIFETIME));
    }

    /// The tickets that are good.
    pub(crate) fn tickets(&self, now: u64) -> impl Iterator<Item = &str> {
        self.tickets.iter().filter(move |(_, end)| now < *end).map(|(ticket, _)| &**ticket)
    }

    pub(crate) fn tickets_issued(&self) -> usize {
        self.tickets.len()
    }

    pub(crate) fn add_code(&mut self, code: &str, login: Login, now: u64) {
        let code_of = Code { login, expires: now + CODE_LASTS, used: false };
        self.codes.insert(code.to_owned(), code_of);
    }

    /// Who has this code, which is good once.
    pub(crate) fn use_code(&mut self, code: &str, now: u64) -> Result<Login, ApiError> {
        let code = self.codes.get_mut(code).ok_or(ApiError::code(40029))?;
        if code.used {
            return Err(ApiError::code(40163));
        }
        if now >= code.expires {
            return Err(ApiError::code(40029));
        }
        code.used = true;
        Ok(code.login.clone())
    }

    pub(crate) fn add_login(&mut self, access: &str, refresh: &str, login: &Login, now: u64) {
        self.access_tokens.insert(access.to_owned(), (login.clone(), now + LIFETIME));
        let until = now + REFRESH_LASTS;
        self.refresh_tokens.entry(refresh.to_owned()).or_insert((login.clone(), until));
    }

    pub(crate) fn refresh(&self, token: &str, now: u64) -> Result<Login, ApiError> {
        match self.refresh_tokens.get(token) {
            Some((login, end)) if now < *end => Ok(login.clone()),
            Some(_) => Err(ApiError::code(42002)),
            None => Err(ApiError::code(40030)),
        }
    }

    pub(crate) fn login(&self, token: &str, now: u64) -> Result<&Login, ApiError> {
        match self.access_tokens.get(token) {
            Some((login, end)) if now < *end => Ok(login),
            Some(_) => Err(ApiError::code(42001)),
            None => Err(ApiError::code(40001)),
        }
    }
}
