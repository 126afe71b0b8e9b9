//! `[server]` and `[console]`: where to listen, and who may ask the console.

use std::net::SocketAddr;

use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use wxbot_sdk::settings::{Problem, Settings};
use wxbot_server::{ConsoleSettings, ServerSettings};

use super::entropy::is_guessable;
use super::findings::Findings;
use super::table::Table;
use super::{bounds, forms};

/// Reads both.
pub(super) fn read(
    server: Settings,
    console: Settings,
    findings: &mut Findings,
) -> (Table<ServerSettings>, Table<ConsoleSettings>) {
    let wrong_server = wrong_address(&server, ServerSettings::default().listen);
    let wrong_console = wrong_address(&console, ConsoleSettings::default().listen);
    let are_addresses = wrong_server.is_none() && wrong_console.is_none();
    let server = section::<ServerSettings>(server, wrong_server, findings);
    let console = section::<ConsoleSettings>(console, wrong_console, findings);
    if are_addresses {
        check_ports(&server, &console, findings);
    }
    check_token(&console, findings);
    bounds::check("server", server.entries(), findings);
    (server, console)
}

/// A section, without its `listen` where that is no address.
fn section<T: DeserializeOwned + Default>(
    table: Settings,
    wrong_address: Option<Problem>,
    findings: &mut Findings,
) -> Table<T> {
    let mut rest = table.clone();
    if let Some(problem) = wrong_address {
        rest.take("listen");
        findings.errors.push(problem);
    }
    Table::new(findings.rest(rest).unwrap_or_default(), table)
}

fn wrong_address(section: &Settings, default: SocketAddr) -> Option<Problem> {
    let listen = section.entries().get("listen")?;
    let text = listen.get_ref().as_text()?;
    if text.parse::<SocketAddr>().is_ok() {
        return None;
    }
    let behind = text.rsplit(':').next().unwrap_or_default();
    let port: u16 = behind.parse().unwrap_or(default.port());
    let message = format!(
        "`{text}` is no address; write `127.0.0.1:{port}`, or `0.0.0.0:{port}` where it has to be \
         reached from outside, as in a container"
    );
    Some(Problem::at(listen.span(), message))
}

fn check_ports(
    server: &Table<ServerSettings>,
    console: &Table<ConsoleSettings>,
    findings: &mut Findings,
) {
    if exclude_each_other(server.listen, console.listen) {
        let place = if console.has("listen") {
            console.place_of("listen")
        } else {
            server.place_of("listen")
        };
        let port = console.listen.port();
        let message = format!(
            "`[server]` and `[console]` both listen on port {port}: give one of them another"
        );
        findings.error(place, message);
    }
}

/// Whether only one of two addresses can be listened on.
fn exclude_each_other(one: SocketAddr, other: SocketAddr) -> bool {
    // The unspecified address of IPv6 takes IPv4 as well.
    let covers = |one: SocketAddr, other: SocketAddr| {
        one.ip().is_unspecified() && (one.is_ipv6() || other.is_ipv4())
    };
    // Port 0 is another one each time.
    let same_port = one.port() == other.port() && one.port() != 0;
    same_port && (one.ip() == other.ip() || covers(one, other) || covers(other, one))
}

fn check_token(console: &Table<ConsoleSettings>, findings: &mut Findings) {
    let reach = format!("the console listens on `{}`, which others can reach", console.listen);
    let is_open = !console.listen.ip().is_loopback();
    let Some(token) = &console.token else {
        if is_open {
            findings.error(console.place(), format!("{reach}: it needs a `token`"));
        }
        return;
    };
    let token = token.expose_secret();
    let place = console.place_of("token");
    if token.is_empty() {
        findings.error(place, "`token` is empty");
    } else if let Some(residue) = forms::residue(token) {
        findings.error(place, format!("`token` {residue}"));
    } else if is_open && is_guessable(token) {
        let message = format!(
            "{reach}: its `token` is too easy to guess; it takes 128 random bits, as \
             `openssl rand -hex 16` prints them"
        );
        findings.error(place, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_listeners_need_a_port_each() {
        let table = [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
            ("127.0.0.1:80", "127.0.0.2:80", false),
            ("0.0.0.0:80", "127.0.0.1:80", true),
            ("[::]:80", "127.0.0.1:80", true),
            ("[::]:80", "[::1]:80", true),
            ("0.0.0.0:80", "[::1]:80", false),
            ("0.0.0.0:80", "[::]:80", true),
        ];
        for (one, other, expected) in table {
            let (one, other) = (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(exclude_each_other(one, other), expected, "{one} {other}");
            assert_eq!(exclude_each_other(other, one), expected, "{other} {one}");
        }
    }
}
