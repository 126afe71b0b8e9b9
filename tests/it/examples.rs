//! The bots in `docs/examples` hold the conversations that the page about them shows.

use std::path::PathBuf;
use std::time::Duration;

use wxbot::config::Source;
use wxbot_model_sim::{FakeModel, Received, Script};
use wxbot_sim::Kind;
use wxbot_testkit::TestBot;
use wxbot_tests::markdown::{Page, in_repository};
use wxbot_tests::wechat::{AES_KEY, TOKEN};

use crate::chat::MODEL;
use crate::pages::{act, without_menu_id};

/// Each with the kind of account that it is for.
const EXAMPLES: [(&str, Kind); 3] = [
    ("shop", Kind::VerifiedService),
    ("school", Kind::VerifiedSubscription),
    ("personal", Kind::Personal),
];

/// What the model says to whom, and how long it takes.
const ANSWERS: [(&str, &str, u64); 3] = [
    ("第一次喝茶，买哪种好？", "先试**碧螺春**：香，不苦，80℃ 的水泡两分钟。", 3),
    ("写一段送长辈的祝福", "春茶一盏，祝您**身体安康**，岁岁如意。", 20),
    ("史铁生值得读吗？", "值得，从《我与地坛》读起：写的是苦难，读来是安静。", 20),
];

fn path(example: &str) -> PathBuf {
    in_repository(&format!("docs/examples/{example}/bot.toml"))
}

fn configuration(example: &str) -> String {
    std::fs::read_to_string(path(example)).expect("each has a bot.toml")
}

fn answer(asked: &Received) -> Script {
    let known = ANSWERS.iter().find(|(question, ..)| *question == asked.question());
    let (_, answer, seconds) = known.unwrap_or_else(|| panic!("{}", asked.question()));
    Script::text(answer).over(Duration::from_secs(*seconds))
}

async fn start(example: &str, kind: Kind) -> TestBot {
    MODEL.set(Some(FakeModel::new(answer)));
    let text = configuration(example);
    let text = text.replace("plugin = \"chat\"", "plugin = \"faked-chat\"\nid = \"chat\"");
    let bot = set_up(example, &text, kind).await;
    // The school's secretary is of its staff.
    let text = text.replace("oSTAFF_*", bot.follower("secretary").openid());
    set_up(example, &text, kind).await
}

async fn set_up(example: &str, text: &str, kind: Kind) -> TestBot {
    let setup = TestBot::setup(text).named(path(example)).kind(kind);
    let variables = [("WXBOT_TOKEN", TOKEN), ("WXBOT_AES_KEY", AES_KEY), ("LLM_KEY", "sk-1")];
    let setup = variables.iter().fold(setup, |setup, (name, value)| setup.variable(name, value));
    let setup = setup.variable("WXBOT_APP_SECRET", "9f86d081884c7d659a2feaa0c55ad015");
    setup.start().await.unwrap_or_else(|error| panic!("{example}: {error}"))
}

#[tokio::test(start_paused = true)]
async fn every_conversation_on_the_pages_is_one() {
    for language in ["en", "zh"] {
        let blocks = Page::read(&format!("docs/{language}/examples.md")).blocks();
        for (example, kind) in EXAMPLES {
            let kind_of_block = format!("transcript {example}");
            let block = blocks.iter().find(|block| block.kind == kind_of_block);
            let expected = &block.unwrap_or_else(|| panic!("{language} has no {example}")).text;
            let bot = start(example, kind).await;
            for line in expected.lines().filter(|line| line.starts_with(char::is_alphanumeric)) {
                act(&bot, line).await;
            }
            let transcript = bot.transcript();
            let lines: Vec<_> = transcript.lines().map(without_menu_id).collect();
            assert_eq!(lines.join("\n") + "\n", *expected, "docs/{language}:\n{transcript}");
        }
    }
}

/// Nothing is promised in vain: the examples use plugins of the repository, and each folder has an
/// example.
#[test]
fn every_example_is_a_good_configuration() {
    let folders = std::fs::read_dir(in_repository("docs/examples")).expect("the folder is there");
    assert_eq!(folders.count(), EXAMPLES.len());
    for (example, _) in EXAMPLES {
        let source =
            Source { name: path(example).display().to_string(), text: configuration(example) };
        let variable = |name: &str| match name {
            "WXBOT_AES_KEY" => Some(AES_KEY.to_owned()),
            "WXBOT_APP_SECRET" => Some("9f86d081884c7d659a2feaa0c55ad015".to_owned()),
            _ => Some(TOKEN.to_owned()),
        };
        source.build(variable).map(drop).unwrap_or_else(|error| panic!("{error}"));
    }
}
