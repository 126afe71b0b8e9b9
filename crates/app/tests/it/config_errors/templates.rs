//! Templates: what is wrong in one is said at its key, with what was written and what there is.

use super::{ACCOUNT, check_beside_account, wxbot};

#[test]
fn a_wrong_template_is_shown_at_its_key() {
    let entry = |keys: &str| format!("[[chain]]\nplugin = 'keywords'\n{keys}");
    let rule = |reply: &str| {
        entry(&format!("[[chain.config.rules]]\nregex = '(?<a>a)'\nreply = {reply}\n"))
    };
    let variables = "there are account, captures, follower, message, time";
    let table: &[(String, &[&str])] = &[
        (
            rule("'{{ message.txt }}'"),
            &[
                "7:9: {{ message.txt }}: message has no txt; it has kind, text, ",
                "did you mean message.text?",
                "7 | reply = ",
                "|         ^^^^^^^^^^^^^^^^^^^\n",
            ],
        ),
        (rule("'{{ folower.openid }}'"), &["7:9: ", variables, "did you mean follower.openid?"]),
        (rule("['a', '{{ x }}']"), &["7:9: ", "{{ x }}: there is no variable x here"]),
        (rule("{ news = [{ title = 'a', url = '{{ x }}' }] }"), &["7:9: ", "no variable x here"]),
        (rule("'{{ message.text '"), &["7:9: ", "{{ message.text in line 1 of the template: "]),
        (rule("'{{ time.format(“%H:%M”) }}'"), &["7:9: ", "hint: “ ” ‘ ’ are no quotes"]),
        (
            rule("'{{ follower.nickname }}'"),
            &["7:9: ", "WeChat tells nobody a follower's nickname"],
        ),
        (rule("'{{ captures.b }}'"), &["5:1: ", "{{ captures }} in the reply has no b"]),
        (entry("later = '{{ x }}'"), &["5:9: ", "there are account, follower, message, time"]),
        (entry("on_error = { reply = '{{ x }}' }"), &["5:12: ", "no variable x here"]),
        (
            entry("cooldown = { every = '1s', say = '{{ lef }}' }"),
            &["did you mean left?", "5:34: "],
        ),
        (entry("dialog = { cancelled = '{{ x }}' }"), &["5:24: ", "no variable x here"]),
        (entry("[late]\nnotice = '{{ wrd }}'"), &["6:10: ", "did you mean word?"]),
        (entry("[late]\nlabel = '{{ question.text }}'"), &["6:9: ", "and has no text"]),
        (entry("[late]\nbusy = '{{ word }}'"), &["6:8: ", "no variable word here"]),
        (
            entry("refusal = '{{ x }}'\nwhen = { audience = 'a' }"),
            &["5:11: ", "no variable x here"],
        ),
    ];
    for (config, parts) in table {
        let audience = "\n[audience.a]\nopenid = 'o'\n";
        check_beside_account(config, &format!("{config}{audience}"), parts);
    }
}

/// One below another, too: in a table, in a list of tables, in a table of those.
#[test]
fn all_wrong_templates_of_an_entry_are_shown_at_once() {
    let table = [
        (
            "faq",
            "entries = [{ question = 'a', reply = 'a' }]\n[chain.config.texts]\nother = '{{ x }}'\nnothing = '{{ y }}'",
        ),
        ("welcome", "reply = '{{ x }}'\nscenes = { a = '{{ y }}', b = '{{ x }}' }"),
        (
            "guide",
            "choices = [{ label = 'a', reply = '{{ x }}' }, { label = 'b', choices = [{ label = 'c', reply = '{{ y }}' }] }]",
        ),
        (
            "keywords",
            "rules = [{ full = 'a', reply = { text = '{{ x }}' } }, { full = 'b', reply = '{{ y }}', ful = 'a' }]",
        ),
        (
            "schedule",
            "entries = [{ cron = '0 9 * * *', send = { to = ['o'], text = '{{ x }}' } }]\ntexts = { added = '{{ y }}', none = '{{ x }}' }",
        ),
    ];
    for (plugin, config) in table {
        let config = format!("{ACCOUNT}[[chain]]\nplugin = '{plugin}'\n[chain.config]\n{config}\n");
        let ran = wxbot(&config).run(&["check"]).exits(2);
        let said = ran.stderr.matches("there is no variable ").count();
        assert_eq!(said, config.matches("{{ ").count(), "{config}\n{}", ran.stderr);
        let odd = ["missing field", "needs a condition", "needs `"];
        assert!(!odd.iter().any(|odd| ran.stderr.contains(odd)), "{config}\n{}", ran.stderr);
    }
}

#[test]
fn every_plugin_shows_wrong_templates_at_their_keys() {
    let table = [
        ("welcome", "reply = '{{ x }}'"),
        ("welcome", "scenes = { a = '{{ x }}' }"),
        ("guide", "question = '{{ x }}'\nchoices = [{ label = 'a', reply = 'a' }]"),
        ("guide", "choices = [{ label = 'a', reply = '{{ x }}' }]"),
        ("faq", "entries = [{ question = 'a', reply = '{{ x }}' }]"),
        ("faq", "entries = [{ question = 'a', reply = 'a' }]\ntexts = { other = '{{ x }}' }"),
        ("transfer", "texts = { closed = '{{ x }}' }"),
        ("guard", "texts = { flood = '{{ x }}' }"),
        ("help", "more = '{{ x }}'"),
        ("chat", "base_url = 'http://localhost/v1'\nmodel = 'm'\nprompt = '{{ message.text }}'"),
        ("chat", "base_url = 'http://localhost/v1'\nmodel = 'm'\ntexts = { label = '{{ x }}' }"),
        (
            "chat",
            "base_url = 'http://localhost/v1'\nmodel = 'm'\ntexts = { reference = '{{ message.text }}' }",
        ),
    ];
    for (plugin, config) in table {
        let config = format!("[[chain]]\nplugin = '{plugin}'\n[chain.config]\n{config}\n");
        check_beside_account(plugin, &config, &["there is no variable ", "^^^^^"]);
    }
}

#[test]
fn a_template_that_fails_is_logged_once_and_on_error_decides() {
    let chain = "[[chain]]\nplugin = 'keywords'\non_error = { reply = '抱歉' }\n\
                 config = { rules = [{ full = 'hi', reply = '{{ message.text * 1000000000 }}' }] }\n";
    let program = wxbot(&format!("{ACCOUNT}{chain}"));
    let ran = program.run(&["say", "hi"]).exits(0).prints("抱歉\n");
    assert_eq!(ran.stderr.matches("a template does too much").count(), 1, "{}", ran.stderr);
}
