//! The JSON Schema of the contract, made of the types that write and read it.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::request::Request;

/// What a handler is asked and what it answers, as `$defs` `Request` and `Answer`.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut definitions = Map::new();
    add::<Request<'_>>(settings.clone().for_serialize(), "Request", &mut definitions);
    add::<Answer>(settings.for_deserialize(), "Answer", &mut definitions);
    definitions["Answer"]["properties"]["id"] =
        json!({ "type": "integer", "description": "The `id` of the request, where it has one." });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wxbot: handlers in other languages",
        "description": "What `webhook` posts and `exec` writes is a Request, what it reads an Answer.",
        "$defs": definitions,
    })
}

fn add<T: JsonSchema>(settings: SchemaSettings, name: &str, to: &mut Map<String, Value>) {
    let mut generator = SchemaGenerator::new(settings);
    let schema = T::json_schema(&mut generator);
    to.extend(generator.take_definitions(true));
    to.insert(name.to_owned(), schema.into());
}
