//! The JSON Schema of `bot.toml`, for editors: of the types that read it, and of the settings of all
//! linked plugins.

mod toml; // what JSON has and TOML has not

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};
use wxbot_core::late::settings::LateChanges;
use wxbot_sdk::matcher::AudienceSettings;
use wxbot_sdk::plugin::Registration;
use wxbot_server::{ConsoleSettings, ServerSettings};

use super::account::AccountSettings;
use super::chain::EntrySettings;
use super::file::StoreSettings;
use super::limits::LimitSettings;

/// All that a `bot.toml` of this program may say.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_deserialize().into_generator();
    let properties = sections(&mut generator);
    let mut schema = schemars::json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bot.toml",
        "description": "The configuration of wxbot, with the plugins that are linked.",
        "type": "object",
        "properties": properties,
        "required": ["account"],
        "additionalProperties": false,
        "$defs": generator.take_definitions(false),
    });
    toml::adapt(&mut schema);
    schema.into()
}

fn sections(generator: &mut SchemaGenerator) -> Value {
    json!({
        "server": section::<ServerSettings>(generator),
        "console": section::<ConsoleSettings>(generator),
        "store": section::<StoreSettings>(generator),
        "limits": section::<LimitSettings>(generator),
        "late": section::<LateChanges>(generator),
        "account": {
            "description": "One for each Official Account.",
            "type": "array",
            "items": section::<AccountSettings>(generator),
            "minItems": 1,
        },
        "audience": {
            "description": "Followers who are named together, for `when`.",
            "type": "object",
            "additionalProperties": section::<AudienceSettings>(generator),
        },
        "chain": {
            "description": "Every message asks the plugins from top to bottom; the first reply ends it.",
            "type": "array",
            "items": entry(generator),
        },
    })
}

fn section<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// One `[[chain]]`: which settings it takes depends on its plugin.
fn entry(generator: &mut SchemaGenerator) -> Schema {
    let plugins = Registration::all();
    let names: Vec<_> = plugins.iter().map(|plugin| plugin.name).collect();
    let mut choices: Vec<_> = plugins.iter().map(|plugin| choice(plugin, generator)).collect();
    choices.push(json!({
        "title": "a plugin that is not linked",
        "properties": { "plugin": { "not": { "enum": names } }, "enabled": { "const": false } },
        "required": ["enabled"],
    }));
    let mut entry = EntrySettings::json_schema(generator);
    entry.insert("oneOf".into(), choices.into());
    let properties = entry.get_mut("properties").and_then(Value::as_object_mut);
    let config = json!({ "description": "The plugin's own settings.", "type": "object" });
    properties.expect("it is a struct").insert("config".into(), config);
    entry
}

fn choice(plugin: &Registration, generator: &mut SchemaGenerator) -> Value {
    json!({
        "title": plugin.name,
        "description": plugin.summary,
        "properties": {
            "plugin": { "const": plugin.name },
            "config": (plugin.subschema)(generator),
        },
    })
}
