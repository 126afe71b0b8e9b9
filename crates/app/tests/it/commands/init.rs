//! `wxbot init`: what it writes is a bot, its secrets are nobody else's, and nothing is overwritten.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;
use wxbot_tests::program::Program;
use wxbot_tests::redis::free_port;

use super::sim::control;
use super::wxbot;

const APP_ID: &str = "wx0123456789abcdef";
const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
const URL: &str = "https://bot.example.com/wechat";

/// The value of a variable in `wxbot.env`.
fn secret(program: &Program, name: &str) -> String {
    let file = program.read("wxbot.env");
    let prefix = format!("{name}=");
    let line = file.lines().find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_else(|| panic!("no {name} in\n{file}")).to_owned()
}

#[test]
fn what_is_written_is_a_bot_that_answers_wechat() {
    for (kind, mode) in [("personal", "safe"), ("verified-service", "safe"), ("test", "plain")] {
        let program = wxbot().with_variable("WXBOT_APP_SECRET", APP_SECRET);
        // A port of this machine's that is free: nobody else knows it.
        let flags = ["--app-id", APP_ID, "--kind", kind, "--url", URL, "--listen", "127.0.0.1:0"];
        let ran = program.run(&[&["init"], &flags[..]].concat()).exits(0).says_nothing();
        let (token, key) = (secret(&program, "WXBOT_TOKEN"), secret(&program, "WXBOT_AES_KEY"));
        assert_eq!((token.len(), key.len()), (32, 43));
        for part in [URL, &token, "域名与消息推送配置", "wxbot doctor"] {
            let is_there = ran.stdout.contains(part);
            assert!(
                is_there || kind == "test" && part.starts_with('域'),
                "{part}:\n{}",
                ran.stdout
            );
        }
        assert_eq!(ran.stdout.contains(&key), kind != "test", "{}", ran.stdout);
        assert!(!ran.stdout.contains(APP_SECRET), "{}", ran.stdout);
        let config = program.read("bot.toml");
        for secret in [&token, &key, APP_SECRET] {
            assert!(!config.contains(secret), "{config}");
        }

        let ran = program.run(&["check"]).exits(0).says_nothing();
        assert!(ran.stdout.contains(mode), "{}", ran.stdout);
        program.run(&["say", "hi there"]).exits(0);

        let console = "\n[console]\nlisten = '127.0.0.1:0'\n";
        program.write("bot.toml", program.read("bot.toml") + console);
        let bot = program.serve(&["run"]);
        let target = format!("http://{}/wechat", bot.endpoint);
        let sim = wxbot()
            .with_variable("WXBOT_SIM_TOKEN", &token)
            .with_variable("WXBOT_SIM_ENCODING_AES_KEY", &key);
        let common = ["sim", "--listen", "127.0.0.1:0", "--target", &target, "--app-id", APP_ID];
        let sim = sim.simulate(&[&common[..], &["--mode", mode]].concat());
        assert_eq!(control(sim.endpoint, "handshake", &json!({})), json!({ "ok": true }));
        let exchange = control(sim.endpoint, "followers/alice/acts", &json!({ "text": "在吗" }));
        let shown = &exchange["verdict"]["reply"]["what"]["bubble"];
        assert_eq!(shown["text"]["text"], "在吗", "{exchange}");
        bot.stop().exits(0);
        sim.stop().exits(0);
    }
}

/// From an empty folder to a bot that the doctor finds nothing wrong with, and an answer.
#[test]
fn the_first_day_is_six_commands() {
    let (port, console) = (free_port(), free_port());
    let url = format!("http://127.0.0.1:{port}/wechat");
    let program = wxbot().with_variable("WXBOT_APP_SECRET", APP_SECRET);
    let kind = ["--kind", "verified-service"];
    program.run(&[&["init", "--app-id", APP_ID, "--url", &url], &kind[..]].concat()).exits(0);
    program.run(&["check"]).exits(0).says_nothing();

    let sim = wxbot()
        .with_variable("WXBOT_SIM_TOKEN", &secret(&program, "WXBOT_TOKEN"))
        .with_variable("WXBOT_SIM_APP_SECRET", APP_SECRET)
        .with_variable("WXBOT_SIM_ENCODING_AES_KEY", &secret(&program, "WXBOT_AES_KEY"));
    let flags = ["--mode", "safe", "--account", "verified-service", "--app-id", APP_ID];
    let common = ["sim", "--listen", "127.0.0.1:0", "--target", &url];
    let sim = sim.simulate(&[&common[..], &flags[..]].concat());
    let api = format!("api_base = 'http://{}'\napp_id", sim.endpoint);
    let config = program.read("bot.toml").replacen("app_id", &api, 1);
    program.write("bot.toml", format!("{config}\n[console]\nlisten = '127.0.0.1:{console}'\n"));

    let bot = program.serve(&["run"]);
    let ran = program.run(&["doctor", "--slow", "20ms"]).exits(0).says_nothing();
    assert!(!ran.stdout.contains('✗'), "{}", ran.stdout);
    program.run(&["health"]).exits(0).prints("ready\n");
    let exchange = control(sim.endpoint, "followers/alice/acts", &json!({ "text": "您好" }));
    let shown = &exchange["verdict"]["reply"]["what"]["bubble"]["text"]["text"];
    assert_eq!(shown, "您好，请问有什么可以帮您？", "{exchange}");
    bot.stop().exits(0);
}

/// Only the words are left to change.
#[test]
fn it_may_begin_with_a_whole_bot() {
    let rows = [
        ("shop", &["faq.csv"][..], "包邮吗", "满 99 元包邮，不满收 8 元。\n"),
        ("school", &["faq.md", "words.txt"], "几点放学", "周一到周四 17:00，周五 15:30。\n"),
        ("personal", &[], "转载", "合作和转载请写信：me@example.com\n"),
    ];
    for (example, files, said, answer) in rows {
        let program = wxbot().with_variable("WXBOT_APP_SECRET", APP_SECRET);
        let flags = ["init", "--app-id", APP_ID, "--url", URL, "--like", example];
        let ran = program.run(&flags).exits(0).says_nothing();
        assert!(ran.stdout.contains("「改成」"), "{}", ran.stdout);
        for file in files {
            assert!(ran.stdout.contains(file) && !program.read(file).is_empty(), "{example}");
        }
        let asks_a_model = program.read("wxbot.env").contains("LLM_KEY");
        assert_eq!(asks_a_model, example != "school");
        let config = program.read("bot.toml");
        assert!(config.contains(URL) && !config.contains("改成您的网址"), "{config}");
        let program = program.with_variable("LLM_KEY", "sk-1");
        program.run(&["check"]).exits(0).says_nothing();
        program.run(&["say", said]).exits(0).prints(answer).says_nothing();
    }
    let program = wxbot().with_file("words.txt", "mine");
    let flags = ["init", "--app-id", APP_ID, "--like", "school"];
    program.run(&flags).exits(1).says(&["words.txt", "is there already"]);
    assert_eq!(std::fs::read_dir(program.folder()).unwrap().count(), 1);
    wxbot().run(&["init", "--app-id", APP_ID, "--like", "zoo"]).exits(2).says(&["shop, school"]);
}

/// Nobody enters a URL at WeChat that is made up, and what is left to do is marked.
#[test]
fn what_is_made_up_or_left_out_is_marked() {
    for (lang, example) in [("zh", "这是示例"), ("en", "an example: put your own")] {
        let program = wxbot();
        let ran = program.run(&["init", "--app-id", APP_ID, "--lang", lang]).exits(0);
        for part in [example, "「改成」"] {
            assert!(ran.stdout.contains(part), "{part}:\n{}", ran.stdout);
        }
        let config = program.read("bot.toml");
        for key in ["# url =", "# app_secret ="] {
            let line = config.lines().find(|line| line.starts_with(key)).unwrap_or_default();
            assert!(line.contains("改成"), "{key}:\n{config}");
        }
        let program = wxbot().with_variable("WXBOT_APP_SECRET", APP_SECRET);
        let ran = program.run(&["init", "--app-id", APP_ID, "--lang", lang, "--url", URL]).exits(0);
        assert!(!ran.stdout.contains(example) && !ran.stdout.contains("改成"), "{}", ran.stdout);
        assert!(!program.read("bot.toml").contains("改成"));
    }
}

/// As in docs/zh/connect-account.md: WeChat checks the URL when it is entered.
#[test]
fn the_bot_is_started_before_its_url_is_entered_at_wechat() {
    for kind in ["personal", "test"] {
        let flags = ["init", "--app-id", APP_ID, "--url", URL, "--kind", kind];
        let printed = wxbot().run(&flags).exits(0).stdout;
        let at = |part: &str| printed.find(part).unwrap_or_else(|| panic!("{part}:\n{printed}"));
        assert!(at("1. 启动") < at("IP 白名单") && at("IP 白名单") < at("Token（令牌）"));
    }
}

#[test]
fn an_account_with_too_few_rights_for_an_example_is_warned_of() {
    let init = |kind| wxbot().run(&["init", "--app-id", APP_ID, "--like", "shop", "--kind", kind]);
    init("personal").exits(0).says(&["warning: ", "verified-service", "--like personal"]);
    init("verified-service").exits(0).says_nothing();
    init("test").exits(0).says_nothing();
    let ran = wxbot().run(&["init", "--like", "shop"]).exits(2);
    ran.says(&["`--kind` (personal, organisation-unverified, verified-subscription, "]);
}

#[test]
fn secrets_are_new_each_time_and_for_the_owner_alone() {
    let written = [wxbot(), wxbot()].map(|program| {
        program.run(&["init", "--app-id", APP_ID]).exits(0);
        let file = program.folder().join("wxbot.env");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        (secret(&program, "WXBOT_TOKEN"), secret(&program, "WXBOT_AES_KEY"))
    });
    assert!(written[0].0 != written[1].0 && written[0].1 != written[1].1);
}

#[test]
fn nothing_is_overwritten() {
    for name in ["bot.toml", "wxbot.env"] {
        let program = wxbot().with_file(name, "mine");
        program
            .run(&["init", "--app-id", APP_ID])
            .exits(1)
            .prints("")
            .says(&[name, "is there already"]);
        assert_eq!(program.read(name), "mine");
        assert_eq!(std::fs::read_dir(program.folder()).unwrap().count(), 1);
    }
    let program = wxbot().with_file("bot.toml", "mine");
    std::fs::create_dir(program.folder().join("other")).unwrap();
    program.run(&["init", "--app-id", APP_ID, "--config", "other/bot.toml"]).exits(0);
    program.run(&["check", "--config", "other/bot.toml"]).exits(0).says_nothing();
}

#[test]
fn what_can_not_be_right_is_2_and_named() {
    let rows: [(&[&str], &str); 5] = [
        (&[], "`--app-id`"),
        (&["--app-id", "gh_5f0c1d2e3a4b"], "looks like an `original_id`"),
        (&["--app-id", APP_ID, "--url", "https://a.example:8443/"], "443 (https) only"),
        (&["--app-id", APP_ID, "--kind", "gold"], "expected personal, "),
        (&["--app-id", APP_ID, "--app-secret", "\"quoted\""], "`--app-secret` has quotation"),
    ];
    for (flags, part) in rows {
        let program = wxbot();
        program.run(&[&["init"], flags].concat()).exits(2).prints("").says(&[part]);
        assert_eq!(std::fs::read_dir(program.folder()).unwrap().count(), 0, "{part}");
    }
}

#[test]
fn comments_and_words_may_be_english() {
    let program = wxbot();
    let flags = ["init", "--app-id", APP_ID, "--lang", "en", "--url", "http://203.0.113.7/wechat"];
    let ran = program.run(&flags).exits(0);
    assert!(ran.stdout.contains("enter:") && ran.stdout.contains("port-80.conf"), "{}", ran.stdout);
    let config = program.read("bot.toml");
    assert!(config.contains("listen = \"0.0.0.0:80\""), "{config}");
    assert!(config.contains("# The configuration of wxbot."), "{config}");
    assert!(!config.lines().filter(|line| line.starts_with('#')).any(|line| line.contains('的')));
    program.run(&["check"]).exits(0).says_nothing();
}

/// Port 80 has no HTTPS, so the mode alone decides who can read a message.
#[test]
fn the_comment_on_port_80_says_what_the_mode_encrypts() {
    let rows = [
        ("zh", &["--kind", "test"], "明文模式什么都不加密"),
        ("en", &["--kind", "test"], "plain mode encrypts nothing"),
        ("zh", &["--mode", "plain"], "明文模式什么都不加密"),
        ("zh", &["--mode", "compatible"], "兼容模式的消息里还有一份明文"),
        ("en", &["--mode", "compatible"], "compatible mode sends plain text too"),
        ("zh", &["--mode", "safe"], "消息由安全模式加密"),
        ("en", &["--mode", "safe"], "safe mode encrypts"),
    ];
    for (lang, flags, comment) in rows {
        let program = wxbot();
        let common =
            ["init", "--app-id", APP_ID, "--url", "http://203.0.113.7/wechat", "--lang", lang];
        program.run(&[&common[..], &flags[..]].concat()).exits(0);
        let config = program.read("bot.toml");
        let line = config.lines().find(|line| line.starts_with("listen =")).unwrap_or_default();
        assert!(line.contains(comment), "{flags:?}: {line}");
    }
}

/// With flags alone there is none, and `wxbot menu import` needs it.
#[test]
fn where_the_app_secret_goes_is_written_beside_it() {
    for (lang, part) in [("zh", "前面的 #"), ("en", "without the # before")] {
        let program = wxbot();
        program.run(&["init", "--app-id", APP_ID, "--url", URL, "--lang", lang]).exits(0);
        let config = program.read("bot.toml");
        let line = config.lines().find(|line| line.starts_with("# app_secret =")).unwrap();
        assert!(line.contains(part) && line.contains("改成"), "{line}");
        let uncommented = |text: String, name: &str| text.replacen(&format!("# {name}"), name, 1);
        let env = uncommented(program.read("wxbot.env"), "WXBOT_APP_SECRET=");
        let env = env.replace("WXBOT_APP_SECRET=", &format!("WXBOT_APP_SECRET={APP_SECRET}"));
        program.write("wxbot.env", env);
        program.write("bot.toml", uncommented(config, "app_secret"));
        program.run(&["check"]).exits(0).says_nothing();
    }
}

#[test]
fn what_is_to_be_changed_is_asked_for_only_where_it_is_marked() {
    for flags in [&[][..], &["--url", URL], &["--like", "shop"], &["--like", "personal"]] {
        for secret in ["", APP_SECRET] {
            let program = wxbot().with_variable("WXBOT_APP_SECRET", secret);
            let ran = program.run(&[&["init", "--app-id", APP_ID], flags].concat()).exits(0);
            let is_marked = program.read("bot.toml").contains("改成");
            assert_eq!(ran.stdout.contains("「改成」"), is_marked, "{flags:?} {}", ran.stdout);
        }
    }
}

#[test]
fn the_environment_counts_before_the_file_and_a_file_that_can_not_be_read_is_named() {
    let config = "[[account]]\ntoken = '${WXBOT_TOKEN}'\n";
    let program = wxbot().with_config(config).with_file("wxbot.env", "WXBOT_TOKEN=no good\n");
    program.run(&["check"]).exits(2).says(&["has a blank"]);
    let program = program.with_variable("WXBOT_TOKEN", "token123");
    program.run(&["check"]).exits(0);

    let program = wxbot().with_config(config);
    std::fs::create_dir(program.folder().join("wxbot.env")).unwrap();
    program
        .run(&["check"])
        .exits(2)
        .says(&["`WXBOT_TOKEN` is not set", "`wxbot.env` can't be read"]);
}

/// Editors find it by the first line.
#[test]
fn a_schema_that_is_beside_the_file_is_named_in_it() {
    let flags = ["init", "--app-id", APP_ID, "--kind", "test", "--url", URL];
    let program = wxbot();
    program.run(&flags).exits(0);
    assert!(!program.read("bot.toml").contains("#:schema"));
    let program = wxbot().with_file("bot.schema.json", "{}");
    program.run(&flags).exits(0);
    let config = program.read("bot.toml");
    assert_eq!(config.lines().next(), Some("#:schema ./bot.schema.json"));
    program.run(&["check"]).exits(0).says_nothing();
}
