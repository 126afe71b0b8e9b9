//! `[server]` and `[console]`: where to listen.

use wxbot_sdk::settings::Settings;
use wxbot_server::{ConsoleSettings, ServerSettings};

use super::findings::Findings;
use super::table::Table;

/// Reads both.
pub(super) fn read(
    server: Settings,
    console: Settings,
    findings: &mut Findings,
) -> (Table<ServerSettings>, Table<ConsoleSettings>) {
    let server = Table::new(findings.keep(server.clone().read()).unwrap_or_default(), server);
    let console = Table::new(findings.keep(console.clone().read()).unwrap_or_default(), console);
    check_token(&console, findings);
    (server, console)
}

fn check_token(console: &Table<ConsoleSettings>, findings: &mut Findings) {
    if console.token.is_none() && !console.listen.ip().is_loopback() {
        let message = format!(
            "the console listens on `{}`, which others can reach: it needs a `token`",
            console.listen
        );
        findings.error(console.place(), message);
    }
}
