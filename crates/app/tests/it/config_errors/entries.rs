//! What a plugin needs and is not there is said by `wxbot check`, not by the first message.

use super::{ACCOUNT, check_beside_account, wxbot};

fn exec(command: &str) -> String {
    format!("{ACCOUNT}[[chain]]\nplugin = 'exec'\n[chain.config]\ncommand = {command}\n")
}

#[test]
fn a_program_or_a_script_that_is_not_there_is_a_warning() {
    let table = [
        ("['pyhton3', 'bot.py']", "there is no program `pyhton3` in the PATH"),
        ("['sh', 'nothing.sh']", "there is no file `nothing.sh` in the folder in which wxbot"),
        ("['sh', '-e', 'nothing.sh']", "there is no file `nothing.sh`"),
        ("['./nothing']", "there is no file `./nothing`"),
        ("['./bot.py']", "`./bot.py` is no program: try `chmod +x ./bot.py`"),
    ];
    for (command, part) in table {
        let program = wxbot(&exec(command)).with_file("bot.py", "print()");
        let ran = program.run(&["check"]).exits(0);
        ran.says(&[&format!("warning: bot.toml:5:1: entry `exec`: {part}")]);
    }
    let right = [
        "['sh', 'bot.py']",
        "['sh', '-c', 'exit']",
        "['sh', '-c', 'exec python3 nothing.py']",
        "['sh', '-c', './nothing.py']",
        "['sh', '-r', './nothing.js', 'bot.py']",
        "['sh', '--require', './nothing.js', 'bot.py']",
        "['/bin/sh']",
        "['sh', 'a', 'b.py']",
    ];
    for command in right {
        let program = wxbot(&exec(command)).with_file("bot.py", "print()");
        program.run(&["check"]).exits(0).says_nothing();
    }
}

#[test]
fn a_command_line_in_place_of_a_program_is_not_quoted() {
    for command in [
        "['python3 bot.py --token s3cr3t']",
        "['/usr/bin/python3 bot.py --token s3cr3t']",
        "['API_KEY=s3cr3t', 'python3', 'bot.py']",
        "['API_KEY=/s3cr3t', 'python3', 'bot.py']",
        "['sh', 'bot.py --token s3cr3t.py']",
    ] {
        let ran = wxbot(&exec(command)).run(&["check"]).exits(0);
        assert!(!ran.stderr.contains("s3cr3t"), "{command}: {}", ran.stderr);
        let is_of_program = !command.starts_with("['sh'");
        assert_eq!(ran.stderr.contains("its variables into `env`"), is_of_program, "{command}");
    }
}

/// Whoever starts wxbot elsewhere, as systemd does.
#[test]
fn a_script_beside_bot_toml_is_shown_with_its_whole_path() {
    let program = wxbot("");
    std::fs::create_dir(program.folder().join("etc")).unwrap();
    program.write("etc/bot.toml", exec("['sh', 'bot.sh']"));
    program.write("etc/bot.sh", "cat");
    let ran = program.run(&["check", "--config", "etc/bot.toml"]).exits(0);
    let whole = program.folder().join("etc/bot.sh");
    ran.says(&["there is no file `bot.sh`", &format!("write `{}`", whole.display())]);
}

#[test]
fn an_entry_of_schedule_names_an_account_that_is_there() {
    let entry = |account: &str| {
        format!(
            "[[chain]]\nplugin = 'schedule'\n[[chain.config.entries]]\ncron = '0 9 * * *'\n\
             send = {{ to = ['o1'], text = 'a', account = '{account}' }}\n"
        )
    };
    let part = "entry `1`: no account has the id `mian`; did you mean `main`?";
    check_beside_account("misspelt", &entry("mian"), &[part]);
    wxbot(&format!("{ACCOUNT}{}", entry("main"))).run(&["check"]).exits(0);
}

/// As it is where somebody adds an entry at the end.
#[test]
fn an_entry_behind_one_that_answers_every_text_is_a_warning() {
    let rules = "config = { rules = [{ full = 'a', reply = 'b' }] }\n";
    let chain = |echo: &str, behind: &str| {
        format!(
            "{ACCOUNT}[[chain]]\nplugin = 'echo'\n{echo}[[chain]]\nplugin = 'keywords'\n\
             {behind}{rules}"
        )
    };
    for echo in ["", "when = { kind = 'text' }\n", "when = { kind = ['image', 'text'] }\n"] {
        let ran = wxbot(&chain(echo, "")).run(&["check"]).exits(0);
        let warning =
            "entry `keywords` is asked about no text, as `echo` above it answers every one";
        ran.says(&["warning: bot.toml:", warning]);
    }
    let fine = [
        ("when = { prefix = '>' }\n", ""),
        ("when = { kind = 'image' }\n", ""),
        ("when = { openid = 'o1' }\n", ""),
        ("enabled = false\n", ""),
        ("cooldown = { every = '1m' }\n", ""),
        ("", "when = { event = 'CLICK' }\n"),
        ("", "when = { kind = 'image' }\n"),
        ("", "enabled = false\n"),
    ];
    for (echo, behind) in fine {
        wxbot(&chain(echo, behind)).run(&["check"]).exits(0).says_nothing();
    }
}

#[test]
fn an_entry_that_answers_no_text_may_be_behind_one_that_answers_every_text() {
    let behind = [
        "plugin = 'welcome'\n",
        "plugin = 'keywords'\nconfig = { rules = [{ event = 'SCAN', reply = 'a' }] }\n",
        "plugin = 'keywords'\nconfig = { rules = [{ kind = 'image', reply = 'a' }] }\n",
        "plugin = 'schedule'\nconfig = { reminders = false }\n",
    ];
    for behind in behind {
        let config = format!("{ACCOUNT}[[chain]]\nplugin = 'echo'\n[[chain]]\n{behind}");
        let ran = wxbot(&config).run(&["check"]).exits(0);
        assert!(!ran.stderr.contains("is asked about no text"), "{behind}: {}", ran.stderr);
    }
}

#[test]
fn a_chain_that_nobody_wrote_is_shown() {
    let echo = "[[chain]]\nplugin = 'echo'\n";
    for (chain, is_shown) in [("", true), (echo, false)] {
        let ran = wxbot(&format!("{ACCOUNT}{chain}")).run(&["check"]).exits(0);
        let shown = ran.stdout.contains("there is no [[chain]], so `echo` alone answers");
        assert_eq!(shown, is_shown, "{}", ran.stdout);
    }
}

/// It would never hold, and nobody would know why.
#[test]
fn a_kind_or_an_event_that_wechat_does_not_have_is_a_warning() {
    let rules = "config = { rules = [
        { kind = 'image', reply = 'a' }, { event = 'SUBSCRIBE', reply = 'a' },
        { kind = ['voice', '图片'], reply = 'b' }, { event = 'SUBSCRIB', reply = 'c' },
        { kind = 'hologram', reply = 'd' },
    ] }\n";
    let entry = "[[chain]]\nplugin = 'keywords'\nwhen = { not = { event = '关注' } }\n";
    let ran = wxbot(&format!("{ACCOUNT}{entry}{rules}")).run(&["check"]).exits(0);
    assert_eq!(ran.stderr.matches("warning: ").count(), 4, "{}", ran.stderr);
    ran.says(&[
        "warning: bot.toml:5:8: entry `keywords`: WeChat has no `关注` (did you mean `subscribe`?)",
        "entry `keywords`: rule 3: WeChat has no `图片` (did you mean `image`?)",
        "entry `keywords`: rule 4: WeChat has no `SUBSCRIB` (did you mean `subscribe`?)",
        "entry `keywords`: rule 5: WeChat has no `hologram`",
    ]);
}
