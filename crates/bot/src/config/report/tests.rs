//! Each line and each message, and what is hidden of it.

use super::*;

/// How a file is shown.
#[track_caller]
fn check(file: &str, expected: &str) {
    assert_eq!(Masked::new(file).text, expected, "{file}");
}

#[test]
fn a_value_is_shown_when_it_is_known_to_be_no_secret() {
    let table = [
        ("[server]\nlisten = 'x'\nworkers = 20000\n", "[server]\nlisten = 'x'\nworkers = 20000\n"),
        ("[account]\ntoken = 'abc'", "[account]\ntoken = *****"),
        ("[[account]]\n'token' = \"abc\"", "[[account]]\n'token' = *****"),
        ("account = [{ token = 'abc', id = 'x' }]", "account = [{ token = *****, id = 'x' }]"),
        ("account.token = 'abc'\naccount.id = 'x'", "account.token = *****\naccount.id = 'x'"),
        ("[chain]\nwhen = { full = ['a', 'b'] }", "[chain]\nwhen = { full = ['a', 'b'] }"),
        ("[chain]\nwhen = { password = 'a' }", "[chain]\nwhen = { password = *** }"),
        ("[chain.config]\nkey = 'abc'\n", "[chain.config]\nkey = *****\n"),
        ("[chain]\nconfig = { a = ['abc'], b = {} }", "[chain]\nconfig = { a = [*****], b = {} }"),
        (
            "[chain.config]\nrules = [{ full = 'a', reply = 'abc', x = 'abc' }]",
            "[chain.config]\nrules = [{ full = 'a', reply = 'abc', x = ***** }]",
        ),
        ("[chain.config]\ntexts = { none = 'abc' }", "[chain.config]\ntexts = { none = 'abc' }"),
        ("[other]\nlisten = 'abc'", "[other]\nlisten = *****"),
        ("listen = 'abc'", "listen = *****"),
        (
            "[account]\npwd = 31415926\non = true\nn = 999",
            "[account]\npwd = ********\non = true\nn = 999",
        ),
        ("[account]\npath = ''\ntoken = ''", "[account]\npath = ''\ntoken = ''"),
    ];
    for (file, expected) in table {
        check(file, expected);
    }
}

#[test]
fn a_key_with_one_letter_wrong_is_the_one_that_was_meant() {
    check("[server]\nlistne = 'abc'", "[server]\nlistne = 'abc'");
    check("[account]\ntokne = 'abc'", "[account]\ntokne = *****");
    // A short one is too near to too many.
    check("[account]\npat = 'abc'", "[account]\npat = *****");
}

#[test]
fn a_secret_in_the_wrong_place_is_hidden() {
    check("[account]\napp_id = 'wx12'", "[account]\napp_id = 'wx12'");
    check("[account]\napp_id = '0f1e2d'", "[account]\napp_id = ********");
    check("[account]\noriginal_id = 'gh_1'", "[account]\noriginal_id = 'gh_1'");
}

#[test]
fn a_url_is_shown_without_who_logs_in_and_without_arguments() {
    let table = [
        ("memory:", "memory:"),
        ("file:data", "file:data"),
        ("redis://h:6379/0", "redis://h:6379/0"),
        ("redis://me:pw@h:6379/0", "redis://*****@h:6379/0"),
        ("redis://:p/w@a@h/0", "redis://******@h/0"),
        ("redis://:p?w@h/0", "redis://********"),
        ("redis:me:pw@h", "redis:*****@h"),
        ("redis://:pw", "redis://:**"),
        ("redis://me:pw", "redis://me:**"),
        ("redis://a:1,b:pw,c:3/m", "redis://a:1,b:**,c:3/m"),
        ("redis://h/0?password=p", "redis://h/0?**********"),
        ("redis://h?password=p@w", "redis://**************"),
        ("redis://${HOST}:${PORT}/0", "redis://${HOST}:${PORT}/0"),
        ("redis://:${PW}@h", "redis://*${PW}@h"),
    ];
    for (url, expected) in table {
        let line = |url: &str| format!("[store]\nurl = '{url}'");
        check(&line(url), &line(expected));
    }
    check("[store]\nurl = 'secret'", "[store]\nurl = ********");
    check("[account]\nproxy = 'http://h'", "[account]\nproxy = **********");
}

#[test]
fn the_name_of_a_variable_is_no_secret() {
    check("[account]\ntoken = '${TOKEN}'", "[account]\ntoken = '${TOKEN}'");
    check("[account]\ntoken = 'ab${TOKEN}c'", "[account]\ntoken = '**${TOKEN}*'");
    check("[account]\ntoken = '$${abc}'", "[account]\ntoken = *********");
    check("[account]\ntoken = '${a b}'", "[account]\ntoken = ********");
}

#[test]
fn texts_of_many_lines_are_hidden_on_each() {
    let file = "[account]\ntoken = \"\"\"\na = [1]\n[store]\n# x\n\"\"\"\nid = 'y'\n";
    check(file, "[account]\ntoken = ***\n*******\n*******\n***\n***\nid = 'y'\n");
}

#[test]
fn comments_are_left_out() {
    let file = "# token = 'abc'\n[account] # abc\nid = 'a#b' # abc\n";
    check(file, "\n[account]\nid = 'a#b'\n");
}

#[test]
fn what_is_no_toml_is_hidden_but_for_the_names_of_keys() {
    let table = [
        ("[account]\nmode = plain\n", "[account]\nmode = plain\n"),
        ("[account]\ntoken = abc def\n", "[account]\ntoken = *******\n"),
        ("[account]\ntoken 'abc'\n", "[account]\ntoken *****\n"),
        ("[account]\nabc\n", "[account]\n***\n"),
        ("[account]\ntoken = 'a' 'abc'\n", "[account]\ntoken = *** *****\n"),
        ("[account]\ntoken = 'abc\nid = 'x'\n", "[account]\ntoken = ****\nid = ***\n"),
        ("[account]\nid = 'x'\nid = 'abc'\n", "[account]\nid = 'x'\nid = *****\n"),
        ("[store\n", "[store\n"),
        ("[abc\n", "[***\n"),
        ("[account]\ntoken = \"abc\ndef==\nghi\"\n", "[account]\ntoken = ****\n***==\n****\n"),
        ("[account]\ntoken = \"\"\"\nabc\n", "[account]\ntoken = ***\n***\n"),
        ("[late]\nword = \"\"\"a\n[x]\ny = 'abc'\n", "[late]\nword = ****\n***\n*********\n"),
        ("[account]\ntoken = “abc”\n", "[account]\ntoken = *****\n"),
        ("[chain.config]\nreply = “abc”\n", "[chain.config]\nreply = “abc”\n"),
    ];
    for (file, expected) in table {
        check(file, expected);
    }
}

#[test]
fn a_bracket_without_its_end_makes_nothing_below_public() {
    let secrets = "[[chain]]\nplugin = 'chat'\n[chain.config]\nkey = 's3cr3t'\n";
    let account = "[[account]]\ntoken = 's3cr3t'\n";
    let rules = "[[chain.config.rules]]\n";
    let table = [
        format!("{rules}full = ['价格', '多少钱'\nreply = '99'\n{secrets}"),
        format!("{rules}full = ['价格', '多少钱'\nreply = '99'\n{account}"),
        format!("{rules}full = ['a', 'b',\n{account}"),
        format!("{rules}full = ['a'\nreply = \"\"\"\nb\n\"\"\"\n{secrets}"),
        format!("{rules}full = ['a' # ]\n{secrets}"),
        format!("{rules}full = 'a'\nreply = {{ text = 'b'\n{secrets}"),
        format!("{rules}full = 'a'\nreply = {{ news = {{ title = 'b' }}\n{secrets}"),
        format!("{rules}full = 'a'\nreply.text = ['b'\n{secrets}"),
        format!("{rules}full = [\n'a',\nreply = 'b'\n{secrets}"),
        "[chain.config]\ntexts = { label = 'x'\nkey = 's3cr3t'\n".into(),
        "[chain.config]\ntexts = { label = 'x',\nkey = 's3cr3t'\n".into(),
        "[chain.config]\ntexts = {\nlabel = 'x' # }\nkey = 's3cr3t'\n".into(),
        "[chain.config]\ntexts = { label = { a = 'x'\n}, key = 's3cr3t'\n".into(),
        "[chain.config]\ntexts = ['x',\n'key' = 's3cr3t'\n".into(),
        "[chain.config]\nreply = \"\"\"x\nkey = \"s3cr3t\"\n".into(),
        "[chain.config]\nreply = \"\"\"x\nkey = \"\"\"s3cr3t\"\n".into(),
    ];
    for file in table {
        for file in [file.replace('\n', "\r\n"), file.replace('\n', "\r"), file] {
            let masked = Masked::new(&file).text;
            assert!(!masked.contains("s3cr3t"), "{file}\n{masked}");
        }
    }
}

/// Wherever something is missing in one of its lines.
#[test]
fn no_secret_is_shown_whatever_was_deleted_in_a_line() {
    let file = "[[account]]\nid = 'main'\ntoken = 's3cr3t-1'\n\
        [[chain]]\nplugin = 'keywords'\nwhen = { full = ['a', 'b'] }\n\
        [[chain.config.rules]]\nfull = ['价格', '多少钱']\nreply = { text = '99' }\n\
        [[chain.config.rules]]\nfull = [\n'c',\n'd',\n]\nreply = \"\"\"\ne\n\"\"\"\n\
        [[chain]]\nplugin = 'chat'\n[chain.config]\ntexts = { failed = 'f' }\n\
        api = { a = ['g', { key = 's3cr3t-2' }] }\nkey = 's3cr3t-3'\n";
    let starts = (0..file.len()).filter(|start| file.is_char_boundary(*start));
    let cuts = starts.flat_map(|start| {
        let line = file[start..].split('\n').next().unwrap_or_default();
        line.char_indices().take(9).map(move |(at, last)| start..start + at + last.len_utf8())
    });
    for cut in cuts {
        let damaged = format!("{}{}", &file[..cut.start], &file[cut.end..]);
        let masked = Masked::new(&damaged).text;
        assert!(!masked.contains("s3cr3t"), "{damaged}\n{masked}");
        assert!(!masked.contains("cr3t-"), "{damaged}\n{masked}");
    }
}

/// What is said about the first value of a file, where the environment has these variables.
#[track_caller]
fn check_message(file: &str, environment: &[(&str, &str)], message: &str, expected: &str) {
    let (mut settings, _) = wxbot_sdk::settings::Settings::parse(file);
    let lookup = |name: &str| {
        let found = environment.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let (variables, _) = super::super::environment::fill_in(settings.entries_mut(), &lookup);
    let start = file.find("= ").unwrap() + 2;
    let end = start + file[start..].lines().next().unwrap().len();
    let problem = Problem::at(start..end, message);
    let shown = Report::new("f", file, &variables).in_short(&problem);
    let (_, shown) = shown.split_once(": ").unwrap();
    assert_eq!(shown, expected, "{file}");
}

#[test]
fn a_message_does_not_quote_what_the_line_hides() {
    let table = [
        ("[account]\ntoken = 'abc'", "`abc` is wrong", "`***` is wrong"),
        ("[account]\ntoken = 'abc'", "string \"abc\", not abc", "string \"***\", not abc"),
        ("[account]\ntoken = 'a\"b`c'", "\"a\\\"b`c\" or `a\"b`c`", "\"***\" or `***`"),
        ("[account]\ntoken = 31415926", "integer `31415926`", "integer `***`"),
        ("[account]\ntoken = 'abcdef'", "`bcde` is no port", "`***` is no port"),
        ("[account]\nmode = 'abc'", "`abc` is wrong", "`abc` is wrong"),
        ("[account]\napp_id = 'abc'", "`abc` is wrong", "`***` is wrong"),
        ("[store]\nurl = 'x://me:pw@h'", "`x://me:pw@h`: `e:pw`", "`x://*****@h`: `***`"),
        ("[store]\nurl = 'x://h:80/a'", "`x://h:80/a`: `a`", "`x://h:80/a`: `a`"),
    ];
    for (file, message, expected) in table {
        check_message(file, &[], message, expected);
    }
}

#[test]
fn a_message_names_variables_instead_of_their_values() {
    let environment = [("A", "abc"), ("FIVE", "abcde"), ("LONG", "a long secret")];
    let table = [
        ("[server]\nlisten = '${A}:80'", "`abc:80` is no address", "`${A}:80` is no address"),
        ("[server]\nlisten = '${A}'", "\"abc\", not abc", "\"${A}\", not abc"),
        ("[server]\nlisten = 'x'\n[x]\ny = '${LONG}'", "no a long secret", "no ${LONG}"),
        ("[server]\nlisten = 'x'\n[x]\ny = '${A}'", "two of `abc`", "two of `${A}`"),
        ("[store]\nurl = '${LONG}'", "`secret` is no port", "`***` is no port"),
        ("[chain]\nplugin = '${FIVE}'", "abcde `add x-abcde`", "abcde `add x-${FIVE}`"),
    ];
    for (file, message, expected) in table {
        check_message(file, &environment, message, expected);
    }
}

/// Carets are put below columns of the file.
#[test]
fn every_line_is_as_long_as_it_was_wherever_a_file_is_cut_off() {
    let manual = crate::config::DEFAULT.replace("# ", "");
    for end in (0..manual.len()).step_by(41).filter(|end| manual.is_char_boundary(*end)) {
        let (file, masked) = (&manual[..end], Masked::new(&manual[..end]).text);
        assert_eq!(masked.split('\n').count(), file.split('\n').count(), "{file}");
        // Comments are left out.
        let lines = file.lines().zip(masked.lines()).filter(|(line, _)| !line.contains('#'));
        for (line, shown) in lines {
            assert_eq!(shown.chars().count(), line.chars().count(), "{line}\n{shown}");
        }
    }
}

/// A new key is hidden until it is listed.
#[test]
fn of_the_manual_only_secrets_and_what_plugins_read_is_hidden() {
    let setting = regex::Regex::new(r"(?m)^# (\[|[a-z_]+ = )").unwrap();
    let (_, manual) = crate::config::DEFAULT.split_once("\n\n").unwrap();
    let manual = setting.replace_all(manual, "$1");
    let masked = Masked::new(&manual).text;
    let (mut section, mut hidden) = ("", Vec::new());
    for line in masked.lines() {
        if line.starts_with('[') {
            section = line;
        } else if line.contains('*') && !section.contains("chain.config") {
            hidden.push(line.split(" =").next().unwrap());
        }
    }
    // Who is in an audience is nobody's business either.
    assert_eq!(hidden, ["token", "proxy", "openid", "tag"], "{masked}");
}
