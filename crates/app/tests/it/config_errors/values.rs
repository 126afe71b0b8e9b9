//! Values that can be read and never work: said at their place, with what is right.

use super::{ACCOUNT, AES_KEY, check, check_beside_account, wrong, wxbot};

/// A file that somebody tried.
macro_rules! case {
    ($name:literal) => {
        include_str!(concat!("../../../../../tests/fixtures/cases/", $name))
    };
}

const TOKEN: &str = "a Token is 3 to 32 letters and digits";
const APP_ID: &str = "an AppID is `wx` and 16 hex digits";
const ORIGINAL_ID: &str = "an original id (原始ID) is `gh_` and letters and digits";

#[test]
fn a_token_that_is_none_is_described_and_not_shown() {
    check(
        "two characters",
        case!("54-token-too-short.toml"),
        &["4:9: `token` has 2 characters; ", TOKEN],
    );
    let quoted = "has quotation marks around it, which `docker run --env-file` keeps";
    let table = [
        ("\"bugsToken7\"", quoted),
        ("'bugsToken7'", quoted),
        ("bugsToken7\r", "ends with a carriage return"),
        ("\"bugsToken7\"\r", "ends with a carriage return"),
        ("bugsToken7 ", "has a blank or a control character in it"),
        ("bugs\tToken7", "has a blank or a control character in it"),
        ("bugs-Token7", "has characters other than a-z, A-Z and 0-9"),
        ("bugs_Token7", "has characters other than a-z, A-Z and 0-9"),
        ("令牌bugsToken7", "has characters other than a-z, A-Z and 0-9"),
        ("bugsToken7bugsToken7bugsToken7abc", "has 33 characters"),
        ("wxbot-demo-token2", "has characters other than a-z, A-Z and 0-9"),
    ];
    for (token, fault) in table {
        for key in ["token", "previous_token"] {
            let config = "[[account]]\ntoken = '${TOKEN}'\nprevious_token = '${PREVIOUS}'\n";
            let program = wxbot(config).with_variable("TOKEN", "token123");
            let program = program.with_variable("PREVIOUS", "token123");
            let program = program.with_variable(&key.replace("_token", "").to_uppercase(), token);
            let ran = program.run(&["check"]).exits(2).prints("");
            let ran = ran.says(&[&format!("`{key}` {fault}"), TOKEN]);
            assert!(!ran.stderr.contains("ugs"), "{token}: {}", ran.stderr);
        }
    }
}

/// `docker run --env-file` takes what is behind the `=` as it is.
#[test]
fn a_token_of_an_env_file_keeps_its_quotes() {
    let (name, value) = case!("52-token-in-quotes.env").trim_end().split_once('=').unwrap();
    let program = wxbot("[[account]]\ntoken = '${WXBOT_TOKEN}'\n").with_variable(name, value);
    program.run(&["check"]).exits(2).says(&["2:9: `token` has quotation marks", TOKEN]);
}

#[test]
fn the_shortest_and_the_longest_token_are_taken_and_so_is_the_demos() {
    for token in ["abc", "0A9z0A9z0A9z0A9z0A9z0A9z0A9z0A9z", "wxbot-demo-token"] {
        let config = format!("[[account]]\ntoken = '{token}'\nprevious_token = '{token}'\n");
        wxbot(&config).run(&["check"]).exits(0).says_nothing();
    }
}

#[test]
fn other_secrets_keep_no_quotes_either() {
    let program = wxbot(&format!(
        "{ACCOUNT}app_id = 'wx6d5c4b3a29180706'\napp_secret = '${{SECRET}}'\n\
         encoding_aes_key = '${{KEY}}'\n"
    ));
    let empty = program.with_variable("SECRET", "").with_variable("KEY", "");
    empty.run(&["check"]).exits(2).says(&["`app_secret` is empty", "this one has 0"]);
    let program = empty.with_variable("SECRET", "abcdef0123456789\r");
    let program = program.with_variable("KEY", &format!("\"{AES_KEY}\""));
    let ran = program.run(&["check"]).exits(2).says(&[
        "4:14: `app_secret` ends with a carriage return",
        "5:20: `encoding_aes_key` has quotation marks around it",
    ]);
    assert_eq!(ran.stderr.matches("bot.toml:").count(), 2, "{}", ran.stderr);
}

#[test]
fn the_two_ids_of_an_account_are_told_apart() {
    let app_id = case!("56-app-id-is-gh.toml");
    let parts = ["6:10: `app_id` is `gh_9a8b7c6d5e4f`, which looks like an `original_id`", APP_ID];
    check("an original id", app_id, &parts);
    let original_id = case!("57-original-id-is-app-id.toml");
    let looks = "5:15: `original_id` is `wx6d5c4b3a29180706`, which looks like an `app_id`";
    check("an app id", original_id, &[looks, ORIGINAL_ID]);
    let table = [
        ("app_id = ''", "3:10: `app_id` is ``; ", APP_ID),
        ("app_id = 'wx1'", "3:10: `app_id` is `wx1`; ", APP_ID),
        ("app_id = 'wx6d5c4b3a2918070'", "3:10: `app_id` is ", APP_ID),
        ("app_id = 'wx6d5c4b3a291807066'", "3:10: `app_id` is ", APP_ID),
        ("app_id = 'wx6d5c4b3a2918070g'", "3:10: `app_id` is ", APP_ID),
        ("app_id = 'wx6d5c4b3a2918070６'", "3:10: `app_id` is ", APP_ID),
        ("original_id = 'gh_'", "3:15: `original_id` is `gh_`; ", ORIGINAL_ID),
        ("original_id = ''", "3:15: `original_id` is ``; ", ORIGINAL_ID),
        ("original_id = 'my-account'", "3:15: `original_id` is ", ORIGINAL_ID),
        ("original_id = 'gh_9a8b7c6d5e4f '", "3:15: `original_id` is ", ORIGINAL_ID),
    ];
    for (line, place, right) in table {
        check_beside_account(line, &format!("{line}\n"), &[place, right]);
    }
    let both = "app_id = 'wx6D5c4b3a29180706'\noriginal_id = 'gh_9a8b7c6d5e4f'\n";
    wxbot(&format!("{ACCOUNT}{both}")).run(&["check"]).exits(0).says_nothing();
}

#[test]
fn an_address_has_a_host_and_a_port() {
    let config = case!("61-listen-like-go.toml");
    let hint = "write `127.0.0.1:8080`, or `0.0.0.0:8080` where it has to be reached from outside";
    check("as Go writes it", config, &["2:10: `:8080` is no address; ", hint, "container"]);
    let table = [
        ("server", "8080", "127.0.0.1:8080"),
        ("server", "localhost:9000", "127.0.0.1:9000"),
        ("server", "0.0.0.0", "0.0.0.0:8080"),
        ("server", "http://127.0.0.1:80", "127.0.0.1:80"),
        ("server", "*:99999", "127.0.0.1:8080"),
        ("console", "", "127.0.0.1:8081"),
        ("console", "[::]", "127.0.0.1:8081"),
    ];
    for (section, listen, right) in table {
        let parts = ["4:10: ", &format!("`{listen}` is no address"), &format!("`{right}`")];
        check_beside_account(section, &format!("[{section}]\nlisten = '{listen}'\n"), &parts);
    }
}

#[test]
fn two_listeners_have_two_ports() {
    let config = case!("58-one-port-twice.toml");
    let both = "`[server]` and `[console]` both listen on port 18999: give one of them another";
    check("the same", config, &["4:10: ", both]);
    let server = "[server]\nlisten = '0.0.0.0:8081'\n";
    check_beside_account("the console's default", server, &["4:10: ", "port 8081"]);
    let console = "[console]\nlisten = '127.0.0.1:8080'\n";
    check_beside_account("the endpoint's default", console, &["4:10: ", "port 8080"]);
    let others = "[server]\nlisten = '127.0.0.1:8081'\n[console]\nlisten = '127.0.0.2:8081'\n";
    wxbot(&format!("{ACCOUNT}{others}")).run(&["check"]).exits(0).says_nothing();
    let wrong = "[server]\nlisten = ':8080'\n[console]\nlisten = '127.0.0.1:8080'\n";
    check_beside_account("nobody knows whether it is the same", wrong, &["4:10: `:8080`"]);
    let wrong =
        "[server]\nlisten = '127.0.0.1:80'\nport = 1\n[console]\nlisten = '127.0.0.1:8080'\n";
    check_beside_account("another error is none of the port", wrong, &["5:1: "]);
}

#[test]
fn a_console_that_others_can_reach_has_a_token_that_nobody_guesses() {
    let table = [
        ("0.0.0.0:8081", "1", "too easy to guess; it takes 128 random bits"),
        ("0.0.0.0:8081", "consoleTOKEN12345", "`openssl rand -hex 16`"),
        ("192.0.2.1:8081", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "too easy to guess"),
        ("[::]:8081", "", "`token` is empty"),
        ("127.0.0.1:8081", "", "`token` is empty"),
        ("127.0.0.1:8081", "\"consoleTOKEN\"", "`token` has quotation marks around it"),
        ("127.0.0.1:8081", "consoleTOKEN\r", "`token` ends with a carriage return"),
    ];
    for (listen, token, fault) in table {
        let config = format!("{ACCOUNT}[console]\nlisten = '{listen}'\ntoken = '${{TOKEN}}'\n");
        let ran = wxbot(&config).with_variable("TOKEN", token).run(&["check"]).exits(2);
        let ran = ran.says(&["bot.toml:5:9: ", fault]);
        assert!(!ran.stderr.contains("consoleTOKEN"), "{}", ran.stderr);
    }
}

#[test]
fn what_can_not_work_is_said_with_what_does() {
    let echo = "[[chain]]\nplugin = 'echo'\n";
    let table = [
        ("[server]\nworkers = 0\n", "4:11: `workers` is `0`; it takes 1 to 1024"),
        ("[server]\nworkers = 100000\n", "4:11: `workers` is `100000`; it takes 1 to 1024"),
        ("[server]\nclock_skew = '10ms'\n", "it takes `1s` to `1d`, or `0s` for any"),
        ("[server]\nclock_skew = '400d'\n", "it takes `1s` to `1d`, or `0s` for any"),
        ("[limits]\nremember = '0s'\n", "4:12: `remember` is `0s`; it takes `20s` to `1d`"),
        ("[limits]\nremember = '36500d'\n", "it takes `20s` to `1d`"),
        ("[limits]\nmemory = '1KiB'\n", "4:10: `memory` is `1KiB`; it takes at least `1MiB`"),
        ("[limits]\nrunning = 0\n", "4:11: `running` is `0`; it takes at least 1"),
        ("[late]\nttl = '0s'\n", "4:7: `ttl` is `0s`; it takes `1m` to `30d`"),
        ("[late]\nttl = '5000000000d'\n", "it takes `1m` to `30d`"),
        ("late = { ttl = '1s' }\n", "3:16: `ttl` is `1s`; it takes `1m` to `30d`"),
        (&format!("{echo}timeout = '0s'\n"), "5:11: `timeout` is `0s`; it takes `1ms` to `1d`"),
        (&format!("{echo}timeout = '999999h'\n"), "it takes `1ms` to `1d`"),
        (&format!("{echo}cooldown = {{ every = '0s' }}\n"), "5:22: `every` is `0s`; it takes"),
        (&format!("{echo}[chain.cooldown]\nevery = '5000d'\n"), "it takes `1s` to `365d`"),
        (&format!("{echo}dialog = {{ ttl = '0s' }}\n"), "5:18: `ttl` is `0s`; it takes `1s` to"),
        (&format!("{echo}dialog = {{ tries = 0 }}\n"), "`tries` is `0`; it takes 1 to 1000"),
    ];
    for (config, fault) in table {
        check_beside_account("out of bounds", config, &[fault]);
    }
    let least = "[server]\nworkers = 1\nclock_skew = '0s'\n[limits]\nremember = '20s'\n\
                 memory = '1MiB'\nrunning = 1\nwaiting = 0\n[late]\nttl = '1m'\n";
    let least = format!("{ACCOUNT}{least}{echo}timeout = '1ms'\ncooldown = {{ every = '1s' }}\n");
    wxbot(&least).run(&["check"]).exits(0).says_nothing();
}

/// Good, but followers would see a backslash and an `n`.
#[track_caller]
fn check_warned(config: &str, place: &str) {
    let ran = wxbot(config).with_variable("TEXT", "a\\nb").run(&["check"]).exits(0);
    assert!(ran.stdout.starts_with("bot.toml is good"), "{}", ran.stdout);
    assert_eq!(ran.stderr.matches("warning: bot.toml:").count(), 1, "{config}\n{}", ran.stderr);
    ran.says(&[&format!("warning: bot.toml:{place}: `\\n` in "), "not a line break"]);
}

#[test]
fn a_line_break_that_is_none_is_pointed_at() {
    check_warned(case!("50-newline-written-out.toml"), "8:26");
    let chain = |lines: &str| format!("{ACCOUNT}[[chain]]\n{lines}\n");
    let keywords = "plugin = 'keywords'\n[[chain.config.rules]]\nregex = 'a\\nb'\n";
    let table = [
        (format!("{ACCOUNT}[late]\nnotice = 'a\\nb {{word}}'"), "4:12"),
        (format!("{ACCOUNT}late = {{ busy = 'a\\nb\\nc' }}"), "3:19"),
        (chain("plugin = 'echo'\nlater = 'a\\nb'"), "5:11"),
        (chain("plugin = 'echo'\non_error = { reply = 'a\\nb' }"), "5:24"),
        (chain("plugin = 'echo'\ncooldown = { every = '1h', say = 'a\\nb' }"), "5:36"),
        (chain("plugin = 'echo'\nconfig = { prefix = 'a\\nb' }"), "5:23"),
        (chain("plugin = 'welcome'\nconfig = { scenes = { x = ['a', 'a\\nb'] } }"), "5:35"),
        (chain("plugin = 'welcome'\nconfig = { reply = { text = 'a\\nb' } }"), "5:31"),
        (chain("plugin = 'welcome'\nconfig = { reply = '''\na\\nb''' }"), "6:2"),
        (chain("plugin = 'welcome'\nconfig = { reply = '${TEXT}' }"), "5:20"),
        (chain(&format!("{keywords}reply = 'a\\nb'")), "7:11"),
    ];
    for (config, place) in table {
        check_warned(&config, place);
    }
    let good = [
        chain("plugin = 'welcome'\nconfig = { reply = \"a\\nb\" }"),
        chain("plugin = 'welcome'\nconfig = { reply = \"a\\\\nb\" }"),
        chain("plugin = 'welcome'\nconfig = { reply = '''\na\nb''' }"),
        chain(&format!("{keywords}reply = 'yes'")),
    ];
    for config in good {
        wxbot(&config).run(&["check"]).exits(0).says_nothing();
    }
}

#[test]
fn a_time_that_can_not_be_or_never_comes_is_shown() {
    let entry = |cron: &str| {
        format!(
            "[[chain]]\nplugin = 'schedule'\n[[chain.config.entries]]\ncron = '{cron}'\n\
             send = {{ to = ['oALICE'], text = 'x' }}\n"
        )
    };
    for (cron, part) in [
        (
            "0 25 * * *",
            "`0 25 * * *` is not a cron expression: the hour is 0 to 23, not `25`; write",
        ),
        ("0 9 * *", "it has 4 fields instead of 5"),
        ("0 9 30 2 *", "`0 9 30 2 *` never comes: no date is like that"),
    ] {
        let parts = ["bot.toml:6:8: ", part, &format!("6 | cron = '{cron}'"), "^^^"];
        check_beside_account(cron, &entry(cron), &parts);
    }
}

/// It was good, and the account was not served.
#[test]
fn an_app_id_that_is_empty_is_not_there() {
    let config = format!("{ACCOUNT}mode = 'safe'\nencoding_aes_key = '{AES_KEY}'\napp_id = ''\n");
    check("no app id", &config, &["5:10: `app_id` is ``; ", APP_ID]);
}

#[test]
fn a_file_that_can_not_be_served_is_shown() {
    let rows = [
        ("/etc/passwd", "is no name like `MP_verify_….txt`"),
        ("../secrets", "is no name like"),
        ("MP_verify_gone.txt", "`MP_verify_gone.txt` can't be read"),
        ("large.txt", "more than 4096 bytes"),
    ];
    for (file, part) in rows {
        let config = format!("[server]\nfiles = ['{file}']\n{ACCOUNT}");
        let program = wxbot(&config).with_file("large.txt", "a".repeat(4097));
        program.run(&["check"]).exits(2).prints("").says(&["bot.toml:2:9: ", part, "^"]);
    }
}

/// A unit of systemd runs elsewhere.
#[test]
fn a_file_to_be_served_is_looked_for_beside_the_configuration() {
    let program = wxbot(ACCOUNT);
    std::fs::create_dir(program.folder().join("etc")).unwrap();
    let config = format!("[server]\nfiles = ['MP_verify_1.txt']\n{ACCOUNT}");
    program.write("etc/bot.toml", config);
    let check = ["check", "--config", "etc/bot.toml"];
    program
        .run(&check)
        .exits(2)
        .says(&["etc/bot.toml:2:9: ", "`etc/MP_verify_1.txt` can't be read"]);
    program.write("etc/MP_verify_1.txt", "1");
    program.run(&check).exits(0);
}

#[test]
fn a_url_that_wechat_can_not_call_is_shown() {
    for (url, part) in [
        ("bot.example.com", "`url` does not begin with `https://` or `http://`"),
        ("https://bot.example.com:8443/wechat", "`url` has the port 8443; WeChat calls 80"),
        ("https://bot.example.com/wechat?a=1", "`url` has a query"),
    ] {
        check(url, &format!("{ACCOUNT}url = '{url}'\n"), &["bot.toml:3:7: ", part]);
    }
    wxbot(&format!("{ACCOUNT}url = ''\n")).run(&["check"]).exits(0).says_nothing();
}

#[test]
fn a_reply_that_an_account_can_not_send_is_a_warning() {
    let rule = |reply: &str| {
        format!(
            "[[account]]\ntoken = 'token123'\n[[chain]]\nplugin = 'keywords'\n\
             [[chain.config.rules]]\nfull = 'x'\nreply = {reply}\n"
        )
    };
    let article = rule("{ article = 'A1', otherwise = 'https://e.com' }");
    let ran = wxbot(&article).run(&["check"]).exits(0);
    ran.says(&[
        "warning: bot.toml:7:11: `article` is sent as a customer-service message",
        "`main`",
    ]);
    let able =
        format!("app_id = 'wx0123456789abcdef'\napp_secret = '{}'\n[[chain]]", "a".repeat(32));
    let able = article.replacen("[[chain]]", &able, 1);
    let ran = wxbot(&able).run(&["check"]).exits(0);
    assert!(!ran.stderr.contains("customer-service"), "{}", ran.stderr);
    let silent = able.replacen("app_id", "late = { customer_service = false }\napp_id", 1);
    wxbot(&silent).run(&["check"]).exits(0).says(&["sends none"]);
    for (reply, part) in [
        ("{ article = 'A1' }", "needs `otherwise`"),
        ("{ text = 'a', otherwise = 'b' }", "`otherwise` is for mini_program"),
        ("{ article = 'A1', menu = { head = 'a', choices = [] }, otherwise = 'b' }", "exactly one"),
    ] {
        wxbot(&rule(reply)).run(&["check"]).exits(2).says(&[part]);
    }
}

#[test]
fn an_entry_that_sends_first_beside_an_account_that_can_not_is_a_warning() {
    let able = format!("app_id = 'wx0123456789abcdef'\napp_secret = '{}'\n", "a".repeat(32));
    let config = |keys: &str, entry: &str| {
        format!("[[account]]\ntoken = 'token123'\n{keys}[[chain]]\nplugin = 'schedule'\n{entry}\n")
    };
    let rows = [
        ("", "", true),
        ("", "when = { account = 'ma*' }", true),
        ("", "when = { account = 'other' }", false),
        ("", "config = { reminders = false }", false),
        ("late = { customer_service = false }\n", "", true),
        (&able, "", false),
    ];
    for (keys, entry, is_warned) in rows {
        let ran = wxbot(&config(keys, entry)).run(&["check"]).exits(0);
        let part = "`schedule` sends customer-service messages, and account `main` can't";
        assert_eq!(ran.stderr.contains(part), is_warned, "{keys}{entry}: {}", ran.stderr);
    }
    wxbot(&config("", "")).run(&["check"]).says(&["warning: bot.toml:4:10: `schedule` sends"]);
}

/// As an input method writes it, and as an editor on Windows saves it.
#[test]
fn what_is_no_toml_has_a_hint_at_what_is_right() {
    let quotes = "hint: “ ” ‘ ’ are no quotes in TOML: write \"";
    let rows = [
        ("id = “main”", quotes),
        ("id = ‘main’", quotes),
        ("[[chain]]\nplugin = “echo”  # \"回显\"", quotes),
        ("[audience.员工]\nopenid = 'o1'", "hint: quote names with other than A-Z a-z 0-9 _ -"),
    ];
    for (lines, hint) in rows {
        wrong(&format!("{ACCOUNT}{lines}\n")).says(&[hint]);
    }
    let ran = wxbot(&format!("{ACCOUNT}id = 'a' 'b' # “”\n")).run(&["check"]).exits(2);
    assert!(!ran.stderr.contains("hint"), "{}", ran.stderr);
    let gbk = b"# \xc4\xe3\xba\xc3\n[[account]]\ntoken = 'token123'\n";
    let ran = wxbot("").with_file("bot.toml", gbk).run(&["check"]);
    ran.exits(2).says(&["`bot.toml` can't be read", "hint: save the file as UTF-8"]);
}

/// WeChat says nowhere what an AppSecret looks like, so that another one may be right.
#[test]
fn an_app_secret_of_another_form_is_warned_of() {
    let config = |rest: &str| {
        format!("{ACCOUNT}app_id = 'wx6d5c4b3a29180706'\napp_secret = '${{SECRET}}'\n{rest}")
    };
    let usual = "0123456789abcdef0123456789abcdef";
    for secret in ["你的AppSecret", "abc", &usual[1..], "ghijklmnghijklmnghijklmnghijklmn"] {
        let ran = wxbot(&config("")).with_variable("SECRET", secret).run(&["check"]).exits(0);
        let ran = ran.says(&["warning: bot.toml:4:14: ", "an AppSecret usually is 32 hex digits"]);
        assert!(!ran.stderr.contains(secret), "{}", ran.stderr);
    }
    wxbot(&config("")).with_variable("SECRET", usual).run(&["check"]).exits(0).says_nothing();
    let simulated = config("api_base = 'http://127.0.0.1:1'\n");
    wxbot(&simulated).with_variable("SECRET", "abc").run(&["check"]).exits(0).says_nothing();
}

#[test]
fn a_key_of_a_model_is_none_or_one_that_can_be_sent() {
    let config = |base_url: &str| {
        format!(
            "{ACCOUNT}[[chain]]\nplugin = 'chat'\n[chain.config]\nbase_url = '{base_url}'\n\
             model = 'm'\nkey = '${{KEY}}'\n"
        )
    };
    let (public, own) = ("https://api.deepseek.com/v1", "http://127.0.0.1:11434/v1");
    let odd = "`key` has a character in it that no key has, as a blank or a quotation mark";
    let table = [
        (public, "", "`key` is empty"),
        (public, " ", "`key` is empty"),
        (public, "sk-1 23", odd),
        (public, "\"sk-123", odd),
        (own, "“sk-123”", odd),
    ];
    for (base_url, key, part) in table {
        let program = wxbot(&config(base_url)).with_variable("KEY", key);
        let ran = program.run(&["check"]).exits(2).says(&[part]);
        assert!(!ran.stderr.contains("sk-1"), "{}", ran.stderr);
    }
    for (base_url, key) in [(own, ""), ("http://localhost:1/v1", ""), (public, "sk-123")] {
        wxbot(&config(base_url)).with_variable("KEY", key).run(&["check"]).exits(0);
    }
}
