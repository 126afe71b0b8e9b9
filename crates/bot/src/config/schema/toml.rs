//! From a schema of JSON to one of `bot.toml`: there is no `null`, and a text may be a variable.

use schemars::Schema;
use schemars::transform::transform_subschemas;
use serde_json::{Map, Value, json};

/// Adapts a schema and all that is in it.
pub(super) fn adapt(schema: &mut Schema) {
    transform_subschemas(&mut adapt, schema);
    let Some(rules) = schema.as_object_mut() else { return };
    remove_null(rules);
    shorten_default(rules);
    take_links_out(rules);
    allow_variables(rules);
}

/// What may be `null` is what may be left out.
fn remove_null(rules: &mut Map<String, Value>) {
    if rules.get("default").is_some_and(Value::is_null) {
        rules.remove("default");
    }
    if let Some(Value::Array(types)) = rules.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            rules.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = rules.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    let Some(Value::Array(choices)) = rules.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
    if let [Value::Object(only)] = &choices[..] {
        let only = only.clone();
        rules.remove("anyOf");
        for (key, value) in only {
            rules.entry(key).or_insert(value);
        }
    }
}

/// `0.38` has more digits as a number of 64 bits; a table of defaults says nothing that its keys don't.
fn shorten_default(rules: &mut Map<String, Value>) {
    let is_float = |rules: &Value| rules["format"] == "float";
    let of_floats = rules.get("format").is_some_and(|format| format == "float")
        || rules.get("items").is_some_and(is_float);
    match rules.get_mut("default") {
        Some(Value::Object(_)) => drop(rules.remove("default")),
        Some(Value::Array(numbers)) if of_floats => numbers.iter_mut().for_each(shorten),
        Some(number) if of_floats => shorten(number),
        _ => {}
    }
}

fn shorten(number: &mut Value) {
    let of_32_bits = number.as_f64().map(|number| number as f32).unwrap_or_default();
    *number = of_32_bits.to_string().parse::<f64>().unwrap_or_default().into();
}

/// Links between types of Rust lead nowhere here.
fn take_links_out(rules: &mut Map<String, Value>) {
    let Some(Value::String(description)) = rules.get_mut("description") else { return };
    while let Some((before, behind)) = description.split_once("](") {
        let Some((target, after)) = behind.split_once(')') else { return };
        if target.contains("://") {
            return;
        }
        let Some((front, name)) = before.rsplit_once('[') else { return };
        *description = format!("{front}{name}{after}");
    }
}

/// `${NAME}` stands for any text, also where only some are taken.
fn allow_variables(rules: &mut Map<String, Value>) {
    let is_text = rules.get("type").is_some_and(|name| name == "string");
    let bounds = ["enum", "pattern", "minLength", "maxLength"];
    if is_text && bounds.iter().any(|bound| rules.contains_key(*bound)) {
        let mut bounded = Map::from_iter([("type".to_owned(), json!("string"))]);
        bounded.extend(bounds.into_iter().filter_map(|bound| rules.remove_entry(bound)));
        rules.remove("type");
        rules.insert("anyOf".into(), json!([bounded, variable()]));
    }
    let is_word = |choice: &Value| choice.get("const").is_some_and(Value::is_string);
    let words = rules.get_mut("oneOf").and_then(Value::as_array_mut);
    if let Some(words) = words.filter(|words| words.iter().all(is_word)) {
        let choices = words.drain(..).chain([variable()]).collect();
        rules.remove("oneOf");
        rules.insert("anyOf".into(), choices);
    }
}

fn variable() -> Value {
    json!({ "description": "An environment variable.", "type": "string", "pattern": r"\$\{" })
}
