//! `wxbot docs`: the reference of all linked plugins.

use wxbot_tests::folders;

use super::wxbot;

#[test]
fn docs_has_every_plugin_its_settings_and_its_commands() {
    let ran = wxbot().run(&["docs"]).exits(0).says_nothing();
    let headings = ran.stdout.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(headings.collect::<Vec<_>>(), folders::plugins());
    for line in [
        concat!("It is in `wxbot-plugin-echo` ", env!("CARGO_PKG_VERSION"), "."),
        "| `prefix` | text | Put in front of what is said back as text. Default: nothing. |",
        "`[[chain.config.rules]]`",
        "`[chain.config.texts]`",
        "| `sorry` | text | When no model answered. Default: `\"抱歉，我现在回答不了，请稍后再试。\"`. |",
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
        assert_eq!(row.replace("\\|", "").matches('|').count(), 4, "{row}");
        assert!(!row.contains("|  |"), "nothing is said: {row}");
    }
}

/// What one plugin has in `wxbot plugins NAME` is in the reference, too.
#[test]
fn docs_says_what_plugins_says() {
    let docs = wxbot().run(&["docs"]).exits(0).stdout;
    for plugin in folders::plugins() {
        let shown = wxbot().run(&["plugins", &plugin]).exits(0).stdout;
        let (_, settings) = shown.split_once("[chain.config]\n").unwrap();
        let settings = settings.split("\n\n").next().unwrap();
        for line in settings.lines() {
            let key = line.split_whitespace().next().unwrap();
            assert!(docs.contains(&format!("| `{key}` | ")), "{plugin}: {key}");
        }
    }
}
