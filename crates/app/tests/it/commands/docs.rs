//! `wxbot docs`: the reference of all linked plugins.

use std::collections::BTreeSet;

use wxbot_tests::folders;

use super::wxbot;

#[test]
fn docs_has_every_plugin_its_settings_and_its_commands() {
    let ran = wxbot().run(&["docs"]).exits(0).says_nothing();
    let headings = ran.stdout.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(headings.collect::<Vec<_>>(), folders::plugins());
    for line in [
        concat!("It is in `wxbot-plugin-echo` ", env!("CARGO_PKG_VERSION"), "."),
        "| `prefix` | text | nothing | Put in front of what is said back as text. |",
        "`[[chain.config.rules]]`",
        "`[chain.config.texts]`",
        "| `sorry` | template | `\"抱歉，我现在回答不了，请稍后再试。\"` | When no model answered. |",
        "| `no_such` | template | `\"没有这一项，请重新选择：\"` | To a number that is none of the choices. |",
        "| `model` | text | needed | Its name. |",
        "| `vision` | `true` or `false` | `false`, they are passed | Whether the model is shown pictures. |",
        "| `choices` | list of table as `chain.config.choices[]` | none | What can be chosen then. |",
        "| `scenes` | table of reply | none | Said instead to whoever came by the QR code with this scene. |",
        "`[[reply.news]]`",
        "Commands, with or without a slash before them:",
        "* `帮助 [页码或名称]` (help, 功能): 看可以使用的功能",
    ] {
        assert!(ran.stdout.lines().any(|printed| printed == line), "{line}:\n{}", ran.stdout);
    }
}

/// Every row of a table has as many cells as its heading.
#[test]
fn the_tables_of_docs_are_whole() {
    let ran = wxbot().run(&["docs"]).exits(0);
    let rows: Vec<_> = ran.stdout.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 100, "{}", rows.len());
    for row in rows {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
        assert!(!row.ends_with("| |"), "nothing is said: {row}");
    }
}

/// What one plugin has in `wxbot plugins NAME` is in the reference, too, key by key.
#[test]
fn docs_says_what_plugins_says() {
    let docs = wxbot().run(&["docs"]).exits(0).stdout;
    for plugin in folders::plugins() {
        let shown = wxbot().run(&["plugins", &plugin]).exits(0).stdout;
        let (_, of_it) = docs.split_once(&format!("\n## {plugin}\n")).unwrap();
        let of_it = of_it.split("\n## ").next().unwrap().split("\n# ").next().unwrap();
        assert_eq!(names_in_listing(&shown), names_in_tables(of_it), "{plugin}");
    }
}

/// `history.turns`, `fallbacks[].model`: the first word of a line that begins an entry.
fn names_in_listing(shown: &str) -> BTreeSet<String> {
    let (_, settings) = shown.split_once("[chain.config]\n").expect("settings have a heading");
    let lines = settings.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty()).map(|name| name.replace("[]", "")).collect()
}

/// The same from `[[chain.config.fallbacks]]` and the keys below it; which of the tables on the way are
/// lists is not told there.
fn names_in_tables(docs: &str) -> BTreeSet<String> {
    let (mut names, mut table) = (BTreeSet::new(), String::new());
    for line in docs.lines() {
        if let Some(heading) = line.strip_prefix("`[").and_then(|it| it.strip_suffix("]`")) {
            table = heading.trim_matches(['[', ']']).to_owned() + ".";
        } else if let Some(key) = line.strip_prefix("| `").and_then(|row| row.split('`').next()) {
            let name = format!("{table}{key}");
            names.insert(name.strip_prefix("chain.config.").unwrap_or(&name).to_owned());
        }
    }
    names
}
