//! What is wrong with a `bot.toml` is said at its place, all at once, and with no secret in it.

mod values;
mod secrets;
mod menu;
mod audiences;
mod templates;
mod slips;
mod entries;

use wxbot_tests::folders;
use wxbot_tests::program::{Program, Ran};

/// 43 characters, as an EncodingAESKey has.
const AES_KEY: &str = "Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM";
const ACCOUNT: &str = "[[account]]\ntoken = 'token123'\n";

fn wxbot(config: &str) -> Program {
    Program::new(env!("CARGO_BIN_EXE_wxbot")).with_config(config)
}

#[track_caller]
fn wrong(config: &str) -> Ran {
    wxbot(config).run(&["check"]).exits(2).prints("")
}

/// One error alone, and each of these parts in what is said about it.
#[track_caller]
fn check(reason: &str, config: &str, parts: &[&str]) {
    let ran = wrong(config);
    assert_eq!(ran.stderr.matches("bot.toml:").count(), 1, "{reason}:\n{config}\n{}", ran.stderr);
    for part in parts {
        assert!(ran.stderr.contains(part), "{reason}: no {part:?} in\n{}", ran.stderr);
    }
}

/// As [`check`], behind an account that is good.
#[track_caller]
fn check_beside_account(reason: &str, config: &str, parts: &[&str]) {
    check(reason, &format!("{ACCOUNT}{config}"), parts);
}

#[test]
fn unknown_sections_and_keys_are_shown_with_the_known_ones() {
    let sections = "`server`, `console`, `store`, `limits`, `late`, `account`, `chain`";
    let entry = "`plugin`, `id`, `enabled`, `when`, `timeout`, `on_error`";
    let when = "`kind`, `event`, `key`, `full`, `prefix`, `suffix`, `contains`, `regex`, \
                `command`, `account`, `openid`, `hours`, `ignore_case`, `voice`";
    let table: &[(&str, &str, &[&str])] = &[
        ("a section of no bot", "[latr]\nwindow = '4s'\n", &["3:2: ", "`late`", sections]),
        ("[late]", "[late]\nwindw = '4s'\n", &["4:1: ", "did you mean `window`?"]),
        (
            "[limits]",
            "[limits]\nkeep = '4s'\n",
            &["4:1: ", "`remember`, `memory`, `waiting`, `running`"],
        ),
        ("late of an account", "late = { words = 'x' }\n", &["3:10: ", "did you mean `word`?"]),
        (
            "a section",
            "[servr]\n",
            &["3:2: ", "did you mean `server`?", "3 | [servr]\n", " ^^^^^\n"],
        ),
        (
            "[server]",
            "[server]\nport = 1\n",
            &["4:1: ", "`listen`, `workers`, `max_connections`, `clock_skew`"],
        ),
        ("[console]", "[console]\nlisten_on = 1\n", &["4:1: ", "`listen` or `token`"]),
        ("[store]", "[store]\nuri = 'memory:'\n", &["4:1: ", "expected `url`", "mean `url`?"]),
        (
            "[[account]]",
            "appid = 'wx6d5c4b3a29180706'\n",
            &[
                "3:1: ",
                "`id`, `path`, `token`, `previous_token`, `mode`",
                "mean `app_id`?",
                "^^^^^\n",
            ],
        ),
        (
            "[[chain]]",
            "[[chain]]\nplugin = 'echo'\nonerror = 'pass'\n",
            &["5:1: ", entry, "did you mean `on_error`?", "5 | onerror = 'pass'\n", "| ^^^^^^^\n"],
        ),
        (
            "when",
            "[[chain]]\nplugin = 'echo'\nwhen = { knd = 'text' }\n",
            &["5:10: ", when, "did you mean `kind`?", "|          ^^^\n"],
        ),
        (
            "[chain.when]",
            "[[chain]]\nplugin = 'echo'\n[chain.when]\nevnt = 'CLICK'\n",
            &["6:1: ", "did you mean `event`?"],
        ),
        (
            "on_error",
            "[[chain]]\nplugin = 'echo'\non_error = { answer = 'x' }\n",
            &["5:14: ", "unknown variant `answer`", "`pass`, `stop`, `reply`"],
        ),
        (
            "a plugin's setting",
            "[[chain]]\nplugin = 'echo'\n[chain.config]\nprefx = '> '\n",
            &[
                "6:1: ",
                "expected `prefix`; did you mean `prefix`?",
                "6 | prefx = ****\n",
                "| ^^^^^\n",
            ],
        ),
        (
            "a plugin's setting in one line",
            "[[chain]]\nplugin = 'echo'\nconfig = { prefix = 'a', loud = true }\n",
            &["5:26: ", "unknown field `loud`, expected `prefix`", "^^^^\n"],
        ),
        (
            "deep in a plugin's settings",
            "[[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\nfull = 'a'\n\
             reply = { news = [{ titel = 'x', url = 'y' }] }\n",
            &["7:21: ", "unknown field `titel`", "did you mean `title`?"],
        ),
    ];
    for (reason, config, parts) in table {
        check_beside_account(reason, config, parts);
    }
}

#[test]
fn a_value_of_another_type_is_shown_with_what_was_expected() {
    let table: &[(&str, &str, &[&str])] = &[
        ("a number", "[server]\nworkers = 'two'\n", &["4:11: ", "\"two\"", "^^^^^\n"]),
        (
            "an address",
            "[server]\nlisten = '8080'\n",
            &["4:10: ", "`8080` is no address; write `127.0.0.1:8080`"],
        ),
        ("a duration", "[server]\nclock_skew = 300\n", &["4:14: ", "`300`", "a string"]),
        (
            "a window that WeChat does not wait for",
            "[late]\nwindow = '5s'\n",
            &["4:10: ", "`5s`", "WeChat hangs up after 5s"],
        ),
        ("too often", "[late]\ndeliveries = 4\n", &["4:14: ", "1 to 3 times, not `4`"]),
        ("neither", "[late]\ncustomer_service = 'no'\n", &["4:20: ", "`true`, `false` or"]),
        ("no word", "[late]\nword = ' '\n", &["4:8: ", "the `word` is empty"]),
        ("no size", "[limits]\nmemory = '64MB'\n", &["4:10: ", "`64MB`", "write `64MiB`"]),
        ("no duration", "[server]\nclock_skew = '5'\n", &["`5` is not a duration", "`1500ms`"]),
        ("a list of tables", "[chain]\nplugin = 'echo'\n", &["write `[[chain]]`"]),
        (
            "a table of settings",
            "[[chain]]\nplugin = 'echo'\nconfig = 'loud'\n",
            &["5:10: ", "`config` is a table: write `[chain.config]`"],
        ),
        (
            "true or false",
            "[[chain]]\nplugin = 'echo'\nenabled = 'yes'\n",
            &["5:11: ", "expected a boolean"],
        ),
        (
            "a text of a plugin",
            "[[chain]]\nplugin = 'echo'\n[chain.config]\nprefix = 1\n",
            &["6:10: ", "`1`", "expected a string", "6 | prefix = 1\n", "|          ^\n"],
        ),
        (
            "a text or a list",
            "[[chain]]\nplugin = 'echo'\nwhen = { full = 1 }\n",
            &["5:17: ", "expected a text or a list of texts"],
        ),
        ("a mode", "mode = 'secure'\n", &["3:8: ", "`plain`, `compatible`, `safe`"]),
        ("a store", "[store]\nurl = 'postgres:x'\n", &["4:7: ", "`postgres:x` is no store"]),
        (
            "on_error",
            "[[chain]]\nplugin = 'echo'\non_error = 'retry'\n",
            &["5:12: ", "unknown variant `retry`, expected one of `pass`, `stop`, `reply`"],
        ),
        (
            "timeout",
            "[[chain]]\nplugin = 'echo'\ntimeout = '-1s'\n",
            &["5:11: ", "`-1s` is not a duration"],
        ),
    ];
    for (reason, config, parts) in table {
        check_beside_account(reason, config, parts);
    }
}

#[test]
fn what_stands_on_top_is_a_section() {
    let table: &[(&str, &str, &[&str])] = &[
        ("a key", "listen = 1\n", &["1:1: unknown field `listen`"]),
        ("no table", "server = 1\n", &["1:10: `server` is a table: write `[server]`"]),
        ("no list", "chain = 'echo'\n", &["1:9: ", "write `[[chain]]`"]),
        ("a list of numbers", "chain = [1]\n", &["1:10: ", "write `[[chain]]`"]),
    ];
    for (reason, config, parts) in table {
        check(reason, &format!("{config}{ACCOUNT}"), parts);
    }
}

#[test]
fn an_account_is_whole_and_there_once() {
    let sealed =
        format!("mode = 'safe'\napp_id = 'wx6d5c4b3a29180706'\nencoding_aes_key = '{AES_KEY}'\n");
    let twice = |first: &str, second: &str| format!("{ACCOUNT}{first}{ACCOUNT}{second}");
    let table = [
        ("no token", "[[account]]\nid = 'a'\n".into(), vec!["1:1: ", "missing field `token`"]),
        ("an empty token", "[[account]]\ntoken = ''\n".into(), vec!["2:9: ", "`token` is empty"]),
        ("an empty id", format!("{ACCOUNT}id = ''\n"), vec!["3:6: ", "`id` is empty"]),
        (
            "one id for two",
            twice("path = '/a'\n", "path = '/b'\n"),
            vec!["4:1: ", "two accounts have the id `main`"],
        ),
        (
            "one path for two",
            twice("id = 'a'\npath = '/x'\n", "id = 'b'\npath = '/x'\n"),
            vec!["8:8: ", "two accounts have the path `/x`"],
        ),
        (
            "one path for two but for slashes",
            twice("id = 'a'\npath = '/x/'\n", "id = 'b'\npath = '//x'\n"),
            vec!["8:8: ", "two accounts have the path `//x`"],
        ),
        ("no path", format!("{ACCOUNT}path = 'x'\n"), vec!["3:8: ", "it begins with `/`"]),
        (
            "no key",
            format!("{ACCOUNT}mode = 'safe'\napp_id = 'wx6d5c4b3a29180706'\n"),
            vec!["3:8: ", "mode `safe` needs `encoding_aes_key`"],
        ),
        (
            "no app id",
            format!("{ACCOUNT}mode = 'compatible'\nencoding_aes_key = '{AES_KEY}'\n"),
            vec!["3:8: ", "mode `compatible` needs `app_id`"],
        ),
        (
            "an app id of another type is not also missing",
            format!("{ACCOUNT}{}", sealed.replace("'wx6d5c4b3a29180706'", "1")),
            vec!["4:10: ", "expected a string"],
        ),
    ];
    for (reason, config, parts) in table {
        check(reason, &config, &parts);
    }
    let ran = wrong("[server]\n").says(&["bot.toml: there is no `[[account]]`"]);
    assert!(!ran.stderr.contains('^'), "it is about no place: {}", ran.stderr);
    let ran = wrong(&format!("{ACCOUNT}mode = 'safe'\n"));
    ran.says(&["needs `encoding_aes_key`", "needs `app_id`"]);
}

#[test]
fn an_aes_key_that_is_none_is_counted_and_not_shown() {
    let long = format!("{AES_KEY}=");
    let odd = AES_KEY.replace('m', "!");
    for (key, part) in [
        (&AES_KEY[..42], "43 characters, this one has 42"),
        (&long, "43 characters, this one has 44"),
        (&odd, "only the characters a-z, A-Z and 0-9"),
    ] {
        for name in ["encoding_aes_key", "previous_encoding_aes_key"] {
            let config = format!("{ACCOUNT}{name} = '{key}'\napp_id = 'wx6d5c4b3a29180706'\n");
            check("a wrong key", &config, &["3:", &format!("`{name}`: "), part]);
            let ran = wrong(&config);
            assert!(!ran.stderr.contains(&key[..6]), "{}", ran.stderr);
        }
    }
}

#[test]
fn a_plugin_that_is_not_linked_is_shown_with_those_that_are() {
    let known = &*format!("(this bot has: {})", folders::plugins().join(", "));
    check_beside_account(
        "a near miss",
        "[[chain]]\nplugin = 'keyword'\n",
        &[
            "4:10: no plugin is called `keyword`",
            known,
            "mean `keywords`?",
            "|          ^^^^^^^^^\n",
        ],
    );
    check_beside_account(
        "another one",
        "[[chain]]\nplugin = 'weather'\n",
        &["4:10: ", known, "`cargo add wxbot-plugin-weather`, and build again"],
    );
    check_beside_account("none", "[[chain]]\nid = 'a'\n", &["3:1: missing field `plugin`"]);
}

#[test]
fn entries_have_ids_of_their_own() {
    let echo = "[[chain]]\nplugin = 'echo'\n";
    let same = &["5:1: two entries have the id `echo`: give one of them an `id`"];
    check_beside_account("twice the plugin", &format!("{echo}{echo}"), same);
    let named = "[[chain]]\nplugin = 'welcome'\nid = 'echo'\n";
    check_beside_account("its name taken", &format!("{echo}{named}"), &["7:6: two entries"]);
    let other = format!("{ACCOUNT}{echo}{echo}id = 'other'\n");
    wxbot(&other).run(&["check"]).exits(0);
}

#[test]
fn a_wrong_when_is_an_error() {
    let table = [
        ("{ regex = '(' }", "5:8: `(` is not a regular expression: unclosed group"),
        ("{ regex = ['a', '[z-a]'] }", "`[z-a]` is not a regular expression"),
        ("{ kind = [] }", "5:17: an empty list never matches; leave it out"),
        ("{ full = '' }", "5:8: `full` has an empty text, which every message has"),
        ("{ hours = '9-18' }", "5:8: `9-18` is not a part of the day; write `09:00-18:00`"),
        ("{ hours = '09:00-25:00' }", "is not a part of the day"),
    ];
    for (when, part) in table {
        check_beside_account(
            "a wrong when",
            &format!("[[chain]]\nplugin = 'echo'\nwhen = {when}\n"),
            &[part],
        );
    }
}

#[test]
fn a_rule_of_keywords_is_shown_at_its_own_place() {
    let rules = |last: &str| {
        let good = "[[chain.config.rules]]\nfull = 'a'\nreply = 'b'\n";
        format!("[[chain]]\nplugin = 'keywords'\n{good}[[chain.config.rules]]\n{last}")
    };
    let table: &[(&str, &str, &[&str])] = &[
        ("no condition", "reply = 'b'\n", &["8:1: a rule needs a condition"]),
        ("no reply", "full = 'b'\n", &["8:1: missing field `reply`"]),
        ("no regex", "regex = '('\nreply = 'b'\n", &["8:1: `(` is not a regular expression"]),
        ("no group", "regex = 'a'\nreply = '$1'\n", &["8:1: `$1` in the reply is no group"]),
        ("two replies", "full = 'b'\nreply = { text = 'a', image = 'b' }\n", &["exactly one of"]),
    ];
    for (reason, last, parts) in table {
        check_beside_account(reason, &rules(last), parts);
    }
}

#[test]
fn a_console_that_others_can_reach_needs_a_token() {
    let config = "[console]\nlisten = '0.0.0.0:8081'\n";
    check_beside_account("no token", config, &["3:1: ", "`0.0.0.0:8081`", "it needs a `token`"]);
    let config = "[console]\nlisten = '[::]:8081'\n";
    check_beside_account("no token", config, &["it needs a `token`"]);
    let long = "listen = '0.0.0.0:8081'\ntoken = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'\n";
    for fine in [long, "listen = '[::1]:8081'\n", "token = 'short'\n"] {
        wxbot(&format!("{ACCOUNT}[console]\n{fine}")).run(&["check"]).exits(0);
    }
}

#[test]
fn what_is_no_toml_is_shown_where_it_breaks() {
    let table: &[(&str, &str, &[&str])] = &[
        ("no quotes", "mode = plain\n", &["3:8: ", "must be quoted", "3 | mode = plain\n"]),
        ("no end", "[store\n", &["3:7: unclosed table", "3 | [store\n", "|       ^\n"]),
        ("no value", "mode =\n", &["3:7: "]),
        ("twice", "mode = 'plain'\nmode = 'safe'\n", &["4:1: duplicate key"]),
        ("a text without an end", "mode = 'safe\n", &["3:13: "]),
    ];
    for (reason, config, parts) in table {
        check_beside_account(reason, config, parts);
    }
}

#[test]
fn all_errors_come_at_once_in_the_order_of_the_file() {
    let config = "\
[server]
listen = 'here'
workers = -1
[store]
url = 'disk:'
[[account]]
id = 'a'
token = 'token123'
mode = 'save'
encoding_aes_key = 'short'
[[account]]
id = 'a'
[[chain]]
plugin = 'keywords'
timeout = 'long'
on_error = 'retry'
when = { regex = '(' }
[[chain.config.rules]]
contain = 'a'
reply = 'b'
[[chain.config.rules]]
contains = 'a'
reply = 'b'
[[chain.config.rules]]
regex = ')'
reply = 'b'
[[chain]]
plugin = 'welcome'
id = 'keywords'
[chain.config]
replies = 'x'
scenes = 1
[[chain]]
plugin = 'ecko'
when = { hours = 'late' }
[end]
";
    let ran = wrong(config);
    let places: Vec<_> = ran
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("error: bot.toml:"))
        .map(|rest| rest.split_once(": ").unwrap().0)
        .collect();
    let expected = [
        "2:10", "3:11", "5:7", "9:8", "10:20", "11:1", "15:11", "16:12", "17:8", "19:1", "24:1",
        "29:6", "31:1", "32:10", "34:10", "35:8", "36:2",
    ];
    assert_eq!(places, expected, "{}", ran.stderr);
}

#[test]
fn a_variable_that_is_not_set_is_an_error_and_one_that_is_fills_in() {
    let config = "[[account]]\ntoken = '${WXBOT_TOKEN}'\npath = '/${WHERE}/${WHERE}'\n\
                  [[chain]]\nplugin = 'echo'\n[chain.config]\nprefix = '$${WHERE} ${WHERE} $5 '\n";
    let ran = wrong(config);
    ran.says(&[
        "bot.toml:2:9: the environment variable `WXBOT_TOKEN` is not set",
        "bot.toml:3:8: the environment variable `WHERE` is not set",
        "bot.toml:7:10: the environment variable `WHERE` is not set",
    ]);
    let ran = wrong(config);
    ran.says(&["nor is it in wxbot.env beside this file: add the line WXBOT_TOKEN=… there"]);
    let program = wxbot(config).with_variable("WXBOT_TOKEN", "token1").with_variable("WHERE", "wx");
    let ran = program.run(&["check"]).exits(0).says_nothing();
    assert!(ran.stdout.contains("/wx/wx"), "{}", ran.stdout);
    program.run(&["say", "hi"]).exits(0).prints("${WHERE} wx $5 hi\n");
}

#[test]
fn odd_variables_are_errors() {
    check(
        "it does not end",
        "[[account]]\ntoken = 'token123'\nid = '${MAIN'\n",
        &["3:6: `${` without its `}`; a literal `${` is written `$${`"],
    );
    check("it has no name", "[[account]]\ntoken = '${}'\n", &["2:9: ", "`` is not set"]);
    check(
        "one problem, not also an address",
        &format!("{ACCOUNT}[server]\nlisten = '${{LISTEN}}'\n"),
        &["4:10: the environment variable `LISTEN` is not set"],
    );
}

#[test]
fn what_fills_in_is_not_read_as_toml_or_again() {
    let program = wxbot(
        "[[account]]\ntoken = 'token123'\n\
         [[chain]]\nplugin = 'echo'\n[chain.config]\nprefix = '${T}'\n",
    );
    let value = "${HOME}\"'\n[server]";
    let program = program.with_variable("T", value);
    program.run(&["say", "!"]).exits(0).prints(&format!("{value}!\n"));
}
