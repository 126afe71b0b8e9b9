//! `wxbot check` and `wxbot plugins`: what the bot is made of, and what is wrong with its file.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Command, Stdio};

use wxbot_tests::folders;

use super::{in_mode, wxbot};

#[test]
fn check_says_what_was_built() {
    let ran = in_mode("safe").run(&["check"]).exits(0).says_nothing();
    let lines: Vec<Vec<_>> =
        ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["bot.toml", "is", "good"]);
    assert_eq!(lines[1], ["account", "main", "safe", "http://127.0.0.1:0/wechat"]);
    assert_eq!(lines[2], ["link", "welcome", "welcome"]);
    assert_eq!(lines[3], ["link", "prices", "keywords"]);
    assert_eq!(lines[4], ["link", "echo", "echo"]);
}

#[test]
fn check_shows_every_error_at_its_place() {
    let config = "\
[server]
listne = '127.0.0.1:80'
workers = 'two'

[[account]]
token = 'token123'
mode = 'saef'

[[chain]]
plugin = 'ecko'

[[chain]]
plugin = 'keywords'
timeout = '2 minutes'
[[chain.config.rules]]
contain = 'price'
reply = '¥99'
";
    let ran = wxbot().with_config(config).run(&["check"]).exits(2).prints("");
    assert_eq!(ran.stderr, ALL_ERRORS.replace("PLUGINS", &folders::plugins().join(", ")));
}

const ALL_ERRORS: &str = "\
error: bot.toml:2:1: unknown field `listne`, expected one of `listen`, `workers`, `max_connections`, `clock_skew`, `files`; did you mean `listen`?
  |
2 | listne = '127.0.0.1:80'
  | ^^^^^^

error: bot.toml:3:11: invalid type: string \"two\", expected usize
  |
3 | workers = 'two'
  |           ^^^^^

error: bot.toml:7:8: unknown variant `saef`, expected one of `plain`, `compatible`, `safe`; did you mean `safe`?
  |
7 | mode = 'saef'
  |        ^^^^^^

error: bot.toml:10:10: no plugin is called `ecko` (this bot has: PLUGINS); did you mean `echo`?
   |
10 | plugin = 'ecko'
   |          ^^^^^^

error: bot.toml:14:11: `2 minutes` is not a duration; write `1500ms`, `4.5s`, `2m`, `1h` or `1d`
   |
14 | timeout = '2 minutes'
   |           ^^^^^^^^^^^

error: bot.toml:16:1: unknown field `contain`, expected one of `kind`, `full`, `prefix`, `suffix`, `contains`, `regex`, `event`, `key`, `ignore_case`, `voice`, `reply`; did you mean `contains`?
   |
16 | contain = 'price'
   | ^^^^^^^
";

#[test]
fn what_is_allowed_and_probably_not_meant_is_said_once() {
    let config = "[server]\nlisten = '0.0.0.0:80'\n[[account]]\ntoken = 'wxbot-demo-token'\n\
                  allow_demo_token = true\n\
                  encoding_aes_key = 'Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM'\n\
                  [[chain]]\nplugin = 'echo'\nwhen = { event = 'subscirbe' }\n";
    let ran = wxbot().with_config(config).run(&["check"]).exits(0);
    assert_eq!(ran.stderr.matches("the demo's token").count(), 1, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("did you mean `subscribe`?").count(), 1, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("opens nothing without `app_id`").count(), 1, "{}", ran.stderr);
}

#[test]
fn an_account_that_others_can_reach_needs_a_token_of_its_own() {
    let token = "token = 'wxbot-demo-token'\n";
    let previous = "token = 'another1'\nprevious_token = 'wxbot-demo-token'\n";
    let table = [
        ("0.0.0.0:80", token, 2),
        ("[::]:80", token, 2),
        ("0.0.0.0:80", previous, 2),
        ("127.0.0.1:80", token, 0),
        ("[::1]:80", token, 0),
    ];
    for (listen, account, code) in table {
        let config = format!(
            "[server]\nlisten = '{listen}'\n[[account]]\n{account}[[chain]]\nplugin = 'echo'\n"
        );
        let ran = wxbot().with_config(&config).run(&["check"]).exits(code);
        let said = ran.stderr.contains("the demo's token, which everybody knows, and others can");
        assert_eq!(said, code == 2, "{config}\n{}", ran.stderr);
    }
}

#[test]
fn plugins_lists_what_is_linked_and_where_it_is_in_the_chain() {
    let ran = in_mode("plain").run(&["plugins"]).exits(0).says_nothing();
    let lines: Vec<Vec<_>> =
        ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(lines[0][..2], ["PLUGIN", "VERSION"]);
    for expected in [
        ["chat", version, "-", "answers"],
        ["echo", version, "echo", "says"],
        ["keywords", version, "prices", "answers"],
        ["welcome", version, "welcome", "greets"],
    ] {
        assert!(lines.iter().any(|line| line[..4] == expected), "{expected:?}\n{}", ran.stdout);
    }
    let names: Vec<_> = lines[1..].iter().map(|line| line[0]).collect();
    assert_eq!(names, folders::plugins());

    let ran = wxbot().run(&["plugins"]).exits(0);
    assert!(ran.stdout.lines().any(|line| line.starts_with("keywords") && line.contains(" - ")));
}

#[test]
fn plugins_shows_the_settings_of_one() {
    let ran = wxbot().run(&["plugins", "welcome"]).exits(0).says_nothing();
    for part in ["wxbot-plugin-welcome", "[chain.config]", "reply", "scenes", "default: 感谢关注！"]
    {
        assert!(ran.stdout.contains(part), "{part} is not in\n{}", ran.stdout);
    }
    let ran = wxbot().run(&["plugins", "welcom"]).exits(2).prints("");
    ran.says(&["no plugin is called `welcom`", &folders::plugins().join(", "), "mean `welcome`?"]);
}

/// Each key, and below a table what is in it.
#[test]
fn plugins_shows_what_is_in_the_tables_of_one() {
    for (plugin, key, told) in [
        ("chat", "base_url", "[text, needed]"),
        ("chat", "history", "What is remembered of a conversation. [table]"),
        ("chat", "history.turns", "[whole number, default: 10]"),
        ("chat", "fallbacks[].model", "Its name. [text, needed]"),
        ("chat", "mcp[].allow", "[list of text, needed]"),
        ("chat", "limits.per_minute", "[whole number, default: 20]"),
        ("chat", "texts.label", "[template, default: \"（内容由 AI 生成）\"]"),
        ("chat", "prompt", "[template, default: \"你是微信公众号里的助手，"),
        ("chat", "vision", "[true or false, default: false, they are passed]"),
        ("guard", "flood.every", "[duration, default: \"1m\"]"),
        (
            "guard",
            "incoming",
            "[\"refuse\" or \"mask\" or \"transfer\" or \"pass\", default: \"refuse\"]",
        ),
        ("guide", "choices[].label", "[text, needed]"),
        ("guide", "choices[].choices", "[list of table as choices[], default: none]"),
        ("faq", "entries[].question", "[text, needed]"),
        ("keywords", "rules[].voice", "[true or false, default: true]"),
        ("keywords", "news[].title", "[text, needed]"),
        ("schedule", "entries[].send.text", "[template, needed]"),
        ("welcome", "scenes", "[table of reply, default: none]"),
    ] {
        let shown = wxbot().run(&["plugins", plugin]).exits(0).says_nothing().stdout;
        let mut lines =
            shown.lines().skip_while(|line| line.split_whitespace().next() != Some(key));
        let first = lines.next().unwrap_or_else(|| panic!("no {key} in\n{shown}")).trim_start();
        let more = lines.take_while(|line| line.starts_with("     ")).map(str::trim_start);
        let entry = more.fold(first.to_owned(), |entry, line| entry + " " + line);
        let without_blanks = |text: &str| text.replace(' ', "");
        assert!(without_blanks(&entry).contains(&without_blanks(told)), "{key}: {entry}");
    }
}

/// Chinese is two columns wide.
#[test]
fn plugins_shows_settings_in_columns_that_fit_into_100() {
    let columns =
        |line: &str| line.chars().map(|c| 1 + usize::from(c >= '\u{2e80}')).sum::<usize>();
    for plugin in folders::plugins() {
        let shown = wxbot().run(&["plugins", &plugin]).exits(0).stdout;
        let (_, settings) = shown.split_once("[chain.config]\n").unwrap();
        let settings: Vec<_> = settings.lines().take_while(|line| !line.is_empty()).collect();
        let texts = settings.iter().filter(|line| line.starts_with("     "));
        let indents: BTreeSet<_> =
            texts.map(|line| columns(line) - columns(line.trim_start())).collect();
        assert!(indents.len() <= 1, "{plugin}: {indents:?}\n{shown}");
        for line in settings {
            assert!(columns(line) <= 100, "{line}");
        }
    }
}

/// `wxbot plugins | head -1` used to end in a panic.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    for command in [["completions", "bash"], ["plugins", "echo"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wxbot"))
            .args(command)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
    }
}

#[test]
fn check_warns_of_commands_that_two_entries_have() {
    let entry = |keys: &str| {
        format!("[[chain]]\n{keys}\nconfig = {{ rules = [{{ prefix = '/', reply = 'x' }}] }}\n")
    };
    let account = "[[account]]\ntoken = 'token123'\n[audience.staff]\nopenid = 'oSTAFF'\n";
    let help = "[[chain]]\nplugin = 'help'\n";
    let rule = entry("plugin = 'keywords'\nwhen = { command = ['Help', 'prices'] }");
    let warned = |config: &str| {
        let ran = wxbot().with_config(&format!("{account}{config}")).run(&["check"]).exits(0);
        ran.stderr
    };
    let said = warned(&format!("{help}{rule}"));
    let expected = "warning: bot.toml:7:1: entries `help` and `keywords` both have `help`, and \
                    `help` is asked first";
    assert!(said.starts_with(expected), "{said}");
    assert!(warned(&format!("{rule}{help}")).contains("`keywords` is asked first"));
    let staff = entry("plugin = 'keywords'\nwhen = { command = 'help', audience = 'staff' }");
    assert_eq!(warned(&format!("{staff}{help}")), "", "all others are left to the second");
    assert_eq!(warned(&entry("plugin = 'keywords'\nwhen = { command = 'prices' }")), "");
}

#[test]
fn plugins_shows_the_commands_of_one() {
    let ran = wxbot().run(&["plugins", "help"]).exits(0).says_nothing();
    let (_, commands) = ran.stdout.split_once("\n\nCommands, ").expect("it has commands");
    let expected = "with or without a slash before them\n  帮助 [页码或名称]\n               \
                    看可以使用的功能 (help, 功能)\n";
    assert_eq!(commands, expected);
    assert!(!wxbot().run(&["plugins", "echo"]).exits(0).stdout.contains("Commands"));
}
