//! The pages of the first day: their TOML loads, their commands print what they say, and both
//! languages have the same of each.

use std::path::{Path, PathBuf};

use wxbot_tests::program::Program;

const PAGES: [&str; 3] = ["quick-start", "connect-account", "menu"];

fn page(language: &str, name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let path: PathBuf = docs.join(language).join(format!("{name}.md"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The code blocks, each with its language.
fn blocks(page: &str) -> Vec<(String, String)> {
    let (mut blocks, mut lines) = (Vec::new(), page.lines());
    while let Some(start) = lines.find(|line| line.starts_with("```")) {
        let inside: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push((start[3..].to_owned(), inside.join("\n") + "\n"));
    }
    blocks
}

/// Each command of a console block, with what it prints there; nothing is whatever it prints.
fn commands(block: &str) -> Vec<(Vec<&str>, String)> {
    let mut commands: Vec<(Vec<&str>, String)> = Vec::new();
    for line in block.lines() {
        match line.strip_prefix("$ wxbot ") {
            Some(command) => commands.push((command.split(' ').collect(), String::new())),
            None => {
                let (_, printed) = commands.last_mut().expect("a block begins with a command");
                *printed += &format!("{line}\n");
            }
        }
    }
    commands
}

#[test]
fn what_the_pages_show_is_so() {
    let (mut loaded, mut ran) = (0, 0);
    for (language, name) in
        ["en", "zh"].iter().flat_map(|language| PAGES.map(|name| (language, name)))
    {
        let program = Program::new(env!("CARGO_BIN_EXE_wxbot"));
        for (kind, block) in blocks(&page(language, name)) {
            match &*kind {
                "toml" => {
                    let account = "[[account]]\ntoken = 'token123'\n";
                    let account = if block.contains("[[account]]") { "" } else { account };
                    program.write("block.toml", format!("{block}{account}"));
                    program.run(&["check", "--config", "block.toml"]).exits(0).says_nothing();
                    if name == "quick-start" {
                        program.write("bot.toml", &block);
                    }
                    loaded += 1;
                }
                "console" => {
                    for (command, printed) in commands(&block) {
                        let done = program.run(&command).exits(0);
                        let is_shown = printed.is_empty() || done.stdout == printed;
                        assert!(
                            is_shown,
                            "{language}/{name}: {command:?} printed\n{}",
                            done.stdout
                        );
                        ran += 1;
                    }
                }
                "sh" | "text" => {}
                file if file.starts_with("text ") => program.write(&file["text ".len()..], &block),
                other => panic!("{language}/{name}: a block of {other:?}"),
            }
        }
    }
    assert!(loaded >= 8 && ran >= 10, "{loaded} blocks, {ran} commands");
}

#[test]
fn both_languages_have_the_same_parts() {
    let shape = |page: &str| {
        let headings = page.lines().filter(|line| line.starts_with('#'));
        let headings = headings.map(|line| line.split(' ').next().unwrap_or_default().len());
        let rows = page.lines().filter(|line| line.starts_with('|')).count();
        let kinds: Vec<_> = blocks(page).into_iter().map(|(kind, _)| kind).collect();
        (headings.collect::<Vec<_>>(), rows, kinds)
    };
    for name in PAGES {
        assert_eq!(shape(&page("en", name)), shape(&page("zh", name)), "{name}");
    }
}

/// The commands that a page tells to run, in its text and in its blocks.
#[test]
fn the_pages_name_commands_that_there_are() {
    let program = Program::new(env!("CARGO_BIN_EXE_wxbot"));
    let help = program.run(&["--help"]).exits(0).stdout;
    for (language, name) in
        ["en", "zh"].iter().flat_map(|language| PAGES.map(|name| (language, name)))
    {
        let page = page(language, name);
        let named = page.split("`wxbot ").skip(1).chain(page.split("\nwxbot ").skip(1));
        let named = named.filter_map(|rest| rest.split([' ', '`', '\n']).next());
        for command in named {
            assert!(help.contains(&format!("  {command} ")), "{language}/{name}: wxbot {command}");
        }
    }
}
