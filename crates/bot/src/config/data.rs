//! What `bot.toml` says.

use wxbot_core::late::settings::LateSettings;
use wxbot_sdk::matcher::Audiences;
use wxbot_server::{ConsoleSettings, ServerSettings};
use wxbot_store::Place;

use super::account::AccountSettings;
use super::chain::LinkSettings;
use super::limits::LimitSettings;
use super::origin::Origin;
use super::table::Table;

/// What `bot.toml` says, checked. Nothing is built, opened or started yet.
///
/// Two are equal when their files have the same values, after variables were filled in; where the
/// files are, and where in them the values stand, does not matter. A default that is written out is
/// a difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `[server]`
    pub server: Table<ServerSettings>,
    /// `[console]`
    pub console: Table<ConsoleSettings>,
    /// `[store]`
    pub store: Table<Place>,
    /// `[limits]`
    pub limits: Table<LimitSettings>,
    /// `[late]`
    pub late: Table<LateSettings>,
    /// Every `[[account]]`.
    pub accounts: Vec<Table<AccountSettings>>,
    /// Every `[audience.NAME]`.
    pub audiences: Table<Audiences>,
    /// Every `[[chain]]`, in order; those that are not enabled, too.
    pub chain: Vec<Table<LinkSettings>>,
    pub(super) origin: Origin,
}

impl Config {
    /// The file's name.
    pub fn name(&self) -> &str {
        self.origin.name()
    }

    /// What is allowed and probably not meant, each with its place, in one line.
    pub fn warnings(&self) -> Vec<String> {
        self.origin.warnings()
    }

    /// The same, each also with its line of the file and a caret below it.
    pub fn warnings_with_lines(&self) -> Vec<String> {
        self.origin.warnings_with_lines()
    }
}
