//! Tables of `bot.toml`, and their keys.

/// A table of `bot.toml`.
pub(in crate::commands) struct Table {
    /// The way to it: `chain.config.history`; of a list of tables `chain.config.rules[]`.
    pub(in crate::commands) path: String,
    /// Its keys.
    pub(in crate::commands) settings: Vec<Setting>,
}

/// A key of a table.
#[derive(Clone)]
pub(in crate::commands) struct Setting {
    pub(in crate::commands) key: String,
    /// What it takes: `text`, `list of text`, `template`.
    pub(in crate::commands) value: String,
    /// What holds without it, or that it is needed.
    pub(in crate::commands) default: String,
    /// Its doc comment.
    pub(in crate::commands) meaning: String,
}

impl Table {
    /// As it stands in the file: `[chain.config]`, `[[chain.config.rules]]`.
    pub(in crate::commands) fn heading(&self) -> String {
        let name = self.path.replace("[]", "");
        if self.path.ends_with("[]") { format!("[[{name}]]") } else { format!("[{name}]") }
    }
}

impl Setting {
    /// Its table is the same everywhere.
    pub(in crate::commands) fn takes_reply(&self) -> bool {
        self.value.ends_with("reply")
    }
}
