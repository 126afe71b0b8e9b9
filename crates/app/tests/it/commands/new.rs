//! `wxbot new`: what it makes, and what it refuses. That it compiles and works, `own_bot.rs` shows.

use std::path::Path;

use toml::Table;

use super::wxbot;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn a_plugin_is_a_folder_with_a_package() {
    let program = wxbot();
    let ran = program.run(&["new", "plugin", "weather"]).exits(0).says_nothing();
    for part in ["made wxbot-plugin-weather\n", "cargo test", "plugin = \"weather\""] {
        assert!(ran.stdout.contains(part), "{part}:\n{}", ran.stdout);
    }
    let library = program.read("wxbot-plugin-weather/src/lib.rs");
    for part in ["const NAME: &'static str = \"weather\"", "register!(WeatherPlugin);"] {
        assert!(library.contains(part), "{part}:\n{library}");
    }
    assert!(program.read("wxbot-plugin-weather/README.md").contains("plugin = \"weather\""));
    assert!(program.folder().join("wxbot-plugin-weather/.gitignore").is_file());
}

#[test]
fn nothing_is_left_to_fill_in() {
    let projects: [&[&str]; 4] = [
        &["plugin", "plain"],
        &["plugin", "asks", "--dialog"],
        &["plugin", "commanded", "--command"],
        &["bot", "my-bot"],
    ];
    for project in projects {
        let program = wxbot();
        program.run(&[&["new"], project].concat()).exits(0).says_nothing();
        let mut files = 0;
        let mut folders = vec![program.folder().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("{{") && !text.contains("}}"), "{text}");
                assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{}", path.display());
                files += 1;
            }
        }
        assert!(files >= 4, "{project:?}: {files}");
    }
}

#[test]
fn packages_come_from_where_the_command_line_says() {
    let program = wxbot();
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    let url = "https://example.com/wxbot.git";
    let folder = Path::new(ROOT).canonicalize().unwrap();
    let root = folder.to_str().unwrap();
    let cases: [(&str, &[&str], _); 3] = [
        ("one", &[], version),
        ("two", &["--git", url], format!("{{ git = \"{url}\" }}")),
        ("three", &["--path", ROOT], format!("{{ path = \"{root}/crates/sdk\" }}")),
    ];
    for (name, flags, expected) in cases {
        program.run(&[&["new", "plugin", name], flags].concat()).exits(0);
        let manifest = format!("wxbot-plugin-{name}/Cargo.toml");
        let found = program.read(&manifest);
        assert!(found.contains(&format!("wxbot-sdk = {expected}\n")), "{found}");
        let _: Table = found.parse().unwrap();
    }
    program.run(&["new", "bot", "my-bot", "--path", ROOT]).exits(0);
    let manifest: Table = program.read("my-bot/Cargo.toml").parse().unwrap();
    for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
        for (name, dependency) in manifest[kind].as_table().unwrap() {
            let Some(path) = dependency.get("path") else { continue };
            let path = Path::new(path.as_str().unwrap()).join("Cargo.toml");
            let of_it: Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
            assert_eq!(of_it["package"]["name"].as_str(), Some(name.as_str()));
        }
    }
    let readme = program.read("my-bot/README.md");
    assert!(readme.contains(&format!("new plugin weather --path \"{root}\"\n")), "{readme}");

    let ran = program.run(&["new", "bot", "other", "--path", "my-bot"]).exits(2).prints("");
    ran.says(&["`my-bot` is no checkout of wxbot", "`crates/sdk/Cargo.toml`"]);
    assert!(!program.folder().join("other").exists());
    for what in ["plugin", "bot"] {
        let ran = program.run(&["new", what, "published"]).exits(0);
        let note = "takes wxbot 0.1.0 from the registry. If Cargo finds none there";
        assert!(ran.stdout.contains(note) && ran.stdout.contains("--path DIR"), "{}", ran.stdout);
        let ran = program.run(&["new", what, "checked-out", "--path", ROOT]).exits(0);
        assert!(!ran.stdout.contains("registry"), "{}", ran.stdout);
    }
    let both = ["new", "bot", "other", "--path", ROOT, "--git", url];
    program.run(&both).exits(2).says(&["cannot be used with"]);
    program.run(&["new", "plugin", "x", "--dialog", "--command"]).exits(2);
}

#[test]
fn what_is_there_is_left_as_it_is() {
    let program = wxbot().with_file("my-bot", "mine");
    program.run(&["new", "bot", "my-bot"]).exits(1).says(&["`my-bot` is there already"]);
    assert_eq!(program.read("my-bot"), "mine");
    let folder = program.folder().join("wxbot-plugin-weather");
    std::fs::create_dir(&folder).unwrap();
    let ran = program.run(&["new", "plugin", "weather"]).exits(1).prints("");
    ran.says(&["`wxbot-plugin-weather` is there already, and is left as it is"]);
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn a_name_that_is_none_is_refused_with_one_that_is() {
    let long = "x".repeat(65);
    let table = [
        ("plugin", "My Weather", "`my-weather`", "blanks and capitals"),
        ("plugin", "3d", "`d`", "a digit first"),
        ("plugin", "天气", "`weather`", "not ASCII"),
        ("plugin", "", "`weather`", "nothing"),
        ("plugin", "wxbot-plugin-", "`weather`", "nothing behind the prefix"),
        ("plugin", "../weather", "`weather`", "a path"),
        ("plugin", &long, "`weather`", "too long"),
        ("bot", "a/b", "`a-b`", "a path"),
        ("bot", "天气", "`my-bot`", "not ASCII"),
        ("bot", "match", "`my-match`", "a word of Rust"),
        ("bot", "wxbot", "`my-wxbot`", "the package it depends on"),
        ("bot", "wxbot_build", "`my-wxbot_build`", "the same crate as wxbot-build"),
    ];
    for (what, name, right, reason) in table {
        let program = wxbot();
        let ran = program.run(&["new", what, name]).exits(2).prints("");
        ran.says(&[&format!("`{name}` is "), &format!("a letter first, such as {right}")]);
        assert_eq!(std::fs::read_dir(program.folder()).unwrap().count(), 0, "{reason}");
    }
}

/// The package has a prefix, so that it may be any word.
#[test]
fn a_plugin_may_be_called_by_any_word() {
    for name in ["self", "config", "plugin", "a_b-c2", "wxbot-plugin-match"] {
        let program = wxbot();
        program.run(&["new", "plugin", name]).exits(0);
        let package = format!("wxbot-plugin-{}", name.trim_start_matches("wxbot-plugin-"));
        assert!(program.folder().join(package).join("src/lib.rs").is_file(), "{name}");
    }
}
