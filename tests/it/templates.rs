//! What operators write in templates, what becomes of it, and what never does.

use wxbot_plugin_echo as _;
use wxbot_plugin_guide as _;
use wxbot_plugin_keywords as _;
use wxbot_testkit::sim::Act;
use wxbot_testkit::{Follower, TestBot, run};

/// Says a template to everything; its bot starts on 2025-01-01, a Wednesday, at 08:00 in Beijing.
async fn bot(template: &str) -> TestBot {
    let reply = serde_json::to_string(template).expect("a text is JSON, and TOML");
    let chain = format!(
        "[[account]]\ntoken = 'token123'\napp_id = 'wx6d5c4b3a29180706'\n\
         [[chain]]\nplugin = 'keywords'\non_error = {{ reply = '抱歉' }}\n\
         config = {{ rules = [{{ regex = '^', reply = {reply} }}, \
         {{ event = ['click', 'subscribe'], reply = {reply} }}] }}\n"
    );
    TestBot::from_toml(&chain).await.unwrap_or_else(|error| panic!("{template}: {error}"))
}

/// What alice sees of a template.
#[track_caller]
fn check(template: &str, act: impl Into<Act>, expected: &str) {
    let act = act.into();
    let heard = run(async { bot(template).await.follower("alice").does(act).await });
    assert_eq!(heard.text(), Some(expected), "{template}");
}

#[test]
fn every_variable_has_its_value() {
    let table = [
        ("{{ message.kind }} {{ message.text }} {{ message.create_time }}", "text 你好 1735689600"),
        (
            "{{ message.openid == follower.openid }} {{ message.to == account.original_id }}",
            "True True",
        ),
        ("{{ message.msg_id | int > 0 }} {{ message.fields.MsgType }}", "True text"),
        ("{{ account.id }} {{ account.app_id }}", "main wx6d5c4b3a29180706"),
        (
            "{{ time }} {{ time.date }} {{ time.hour }} {{ time.weekday }}",
            "2025-01-01 08:00 2025-01-01 8 3",
        ),
        ("{{ time.year }}/{{ time.month }}/{{ time.day }}", "2025/1/1"),
        ("{{ time.minute }} {{ time.second }} {{ time.unix }}", "0 0 1735689600"),
        ("{{ time.format('%-m月%-d日 %A %H:%M') }}", "1月1日 星期三 08:00"),
        ("{{ time.offset('-05:00') }}", "2024-12-31 19:00"),
    ];
    for (template, expected) in table {
        check(template, "你好", expected);
    }
}

#[test]
fn what_a_message_has_not_is_nothing() {
    let all = "{{ message.text }}{{ message.msg_id }}{{ message.media_id }}{{ message.title }}\
               {{ message.latitude }}{{ message.fields.A.B }}";
    check(
        &format!("[{all}] {{{{ message.event }}}} {{{{ message.key }}}}"),
        Act::click("K"),
        "[] click K",
    );
    check("{{ message.text or 'none' }}", Act::click("K"), "none");
    check("{{ message.event }}{{ message.key | default('-') }}", "hi", "-");
    check("a{{ none }}b{{ message.text ~ message.key }}", "hi", "abhi");
}

#[test]
fn filters_are_there_for_texts() {
    let table = [
        ("{{ message.text | truncate(2) }}", "你好世界", "你好…"),
        (
            "{{ message.text | truncate(2, '') }}{{ message.text | truncate(4) }}",
            "你好世界",
            "你好你好世界",
        ),
        ("{{ message.text | trim | upper | replace('A', 'b') }}", " xa ", "Xb"),
        (
            "{{ message.create_time | date('%F') }} {{ time | date }}",
            "a",
            "2025-01-01 2025-01-01 08:00",
        ),
        ("{{ message.text | urlencode }}", "a b/ä", "a%20b/%C3%A4"),
        ("{{ message.text | default('-') }}{{ '' | default('-') }}", "a", "a-"),
        ("{{ message.text | length }}{{ message.text[:2] }}", "你好世界", "4你好"),
        ("{{ message.text | split(' ') | join('+') }}", "a b", "a+b"),
        ("{{ message.text | escape }} {{ message.text }}", "<a&b>", "&lt;a&amp;b&gt; <a&b>"),
    ];
    for (template, said, expected) in table {
        check(template, said, expected);
    }
}

#[test]
fn tags_leave_no_blank_lines_and_raw_no_template() {
    let template = "早\n{% if time.hour < 12 %}\n上午\n{% else %}\n下午\n{% endif %}\n\
                    {% for n in range(3) %}\n{{ loop.index }}\n{% endfor %}\n{# never said #}好\n";
    check(template, "hi", "早\n上午\n1\n2\n3\n好\n");
    check("{% raw %}{{ a }} {% b %}{% endraw %}", "hi", "{{ a }} {% b %}");
}

#[test]
fn what_does_too_much_is_an_error_of_that_message() {
    let doubling =
        "{% set a = message.text %}".to_owned() + &"{% set a = a ~ a %}".repeat(40) + "{{ a }}";
    let nested = "{% for a in range(99) %}".repeat(5) + "{% endfor %}".repeat(5).as_str();
    let table = [
        "{% for n in range(1000000000) %}a{% endfor %}",
        "{% for n in range(100000) %}a{% endfor %}",
        "{{ 'a' * 1000000000 }}",
        "{{ ('%1000000000s' | format('a')) }}",
        "{{ message.text | replace('a', 'a' * 100000) | replace('a', 'a' * 100000) }}",
        "{{ 'a' | indent(1000000000, true) }}",
        "{{ [1] * 1000000000 | list }}",
        "{{ 'a' * 20000 }}",
        "{{ 2 ** 2 ** 100 }}",
        "{{ time.format('a' * 1000000000) }}",
        &doubling,
        &nested,
    ];
    for template in table {
        check(template, "a", "抱歉");
    }
    check("{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", "a", "抱歉");
}

#[tokio::test]
async fn what_fails_is_told_of_without_a_word_of_the_follower() {
    let bot = bot("{{ message.text + 1 }}").await;
    let heard = bot.follower("alice").says("SECRET").await.sees("抱歉");
    let trace = heard.trace();
    assert!(trace.contains("a template failed in line 1: invalid operation"), "{trace}");
    assert!(!trace.contains("SECRET"), "{trace}");
}

/// `keywords` in an entry with these keys, behind which everything else is echoed.
async fn alice(keys: &str) -> Follower {
    let chain = format!(
        "[audience.staff]\nopenid = ['oSTAFF']\n\
         [[chain]]\nplugin = 'keywords'\n{keys}\n\
         config = {{ rules = [{{ prefix = 'hi', reply = 'hello' }}] }}\n\
         [[chain]]\nplugin = 'echo'\n"
    );
    TestBot::from_toml(&chain).await.unwrap_or_else(|error| panic!("{error}")).follower("alice")
}

#[tokio::test]
async fn what_the_chain_itself_says_may_be_a_template() {
    let cooldown =
        "cooldown = { every = '3s', say = '{{ message.text }}：{{left}} 秒，{left} 秒' }";
    let alice = alice(cooldown).await;
    alice.says("hi {{ 1 }}").await.sees("hello");
    alice.says("hi {{ 1 }} {left}").await.sees("hi {{ 1 }} {left}：3 秒，3 秒");
}

#[tokio::test]
async fn a_refusal_may_be_a_template() {
    let keys =
        "refusal = '「{{ message.text }}」仅限员工'\nwhen = { prefix = 'hi', audience = 'staff' }";
    alice(keys).await.says("hi {{ 7*7 }}").await.sees("「hi {{ 7*7 }}」仅限员工");
}

#[tokio::test]
async fn a_refusal_that_fails_refuses_all_the_same() {
    let keys = "refusal = '{{ message.text + 1 }}'\nwhen = { prefix = 'hi', audience = 'staff' }\n\
                on_error = { reply = '抱歉，{{ message.text }}' }";
    alice(keys).await.says("hi").await.sees("抱歉，hi");
}

#[tokio::test]
async fn a_text_of_on_error_that_fails_says_nothing() {
    let keys = "cooldown = { every = '3s', say = '{{ message.text + 1 }}' }\n\
                on_error = { reply = '{{ message.text + 1 }}' }";
    let alice = alice(keys).await;
    alice.says("hi").await.sees("hello");
    alice.says("hi").await.sees_nothing();
}

#[tokio::test]
async fn texts_of_dialogs_may_be_templates() {
    let chain = "[[chain]]\nplugin = 'guide'\n\
        dialog = { links = false, tries = 1, cancelled = '{{ message.text }}了', given_up = '{{ time.hour }} 点' }\n\
        config = { choices = [{ label = 'a', reply = 'A' }] }\n";
    let alice = TestBot::from_toml(chain).await.unwrap().follower("alice");
    alice.says("菜单").await.sees("请选择：\n1. a");
    alice.says("取消").await.sees("取消了");
    alice.says("菜单").await.sees("请选择：\n1. a");
    alice.says("7").await.sees("8 点");
}
