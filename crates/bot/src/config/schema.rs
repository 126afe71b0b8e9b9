//! The JSON Schema of `bot.toml`, for editors: of the types that read it, and of the settings of all
//! linked plugins.

mod toml; // what JSON has and TOML has not

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
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
    let configs = configs(&mut generator);
    let mut definitions = generator.take_definitions(false);
    definitions.extend(configs);
    let mut schema = schemars::json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bot.toml",
        "description": "The configuration of wxbot, with the plugins that are linked.",
        "type": "object",
        "properties": properties,
        "required": ["account"],
        "additionalProperties": false,
        "$defs": definitions,
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

/// The settings of each plugin, by their name among the definitions.
fn configs(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let plugins = Registration::all().into_iter();
    plugins.map(|it| (definition(it.name), (it.subschema)(generator).into())).collect()
}

fn definition(plugin: &str) -> String {
    format!("config-of-{plugin}")
}

/// One `[[chain]]`: which settings it takes depends on its plugin. That is said twice: `if` tells
/// exactly what is wrong, and editors complete by `anyOf`, whose last choice forbids nothing.
fn entry(generator: &mut SchemaGenerator) -> Schema {
    let plugins = Registration::all();
    let mut entry = EntrySettings::json_schema(generator);
    let mut choices: Vec<_> = plugins.iter().map(|plugin| choice(plugin)).collect();
    choices.push(json!({}));
    entry.insert("anyOf".into(), choices.into());
    for (key, value) in conditions(&plugins) {
        entry.insert(key, value);
    }
    let properties = entry.get_mut("properties").and_then(Value::as_object_mut);
    let config = json!({ "description": "The plugin's own settings.", "type": "object" });
    properties.expect("it is a struct").insert("config".into(), config);
    entry
}

fn choice(plugin: &Registration) -> Value {
    json!({
        "title": plugin.name,
        "description": plugin.summary,
        "properties": { "plugin": { "const": plugin.name }, "config": config_of(plugin) },
    })
}

fn config_of(plugin: &Registration) -> Value {
    json!({ "$ref": format!("#/$defs/{}", definition(plugin.name)) })
}

/// One plugin after the other; none but these, unless the entry is off.
fn conditions(plugins: &[&Registration]) -> Map<String, Value> {
    let names: Vec<_> = plugins.iter().map(|plugin| plugin.name).collect();
    let known = json!({ "properties": { "plugin": { "enum": names } } });
    let others = [("if", is("enabled", false.into())), ("else", known)];
    plugins.iter().rev().fold(rules(others), |others, plugin| {
        let config = json!({ "properties": { "config": config_of(plugin) } });
        rules([("if", is("plugin", plugin.name.into())), ("then", config), ("else", others.into())])
    })
}

fn is(key: &str, value: Value) -> Value {
    json!({ "properties": { key: { "const": value } }, "required": [key] })
}

fn rules<const N: usize>(rules: [(&str, Value); N]) -> Map<String, Value> {
    rules.into_iter().map(|(key, rule)| (key.to_owned(), rule)).collect()
}
