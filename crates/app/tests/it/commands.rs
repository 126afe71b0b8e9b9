//! The command line, run as an operator runs it: data on stdout, talk on stderr, exit codes.

mod say;
mod chat;
mod look;
mod docs;
mod late;
mod sessions;
mod jobs;
mod send;
mod store;
mod run;
mod log;
mod sim;
mod init;
mod terminal;
mod new;
mod api;
mod menu;
mod health;
mod doctor;

use wxbot_tests::bot::account;
use wxbot_tests::program::Program;
use wxbot_tests::redis::free_port;

/// The program in an empty folder.
fn wxbot() -> Program {
    Program::new(env!("CARGO_BIN_EXE_wxbot"))
}

/// The program with one account in this mode, `keywords` and `echo`.
fn in_mode(mode: &str) -> Program {
    wxbot().with_config(&format!("{LISTEN}{}{CHAIN}", account(mode)))
}

/// The program with one account, `keywords`, `echo`, and these entries in a store.
fn with_stored(entries: &str) -> Program {
    let program = wxbot().with_config(&format!(
        "[server]\nlisten = '127.0.0.1:0'\nworkers = 1\n[console]\nlisten = '127.0.0.1:{}'\n\
         [store]\nurl = 'file:store'\n{}{CHAIN}",
        free_port(),
        account("plain")
    ));
    program.run_with_input(&["store", "import"], entries).exits(0);
    program
}

/// Free ports.
const LISTEN: &str = "[server]\nlisten = '127.0.0.1:0'\nworkers = 1\n\
                      [console]\nlisten = '127.0.0.1:0'\n";

const CHAIN: &str = "
[[chain]]
plugin = 'welcome'
[chain.config]
reply = '欢迎'
scenes = { shop-42 = '欢迎到店' }

[[chain]]
plugin = 'keywords'
id = 'prices'
[[chain.config.rules]]
contains = 'price'
reply = '¥99'
[[chain.config.rules]]
full = 'picture'
reply = { image = 'MEDIA_1' }
[[chain.config.rules]]
full = 'cards'
reply = { news = [{ title = 'One', url = 'https://example.com/1' }] }
[[chain.config.rules]]
event = 'CLICK'
key = 'V1001_TODAY'
reply = 'clicked'

[[chain]]
plugin = 'echo'
when = { openid = 'oECHO*' }
";

#[test]
fn help_names_every_command_and_option() {
    let ran = wxbot().run(&["--help"]).exits(0).says_nothing();
    for word in [
        "run",
        "init",
        "new",
        "check",
        "plugins",
        "docs",
        "schema",
        "say",
        "sim",
        "completions",
        "--config",
        "--log",
        "--version",
    ] {
        assert!(ran.stdout.contains(word), "{word} is not in\n{}", ran.stdout);
    }
    let ran = wxbot().run(&["say", "--help"]).exits(0).says_nothing();
    for word in
        ["--as", "--account", "--event", "--key", "--xml", "--trace", "--over-http", "openid"]
    {
        assert!(ran.stdout.contains(word), "{word} is not in\n{}", ran.stdout);
    }
    let ran = wxbot().run(&["sim", "--help"]).exits(0).says_nothing();
    for word in ["--listen", "--target", "--token", "--mode", "--seed", "curl", "/_sim/followers"] {
        assert!(ran.stdout.contains(word), "{word} is not in\n{}", ran.stdout);
    }
}

#[test]
fn the_version_is_the_packages() {
    let version = concat!("wxbot ", env!("CARGO_PKG_VERSION"), "\n");
    wxbot().run(&["--version"]).exits(0).prints(version).says_nothing();
}

#[test]
fn a_wrong_command_line_is_2_with_the_usage() {
    wxbot().run(&["dance"]).exits(2).prints("").says(&["'dance'", "Usage: wxbot"]);
    wxbot().run(&["--color"]).exits(2).prints("").says(&["'--color'", "Usage: wxbot"]);
    wxbot().run(&["--log", "xml", "check"]).exits(2).says(&["'xml'", "json, text"]);
    wxbot().run(&["say"]).exits(2).prints("").says(&["Usage: wxbot say", "<TEXT>"]);
    wxbot().run(&["say", "--key", "V1001"]).exits(2).prints("").says(&["Usage: wxbot say"]);
    wxbot().run(&["say", "hi", "--event", "CLICK"]).exits(2).says(&["cannot be used with"]);
}

#[test]
fn completions_are_for_each_shell_a_script_of_its_own() {
    for (shell, word) in [("bash", "complete -F"), ("zsh", "#compdef wxbot"), ("fish", "complete")]
    {
        let ran = wxbot().run(&["completions", shell]).exits(0).says_nothing();
        assert!(ran.stdout.contains(word) && ran.stdout.contains("plugins"), "{}", ran.stdout);
    }
    wxbot().run(&["completions", "cmd"]).exits(2).says(&["'cmd'"]);
}

#[test]
fn there_is_a_man_page_for_the_program_and_for_each_command() {
    let program = wxbot();
    let help = program.run(&["--help"]).exits(0).stdout;
    let (_, commands) = help.split_once("Commands:\n").expect("help lists commands");
    let commands = commands.lines().take_while(|line| !line.is_empty());
    let names = commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names: Vec<_> = names.filter(|name| !["", "help"].contains(name)).collect();
    assert!(names.len() > 10, "{names:?}");
    let folder = program.folder().to_str().expect("it is UTF-8");
    program.run(&["man", folder]).exits(0).prints("").says_nothing();
    assert!(program.read("wxbot.1").contains("wxbot\\-outbox(1)"));
    for name in names {
        let page = program.read(&format!("wxbot-{name}.1"));
        assert!(
            page.contains(".SH SYNOPSIS") && page.contains(".SH DESCRIPTION"),
            "{name}: {page}"
        );
    }
    program.run(&["man", "not/there"]).exits(1).says(&["error: "]);
}

#[test]
fn a_configuration_that_is_not_there_is_2_and_named() {
    for command in ["run", "check", "plugins"] {
        let ran = wxbot().run(&["--config", "missing.toml", command]).exits(2).prints("");
        ran.says(&["`missing.toml` can't be read"]);
    }
    wxbot().run(&["say", "hi", "--config", "missing.toml"]).exits(2).says(&["`missing.toml`"]);
    wxbot().run(&["--config", "missing.toml"]).exits(2).says(&["`missing.toml`"]);
}

#[test]
fn a_folder_without_bot_toml_has_the_default() {
    let ran = wxbot().run(&["check"]).exits(0).says_nothing();
    assert!(ran.stdout.contains("the built-in bot.toml is good"), "{}", ran.stdout);
}

/// Whoever is in the wrong folder learns it.
#[test]
fn a_command_about_a_bot_of_ones_own_says_that_it_has_the_built_in_one() {
    let note = "no bot.toml here: this is the built-in example; go to the folder of your bot.toml, \
                or name it with --config\n";
    let ran = wxbot().run(&["say", "hello"]).exits(0).prints("hello\n");
    assert_eq!(ran.stderr, note);
    for command in ["doctor", "outbox", "sessions", "jobs", "health"] {
        let ran = wxbot().run(&[command]);
        assert!(ran.stderr.starts_with(note), "{command}: {}", ran.stderr);
    }
    let ran = wxbot().run(&["send", "oANY_1", "hello"]);
    assert!(ran.stderr.starts_with(note), "{}", ran.stderr);
    for program in [in_mode("plain"), in_mode("plain").with_file("other.toml", "")] {
        program.run(&["say", "price"]).exits(0).says_nothing();
    }
    let named = wxbot().with_file("other.toml", format!("{}{CHAIN}", account("plain")));
    named.run(&["say", "price", "--config", "other.toml"]).exits(0).says_nothing();
}

#[test]
fn another_file_may_be_named() {
    let program = wxbot().with_file("other.toml", "[[account]]\nid = 'x'\ntoken = 'token123'\n");
    let ran = program.run(&["check", "--config", "other.toml"]).exits(0);
    assert!(ran.stdout.starts_with("other.toml is good\n"), "{}", ran.stdout);
}
