//! `docs/en/dialogs.md` and `docs/zh/dialogs.md`: their plugin and its test are these here, and work.

use wxbot_sdk::dialog::Dialogs;
use wxbot_testkit::{SetupError, TestBot};

#[tokio::test]
async fn a_table_is_booked() -> Result<(), SetupError> {
    let bot = TestBot::from_toml("[[chain]]\nplugin = 'table'\nwhen = { full = '预约' }").await?;
    let script = "
        > 预约
        您的姓名？
        > 张三
        哪一天？
        > 明天
        请写 3月5日 这样的日期
        > 3月5日
        张三，3月5日，确定吗？
        1. 是
        2. 否
        * 是
        张三，3月5日已预约
    ";
    bot.follower("alice").converses(script).await;
    Ok(())
}

const PAGES: [&str; 2] =
    [include_str!("../../docs/en/dialogs.md"), include_str!("../../docs/zh/dialogs.md")];

/// The first block of this kind that has these words in it.
#[track_caller]
fn block<'p>(page: &'p str, kind: &str, words: &str) -> &'p str {
    let fence = format!("```{kind}\n");
    let mut blocks = page.split(&*fence).skip(1).filter_map(|rest| rest.split("```").next());
    blocks.find(|block| block.contains(words)).unwrap_or_else(|| panic!("no {kind} with {words}"))
}

/// Comments are in the language of the page.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_plugin_on_the_pages_is_the_one_that_is_tested() {
    let plugin = code(include_str!("../src/table.rs"));
    let tests = code(include_str!("dialog_pages.rs"));
    for page in PAGES {
        assert_eq!(code(block(page, "rs", "impl Plugin for Table")), plugin);
        let test = code(block(page, "rs", "#[tokio::test]"));
        let (_, test) = test.split_once('\n').expect("it begins with what it uses");
        assert!(tests.contains(test), "{test}");
    }
}

#[tokio::test]
async fn the_settings_on_the_pages_are_the_defaults() {
    for page in PAGES {
        let settings = block(page, "toml", "[chain.dialog]");
        let bot = TestBot::from_toml(settings).await;
        bot.unwrap_or_else(|error| panic!("{error}"));
        let Dialogs { cancelled, given_up, outdated, tries, .. } = Dialogs::DEFAULT;
        for (key, text) in
            [("cancelled", cancelled), ("given_up", given_up), ("outdated", outdated)]
        {
            assert!(settings.contains(&format!("{key} = {text:?}")), "{key}");
        }
        assert!(settings.contains(&format!("tries = {tries} ")));
    }
}
