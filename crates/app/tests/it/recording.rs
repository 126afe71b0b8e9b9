//! The recording of the first five minutes, from the real program: what the quick start says to run, and
//! what is printed then. `WXBOT_RECORD=1` records it anew.

use std::net::TcpListener;

use wxbot_tests::cast::Cast;
use wxbot_tests::markdown::{Page, in_repository};
use wxbot_tests::program::{Program, Serving};

/// What is new in each run, and what the recording shows instead.
const TOKEN: &str = "9sXc2LrTq7VbN4mKd8GyHf5ZwPj3RaEu";
const AES_KEY: &str = "kW3nYx8QeRv5TzLb2HcJm7FsUd9AgPq4XoKi6NtVr1y";

/// The commands of the block that begins with `wxbot init`.
fn commands(language: &str) -> Vec<String> {
    let blocks = Page::read(&format!("docs/{language}/quick-start.md")).blocks();
    let block = blocks.into_iter().find(|block| block.text.starts_with("wxbot init "));
    let block = block.expect("the quick start makes a configuration");
    block.text.lines().map(str::to_owned).collect()
}

fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("it is bound").port().to_string()
}

/// A folder in which the commands are run.
struct Recorder {
    program: Program,
    port: String,
    bot: Option<Serving>,
}

impl Recorder {
    fn new() -> Self {
        Self { program: Program::new(env!("CARGO_BIN_EXE_wxbot")), port: free(), bot: None }
    }

    /// Runs a command; what it prints.
    fn run(&mut self, command: &str) -> String {
        let command = command.replace("8080", &self.port);
        let words: Vec<_> = command.split(' ').skip(1).collect();
        if words.first() == Some(&"run") {
            self.bot = Some(self.program.serve(&["run"]));
            return String::new();
        }
        let printed = self.program.run(&words).exits(0).says_nothing().stdout;
        if words.first() == Some(&"init") {
            // A port that no other test has.
            let config = self.program.read("bot.toml");
            let console = format!("{config}\n[console]\nlisten = \"127.0.0.1:{}\"\n", free());
            self.program.write("bot.toml", console);
        }
        self.normalised(&printed)
    }

    fn normalised(&self, printed: &str) -> String {
        let secrets = self.program.read("wxbot.env");
        let secret = |name: &str| {
            let value = secrets.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            value.expect("wxbot init wrote it").to_owned()
        };
        let printed = printed.replace(&self.port, "8080").replace(&secret("WXBOT_TOKEN"), TOKEN);
        let printed = printed.replace(&secret("WXBOT_AES_KEY"), AES_KEY);
        printed.lines().map(|line| timeless(line) + "\n").collect()
    }
}

/// The one line that says how long something took.
fn timeless(line: &str) -> String {
    if !line.starts_with("✓ time:") {
        return line.to_owned();
    }
    let words = line.split(' ').map(|word| if word.parse::<u32>().is_ok() { "1" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn record(language: &str) -> String {
    let (mut recorder, mut cast) = (Recorder::new(), Cast::default());
    for command in commands(language) {
        let printed = recorder.run(&command);
        let takes = if command.contains(" doctor") { 4000 } else { 300 };
        cast.types(&command, takes);
        cast.prints(&printed);
    }
    if let Some(bot) = recorder.bot.take() {
        bot.stop().exits(0);
    }
    cast.svg(if language == "zh" { "最初的五分钟" } else { "The first five minutes" })
}

#[track_caller]
fn check(language: &str) {
    let path = in_repository(&format!("docs/{language}/images/first-minutes.svg"));
    let recorded = record(language);
    if std::env::var_os("WXBOT_RECORD").is_some() {
        std::fs::write(&path, &recorded).expect("the folder is there");
    }
    let shown = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(shown == recorded, "WXBOT_RECORD=1 records {} anew:\n{recorded}", path.display());
}

#[test]
fn the_recording_in_english_is_what_happens() {
    check("en");
}

#[test]
fn the_recording_in_chinese_is_what_happens() {
    check("zh");
}
