//! What can be said of a plugin without an instance of it: its settings, by the schema that their
//! type has, and its commands.

use serde_json::{Map, Value};
use wxbot_sdk::command::{Command, Slash};

/// A table of `bot.toml`.
pub(super) struct Table {
    /// As it stands in the file: `[chain.config]`, `[[chain.config.rules]]`.
    pub(super) heading: String,
    /// Its keys.
    pub(super) settings: Vec<Setting>,
}

/// A key of a table.
pub(super) struct Setting {
    pub(super) key: String,
    /// What it takes: `text`, `list of text`.
    pub(super) value: String,
    /// Its doc comment, with the default.
    pub(super) meaning: String,
}

/// `[chain.config]`, and the tables in it.
pub(super) fn tables(root: &Value) -> Vec<Table> {
    let mut reading = Reading { root, seen: Vec::new(), tables: Vec::new() };
    reading.table("chain.config", root, Brackets::One);
    reading.tables
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

enum Brackets {
    One,
    Two,
}

struct Reading<'s> {
    root: &'s Value,
    /// Those that are shown already: a choice may have choices in it.
    seen: Vec<&'s Value>,
    tables: Vec<Table>,
}

impl<'s> Reading<'s> {
    fn table(&mut self, path: &str, schema: &'s Value, brackets: Brackets) {
        let schema = self.resolved(schema);
        let Some(properties) = properties(schema) else { return };
        if self.seen.iter().any(|seen| std::ptr::eq(*seen, schema)) {
            return;
        }
        self.seen.push(schema);
        let heading = match brackets {
            Brackets::One => format!("[{path}]"),
            Brackets::Two => format!("[[{path}]]"),
        };
        let setting = |(key, schema): (&String, &'s Value)| self.setting(key, schema);
        let settings = properties.iter().map(setting).collect();
        self.tables.push(Table { heading, settings });
        for (key, schema) in properties {
            let path = format!("{path}.{key}");
            for schema in self.alternatives(schema) {
                self.table(&path, schema, Brackets::One);
                if let Some(items) = schema.get("items") {
                    self.table(&path, items, Brackets::Two);
                }
            }
        }
    }

    fn setting(&self, key: &str, schema: &'s Value) -> Setting {
        let own = schema.get("description").and_then(Value::as_str);
        let of_its_type = || self.resolved(schema).get("description").and_then(Value::as_str);
        let mut meaning = own.or_else(of_its_type).unwrap_or_default().to_owned();
        if let Some(default) = default(schema).filter(|_| !meaning.contains("Default:")) {
            meaning += &format!(" Default: {default}");
        }
        let meaning = meaning.trim().to_owned();
        Setting { key: key.to_owned(), value: self.value(schema, 0), meaning }
    }

    /// What a schema takes, in words; of lists in lists no more than that they are.
    fn value(&self, schema: &'s Value, depth: usize) -> String {
        let mut values: Vec<String> = Vec::new();
        for schema in self.alternatives(schema) {
            let value = self.one_value(schema, depth);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if values.is_empty() { "any".to_owned() } else { values.join(" or ") }
    }

    fn one_value(&self, schema: &'s Value, depth: usize) -> String {
        if let Some(value) = schema.get("const") {
            return format!("`{value}`");
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
            return values.join(" or ");
        }
        let kinds: Vec<_> = match schema.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            kind => kind.and_then(Value::as_str).into_iter().collect(),
        };
        let words = kinds.into_iter().filter(|kind| *kind != "null").map(|kind| match kind {
            "string" => "text".to_owned(),
            "integer" => "whole number".to_owned(),
            "boolean" => "`true` or `false`".to_owned(),
            "array" => match schema.get("items") {
                Some(items) if depth == 0 => format!("list of {}", self.value(items, 1)),
                _ => "list".to_owned(),
            },
            "object" => "table".to_owned(),
            other => other.to_owned(),
        });
        let words: Vec<_> = words.collect();
        if words.is_empty() { "any".to_owned() } else { words.join(" or ") }
    }

    /// A schema without references, or those that it is one of; `null` is what is left out.
    fn alternatives(&self, schema: &'s Value) -> Vec<&'s Value> {
        let schema = self.resolved(schema);
        let several = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array);
        let Some(several) = several else { return vec![schema] };
        let is_null = |schema: &&Value| schema.get("type").is_some_and(|kind| kind == "null");
        let several = several.iter().filter(|schema| !is_null(schema));
        several.flat_map(|schema| self.alternatives(schema)).collect()
    }

    fn resolved(&self, schema: &'s Value) -> &'s Value {
        let pointer = schema.get("$ref").and_then(Value::as_str);
        let pointer = pointer.and_then(|pointer| pointer.strip_prefix('#'));
        pointer.and_then(|pointer| self.root.pointer(pointer)).unwrap_or(schema)
    }
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object)
}

/// One that can be written in a word; an empty one says nothing, as of a key that is needed.
fn default(schema: &Value) -> Option<String> {
    match schema.get("default")? {
        Value::Null | Value::Object(_) => None,
        Value::String(text) if text.is_empty() => None,
        Value::Array(values) if values.is_empty() => None,
        Value::Array(values) if values.iter().any(Value::is_object) => None,
        default => Some(format!("`{default}`.")),
    }
}
