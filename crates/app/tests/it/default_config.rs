//! The `bot.toml` at the root is the manual: it loads, all of it, and it names every key.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

use std::collections::BTreeSet;

use toml::{Table, Value};
use wxbot_core::late::settings::{LateChanges, LateSettings};
use wxbot_tests::program::Program;

/// The manual.
const MANUAL: &str = include_str!("../../../../bot.toml");

/// The program with this `bot.toml`, and with the variables that the manual names.
fn wxbot(config: &str) -> Program {
    let key = "Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM";
    Program::new(env!("CARGO_BIN_EXE_wxbot"))
        .with_config(config)
        .with_variable("WXBOT_CONSOLE_TOKEN", "console-token")
        .with_variable("WXBOT_OLD_TOKEN", "oldTOKEN1")
        .with_variable("WXBOT_AES_KEY", key)
        .with_variable("WXBOT_OLD_AES_KEY", key)
        .with_variable("WXBOT_APP_SECRET", "app-secret")
        .with_variable("LLM_KEY", "llm-key")
}

/// The settings in a line that is commented out: `# key = value`, `# [table]`.
fn commented_out(line: &str) -> Option<&str> {
    let settings = line.strip_prefix("# ")?;
    let key = settings.split_once(" = ").is_some_and(|(key, _)| {
        key.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !key.is_empty()
    });
    (key || settings.starts_with('[')).then_some(settings)
}

/// The manual's lines; the words on top are about no section and have no settings.
fn lines() -> impl Iterator<Item = &'static str> {
    MANUAL.lines().skip_while(|line| !line.starts_with('['))
}

/// The manual with everything that is commented out put in force.
pub(crate) fn in_full() -> String {
    lines().map(|line| format!("{}\n", commented_out(line).unwrap_or(line))).collect()
}

#[test]
fn the_manual_is_the_default_and_loads() {
    assert_eq!(MANUAL, wxbot::config::DEFAULT);
    let ran = wxbot(MANUAL).run(&["check"]).exits(0).says_nothing();
    let default = Program::new(env!("CARGO_BIN_EXE_wxbot")).run(&["check"]).exits(0);
    assert_eq!(
        ran.stdout.strip_prefix("bot.toml is good"),
        default.stdout.strip_prefix("the built-in bot.toml is good"),
    );
}

/// A line of the example entries means nothing without the lines around it; see the test below.
#[test]
fn each_key_that_may_be_left_out_may_be_put_in() {
    let (mut in_example, mut tried) = (false, Vec::new());
    for (number, line) in lines().enumerate() {
        in_example = (in_example || line.starts_with("# [")) && !line.starts_with('[');
        let Some(settings) = commented_out(line).filter(|_| !in_example) else { continue };
        let with = |(place, line)| format!("{}\n", if place == number { settings } else { line });
        let config: String = lines().enumerate().map(with).collect();
        let ran = wxbot(&config).run(&["check"]);
        assert_eq!(ran.code, Some(0), "with {settings}:\n{}", ran.stderr);
        tried.push(settings.split(' ').next().unwrap());
    }
    for key in ["workers", "clock_skew", "app_id", "previous_token", "timeout", "when", "config"] {
        assert!(tried.contains(&key), "{key} was not found in the manual: {tried:?}");
    }
}

#[test]
fn all_of_it_at_once_loads() {
    let program = wxbot(&in_full().replace("\"python3\"", "\"sh\"")).with_file("bot.py", "");
    let ran = program.run(&["check"]).exits(0).says_nothing();
    for link in ["guard", "transfer", "welcome", "keywords", "guide", "faq", "chat", "echo"] {
        assert!(ran.stdout.contains(link), "{link} is not in\n{}", ran.stdout);
    }
    wxbot(&in_full())
        .run(&["say", "weather in Xi'an"])
        .exits(0)
        .prints("It never rains in Xi'an.\n");
}

#[test]
fn the_values_shown_for_keys_that_may_be_left_out_are_the_defaults() {
    let manual: Table = in_full().parse().unwrap();
    let entry = manual["chain"].as_array().unwrap().last().unwrap();
    assert_eq!(entry["id"], entry["plugin"]);
    assert_eq!(entry["enabled"].as_bool(), Some(true));
    assert_eq!(entry["timeout"].as_str(), Some("2m"));
    assert_eq!(entry["on_error"].as_str(), Some("pass"));
    assert_eq!(manual["server"]["clock_skew"].as_str(), Some("5m"));
    assert_eq!(manual["limits"]["remember"].as_str(), Some("60s"));
    assert_eq!(manual["limits"]["memory"].as_str(), Some("64MiB"));
    let limits = wxbot_core::limits::Limits::default();
    assert_eq!((limits.keep.as_secs(), limits.bytes, limits.waiting), (60, 64 << 20, 16));
    let late: LateChanges = manual["late"].clone().try_into().unwrap();
    assert_eq!(late.applied_to(&LateSettings::default()), LateSettings::default());
}

#[test]
fn every_key_there_is_is_in_the_manual() {
    let manual: Table = in_full().parse().unwrap();
    assert_eq!(keys(&[&Value::Table(manual.clone())]), known(""), "the sections");
    for section in ["server", "console", "store", "limits", "late"] {
        assert_eq!(keys(&[&manual[section]]), known(&format!("[{section}]\n")), "[{section}]");
    }
    let accounts = known("[[account]]\ntoken = 'token123'\n");
    assert_eq!(keys(&tables(&manual, "account")), accounts, "[[account]]");
    let mut entries = known("[[chain]]\nplugin = 'echo'\n");
    entries.insert("config".into());
    assert_eq!(keys(&tables(&manual, "chain")), entries, "[[chain]]");
}

#[test]
fn every_setting_of_every_plugin_is_in_the_manual() {
    let manual: Table = in_full().parse().unwrap();
    let entries = tables(&manual, "chain");
    let listed = wxbot(MANUAL).run(&["plugins"]).exits(0).stdout;
    for plugin in listed.lines().skip(1).map(|line| line.split(' ').next().unwrap()) {
        let of_it = entries.iter().filter(|entry| entry["plugin"].as_str() == Some(plugin));
        let configs: Vec<_> = of_it.filter_map(|entry| entry.get("config")).collect();
        assert!(!configs.is_empty(), "the manual has no entry of {plugin}");
        let settings = known(&format!("[[chain]]\nplugin = '{plugin}'\n[chain.config]\n"));
        assert_eq!(keys(&configs), settings, "[chain.config] of {plugin}");
    }
}

/// What a `when` and a rule may say is told in words.
#[test]
fn every_condition_is_in_the_manual() {
    let words = |about: &str| -> BTreeSet<String> {
        let from = &MANUAL[MANUAL.find(about).expect(about)..];
        let comment: Vec<_> = from.lines().take_while(|line| line.starts_with('#')).collect();
        let comment = comment.join(" ");
        comment.split(|c: char| !c.is_ascii_lowercase() && c != '_').map(str::to_owned).collect()
    };
    let when = known("[[chain]]\nplugin = 'echo'\n[chain.when]\n");
    let missing: Vec<_> = when.difference(&words("# when = ")).cloned().collect();
    assert_eq!(missing, [""; 0], "in `when`");
    let rule = known("[[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\n");
    let missing: Vec<_> = rule.difference(&words("# plugin = \"keywords\"")).cloned().collect();
    assert_eq!(missing, [""; 0], "in the rules of `keywords`");
}

/// The keys that the program knows behind these lines: an unknown one brings out their list.
pub(crate) fn known(lines: &str) -> BTreeSet<String> {
    let account =
        if lines.contains("[[account]]") { "" } else { "[[account]]\ntoken = 'token123'\n" };
    // On top of the file the unknown key has to come first.
    let config = match lines {
        "" => format!("zzzzzzzz = 1\n{account}"),
        _ => format!("{account}{lines}zzzzzzzz = 1\n"),
    };
    let said = wxbot(&config).run(&["check"]).exits(2).stderr;
    let line = said.lines().find(|line| line.contains("unknown field `zzzzzzzz`"));
    let line = line.unwrap_or_else(|| panic!("{config}\n{said}"));
    let (_, known) = line.split_once(", expected").expect("the error names what is known");
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn tables<'m>(manual: &'m Table, name: &str) -> Vec<&'m Value> {
    manual[name].as_array().expect("it is a list").iter().collect()
}

/// The keys of all of these tables.
fn keys(tables: &[&Value]) -> BTreeSet<String> {
    tables
        .iter()
        .flat_map(|table| table.as_table().expect("it is a table").keys().cloned())
        .collect()
}
