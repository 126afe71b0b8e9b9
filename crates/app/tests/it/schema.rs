//! `wxbot schema`: what editors are told of `bot.toml` is what the program reads.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Map, Value, json};
use wxbot::config::Source;
use wxbot_tests::folders;
use wxbot_tests::json_schema::check;
use wxbot_tests::markdown::{Page, in_repository};
use wxbot_tests::program::Program;

use crate::default_config::{in_full, known};

const ACCOUNT: &str = "[[account]]\ntoken = 'token123'\n";

/// As the program prints it.
fn printed() -> Value {
    let ran = Program::new(env!("CARGO_BIN_EXE_wxbot")).run(&["schema"]).exits(0).says_nothing();
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The same with the plugins that are linked into these tests, as [`loads`] knows them.
fn schema() -> Value {
    wxbot::config::schema()
}

/// Whether a file loads, with all that it names.
fn loads(text: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    for name in ["words.txt", "faq.csv", "faq.md", "faq.toml"] {
        let page = Page::read("docs/en/faq.md").blocks();
        let shown = page.into_iter().find(|block| block.kind.ends_with(name));
        fs::write(folder.path().join(name), shown.map_or("word\n".into(), |it| it.text)).unwrap();
    }
    let name = folder.path().join("bot.toml").display().to_string();
    Source { name, text: text.to_owned() }.build(variable).is_ok()
}

fn variable(name: &str) -> Option<String> {
    let value = match name {
        "WXBOT_AES_KEY" | "WXBOT_OLD_AES_KEY" => "Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM",
        "WXBOT_CONSOLE_TOKEN" => "9f86d081884c7d659a2feaa0c55ad015",
        "WEBHOOK_SECRET" => "whsec_YW4gZXhhbXBsZSBvbmx5OyBtYWtlIHlvdXIgb3duISE=",
        _ => "token123",
    };
    Some(value.to_owned())
}

fn as_json(text: &str) -> Value {
    serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap()
}

/// A table, as one line for each of its keys.
fn as_toml(table: &Map<String, Value>) -> String {
    table.iter().map(|(key, value)| format!("{key:?} = {}\n", value_as_toml(value))).collect()
}

fn value_as_toml(value: &Value) -> String {
    match value {
        Value::Object(table) => {
            let pairs = table.iter().map(|(key, it)| format!("{key:?} = {}", value_as_toml(it)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(value_as_toml).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Every `bot.toml` of the repository, and what pages show of one.
fn files() -> Vec<(String, String)> {
    let read = |path: &str| (path.to_owned(), fs::read_to_string(in_repository(path)).unwrap());
    let mut files = vec![
        read("bot.toml"),
        ("bot.toml, with all that is commented out".to_owned(), in_full()),
        read("crates/bot/src/commands/new/templates/bot/bot.toml"),
    ];
    let names = |folder: &str| {
        let entries = fs::read_dir(in_repository(folder)).unwrap();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        names.map(|name| format!("{folder}/{name}")).collect::<BTreeSet<_>>()
    };
    files.extend(names("tests/fixtures/configs").iter().map(|path| read(path)));
    let pages = ["docs/en", "docs/zh"].into_iter().flat_map(names);
    for path in pages.filter(|path| path.ends_with(".md")) {
        let blocks = Page::read(&path).blocks().into_iter().filter(|block| block.kind == "toml");
        files.extend(blocks.map(|block| match block.text.contains("[[account]]") {
            true => (path.clone(), block.text),
            false => (path.clone(), format!("{ACCOUNT}{}", block.text)),
        }));
    }
    files
}

#[test]
fn every_bot_toml_that_loads_is_as_the_schema_says() {
    let schema = schema();
    let good: Vec<_> = files().into_iter().filter(|(_, text)| loads(text)).collect();
    for (path, text) in &good {
        check(&as_json(text), &schema, &schema).unwrap_or_else(|it| panic!("{path}: {it}\n{text}"));
    }
    assert!(good.len() >= 50, "{}", good.len());
}

/// The tables in a value, by the way that leads there.
fn tables(value: &Value, path: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(table) => {
            found.push(path.to_owned());
            table.iter().map(|(key, value)| (key.clone(), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(place, item)| (place.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    inner.into_iter().for_each(|(key, value)| tables(value, &format!("{path}/{key}"), found));
}

/// In some tables keys are names, and any is good.
#[test]
fn a_misspelt_key_is_refused_where_the_program_refuses_it() {
    let (schema, manual) = (schema(), as_json(&in_full()));
    assert!(loads(&as_toml(manual.as_object().unwrap())));
    let mut paths = Vec::new();
    tables(&manual, "", &mut paths);
    let mut refused = 0;
    for path in &paths {
        let mut misspelt = manual.clone();
        misspelt.pointer_mut(path).unwrap()["zzzzzzzz"] = json!("1");
        let is_good = check(&misspelt, &schema, &schema).is_ok();
        assert_eq!(is_good, loads(&as_toml(misspelt.as_object().unwrap())), "{path}");
        refused += usize::from(!is_good);
    }
    assert!(refused >= 40, "{refused} of {}", paths.len());
}

#[test]
fn a_value_that_can_not_be_read_is_refused() {
    let schema = schema();
    let table = [
        ("", "account = []"),
        ("", "[late]\nttl = 'a day'"),
        ("", "[late]\nwindow = 4"),
        ("", "[late]\ndeliveries = 4"),
        ("", "[late]\ncustomer_service = 'perhaps'"),
        ("", "[limits]\nmemory = '64'"),
        ("", "[server]\nlisten = 8080"),
        (ACCOUNT, "mode = 'saf'"),
        (ACCOUNT, "menu = { button = [] }"),
        (ACCOUNT, "[[chain]]\nid = 'echo'"),
        (ACCOUNT, "[[chain]]\nplugin = 'ekho'"),
        (ACCOUNT, "[[chain]]\nplugin = 'echo'\nconfig = { rules = [] }"),
        (ACCOUNT, "[[chain]]\nplugin = 'faq'\nconfig = { reload = '5' }"),
        (ACCOUNT, "[[chain]]\nplugin = 'echo'\nwhen = { kinds = 'text' }"),
        (ACCOUNT, "[[chain]]\nplugin = 'echo'\non_error = 'ignore'"),
        (ACCOUNT, "[audience.staff]\nteam = 'staff'"),
    ];
    for (account, wrong) in table {
        let text = format!("{account}{wrong}\n");
        assert!(!loads(&text), "{text}");
        assert!(check(&as_json(&text), &schema, &schema).is_err(), "{text}");
    }
}

/// An editor can underline the key, not the entry.
#[test]
fn what_is_wrong_with_the_settings_of_a_plugin_is_said_of_the_key() {
    let schema = schema();
    for (wrong, expected) in [
        ("plugin = 'echo'\nconfig = { prefx = '' }", r#"`additionalProperties`"#),
        ("plugin = 'echo'\nconfig = { prefix = 1 }", r#"`type`: "string" does not hold for 1"#),
        ("plugin = 'ekho'", r#"does not hold for "ekho""#),
    ] {
        let text = format!("{ACCOUNT}[[chain]]\n{wrong}\n");
        let error = check(&as_json(&text), &schema, &schema).unwrap_err();
        assert!(error.contains(expected) || error == "nothing is allowed", "{wrong}: {error}");
    }
}

#[test]
fn a_variable_may_stand_for_any_text() {
    let schema = schema();
    let text =
        format!("{ACCOUNT}mode = '${{MODE}}'\n[late]\nttl = '${{TTL}}'\nunclear = '${{IT}}'");
    check(&as_json(&text), &schema, &schema).unwrap();
}

#[test]
fn a_plugin_that_is_not_linked_may_be_in_an_entry_that_is_off() {
    let schema = schema();
    let text =
        format!("{ACCOUNT}[[chain]]\nplugin = 'shop'\nenabled = false\nconfig = {{ a = 1 }}");
    assert!(loads(&text));
    check(&as_json(&text), &schema, &schema).unwrap();
}

#[test]
fn every_key_that_the_program_knows_is_in_the_schema_and_explained() {
    let schema = printed();
    let entry = &schema["properties"]["chain"]["items"];
    assert_eq!(keys(&schema, &schema), known(""), "the sections");
    for section in ["server", "console", "store", "limits", "late"] {
        let known = known(&format!("[{section}]\n"));
        assert_eq!(keys(&schema["properties"][section], &schema), known, "[{section}]");
    }
    let accounts = &schema["properties"]["account"]["items"];
    assert_eq!(keys(accounts, &schema), known("[[account]]\ntoken = 'token123'\n"));
    let mut entries = known("[[chain]]\nplugin = 'echo'\n");
    entries.insert("config".into());
    assert_eq!(keys(entry, &schema), entries, "[[chain]]");
    for plugin in folders::plugins() {
        let mut choices = entry["anyOf"].as_array().unwrap().iter();
        let config = choices.find(|it| it["properties"]["plugin"]["const"] == *plugin);
        let config = &config.unwrap_or_else(|| panic!("no {plugin}"))["properties"]["config"];
        let known = known(&format!("[[chain]]\nplugin = '{plugin}'\n[chain.config]\n"));
        assert_eq!(keys(config, &schema), known, "[chain.config] of {plugin}");
    }
}

/// The keys of a table; each says what it means.
fn keys(table: &Value, root: &Value) -> BTreeSet<String> {
    let table = resolved(table, root);
    for (key, schema) in table["properties"].as_object().unwrap() {
        let meaning = schema.get("description").or(resolved(schema, root).get("description"));
        assert!(meaning.is_some_and(Value::is_string), "{key}: {schema}");
    }
    table["properties"].as_object().unwrap().keys().cloned().collect()
}

fn resolved<'s>(schema: &'s Value, root: &'s Value) -> &'s Value {
    let pointer = schema.get("$ref").and_then(Value::as_str);
    pointer.map_or(schema, |pointer| root.pointer(&pointer[1..]).unwrap())
}

/// Written out, they change nothing.
#[test]
fn the_defaults_in_the_schema_are_those_of_the_program() {
    let schema = printed();
    let read = |text: &str| {
        let source = Source { name: "bot.toml".into(), text: text.to_owned() };
        source.read(variable).unwrap_or_else(|error| panic!("{text}\n{error}"))
    };
    let default = read(ACCOUNT);
    for section in ["server", "console", "store", "limits", "late"] {
        let written = defaults(&schema["properties"][section], &schema);
        let config = read(&format!("{ACCOUNT}[{section}]\n{written}"));
        let all = |config: &wxbot::config::Config| {
            let wxbot::config::Config { server, console, store, limits, late, .. } = config;
            format!("{server:?} {console:?} {store:?} {limits:?} {late:?}")
        };
        assert_eq!(all(&config), all(&default), "[{section}]\n{written}");
    }
    let account = &schema["properties"]["account"]["items"];
    let written = format!("{ACCOUNT}{}", defaults(account, &schema));
    assert_eq!(format!("{:?}", read(&written).accounts), format!("{:?}", default.accounts));
    let entry = defaults(&schema["properties"]["chain"]["items"], &schema);
    let [one, other] = ["", &entry].map(|rest| {
        format!("{:?}", read(&format!("{ACCOUNT}[[chain]]\nplugin = 'echo'\n{rest}")).chain)
    });
    assert_eq!(one, other, "{entry}");
    for word in ["timeout", "enabled"] {
        assert!(entry.contains(word), "{entry}");
    }
}

/// The lines that would write the defaults of a table out.
fn defaults(table: &Value, root: &Value) -> String {
    let properties = resolved(table, root)["properties"].as_object().unwrap().iter();
    let defaults =
        properties.filter_map(|(key, it)| Some((key.clone(), it.get("default")?.clone())));
    as_toml(&defaults.collect())
}
