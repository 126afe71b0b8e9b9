//! Who may ask what. A handler that takes one of these is called for those only.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::http::header::{AUTHORIZATION, HOST, HeaderName, ORIGIN};
use actix_web::http::uri::Authority;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, dev};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::denied::Denied;
use super::logins::Logins;

/// A page elsewhere may make a browser post here, but not with a header of its own.
const CSRF_HEADER: HeaderName = HeaderName::from_static("x-wxbot");

/// Somebody who means this console, as far as a browser tells.
pub(super) struct Local;

/// The operator.
pub(super) struct Authorized;

/// The operator, who wants something to change.
pub(super) struct Change;

/// What tells the operator from others.
pub(super) struct Access {
    token: Option<SecretString>,
    logins: Logins,
}

impl Access {
    pub(super) fn new(token: Option<SecretString>) -> Self {
        Self { token, logins: Logins::default() }
    }

    /// Without a token, whoever reaches this listener is trusted, and that includes the browsers of
    /// this machine. A page that points its own name at this address (DNS rebinding) is told by
    /// that name. With a token it does not matter: no page has it.
    fn check_local(&self, request: &HttpRequest) -> Result<Local, Denied> {
        let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or(""));
        let host = header(HOST);
        let is_same_origin = |origin: &str| {
            let origin = origin.split_once("://").map(|(_, authority)| authority);
            origin.is_some_and(|origin| origin == host.unwrap_or(""))
        };
        let is_local =
            host.is_none_or(names_a_machine) && header(ORIGIN).is_none_or(is_same_origin);
        if self.token.is_some() || is_local { Ok(Local) } else { Err(Denied::Foreign) }
    }

    fn is_authorized(&self, request: &HttpRequest) -> bool {
        let Some(token) = &self.token else { return true };
        let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        given
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|given| given.as_bytes().ct_eq(token.expose_secret().as_bytes()).into())
    }

    async fn authorize(&self, request: &HttpRequest) -> Result<Authorized, Denied> {
        self.check_local(request)?;
        if self.is_authorized(request) {
            return Ok(Authorized);
        }
        Err(self.logins.refuse(request.peer_addr()).await)
    }

    async fn authorize_change(&self, request: &HttpRequest) -> Result<Change, Denied> {
        self.authorize(request).await?;
        let has_header = request.headers().contains_key(CSRF_HEADER);
        has_header.then_some(Change).ok_or(Denied::CsrfHeader)
    }
}

/// `localhost:8081`, `127.0.0.1`, `[::1]:8081`: nobody can point these at somewhere else.
fn names_a_machine(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

impl FromRequest for Local {
    type Error = Denied;
    type Future = Ready<Result<Self, Denied>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(access(request).check_local(request))
    }
}

impl FromRequest for Authorized {
    type Error = Denied;
    type Future = LocalBoxFuture<'static, Result<Self, Denied>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let (access, request) = (access(request), request.clone());
        async move { access.authorize(&request).await }.boxed_local()
    }
}

impl FromRequest for Change {
    type Error = Denied;
    type Future = LocalBoxFuture<'static, Result<Self, Denied>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let (access, request) = (access(request), request.clone());
        async move { access.authorize_change(&request).await }.boxed_local()
    }
}

fn access(request: &HttpRequest) -> Data<Access> {
    let access = request.app_data::<Data<Access>>();
    access.cloned().expect("every route of the console has it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_named_by_localhost_or_an_address() {
        for host in ["localhost", "LOCALHOST:8081", "127.0.0.1:8081", "10.0.0.7", "[::1]:8081"] {
            assert!(names_a_machine(host), "{host}");
        }
        let names = ["evil.example", "evil.example:8081", "127.0.0.1.evil.example", "wxbot"];
        for host in names.into_iter().chain(["", ":8081", "localhost.evil", "localhost/evil"]) {
            assert!(!names_a_machine(host), "{host}");
        }
    }
}
