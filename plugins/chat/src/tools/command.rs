//! A command of another entry as a tool: its table is the schema.

use serde_json::{Map, Value, json};
use wxbot_sdk::command::{ArgumentKind, ArgumentSpec, Command, CommandSet, Takes};
use wxbot_sdk::context::Context;
use wxbot_sdk::tool_call::ToolOwner;

use crate::model::call::ToolSchema;

/// The longest name that APIs take.
const MOST_NAME: usize = 64;

/// A command that the model may call.
pub(crate) struct CommandTool {
    pub(super) schema: ToolSchema,
    /// The entry's id.
    pub(super) entry: String,
    set: &'static CommandSet,
    command: &'static Command,
}

/// The commands of these entries, as far as this follower may use them here and now.
pub(super) fn tools(ctx: &Context, entries: &[String]) -> Vec<CommandTool> {
    let mut tools: Vec<CommandTool> = Vec::new();
    let usable = ctx.directory().usable_by(ctx.subject());
    for entry in usable.filter(|entry| entries.contains(&entry.id)) {
        let Some(set) = entry.commands else { continue };
        for command in set.commands {
            let is_free = |name: &String| tools.iter().all(|tool| tool.schema.name != *name);
            let name = names(&entry.id, command, tools.len()).into_iter().find(is_free);
            let Some(name) = name else { continue };
            let schema = schema(name, set, command);
            tools.push(CommandTool { schema, entry: entry.id.clone(), set, command });
        }
    }
    tools
}

impl CommandTool {
    /// What trace and metrics call it.
    pub(super) fn owner(&self) -> ToolOwner {
        let command = self.command.names.first().copied().unwrap_or_default();
        ToolOwner::Entry { id: self.entry.clone(), command }
    }

    /// What a follower would write for this.
    pub(super) fn line(&self, given: &Map<String, Value>) -> Result<String, String> {
        let words = |argument: &ArgumentSpec| words(given.get(argument.field));
        let arguments: Vec<_> = self.command.arguments.iter().map(words).collect();
        self.set.line(self.command, &arguments).map_err(|error| error.to_string())
    }
}

/// What it may be called, as APIs take letters, digits, `_` and `-`: the first name that is like
/// that, or one of the entry's.
fn names(entry: &str, command: &Command, place: usize) -> [String; 3] {
    let is_plain = |name: &&&str| {
        name.len() <= MOST_NAME
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    };
    let own = command.names.iter().find(is_plain).map(|name| (*name).to_owned());
    let of_entry: String = entry
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
        .take(MOST_NAME / 2)
        .collect();
    let numbered = format!("{of_entry}_{}", place + 1);
    let of_both = own.as_ref().map(|own| format!("{of_entry}_{own}")).map(|mut name| {
        name.truncate(MOST_NAME);
        name
    });
    let own = own.unwrap_or_else(|| numbered.clone());
    [own, of_both.unwrap_or_else(|| numbered.clone()), numbered]
}

fn schema(name: String, set: &CommandSet, command: &Command) -> ToolSchema {
    let lines = [command.help, command.details, set.about, &set.written(command)];
    let description = lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>();
    let properties: Map<_, _> = command
        .arguments
        .iter()
        .map(|argument| (argument.field.to_owned(), property(argument)))
        .collect();
    let is_needed = |argument: &&ArgumentSpec| matches!(argument.takes, Takes::One | Takes::Rest);
    let needed: Vec<_> =
        command.arguments.iter().filter(is_needed).map(|argument| argument.field).collect();
    let parameters = json!({ "type": "object", "properties": properties, "required": needed });
    ToolSchema { name, description: description.join("\n"), parameters }
}

fn property(argument: &ArgumentSpec) -> Value {
    let (kind, like) = match (argument.kind)() {
        ArgumentKind::Integer => ("integer", None),
        ArgumentKind::Number => ("number", None),
        ArgumentKind::Duration => ("string", Some("30m, 2h")),
        ArgumentKind::Date => ("string", Some("2025-03-05")),
        ArgumentKind::Text => ("string", None),
    };
    let description = match argument.example.or(like) {
        Some(example) => format!("{} ({example})", argument.name),
        None => argument.name.to_owned(),
    };
    match argument.takes {
        Takes::Many => json!({
            "type": "array", "items": { "type": kind }, "description": description,
        }),
        _ => json!({ "type": kind, "description": description }),
    }
}

/// What the model gave for an argument, as words; models write numbers as texts, and the other way
/// round.
fn words(given: Option<&Value>) -> Vec<String> {
    match given {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) if text.trim().is_empty() => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(all)) => all.iter().flat_map(|one| words(Some(one))).collect(),
        Some(other) => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::command::Date;
    use wxbot_sdk::prelude::*;

    use super::*;

    /// 出行
    #[derive(PartialEq, Commands)]
    enum Travel {
        /// 查天气
        #[command("天气", "weather")]
        Weather {
            /// 城市
            city: String,
            /// 哪天
            day: Option<Date>,
        },
        /// 订票
        #[command("订票")]
        Book(u32, Vec<String>),
    }

    #[test]
    fn the_table_is_the_schema() {
        let made = schema("weather".into(), Travel::SET, &Travel::SET.commands[0]);
        let expected = json!({
            "type": "object",
            "properties": {
                "city": { "type": "string", "description": "城市" },
                "day": { "type": "string", "description": "哪天 (2025-03-05)" },
            },
            "required": ["city"],
        });
        assert_eq!(
            (&*made.description, made.parameters),
            ("查天气\n出行\n天气 城市 [哪天]", expected)
        );
        let made = schema("book".into(), Travel::SET, &Travel::SET.commands[1]).parameters;
        let expected = json!({
            "argument1": { "type": "integer", "description": "…" },
            "argument2": {
                "type": "array", "items": { "type": "string" }, "description": "…",
            },
        });
        assert_eq!(made["properties"], expected);
    }

    #[test]
    fn names_are_what_apis_take() {
        let [weather, book] = [0, 1].map(|place| &Travel::SET.commands[place]);
        assert_eq!(names("旅行 a", weather, 0), ["weather", "___a_weather", "___a_1"]);
        assert_eq!(names("travel", book, 1), ["travel_2", "travel_2", "travel_2"]);
    }
}
