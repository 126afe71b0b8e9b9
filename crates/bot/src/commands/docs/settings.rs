//! Settings as tables of Markdown.

use super::markdown::table;
use crate::commands::reference::{Setting, Table};

pub(super) fn tables(tables: &[Table]) -> String {
    let tables = tables.iter().filter(|table| !table.settings.is_empty());
    tables.map(|table| format!("\n`{}`\n\n{}", table.heading(), keys(table))).collect()
}

fn keys(of: &Table) -> String {
    let rows = of.settings.iter().map(|setting| {
        let Setting { key, value, default, meaning } = setting.clone();
        [format!("`{key}`"), value, default, meaning]
    });
    table(["key", "value", "default", "meaning"], rows)
}
