//! README.md: its TOML is loaded. Its Rust is a doctest of this package, its commands are run by
//! the tests of `crates/app`.

use wxbot::config::{ConfigError, Source};
use wxbot_tests::wechat::{AES_KEY, TOKEN};

const README: &str = include_str!("../../README.md");

/// The TOML blocks, in order, without the indentation of the list they stand in.
fn blocks() -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = README.lines();
    while let Some(start) = lines.find(|line| line.trim_start() == "```toml") {
        let indent = start.len() - start.trim_start().len();
        let inside = lines.by_ref().take_while(|line| line.trim_start() != "```");
        blocks.push(
            inside
                .map(|line| line.get(indent..).unwrap_or_default())
                .fold(String::new(), |block, line| block + line + "\n"),
        );
    }
    blocks
}

fn load(text: String) -> Result<(), ConfigError> {
    let variable = |name: &str| match name {
        "WXBOT_AES_KEY" => Some(AES_KEY.to_owned()),
        _ => Some(TOKEN.to_owned()),
    };
    Source { name: "README.md".into(), text }.build(variable).map(drop)
}

#[test]
fn the_real_account_is_one() {
    load(blocks().remove(0)).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_plugin_of_ones_own_is_all_that_its_entry_lacks() {
    let [_, entry] = &blocks()[..] else { panic!("the README has two blocks of TOML") };
    let error = load(format!("[[account]]\ntoken = 'token123'\n{entry}")).unwrap_err().to_string();
    assert!(error.contains("no plugin is called `hello`"), "{error}");
    assert!(error.contains("cargo add wxbot-plugin-hello"), "{error}");
    assert_eq!(error.matches("README.md:").count(), 1, "{error}");
}
