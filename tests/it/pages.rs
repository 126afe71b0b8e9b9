//! What the pages of plugins in `docs` show is true: every configuration is good, and each
//! conversation is one.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use wxbot::config::Source;
use wxbot_testkit::TestBot;

/// A page, with the files it shows in a folder.
struct Page {
    name: String,
    text: String,
    folder: TempDir,
}

impl Page {
    fn read(language: &str, plugin: &str) -> Self {
        let name = format!("docs/{language}/{plugin}.md");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the root");
        let text = fs::read_to_string(root.join(&name)).expect("the page is there");
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let page = Self { name, text, folder };
        for (file, text) in page.files() {
            fs::write(page.folder.path().join(file), text).expect("there is room for a file");
        }
        page
    }

    /// The code blocks of a kind: ```` ```kind ```` and what is behind it in that line.
    fn blocks(&self, kind: &str) -> Vec<(&str, &str)> {
        let begun = self.text.split("\n```").skip(1).step_by(2);
        let blocks = begun.filter_map(|block| {
            let (info, text) = block.split_once('\n')?;
            let (its_kind, rest) = info.split_once(' ').unwrap_or((info, ""));
            (its_kind == kind).then_some((rest, text))
        });
        blocks.collect()
    }

    /// Blocks that show a file: ```` ```text words.txt ````.
    fn files(&self) -> Vec<(String, String)> {
        let all = ["text", "csv", "markdown"].into_iter().flat_map(|kind| self.blocks(kind));
        let named = all.filter(|(name, _)| !name.is_empty());
        named.map(|(name, text)| (name.to_owned(), format!("{text}\n"))).collect()
    }

    /// The configurations, which find the files of the page.
    fn configurations(&self) -> Vec<String> {
        let in_folder = |text: &str| {
            self.files().iter().fold(format!("{text}\n"), |text, (file, _)| {
                let path = self.folder.path().join(file);
                text.replace(&format!("\"{file}\""), &format!("\"{}\"", path.display()))
            })
        };
        self.blocks("toml").into_iter().map(|(_, text)| in_folder(text)).collect()
    }
}

/// Does what a line of a transcript says was done.
pub(crate) async fn act(bot: &TestBot, line: &str) {
    let (who, what) = line.split_once(' ').expect("somebody does something");
    if what == "follows" {
        return drop(bot.follower(who).follows().await);
    }
    if what.ends_with("later") {
        let seconds = who.parse().expect("a number of seconds");
        return bot.advance(Duration::from_secs(seconds)).await;
    }
    let (verb, object) = what.split_once(' ').expect("something is done with something");
    let object = object.split('"').nth(1).expect("it is in quotes");
    let follower = bot.follower(who);
    match verb {
        "says" => drop(follower.says(object).await),
        "taps" => drop(follower.taps(object).await),
        "clicks" => drop(follower.clicks(object).await),
        "scans" => drop(follower.follows_by_scan(object).await),
        verb => panic!("nobody {verb} anything here"),
    }
}

/// Behind what was tapped stands an id that says nothing to a reader.
pub(crate) fn without_menu_id(line: &str) -> &str {
    match line.split_once(" taps ") {
        Some(_) => line.rsplit_once(" (").map_or(line, |(line, _)| line),
        None => line.trim_end(),
    }
}

/// The first configuration and the transcript behind it.
async fn check_conversation(page: &Page) {
    let bot = TestBot::from_toml(&page.configurations()[0]).await;
    let bot = bot.unwrap_or_else(|error| panic!("{}: {error}", page.name));
    let (_, expected) = page.blocks("transcript")[0];
    for line in expected.lines().filter(|line| !line.starts_with(' ') && !line.is_empty()) {
        act(&bot, line).await;
    }
    let transcript = bot.transcript();
    let lines: Vec<_> = transcript.lines().map(without_menu_id).collect();
    assert_eq!(lines.join("\n"), expected, "{}:\n{transcript}", page.name);
}

fn check_configurations(page: &Page) {
    let configurations = page.configurations();
    assert!(!configurations.is_empty(), "{}", page.name);
    for text in configurations {
        let text = format!("[[account]]\ntoken = 'token123'\n{text}");
        let built = Source { name: page.name.clone(), text }.build(|_| Some("sk-1".into()));
        built.map(drop).unwrap_or_else(|error| panic!("{error}"));
    }
}

async fn check(plugin: &str) {
    for language in ["en", "zh"] {
        let page = Page::read(language, plugin);
        check_configurations(&page);
        check_conversation(&page).await;
    }
}

#[tokio::test(start_paused = true)]
async fn guard() {
    check("guard").await;
}

#[tokio::test(start_paused = true)]
async fn guide() {
    check("guide").await;
}

#[tokio::test(start_paused = true)]
async fn faq() {
    check("faq").await;
}

#[tokio::test(start_paused = true)]
async fn schedules() {
    check("schedules").await;
}

#[tokio::test(start_paused = true)]
async fn transfer() {
    check("transfer").await;
}

#[tokio::test(start_paused = true)]
async fn templates() {
    check("templates").await;
}

#[tokio::test(start_paused = true)]
async fn keywords() {
    check("keywords").await;
}

#[tokio::test(start_paused = true)]
async fn welcome() {
    check("welcome").await;
}

#[tokio::test(start_paused = true)]
async fn help() {
    check("help").await;
}
