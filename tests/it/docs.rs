//! README and `docs/`: links lead somewhere, TOML is loaded, and English and Chinese say the same.

use std::collections::BTreeSet;

use tempfile::TempDir;
use wxbot::config::Source;
use wxbot_core::metric_description::describe;
use wxbot_tests::bot::SocketBot;
use wxbot_tests::http;
use wxbot_tests::markdown::{Block, Page, in_repository};
use wxbot_tests::wechat::{AES_KEY, TOKEN};

const FOLDERS: [&str; 2] = ["docs/en", "docs/zh"];
const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// The pages in a folder, by name.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(in_repository(folder)).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("it can be read").file_name());
    let names = names.map(|name| name.into_string().expect("our file names are UTF-8"));
    names.filter(|name| name.ends_with(".md")).collect()
}

/// Each page in English and in Chinese.
fn pairs() -> Vec<[Page; 2]> {
    let docs = names(FOLDERS[0]).into_iter();
    let docs = docs.map(|name| FOLDERS.map(|folder| Page::read(&format!("{folder}/{name}"))));
    std::iter::once(READMES.map(Page::read)).chain(docs).collect()
}

fn pages() -> impl Iterator<Item = Page> {
    pairs().into_iter().flatten()
}

#[test]
fn every_page_is_there_in_both_languages_and_in_the_table_of_contents() {
    assert_eq!(names(FOLDERS[0]), names(FOLDERS[1]));
    for folder in FOLDERS {
        let mut pages = names(folder);
        pages.remove("SUMMARY.md");
        let listed = Page::read(&format!("{folder}/SUMMARY.md")).links();
        assert_eq!(BTreeSet::from_iter(listed), pages, "{folder}/SUMMARY.md");
    }
}

#[test]
fn every_page_has_the_same_parts_in_both_languages() {
    for [english, chinese] in pairs() {
        let path = &chinese.path;
        assert_eq!(english.headings(), chinese.headings(), "levels of the headings: {path}");
        assert_eq!(english.tables(), chinese.tables(), "columns of the rows of tables: {path}");
        assert_eq!(english.code_of_tables(), chinese.code_of_tables(), "first columns: {path}");
        let kinds = |page: &Page| Vec::from_iter(page.blocks().into_iter().map(|it| it.kind));
        assert_eq!(kinds(&english), kinds(&chinese), "code blocks: {path}");
    }
}

/// So what is run and loaded of README.md holds for README.zh-CN.md, too.
#[test]
fn the_readmes_show_the_same_code() {
    let [english, chinese] = READMES.map(Page::read);
    let code = |page: &Page| Vec::from_iter(page.blocks().iter().map(Block::code));
    assert_eq!(code(&english), code(&chinese));
}

#[test]
fn the_first_link_of_each_readme_leads_to_the_other() {
    let first = READMES.map(|readme| Page::read(readme).links().remove(0));
    assert_eq!(first, ["README.zh-CN.md", "README.md"]);
}

#[test]
fn every_link_to_a_file_leads_to_one() {
    for page in pages() {
        let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in page.links() {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target =
                if file.is_empty() { page.path.clone() } else { format!("{folder}/{file}") };
            let target = target.trim_start_matches('/');
            assert!(in_repository(target).exists(), "{}: {link} is not there", page.path);
            if !anchor.is_empty() {
                let anchors = Page::read(target).anchors();
                assert!(anchors.contains(&anchor.to_owned()), "{}: {link}: {anchors:?}", page.path);
            }
        }
    }
}

/// A block is a whole `bot.toml`, or what is added to one that has an account. Beside it are the files
/// that the page shows, and a list of words.
#[test]
fn every_toml_of_the_docs_is_loaded() {
    let mut loaded = 0;
    for page in pages().filter(|page| !READMES.contains(&page.path.as_str())) {
        let folder = TempDir::new().expect("there is a folder for what is temporary");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("the folder can be written");
        };
        write("words.txt", "word\n");
        for block in page.blocks() {
            if let Some((_, name)) = block.kind.split_once(' ') {
                write(name, &block.text);
            }
        }
        for block in page.blocks().into_iter().filter(|block| block.kind == "toml") {
            let whole = block.text.contains("[[account]]");
            let account = if whole { "" } else { "[[account]]\ntoken = 'token123'\n" };
            let name = folder.path().join("bot.toml").display().to_string();
            let source = Source { name, text: account.to_owned() + &block.text };
            let built = source.build(variable);
            built.unwrap_or_else(|error| panic!("{}: {error}\n{}", page.path, block.text));
            loaded += 1;
        }
    }
    assert!(loaded >= 20, "{loaded}");
}

fn variable(name: &str) -> Option<String> {
    let value = match name {
        "WXBOT_AES_KEY" => AES_KEY,
        "WXBOT_CONSOLE_TOKEN" => "9f86d081884c7d659a2feaa0c55ad015",
        "WEBHOOK_SECRET" => "whsec_YW4gZXhhbXBsZSBvbmx5OyBtYWtlIHlvdXIgb3duISE=",
        _ => TOKEN,
    };
    Some(value.to_owned())
}

#[test]
fn the_page_on_operating_has_all_metrics() {
    let bot = SocketBot::with_chain("[[chain]]\nplugin = 'echo'\n");
    let metrics = http::get(bot.operator, "/metrics").body;
    let types = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let names = types.map(|(name, kind)| match kind {
        "counter" => format!("{name}_total"),
        _ => name.to_owned(),
    });
    let mut expected = BTreeSet::from_iter(names);
    assert!(expected.len() > 5, "{metrics}");
    // Some have no line there before the first of its kind.
    expected.extend(describe().into_iter().map(|metric| metric.name));
    for folder in FOLDERS {
        let page = Page::read(&format!("{folder}/operating.md"));
        let code = page.code_of_tables().into_iter().filter(|code| code.starts_with("wxbot_"));
        let explained = BTreeSet::from_iter(code.map(str::to_owned));
        assert_eq!(explained, expected, "{}", page.path);
    }
}
