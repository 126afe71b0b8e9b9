//! What is a template and what is none, and what is said of wrong ones.

use minijinja::Environment;

use super::names::{FILTERS, TESTS};
use super::*;
use crate::settings::Settings;

/// Has a plain variable and one with anything in it.
enum Own {}

impl Variables for Own {
    const OWN: &'static [Variable] = &[Variable::plain("left"), Variable::any("session")];
}

/// Of a text that is no answer.
enum Blind {}

impl Variables for Blind {
    const HAS_MESSAGE: bool = false;
}

#[test]
fn a_text_without_tags_has_no_engine() {
    for text in ["", "a", "{a} {} {", r#"{"a": {"b": 1}}"#, "100% }} %}", "$1 ${a}"] {
        let template = Template::<Common>::new(text).unwrap();
        assert!(matches!(template.form, Form::Text), "{text}");
        assert_eq!(template.as_str(), text);
    }
    let left = Template::<Own>::new("{left} s").unwrap();
    assert!(matches!(left.form, Form::Places(_)));
    let default = Template::<Common>::from("{{ nothing }}");
    assert!(matches!(default.form, Form::Text), "a default says what stands there");
}

#[track_caller]
fn check<V: Variables>(template: &str, expected: &str) {
    let error = Template::<V>::new(template).expect_err(template);
    assert!(error.contains(expected), "{template}: {error}");
}

#[test]
fn a_wrong_name_is_quoted_with_what_there_is_and_what_was_meant() {
    let table = [
        (
            "{{ folower.openid }}",
            "{{ folower.openid }}: there is no variable folower here; there are account, follower, \
             message, time; did you mean follower.openid?",
        ),
        ("{{ message.txt }}", "message has no txt; it has kind, text, openid, "),
        ("{{ message.txt }}", "; did you mean message.text?"),
        ("{{ message['txt'] }}", "{{ message['txt'] }}: message has no txt"),
        ("{{ message.txt[:3] }}", "did you mean message.text?"),
        ("{{ message.text | trucate(3) }}", "there is no filter trucate; there are abs, "),
        ("{{ message.text | trucate(3) }}", "did you mean truncate?"),
        ("{% if message.text is strin %}{% endif %}", "did you mean string?"),
        ("{{ rang(3) }}", "there is no function rang; there are range; did you mean range?"),
        ("{{ time.formt('%H') }}", "there are format, offset; did you mean format?"),
        ("{{ time.format('%Q') }}", "there is no %Q in the time %Q; there are %Y"),
        ("{{ message.create_time | date('%K') }}", "there is no %K"),
        ("{{ message.text.upper() }}", "there is no method upper; there are format, offset"),
        ("{{ follower.nickname }}", "WeChat tells nobody a follower's nickname any more"),
        ("{{ captures[1] }}", "there is no variable captures here"),
        ("{{ left }}", "there is no variable left here"),
        ("{% for a in follower %}{{ b }}{% endfor %}", "there is no variable b here"),
        ("{% for a in [1] %}{% endfor %}{{ a }}", "there is no variable a here"),
        ("{% if 1 %}{{ b }}{% endif %}", "there is no variable b here"),
        ("{{ 1 if b else 2 }}", "there is no variable b here"),
        ("{{ [b] }}{{ {'a': b} }}", "there is no variable b here"),
        ("{{ 1 | default(b) }}", "there is no variable b here"),
        ("{% set a = b %}", "there is no variable b here"),
        ("{% with a = 1 %}{% endwith %}{{ a }}", "there is no variable a here"),
        ("{{ a ~ 'x' }}", "there is no variable a here"),
    ];
    for (template, expected) in table {
        check::<Common>(template, expected);
    }
    check::<Own>("{{ left.a }}", "left is a text or a number, and has no a");
    check::<Blind>("{{ message.text }}", "there are account, follower, time");
}

#[test]
fn a_wrong_tag_is_quoted_with_its_line() {
    let table = [
        ("a {{ message.text b", "{{ message.text b in line 1 of the template: "),
        ("a\n{{ message.text } b\n", "{{ message.text } b in line 2 of the template: "),
        ("{{ 1 + }}", "{{ 1 + }} in line 1"),
        ("{% if 1 %}", "{% if 1 %} in line 1"),
        ("{# a", "{# a in line 1"),
        ("{% include 'a' %}", "unknown statement include"),
        ("{% import 'a' as b %}", "unknown statement import"),
        ("{% extends 'a' %}", "unknown statement extends"),
        ("{% macro a() %}{% endmacro %}", "unknown statement macro"),
        ("{% autoescape true %}{% endautoescape %}", "WeChat shows no HTML"),
        ("{% do range(3) %}", "there is nothing to be done"),
    ];
    for (template, expected) in table {
        check::<Common>(template, expected);
    }
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(5_000), ")".repeat(5_000));
    check::<Common>(&deep, "template exceeds maximum recursion limits");
    let too_long = "in line 1 of the template is too long";
    check::<Common>(&format!("{{% set a = 1 %}}{{{{ a{} }}}}", "+a".repeat(8_000)), too_long);
    check::<Common>(&format!("{{{{ 1{} }}}}", "|abs".repeat(4_000)), too_long);
    check::<Common>(&format!("{{{{ {}time }}}}", "-".repeat(16_000)), too_long);
    check::<Common>(&format!("{{{{ 1{} }}}}", " if 1 else 1".repeat(1_300)), too_long);
    let blocks = format!("{}{}", "{%if 1%}".repeat(800), "{%endif%}".repeat(800));
    check::<Common>(&blocks, "template exceeds maximum recursion limits");
    let branches = format!("{{%if 1%}}{}{{%endif%}}", "{%elif 1%}".repeat(1_600));
    Template::<Common>::new(branches).unwrap();
    let long = format!("{{{{ 1{} }}}}", "+1".repeat(100_000));
    check::<Common>(&long, "a template has 16384 bytes at most, and this one has 200007");
}

#[test]
fn what_the_template_names_itself_is_known() {
    let table = [
        "{% for a in range(3) if a %}{{ a.b }}{{ loop.index }}{{ loop.cycle(1, 2) }}{% endfor %}",
        "{% for a, b in message.fields | items %}{{ a }}{{ b }}{% else %}{{ time.hour }}{% endfor %}",
        "{% set a = 1 %}{{ a }}{% set b %}{{ a }}{% endset %}{{ b }}",
        "{% with a = 1, b = a %}{{ b }}{% endwith %}",
        "{% filter upper %}{{ message.kind }}{% endfilter %}",
        "{{ message.fields.ScanCodeInfo.ScanResult }}{{ time.offset('+00:00').hour }}",
    ];
    for template in table {
        Template::<Common>::new(template).unwrap_or_else(|error| panic!("{template}: {error}"));
    }
    Template::<Own>::new("{{ left }} {left} {{left}}{left} {{ session.cart.items[0] }}").unwrap();
}

#[test]
fn a_mistake_is_an_error_of_the_setting() {
    #[derive(Debug, Deserialize)]
    struct Config {
        #[serde(rename = "text")]
        _text: Template,
    }
    let (settings, _) = Settings::parse("\ntext = '{{ message.txt }}'");
    let problems = settings.read::<Config>().unwrap_err();
    assert_eq!(problems[0].span, Some(8..27));
    assert!(problems[0].message.starts_with("{{ message.txt }}: message has no txt"));
}

#[test]
fn what_a_template_uses_of_a_variable_can_be_asked() {
    let template = Template::<Own>::new("{{ session.a }}{{ session[1] }}{{ session }}{{ left }}");
    assert_eq!(Vec::from_iter(template.unwrap().uses_of("session")), ["a", "1", ""]);
}

#[test]
fn every_filter_and_test_that_is_named_exists() {
    let environment = engine::environment();
    let works = |environment: &Environment<'_>, template: String| {
        let error = environment.render_str(&template, ()).err();
        let kind = error.map(|error| error.kind());
        let unknown = [minijinja::ErrorKind::UnknownFilter, minijinja::ErrorKind::UnknownTest];
        assert!(kind.is_none_or(|kind| !unknown.contains(&kind)), "{template}");
    };
    for filter in FILTERS {
        works(environment, format!("{{{{ 1 | {filter} }}}}"));
    }
    for test in TESTS {
        works(environment, format!("{{{{ 1 is {test} }}}}"));
    }
}

#[test]
fn the_schema_is_that_of_a_text() {
    let schema = |schema: Schema| serde_json::to_value(schema).unwrap()["type"].clone();
    assert_eq!(schema(schemars::schema_for!(Template)), "string");
}
