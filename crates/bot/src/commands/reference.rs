//! What the program says of itself, for `wxbot plugins` and `wxbot docs`: tables of `bot.toml`, by the
//! schema that editors have, and commands of plugins.

mod schema; // read into tables
mod table;

use serde_json::Value;
use wxbot_sdk::command::{Command, Slash};

pub(super) use self::schema::{Reading, resolved};
pub(super) use self::table::{Setting, Table};

/// `[chain.config]` of a plugin and the tables in it, from the schema of a whole `bot.toml`.
pub(super) fn settings_of(plugin: &str, root: &Value) -> Vec<Table> {
    let config = &root["$defs"][format!("config-of-{plugin}")];
    Reading::of(root).tables("chain.config", config)
}

/// The table that any reply may be.
pub(super) fn reply(root: &Value) -> Vec<Table> {
    Reading::of(root).tables("reply", &root["$defs"]["ReplyTable"])
}

pub(super) fn slash(slash: Slash) -> &'static str {
    match slash {
        Slash::Required => "with a slash before them",
        Slash::Optional => "with or without a slash before them",
        Slash::None => "without a slash",
    }
}

/// ` (help, 功能)`, where there are others.
pub(super) fn other_names(command: &Command) -> String {
    match command.names {
        [] | [_] => String::new(),
        [_, others @ ..] => format!(" ({})", others.join(", ")),
    }
}
