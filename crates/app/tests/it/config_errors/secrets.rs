//! `wxbot check` quotes the file, and no secret in it: not the line, not the message.

use super::{ACCOUNT, wrong, wxbot};

#[test]
fn no_secret_is_in_a_quoted_line() {
    let secret = "s3cr3tVALUE";
    let table = [
        ("a misspelt key", format!("tokn = '{secret}'\n")),
        ("a misspelt key of another section", format!("[console]\ntokken = '{secret}'\n")),
        ("a key of no section", format!("[[account]]\ntoken = 'token123'\naes_key = '{secret}'\n")),
        ("the wrong type", format!("previous_token = ['{secret}']\n")),
        ("a list with blanks", format!("previous_token = [ '{secret}' ]\n")),
        ("a wrong key", format!("encoding_aes_key = '{secret}'\n")),
        ("a wrong key in quotes", format!("'encoding_aes_key' = '{secret}'\n")),
        ("a wrong key of many lines", format!("encoding_aes_key = \"\"\"{secret}\"\"\"\n")),
        ("an escaped quote", format!("previous_token = \"a\\\"{secret}\"\ntokn = 1\n")),
        ("no quotes", format!("previous_token = {secret}\n")),
        ("no end", format!("previous_token = '{secret}\n")),
        ("no equals sign", format!("previous_token '{secret}'\n")),
        ("a line of many", format!("[console]\nlisten = 1\n[x]\ny = {{ token = '{secret}' }}\n")),
        ("a password in a URL", format!("[store]\nurl = 'redis://user:{secret}@host/first'\n")),
        ("a plugin's key", format!("[[chain]]\nplugin='echo'\nconfig={{api_key='{secret}'}}\n")),
        ("a key of another name", format!("aeskey = '{secret}'\n")),
        ("a short one", format!("pwd = '{secret}'\n")),
        ("without quotes", format!("pwd = {secret}\n")),
        ("one near to another key", format!("pat = '{secret}'\n")),
        ("a list", format!("keys = ['a', '{secret}']\n")),
        ("many lines", format!("pwd = \"\"\"\n{secret}\"\"\"\n")),
        ("many lines that do not end", format!("pwd = \"\"\"\n{secret}\n")),
        ("many lines and one more", format!("x = '''\n{secret}''' y = 1\n")),
        ("a comment", format!("modus = 'x' # not {secret}\n")),
        ("a section of no bot", format!("[secrets]\nx = '{secret}'\n")),
        ("a section of another", format!("[late]\napi = '{secret}'\n")),
        ("a plugin's text", format!("[[chain]]\nplugin='echo'\nconfig={{key='{secret}'}}\n")),
        (
            "a plugin's list",
            format!("[[chain]]\nplugin = 'echo'\n[chain.config]\nprefix = ['{secret}']\n"),
        ),
        (
            "a plugin's rule",
            format!(
                "[[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\nfull = 'a'\n\
                 ignore_case = '{secret}'\nreply = 'b'\n"
            ),
        ),
        (
            "below a list without its end",
            format!(
                "[[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\nfull = ['价格', '多少钱'\n\
                 reply = '99'\n[[chain]]\nplugin = 'echo'\n[chain.config]\nkey = '{secret}'\n"
            ),
        ),
        (
            "below a table without its end",
            format!(
                "[[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\nfull = ['价格']\n\
                 reply = {{ text = 'b'\n[[account]]\ntoken = '{secret}'\nkey = '{secret}'\n"
            ),
        ),
        (
            "the last line of a table without its end",
            format!(
                "[[chain]]\nplugin = 'chat'\n[chain.config]\ntexts = {{ label = 'x'\n\
                 key = '{secret}'\n"
            ),
        ),
        ("the AppSecret as AppID", format!("app_id = '{secret}'\n")),
        ("a URL without a host", format!("[store]\nurl = 'redis://:{secret}'\n")),
        ("a URL without a host", format!("[store]\nurl = 'redis://me:{secret}'\n")),
        ("a URL without a host", format!("[store]\nurl = 'redis://me:{secret}@'\n")),
        ("a URL without slashes", format!("[store]\nurl = 'redis:me:{secret}@host'\n")),
        ("a URL of another store", format!("[store]\nurl = 'mysql://me:{secret}@host'\n")),
        ("no URL", format!("[store]\nurl = '{secret}'\n")),
        ("a slash in a password", format!("[store]\nurl = 'redis://:a/{secret}@host/x'\n")),
        ("an argument", format!("[store]\nurl = 'redis://host/0?passwort={secret}'\n")),
    ];
    for (reason, config) in table {
        let ran = wrong(&format!("{ACCOUNT}{config}"));
        assert!(!ran.stderr.contains("s3cr3t"), "{reason}:\n{}", ran.stderr);
    }
    // A number is quoted by the parser itself.
    let ran = wrong("[[account]]\ntoken = 31415926\n").says(&["2:9: ", "********"]);
    assert!(!ran.stderr.contains("31415926"), "{}", ran.stderr);
    // Stars keep the caret at its place.
    let ran = wrong(&format!("account = [{{ token = '{secret}', mode = 'x' }}]\n"));
    ran.says(&[
        "1 | account = [{ token = *************, mode = 'x' }]\n",
        "  |                                            ^^^\n",
    ]);
}

/// serde quotes what it was given, and so do most of our own messages.
#[test]
fn no_value_of_a_variable_is_in_a_message() {
    let secret = "s3cr3tVALUE";
    let tables = [
        ("a number", "[server]\nworkers = '${S}'\n"),
        ("an address", "[server]\nlisten = '${S}'\n"),
        ("a part of one", "[server]\nlisten = '${S}:80'\n"),
        ("a duration", "[late]\nwindow = '${S}'\n"),
        ("a word that is known", "mode = '${S}'\n"),
        ("a path", "path = '${S}'\n"),
        ("an app id", "app_id = '${S}'\n"),
        ("a store", "[store]\nurl = '${S}'\n"),
        ("a part of its URL", "[store]\nurl = 'redis://host:${S}/0'\n"),
        ("an id", "id = '${S}'\n[[account]]\ntoken = 'token123'\nid = '${S}'\npath = '/x'\n"),
        ("a plugin", "[[chain]]\nplugin = '${S}'\n"),
        ("a regular expression", "[[chain]]\nplugin = 'echo'\nwhen = { regex = '(${S}' }\n"),
        ("hours", "[[chain]]\nplugin = 'echo'\nwhen = { hours = '${S}' }\n"),
        ("a plugin's table", "[[chain]]\nplugin = 'welcome'\nconfig.reply.text = ['${S}']\n"),
        (
            "a plugin's regular expression",
            "[[chain]]\nplugin = 'keywords'\n\
             [[chain.config.rules]]\nregex = '(${S}'\nreply = 'a'\n",
        ),
    ];
    for (reason, config) in tables {
        for value in [secret, "\"s3cr3t`VALUE\"", "s3cr3t:VALUE/0\\"] {
            let program = wxbot(&format!("{ACCOUNT}{config}")).with_variable("S", value);
            let ran = program.run(&["check"]).exits(2).prints("");
            assert!(!ran.stderr.contains("s3cr3t"), "{reason} {value}:\n{}", ran.stderr);
        }
    }
    let program = wxbot(&format!("{ACCOUNT}[server]\nlisten = '${{S}}:80'\n"));
    program
        .with_variable("S", secret)
        .run(&["check"])
        .exits(2)
        .says(&["`${S}:80` is no address", "4 | listen = '${S}:80'\n"]);
}
