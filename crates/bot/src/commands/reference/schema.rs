//! From a JSON Schema to tables with keys.

use serde_json::{Map, Value};

use super::table::{Setting, Table};

/// A schema on its way into tables.
pub(in crate::commands) struct Reading<'s> {
    root: &'s Value,
    /// Those that are shown already, with the way there: a choice may have choices in it.
    seen: Vec<(&'s Value, String)>,
    tables: Vec<Table>,
}

impl<'s> Reading<'s> {
    /// `root` is what references are looked up in.
    pub(in crate::commands) fn of(root: &'s Value) -> Self {
        Self { root, seen: Vec::new(), tables: Vec::new() }
    }

    /// The table that a schema is of and those in it, but for what was read before.
    pub(in crate::commands) fn tables(&mut self, path: &str, schema: &'s Value) -> Vec<Table> {
        self.table(path, schema);
        std::mem::take(&mut self.tables)
    }

    fn table(&mut self, path: &str, schema: &'s Value) {
        let schema = self.resolved(schema);
        let Some(properties) = properties(schema) else { return };
        if self.seen_at(schema).is_some() {
            return;
        }
        self.seen.push((schema, path.to_owned()));
        let setting = |(key, of): (&String, &'s Value)| self.setting(key, of, schema);
        let settings = properties.iter().map(setting).collect();
        self.tables.push(Table { path: path.to_owned(), settings });
        for (key, schema) in properties {
            self.inner(&format!("{path}.{key}"), schema);
        }
    }

    /// The tables that a key may have: one, a list of them, or one of each name. What replies are is the
    /// same everywhere.
    fn inner(&mut self, path: &str, schema: &'s Value) {
        if self.value(schema, 0).ends_with("reply") {
            return;
        }
        for schema in self.alternatives(schema) {
            self.table(path, schema);
            for (one, suffix) in [("items", "[]"), ("additionalProperties", ".NAME")] {
                let kinds = schema.get(one).map(|one| self.alternatives(one)).unwrap_or_default();
                kinds.into_iter().for_each(|one| self.table(&format!("{path}{suffix}"), one));
            }
        }
    }

    fn seen_at(&self, schema: &Value) -> Option<&str> {
        let seen = self.seen.iter().find(|(seen, _)| std::ptr::eq(*seen, schema));
        seen.map(|(_, path)| path.as_str())
    }

    fn setting(&self, key: &str, schema: &'s Value, of: &'s Value) -> Setting {
        let described = [schema, self.resolved(schema), of].into_iter();
        let text = described.filter_map(description).next().unwrap_or_default().replace('\n', " ");
        let (meaning, words) = match text.split_once("Default: ") {
            Some((meaning, words)) => (meaning, Some(words.strip_suffix('.').unwrap_or(words))),
            None => (text.as_str(), None),
        };
        let (needed, value) = (meaning.strip_suffix("Needed."), self.value(schema, 0));
        let default = match schema.get("default").or(self.resolved(schema).get("default")) {
            _ if is_required(key, of) || needed.is_some() => "needed".to_owned(),
            default => said(default, words, &value).unwrap_or_else(|| self.nothing(schema)),
        };
        let meaning = needed.unwrap_or(meaning).trim();
        let meaning = meaning.to_owned() + &self.choices(schema, meaning);
        Setting { key: key.to_owned(), value, default, meaning }
    }

    /// What each of the words means that it may be, unless that is told already.
    fn choices(&self, schema: &'s Value, told: &str) -> String {
        let word = |choice: &'s Value| choice.get("const").and_then(Value::as_str);
        let choices = self.alternatives(schema).into_iter();
        let choices = choices.filter_map(|choice| Some((word(choice)?, description(choice)?)));
        let untold = choices.filter(|(word, _)| !told.contains(word));
        untold.map(|(word, meaning)| format!(" `{word}`: {}", meaning.replace('\n', " "))).collect()
    }

    /// The default of what has none: of a table, its keys have theirs.
    fn nothing(&self, schema: &'s Value) -> String {
        let is_table = |schema: &&'s Value| properties(schema).is_some();
        let tables = self.alternatives(schema).iter().all(is_table);
        if tables { String::new() } else { "none".to_owned() }
    }

    /// What a schema takes, in words; of lists in lists no more than that they are.
    fn value(&self, schema: &'s Value, depth: usize) -> String {
        let title = |schema: &'s Value| schema.get("title").and_then(Value::as_str);
        if let Some(title) = title(schema).or_else(|| title(self.resolved(schema))) {
            return title.to_owned();
        }
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
            "object" => self.table_in_words(schema, depth),
            other => other.to_owned(),
        });
        let words: Vec<_> = words.collect();
        if words.is_empty() { "any".to_owned() } else { words.join(" or ") }
    }

    fn table_in_words(&self, schema: &'s Value, depth: usize) -> String {
        match (self.seen_at(schema), schema.get("additionalProperties")) {
            (Some(path), _) => format!("table as `{path}`"),
            (None, Some(values @ Value::Object(_))) if depth == 0 => {
                format!("table of {}", self.value(values, 1))
            }
            _ => "table".to_owned(),
        }
    }

    /// A schema without references, or those that it is one of; a variable may be anywhere.
    fn alternatives(&self, schema: &'s Value) -> Vec<&'s Value> {
        let schema = self.resolved(schema);
        let several = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array);
        let Some(several) = several else { return vec![schema] };
        let is_variable = |schema: &&Value| schema.get("pattern").is_some_and(|it| it == r"\$\{");
        let several = several.iter().filter(|schema| !is_variable(schema));
        several.flat_map(|schema| self.alternatives(schema)).collect()
    }

    fn resolved(&self, schema: &'s Value) -> &'s Value {
        resolved(schema, self.root)
    }
}

/// What a schema refers to, if it does.
pub(in crate::commands) fn resolved<'s>(schema: &'s Value, root: &'s Value) -> &'s Value {
    let pointer = schema.get("$ref").and_then(Value::as_str);
    let pointer = pointer.and_then(|pointer| pointer.strip_prefix('#'));
    pointer.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

fn is_required(key: &str, table: &Value) -> bool {
    let required = table.get("required").and_then(Value::as_array);
    required.is_some_and(|keys| keys.iter().any(|needed| needed == key))
}

fn description(schema: &Value) -> Option<&str> {
    schema.get("description").and_then(Value::as_str)
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object)
}

/// A default as it would be written, with what its doc comment adds: `false`, they are passed. What
/// can't be written is told by the comment alone.
fn said(default: Option<&Value>, words: Option<&str>, value: &str) -> Option<String> {
    let default = default.filter(|default| is_short(default)).map(written);
    let Some(words) = words else { return default.map(|default| format!("`{default}`")) };
    let (first, rest) = words.split_at(words.find(',').unwrap_or(words.len()));
    let as_code = [format!("`{first}`"), format!("`\"{first}\"`")];
    match (default, as_code.into_iter().find(|code| value.contains(code))) {
        (_, Some(code)) => Some(code + rest),
        (None, None) => Some(words.to_owned()),
        (Some(default), None) if default.trim_matches('"') == first => {
            Some(format!("`{default}`{rest}"))
        }
        (Some(default), None) => Some(format!("`{default}`")),
    }
}

/// As in `bot.toml`.
fn written(value: &Value) -> String {
    match value.as_array() {
        None => value.to_string(),
        Some(values) => format!("[{}]", values.iter().map(written).collect::<Vec<_>>().join(", ")),
    }
}

fn is_short(default: &Value) -> bool {
    match default {
        Value::Null | Value::Object(_) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty() && !values.iter().any(Value::is_object),
        Value::Bool(_) | Value::Number(_) => true,
    }
}
