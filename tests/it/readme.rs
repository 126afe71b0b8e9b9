//! README.md: its TOML is loaded. Its Rust is a doctest of this package, its commands are run by
//! the tests of `crates/app`.

use wxbot::config::{ConfigError, Source};
use wxbot_tests::markdown::Page;
use wxbot_tests::wechat::{AES_KEY, TOKEN};

/// The TOML blocks, in order.
fn blocks() -> Vec<String> {
    let blocks = Page::read("README.md").blocks().into_iter();
    blocks.filter(|block| block.kind == "toml").map(|block| block.text).collect()
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
