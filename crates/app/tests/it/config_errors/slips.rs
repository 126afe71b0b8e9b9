//! What an input method, an editor or another format makes of a `bot.toml`: what is right is said.

use super::{ACCOUNT, check, check_beside_account, wrong, wxbot};

#[test]
fn characters_of_a_chinese_keyboard_are_named_with_those_that_toml_has() {
    let table = [
        ("token＝'token123'\n", "hint: `＝` is full-width: write `=`"),
        ("【【chain】】\nplugin = 'echo'\n", "hint: `【` is full-width: write `[`"),
        ("［［chain］］\nplugin = 'echo'\n", "hint: `［` is full-width: write `[`"),
        ("late = ｛ word = '1' ｝\n", "hint: `｛` is full-width: write `{`"),
        ("late：word = '1'\n", "hint: `：` is full-width: write `=`"),
        ("late。word = '1'\n", "hint: `。` is full-width: write `.`"),
        ("late = { word = '1'， ttl = '1d' }\n", "hint: `，` is full-width: write `,`"),
        ("mode　= 'plain'\n", "hint: there is a full-width space (U+3000): write an ordinary one"),
        (
            "mode\u{a0}= 'plain'\n",
            "hint: there is a no-break space (U+00A0): write an ordinary one",
        ),
        ("mode\u{200b}= 'plain'\n", "hint: there is a zero-width space (U+200B): delete it"),
        ("mode = 'plain'\u{feff}\n", "hint: there is a byte order mark (U+FEFF): delete it"),
    ];
    for (config, hint) in table {
        check_beside_account(config, config, &[hint]);
    }
}

#[test]
fn what_cannot_be_read_shows_punctuation_and_what_followers_read() {
    let rule = |keys: &str| {
        format!("[[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\nreply = 'b'\n{keys}")
    };
    let table = [
        (rule("full = ['价格'，'多少钱']\n"), "7 | full = ['价格'，'多少钱']\n"),
        (rule("full = “价格”\n"), "7 | full = “价格”\n"),
        ("【【chain】】\n".to_owned(), "3 | 【【chain】】\n"),
        ("[[chain]]\nplugin = 'echo'\nlater = “请稍候”\n".to_owned(), "5 | later = “请稍候”\n"),
    ];
    for (config, line) in table {
        check_beside_account(&config, &config, &[line]);
    }
    // What began as a text for followers goes on to the end of the file.
    let ran = wrong("[late]\nnotice = \"\"\"请稍候\n[[account]]\ntoken = 's3cr3t'\n");
    assert!(!ran.stderr.contains("s3cr3t"), "{}", ran.stderr);
    let ran = wrong("[late]\nnotice = 请稍候\n[[account]]\ntoken = “s3cr3t”\n");
    assert!(!ran.stderr.contains("s3cr3t"), "{}", ran.stderr);
}

#[test]
fn a_wrong_setting_of_a_plugin_shows_what_followers_read() {
    let entry = |plugin: &str, config: &str| {
        format!("[[chain]]\nplugin = '{plugin}'\nconfig = {{ {config} }}\n")
    };
    let table = [
        ("keywords", "rules = [{ ful = '价格', reply = '99' }]", "reply = '99'"),
        (
            "faq",
            "entries = [{ question = '价格', repli = '99' }]",
            "question = '价格', repli = '99'",
        ),
        ("faq", "entries = [], texts = { othr = '没有' }", "othr = '没有'"),
        ("welcome", "reply = '欢迎', x = 1", "reply = '欢迎'"),
    ];
    for (plugin, config, part) in table {
        let config = entry(plugin, config);
        let ran = wrong(&format!("{ACCOUNT}{config}"));
        assert!(ran.stderr.contains(part), "{config}\n{}", ran.stderr);
    }
}

#[test]
fn another_format_is_named() {
    let table = [
        ("{\n  \"account\": []\n}\n", "hint: this looks like JSON"),
        ("<!DOCTYPE html>\n<html></html>\n", "hint: this looks like a web page"),
        ("account:\n  - token: token123\n    path: /wechat\n", "hint: this looks like YAML"),
        ("[[account]]\rtoken = 'token123'\r", "hint: its lines end with CR alone"),
    ];
    for (config, hint) in table {
        check(config, config, &["1:", hint]);
    }
    let program = wxbot("");
    let text = format!("{ACCOUNT}# 令牌\n");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    program.write("bot.toml", [b"\xff\xfe".as_slice(), &utf16].concat());
    program.run(&["check"]).exits(2).says(&["it is UTF-16, which editors call Unicode", "UTF-8"]);
    program.write("bot.toml", utf16);
    program.run(&["check"]).exits(2).says(&["it is UTF-16, which editors call Unicode", "UTF-8"]);
}

#[test]
fn a_key_at_the_wrong_level_is_sent_to_the_right_one() {
    let table = [
        (
            "[[chain]]\nplugin = 'keywords'\n[[chain.rules]]\nfull = 'a'\n",
            "5:9: ",
            "`rules` is a setting of `keywords`: write `[[chain.config.rules]]`",
        ),
        (
            "[[chain]]\nplugin = 'echo'\nprefix = '> '\n",
            "5:1: ",
            "`prefix` is a setting of `echo`: write it below `[chain.config]`",
        ),
        (
            "[[chain]]\nplugin = 'echo'\n[chain.config]\nwhen = { full = 'a' }\n",
            "6:1: ",
            "`when` is a key of the entry: write it above `[chain.config]`",
        ),
        (
            "[[chain]]\nplugin = 'echo'\napp_secret = 'x'\n",
            "5:1: ",
            "`app_secret` is a key of `[[account]]`",
        ),
        ("listen = '127.0.0.1:80'\n", "3:1: ", "`listen` is a key of `[server]` and `[console]`"),
    ];
    for (config, place, part) in table {
        check_beside_account(config, config, &[place, part]);
    }
    check("on top", &format!("workers = 2\n{ACCOUNT}"), &["1:1: ", "is a key of `[server]`"]);
}

/// Above `[chain.config]`, it would do something else.
#[test]
fn a_key_of_a_table_of_settings_is_not_sent_to_the_entry() {
    let table = [
        (
            "[[chain]]\nplugin = 'schedule'\n[[chain.config.entries]]\ncron = '0 9 * * *'\n\
             question = 'a'\nenabled = false\n",
            "enabled",
        ),
        (
            "[[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\nfull = 'a'\nreply = 'b'\n\
             timeout = '1s'\n",
            "timeout",
        ),
    ];
    for (config, key) in table {
        let ran = wrong(&format!("{ACCOUNT}{config}"));
        let ran = ran.says(&[&format!("unknown field `{key}`")]);
        assert!(!ran.stderr.contains("is a key of the entry"), "{}", ran.stderr);
    }
}

#[test]
fn a_value_with_or_without_quotes_says_which_is_right() {
    let table = [
        ("[server]\nworkers = '2'\n", "4:11: ", "expected usize: write a number without quotes"),
        ("[[chain]]\nplugin = 'echo'\nenabled = 'true'\n", "5:11: ", "expected a boolean: write"),
        (
            "[[chain]]\nplugin = 'echo'\ntimeout = 5\n",
            "5:11: ",
            "expected a string: write it in quotes",
        ),
        ("[server]\nlisten = 8080\n", "4:10: ", "expected a string: write it in quotes"),
        (
            "[[chain]]\nplugin = 'echo'\nwhen = 'text'\n",
            "5:8: ",
            "expected struct When: write a table, { KEY = VALUE }",
        ),
    ];
    for (config, place, part) in table {
        check_beside_account(config, config, &[place, part]);
    }
}

#[test]
fn an_account_that_no_entry_can_see_is_warned_of() {
    let chain = |when: &str| format!("{ACCOUNT}[[chain]]\nplugin = 'echo'\nwhen = {when}\n");
    let misspelt = ["{ account = 'mian' }", "{ any = [{ account = ['main', 'mian'] }] }"];
    for when in misspelt {
        let ran = wxbot(&chain(when)).run(&["check"]).exits(0);
        ran.says(&["warning: bot.toml:5:8: entry `echo`: no account has the id `mian` (did you mean `main`?)"]);
    }
    for when in ["{ account = 'main' }", "{ account = 'm*' }", "{ not = { account = 'main' } }"] {
        wxbot(&chain(when)).run(&["check"]).exits(0).says_nothing();
    }
}

#[test]
fn an_env_file_may_have_a_comment_in_gbk_and_is_no_utf_16() {
    let program = wxbot("[[account]]\ntoken = '${WXBOT_TOKEN}'\n");
    program.write("wxbot.env", b"# \xc1\xee\xc5\xc6\r\nWXBOT_TOKEN=token123\r\n");
    program.run(&["check"]).exits(0).says_nothing();
    let utf16 = "WXBOT_TOKEN=token123\n".encode_utf16().flat_map(u16::to_le_bytes);
    program.write("wxbot.env", utf16.collect::<Vec<u8>>());
    let ran = program.run(&["check"]).exits(2);
    ran.says(&[
        "`wxbot.env` can't be read: it is UTF-16, which editors call Unicode; save it as UTF-8",
    ]);
}

#[test]
fn a_value_of_an_env_file_in_gbk_is_pointed_at() {
    let program = wxbot(&format!("{ACCOUNT}id = '${{GREETING}}'\n"));
    program.write("wxbot.env", b"# \xc1\xee\r\nOTHER=1\r\nGREETING=\xbb\xb6\xd3\xad\r\n");
    let ran = program.run(&["check"]).exits(2);
    ran.says(&[
        "wxbot.env:3: `GREETING` is not UTF-8: save the file as UTF-8",
        "`GREETING` is not set",
    ]);
}

#[test]
fn a_line_of_the_env_file_that_sets_nothing_is_named() {
    let program = wxbot("[[account]]\ntoken = '${WXBOT_TOKEN}'\n");
    let no_assignment = "wxbot.env:2: this line is no NAME=VALUE: write WXBOT_TOKEN=…";
    let table = [
        ("WXBOT_TOKEN: s3cr3t", no_assignment),
        ("WXBOT_TOKEN：s3cr3t", no_assignment),
        ("WXBOT_TOKEN＝s3cr3t", no_assignment),
        ("WXBOT_TOKEN s3cr3t", no_assignment),
        ("set WXBOT_TOKEN=s3cr3t", no_assignment),
        ("$env:WXBOT_TOKEN = 's3cr3t'", no_assignment),
        ("s3cr3t", "wxbot.env:2: this line is no NAME=VALUE: write NAME=…"),
        (
            "WXBOT_TOKN=s3cr3t",
            "wxbot.env:2: nothing asks for `WXBOT_TOKN`; did you mean `WXBOT_TOKEN`?",
        ),
        (
            "wxbot_token=s3cr3t",
            "wxbot.env:2: nothing asks for `wxbot_token`; did you mean `WXBOT_TOKEN`?",
        ),
        ("WXBOT_TOKEN=“s3cr3t”", "wxbot.env:2: `WXBOT_TOKEN` has “ ” around it: write it without"),
    ];
    for (line, trouble) in table {
        program.write("wxbot.env", format!("# secrets\n{line}\nLLM_KEY=s3cr3t\n"));
        let ran = program.run(&["check"]).exits(2).says(&[trouble]);
        assert_eq!(ran.stderr.matches("wxbot.env:").count(), 1, "{line}: {}", ran.stderr);
        assert!(!ran.stderr.contains("s3cr3t"), "{line}: {}", ran.stderr);
    }
    program.write("wxbot.env", "export WXBOT_TOKEN=token123\nnothing\n");
    program.run(&["check"]).exits(0).says_nothing();
}

#[test]
fn a_slip_in_toml_says_what_is_right() {
    let entry = |line: &str| format!("[[chain]]\nplugin = 'echo'\n{line}\n");
    let rule =
        |line: &str| format!("[[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\n{line}");
    let open_list = "hint: a `[` above is not closed: write its `]`";
    let lower_case = "hint: `true` and `false` are written in lower case";
    let table = [
        (entry("timeout = 2m"), "hint: write it in quotes: \"2m\""),
        (entry("enabled = True"), lower_case),
        (entry("enabled = FALSE # not now"), lower_case),
        (rule(r#"regex = "^查\s*(\d+)$""#), "hint: write a regex in single quotes: '^\\d+$'"),
        (rule("full = ['a', 'b'\nreply = 'c'\n"), open_list),
        (rule("full = \"a\nb\"\n"), "hint: close it with \"; several lines stand in \"\"\""),
    ];
    for (config, hint) in table {
        wrong(&format!("{ACCOUNT}{config}")).says(&[hint]);
    }
    for items in ["full = ['a' 'b']\n", "full = [\n  'a'\n  'b'\n]\n"] {
        let ran = wrong(&format!("{ACCOUNT}{}", rule(items)));
        assert!(!ran.stderr.contains(open_list), "{items}: {}", ran.stderr);
    }
}

#[test]
fn a_table_where_a_list_belongs_says_how_a_list_is_written() {
    let list = "expected a sequence: write a list, `[[…]]` for `[…]` or `[{ … }]` for `{ … }`";
    let head = "[[chain]]\nplugin = 'keywords'\n";
    let table = [
        ("[chain.config.rules]\nfull = 'a'\nreply = 'b'\n", list),
        (
            "[[chain.config.rules]]\nfull = 'a'\nreply = { news = { title = 'x', url = 'y' } }\n",
            list,
        ),
        ("[[rules]]\nfull = 'a'\n", "setting of `keywords`: write `[[chain.config.rules]]`"),
        (
            "[[config.rules]]\nfull = 'a'\n",
            "`config` is a key of `[[chain]]`: write `[[chain.config.rules]]`",
        ),
        ("[config]\nrules = []\n", "`config` is a key of `[[chain]]`: write `[chain.config]`"),
    ];
    for (config, hint) in table {
        wrong(&format!("{ACCOUNT}{head}{config}")).says(&[hint]);
    }
}

#[test]
fn an_account_that_is_misspelt_is_not_also_missing() {
    for section in ["[account]", "[[accounts]]", "[accounts]", "[Account]"] {
        check(section, &format!("{section}\ntoken = 'token123'\n"), &["1:"]);
    }
    wrong("account = []\n").says(&["there is no `[[account]]`"]);
}
