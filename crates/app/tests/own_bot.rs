//! A bot outside this repository, with plugins of somebody else: no line of Rust edited, as the
//! README promises. Once written by hand, and once by `wxbot new`.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use wxbot_tests::program::Program;

/// As in the documentation of `wxbot-sdk`.
const HELLO: &str = r#"//! Greets whoever says hello.

use wxbot_sdk::prelude::*;

/// Greets whoever says hello.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What to say back.
    greeting: String,
}

impl Default for Config {
    fn default() -> Self {
        Self { greeting: "你好".into() }
    }
}

pub struct Hello {
    config: Config,
}

impl Plugin for Hello {
    const NAME: &'static str = "hello";
    const SUMMARY: &'static str = "greets whoever says hello";
    type Config = Config;

    fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self { config })
    }
}

#[async_trait]
impl Handler for Hello {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let Some("hello") = ctx.text() else { return Ok(Flow::Pass) };
        Ok(Flow::reply(self.config.greeting.as_str()))
    }
}

register!(Hello);
"#;

const MAIN: &str = "wxbot::main!();\n";
const BUILD: &str = "fn main() { wxbot_build::link_plugins() }\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("two up").to_owned()
}

/// How this repository is built, so that what both need is built once.
fn profile() -> String {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let begins = manifest.find("[profile.dev]").expect("it is the last thing there");
    manifest[begins..].to_owned()
}

/// A folder with the two crates. `hallo` is the same plugin once more, behind a feature.
fn own_bot() -> TempDir {
    let folder = TempDir::new().expect("there is a folder for what is temporary");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is in the folder"))
            .expect("the temporary folder can be written");
        std::fs::write(path, text).expect("the temporary folder can be written");
    };
    let package = |name: &str| {
        format!(
            "[package]\nname = '{name}'\nversion = '1.2.3'\nedition = '2024'\npublish = false\n"
        )
    };
    let ours =
        |name: &str| format!("{{ path = '{}' }}", root().join("crates").join(name).display());
    for name in ["hello", "hallo"] {
        write(
            &format!("{name}/Cargo.toml"),
            &format!(
                "{}\n[dependencies]\nwxbot-sdk = {}\nserde = '1'\nschemars = '1'\n",
                package(&format!("wxbot-plugin-{name}")),
                ours("sdk")
            ),
        );
        write(&format!("{name}/src/lib.rs"), HELLO);
    }
    write(
        "bot/Cargo.toml",
        &format!(
            "{}\n[dependencies]\nwxbot = {}\nwxbot-plugin-hello = {{ path = '../hello' }}\n\
             wxbot-plugin-hallo = {{ path = '../hallo', optional = true }}\n\
             \n[build-dependencies]\nwxbot-build = {}\n\n{}",
            package("my-bot"),
            ours("bot"),
            ours("build"),
            profile()
        ),
    );
    write("bot/src/main.rs", MAIN);
    write("bot/build.rs", BUILD);
    std::fs::copy(root().join("Cargo.lock"), folder.path().join("bot/Cargo.lock"))
        .expect("the temporary folder can be written");
    folder
}

/// Builds the bot without the network; returns the program.
#[track_caller]
fn build(folder: &TempDir, features: &[&str]) -> PathBuf {
    let build = [&["build", "--offline", "--quiet"], features].concat();
    cargo(&folder.path().join("bot"), &build);
    target().join("debug/my-bot")
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target")
}

#[track_caller]
fn cargo(folder: &Path, arguments: &[&str]) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", target());
    let ran = cargo.output().expect("cargo can be run");
    let said = [ran.stdout, ran.stderr].concat();
    assert!(ran.status.success(), "{arguments:?}\n{}", String::from_utf8_lossy(&said));
}

const CONFIG: &str = "[[account]]\ntoken = 'token123'\n[[chain]]\nplugin = 'hello'\n\
                      config = { greeting = 'Hi!' }\n";

/// One test for all that this bot does, so that nothing is built twice at once.
#[test]
#[ignore = "compiles a bot of its own; .ci/run runs it"]
fn a_bot_of_ones_own_has_the_plugins_of_its_manifest() {
    let folder = own_bot();
    let program = Program::new(build(&folder, &[])).with_config(CONFIG);
    program.run(&["say", "hello"]).exits(0).prints("Hi!\n").says_nothing();
    let ran = program.run(&["say", "goodbye"]).exits(0).prints("");
    ran.says(&["no reply"]);
    let listed = program.run(&["plugins"]).exits(0).stdout;
    let plugins: Vec<Vec<_>> =
        listed.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(plugins, [["hello", "1.2.3", "hello", "greets", "whoever", "says", "hello"]]);

    // Named in the chain, but not in Cargo.toml: it says what to do.
    program.write("bot.toml", CONFIG.replace("'hello'", "'weather'"));
    program.run(&["check"]).exits(2).says(&[
        "bot.toml:4:10: no plugin is called `weather` (this bot has: hello)",
        "`cargo add wxbot-plugin-weather`, and build again",
    ]);

    // Without a chain, `echo` would answer; this bot does not have it.
    program.write("bot.toml", "[[account]]\ntoken = 'token123'\n");
    program.run(&["say", "hello"]).exits(0).prints("");

    // Two plugins of one name: it says which crates they are in.
    let twice = build(&folder, &["--features", "wxbot-plugin-hallo"]);
    let program = Program::new(twice).with_config(CONFIG);
    program.run(&["check"]).exits(2).says(&[
        "two plugins are called `hello`: wxbot-plugin-hallo 1.2.3 and wxbot-plugin-hello 1.2.3",
        "Cargo.toml",
    ]);
}

/// What `wxbot new` made, in one workspace so that everything is built once.
fn new_projects() -> Program {
    let program = Program::new(env!("CARGO_BIN_EXE_wxbot"));
    let root = root();
    let path = ["--path", root.to_str().unwrap()];
    for project in NEW_PROJECTS {
        program.run(&[&["new"], *project, &path[..]].concat()).exits(0).says_nothing();
    }
    let members = "[workspace]\nresolver = '3'\nmembers = ['new-bot', 'wxbot-plugin-*']\n";
    program.write("Cargo.toml", format!("{members}\n{}", profile()));
    std::fs::copy(root.join("Cargo.lock"), program.folder().join("Cargo.lock")).unwrap();
    program
}

const NEW_PROJECTS: &[&[&str]] = &[
    &["bot", "new-bot"],
    &["plugin", "greeter"],
    &["plugin", "booking", "--dialog"],
    &["plugin", "weather", "--command"],
];
const NEW_PLUGINS: [&str; 3] =
    ["wxbot-plugin-greeter", "wxbot-plugin-booking", "wxbot-plugin-weather"];

/// The entry that a plugin's README shows.
fn entry(program: &Program, package: &str) -> String {
    let readme = program.read(&format!("{package}/README.md"));
    let (_, block) = readme.split_once("```toml\n").unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

#[test]
#[ignore = "compiles a bot of its own; .ci/run runs it"]
fn what_new_makes_is_formatted_passes_its_tests_and_answers() {
    let projects = new_projects();
    let bot = projects.folder().join("new-bot");
    cargo(projects.folder(), &["fmt", "--check", "-p", "new-bot"]);
    for package in NEW_PLUGINS {
        cargo(projects.folder(), &["fmt", "--check", "-p", package]);
        cargo(&bot, &["add", "--offline", "--quiet", "--path", &format!("../{package}")]);
    }
    cargo(projects.folder(), &["test", "--offline", "--quiet", "--workspace"]);

    // The entries that the plugins show, above those that the bot began with.
    let config = projects.read("new-bot/bot.toml");
    let (head, chain) = config.split_at(config.find("[[chain]]").unwrap());
    let entries: String = NEW_PLUGINS.iter().map(|package| entry(&projects, package)).collect();
    let program = Program::new(target().join("debug/new-bot"));
    let program = program.with_config(&format!("{head}{entries}{chain}"));
    program.run(&["check"]).exits(0).says_nothing();
    program.run(&["say", "hello"]).exits(0).prints("您好！\n");
    program.run(&["say", "预约"]).exits(0).prints("您的姓名？\n");
    program.run(&["say", "天气 杭州"]).exits(0).prints("杭州，今天：晴\n");
    program.run(&["say", "something else"]).exits(0).prints("something else\n");
}

#[test]
fn the_plugin_is_the_one_of_the_documentation() {
    let documentation = std::fs::read_to_string(root().join("crates/sdk/src/lib.rs")).unwrap();
    let lines = documentation.lines().filter_map(|line| line.strip_prefix("//!"));
    let text: String =
        lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect();
    let (_, code) = HELLO.split_once("\n\n").unwrap();
    assert!(text.contains(code), "it was changed in one of the two places");
}
