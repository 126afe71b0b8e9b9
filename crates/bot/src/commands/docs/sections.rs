//! `bot.toml`, by the schema that editors have.

use serde_json::Value;

use super::markdown::{heading, sentence};
use super::settings::tables;
use crate::commands::reference::{Reading, resolved};

/// The sections, by the way of their tables and that in the schema.
const SECTIONS: [(&str, &str); 8] = [
    ("server", "/properties/server"),
    ("console", "/properties/console"),
    ("store", "/properties/store"),
    ("limits", "/properties/limits"),
    ("late", "/properties/late"),
    ("account[]", "/properties/account/items"),
    ("audience.NAME", "/properties/audience/additionalProperties"),
    ("chain[]", "/properties/chain/items"),
];

const INTRODUCTION: &str = "\
A *duration* is a number with `ms`, `s`, `m`, `h` or `d` behind it, a *size* one with `KiB`, `MiB` or `GiB`.
A *template* is a text that may have places ([Templates](templates.md)); so are the texts of a *reply*
([Replies](#replies)). Instead of any text there may be a variable: `\"${NAME}\"`.
";

pub(super) fn reference(schema: &Value) -> String {
    let (mut text, mut reading) = (heading(2, "bot.toml") + INTRODUCTION, Reading::of(schema));
    for (path, pointer) in SECTIONS {
        let name = path.split(['[', '.']).next().unwrap_or(path);
        text += &format!("\n{}{}\n", heading(3, name), about(name, schema));
        text += &tables(&reading.tables(path, schema.pointer(pointer).unwrap_or(schema)));
    }
    text
}

/// What a section is; the doc comment of a type begins with the name.
fn about(section: &str, schema: &Value) -> String {
    let section = &schema["properties"][section];
    let about = section.get("description").or_else(|| resolved(section, schema).get("description"));
    let about = about.and_then(Value::as_str).unwrap_or_default();
    sentence(about.split_once("`: ").map_or(about, |(_, about)| about))
}
