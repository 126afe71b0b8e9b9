//! The handler as a plugin, behind a URL, and as a child process, each with a bot around it.

use std::fs;

use tempfile::TempDir;
use wxbot_testkit::TestBot;
use wxbot_tests::conformant::GOES_ON;

use crate::server::{CONSOLE, Server};

/// How the handler is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject {
    Native,
    Webhook,
    Exec,
}

/// A bot that asks the handler, as the link `it`, and then `echo`.
pub(crate) struct Stage {
    pub(crate) bot: TestBot,
    server: Option<Server>,
    folder: TempDir,
}

/// The longest that the handler may take.
pub(crate) const LONG: &str = "60s";
pub(crate) const SOON: &str = "300ms";

impl Subject {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Webhook => "webhook",
            Self::Exec => "exec",
        }
    }

    /// Whether it is a process of its own.
    pub(crate) fn is_a_program(self) -> bool {
        !matches!(self, Self::Native)
    }

    pub(crate) async fn start(self, limit: &str) -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let server = matches!(self, Self::Webhook).then(Server::start);
        let url = server.as_ref().map(|server| server.url.as_str()).unwrap_or_default();
        let entry = match self {
            Self::Native => format!("plugin = 'conformant'\ntimeout = '{limit}'"),
            Self::Webhook => {
                format!(
                    "plugin = 'webhook'\nconfig = {{ url = '{url}', time_limit = '{limit}', \
                     callback = '{CONSOLE}' }}"
                )
            }
            Self::Exec => format!(
                "plugin = 'exec'\nconfig = {{ command = ['{}', '{}'], time_limit = '{limit}' }}",
                env!("CARGO_BIN_EXE_conformant-handler"),
                folder.path().join("gate").display(),
            ),
        };
        let chain = format!(
            "[[chain]]\nid = 'it'\n{entry}\n\
             [[chain]]\nplugin = 'echo'\n[chain.config]\nprefix = 'echo: '\n"
        );
        let bot = TestBot::setup(&chain).over_http().start().await.unwrap();
        let console = bot.console().expect("it is served");
        server.iter().for_each(|server| server.set_console(console));
        Stage { bot, server, folder }
    }
}

impl Stage {
    /// Lets the answer come that comes later.
    pub(crate) fn go_on(&self) {
        GOES_ON.send_replace(true);
        self.server.iter().for_each(Server::go_on);
        fs::write(self.folder.path().join("gate"), "").unwrap();
    }
}
