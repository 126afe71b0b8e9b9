//! Rules, what is said to them, and what they answer.

use std::collections::HashSet;

use wxbot_testkit::sim::{Act, Bubble};
use wxbot_testkit::{Follower, TestBot, run};

use super::*;

async fn alice(rules: &str) -> Follower {
    TestBot::with::<Keywords>(rules).await.unwrap().follower("alice")
}

/// What alice sees; `None` is nothing.
#[track_caller]
fn check(rules: &str, act: impl Into<Act>, expected: Option<&str>, reason: &str) {
    let act = act.into();
    let heard = run(async { alice(rules).await.does(act.clone()).await });
    assert_eq!(heard.text(), expected, "rules: {rules}, alice {act}: {reason}");
}

fn rule(condition: &str) -> String {
    format!("rules = [{{ {condition}, reply = 'yes' }}]")
}

#[test]
fn each_condition_holds_where_it_should() {
    let table = [
        ("full = 'price'", " price ", true, "blanks around it aside"),
        ("full = 'price'", "the price", false, "not the whole text"),
        ("full = 'price'", "Price", false, "case counts unless told otherwise"),
        ("full = 'price', ignore_case = true", "PRICE", true, "told otherwise"),
        ("full = ['price', '价格']", "价格", true, "any of a list"),
        ("prefix = '查'", "查 西湖", true, "at the start"),
        ("prefix = '查'", "请查", false, "not at the start"),
        ("suffix = '?'", "how much?", true, "at the end"),
        ("suffix = '?'", "why? because", false, "not at the end"),
        ("contains = '价'", "什么价钱", true, "anywhere"),
        ("contains = 'ÄÖ', ignore_case = true", "xäöx", true, "case of other alphabets"),
        ("regex = '^\\d+$'", "2026", true, "a pattern"),
        ("regex = '^\\d+$'", "in 2026", false, "an anchored pattern"),
        ("prefix = 'a', suffix = 'z'", "a to z", true, "both hold"),
        ("prefix = 'a', suffix = 'z'", "a to y", false, "one does not"),
    ];
    for (condition, said, holds, reason) in table {
        check(&rule(condition), said, holds.then_some("yes"), reason);
    }
}

#[tokio::test]
async fn the_first_rule_that_holds_answers() {
    let rules = "rules = [
        { contains = 'b', reply = 'first' },
        { full = 'abc', reply = 'second' },
        { regex = '.', reply = 'last' },
    ]";
    let alice = alice(rules).await;
    alice.says("abc").await.sees("first");
    alice.says("xyz").await.sees("last");
}

#[tokio::test]
async fn an_event_with_a_key_is_answered() {
    let alice = alice(&rule("event = 'click', key = 'HELP'")).await;
    alice.clicks("HELP").await.sees("yes");
    alice.clicks("help").await.sees_nothing();
    alice.says("HELP").await.sees_nothing();
}

#[test]
fn what_a_pattern_caught_is_filled_in() {
    let rules = r"rules = [{ regex = '(\S+) in (?<city>\S+)', reply = '$city: $${1}s, $$5' }]";
    check(rules, "cafe in 杭州", Some("杭州: cafes, $5"), "by number, by name, and a dollar");
}

#[test]
fn what_a_pattern_caught_is_normalised() {
    let rules = r"rules = [{ regex = '^查(.*)：(\d+)$', reply = '$1=$2' }]";
    check(rules, "查\u{200b}Ａ：１２", Some("A=12"), "in full width, with a zero-width space");
    check(rules, "查👨\u{200d}👩：1", Some("👨\u{200d}👩=1"), "an emoji stays whole");
}

#[test]
fn a_template_knows_the_message_and_what_was_caught() {
    let rules = r#"rules = [
        { regex = '^(?<city>\S+) in (\S+)', reply = '{{ captures[0] }}: {{ captures.city }}, {{ captures[2] }} $1' },
        { full = 'me', reply = '{{ message.kind }} of {{ follower.openid | length }} to {{ account.id }}' },
        { event = 'click', key = 'K', reply = '{{ message.event }} {{ message.key }}{{ message.text }}' },
        { regex = '^(a)?b$', reply = '{{ captures[1] | default("no a") }}' },
    ]"#;
    check(
        rules,
        "杭州 in 中国",
        Some("杭州 in 中国: 杭州, 中国 $1"),
        "in a template $ is a dollar sign",
    );
    check(rules, "me", Some("text of 28 to main"), "who and what");
    check(rules, Act::click("K"), Some("click K"), "an event has no text");
    check(rules, "b", Some("no a"), "a group that caught nothing");
}

#[tokio::test]
async fn every_text_of_a_reply_may_be_a_template() {
    let rules = "rules = [
        { full = 'i', reply = { image = '{{ message.text }}1' } },
        { regex = '^n (.*)', reply = { news = [{
            title = '{{ captures[1] }}!', url = 'https://example.com/?q={{ captures[1] | urlencode }}',
        }] } },
        { full = 'l', reply = ['{{ message.text }}1', '{{ message.text }}1'] },
        { full = 's', reply = [['{{ message.text }}1', '{{ message.text }}2']] },
    ]";
    let alice = alice(rules).await;
    alice.says("i").await.sees_image("i1");
    let news = alice.says("n 杭 州").await;
    let bubbles = news.sees_news(&["杭 州!"]).bubbles();
    let Bubble::News(cards) = &bubbles[0] else { panic!("{bubbles:?}") };
    assert_eq!(cards[0].url, "https://example.com/?q=%E6%9D%AD%20%E5%B7%9E");
    alice.says("l").await.sees("l1");
    alice.says("s").await.sees_contains("s1");
}

#[test]
fn what_followers_write_is_never_a_template() {
    let rules = "rules = [
        { regex = '^say (.*)', reply = '{{ captures[1] }} {{ message.text }}' },
        { regex = '^old (.*)', reply = '$1' },
        { contains = '{', reply = '{{ message.text }}' },
    ]";
    let said = "say {{ 7*7 }}{% for x in range(9) %}a{% endfor %}{# b #}";
    check(rules, said, Some(&format!("{} {said}", &said[4..])), "in a template");
    check(rules, "old {{ 7*7 }}", Some("{{ 7*7 }}"), "in a place");
    check(rules, "{{ message.text }}", Some("{{ message.text }}"), "as a whole");
}

#[test]
fn braces_alone_are_text() {
    let rules = r#"rules = [
        { full = 'a', reply = '{"a": {}} {word} { {' },
        { full = 'b', reply = '{% raw %}{{ a }}{% endraw %}' },
    ]"#;
    check(rules, "a", Some(r#"{"a": {}} {word} { {"#), "no template begins with one brace");
    check(rules, "b", Some("{{ a }}"), "raw");
}

#[test]
fn a_rule_hears_a_voice_message_unless_it_says_no() {
    let said = || Act::Voice {
        media_id: "V1".into(),
        format: "amr".into(),
        recognition: Some("杭州的天气。".into()),
    };
    let rule =
        |voice: &str| format!("rules = [{{ regex = '^(.+)的天气', reply = '$1: ☀'{voice} }}]");
    check(&rule(""), said(), Some("杭州: ☀"), "what was recognised");
    check(&rule(", voice = false"), said(), None, "it says no");
    check(&rule(", voice = false"), "杭州的天气", Some("杭州: ☀"), "a text all the same");
    check(&rule(""), Act::voice("V1"), None, "nothing was recognised");
}

#[tokio::test]
async fn a_message_without_a_text_is_answered_by_its_kind() {
    let rules = "rules = [
        { contains = '价', reply = '¥99' },
        { kind = 'image', reply = '收到图片' },
        { kind = ['voice', 'location'], reply = '请打字' },
    ]";
    let alice = alice(rules).await;
    alice.sends_image("M1").await.sees("收到图片");
    alice.does(Act::voice("V1")).await.sees("请打字");
    let (media_id, format) = ("V2".into(), "amr".into());
    let recognition = Some("什么价？".into());
    alice.does(Act::Voice { media_id, format, recognition }).await.sees("¥99");
    alice.says("图片").await.sees_nothing();
}

#[test]
fn without_a_pattern_a_dollar_is_a_dollar() {
    check("rules = [{ full = 'price', reply = '$1' }]", "price", Some("$1"), "nothing to fill in");
}

#[tokio::test]
async fn any_kind_of_reply_can_be_given() {
    let rules = "rules = [
        { full = 'i', reply = { image = 'M1' } },
        { full = 'n', reply = { news = [{ title = 't', url = 'https://example.com/' }] } },
        { full = 'h', reply = { transfer = '' } },
    ]";
    let alice = alice(rules).await;
    alice.says("i").await.sees_image("M1");
    alice.says("n").await.sees_news(&["t"]);
    alice.says("h").await.sees_bubble(&Bubble::Transfer { kf_account: None });
}

#[tokio::test]
async fn a_list_in_the_list_to_pick_from_is_several_replies() {
    let alice = alice("rules = [{ full = 'a', reply = [['one', { image = 'M1' }]] }]").await;
    alice.says("a").await.sees_contains("one");
    alice.says("1").await.sees_image("M1");
}

const DICE: &str = "rules = [{ full = 'dice', reply = ['1', '2', '3', '4', '5', '6'] }]";

#[tokio::test]
async fn one_message_is_always_given_the_same_of_a_list() {
    let said = alice(DICE).await.says("dice").await;
    let thrown = said.text().expect("a number").to_owned();
    for _ in 0..8 {
        // Another bot does not remember what the first one said.
        let body = String::from_utf8(said.exchange().deliveries[0].request.body.clone()).unwrap();
        alice(DICE).await.sends_raw(&body).await.sees(&thrown);
    }
}

#[tokio::test]
async fn different_messages_are_given_different_ones() {
    let alice = alice(DICE).await;
    let mut thrown = HashSet::new();
    for _ in 0..100 {
        thrown.insert(alice.says("dice").await.text().expect("a number").to_owned());
    }
    assert_eq!(thrown.len(), 6);
}

#[tokio::test]
async fn a_hundred_thousand_rules_answer_like_one() {
    let many: String =
        (0..100_000).map(|n| format!("{{ contains = 'word{n}x', reply = '{n}' }},")).collect();
    let alice = alice(&format!("rules = [{many}]")).await;
    alice.says("here is word4711x and word12x").await.sees("12");
}

#[tokio::test]
async fn a_wrong_rule_says_what_would_be_right() {
    let table = [
        ("rules = [{ reply = 'x' }]", "a rule needs a condition"),
        ("rules = [{ reply = 'x', voice = false }]", "a rule needs a condition"),
        ("rules = [{ regex = '(', reply = 'x' }]", "`(` is not a regular expression"),
        ("rules = [{ full = 'a', reply = [] }]", "a list to pick from needs a reply"),
        ("rules = [{ full = 'a', reply = { text = 'a', image = 'b' } }]", "exactly one of text"),
        ("rules = [{ full = '', reply = 'x' }]", "`full` has an empty text"),
        ("rules = [{ ful = 'a', reply = 'x' }]", "did you mean `full`?"),
        ("rules = [{ regex = '(a)', reply = '$2' }]", "`$2` in the reply is no group"),
        ("rules = [{ regex = '(a)', reply = '$1元 $1st' }]", "`$1st` in the reply is no group"),
        ("rules = [{ full = 'a', reply = '{{ message.txt }}' }]", "did you mean message.text?"),
        ("rules = [{ full = 'a', reply = '{{ captures[1] }}' }]", "the rule has no `regex`"),
        ("rules = [{ regex = '(a)', reply = '{{ captures[2] }}' }]", "in the reply has no 2"),
        ("rules = [{ regex = '(?<a>a)', reply = '{{ captures.b }}' }]", "in the reply has no b"),
        ("rulez = []", "did you mean `rules`?"),
    ];
    for (config, expected) in table {
        let error = TestBot::with::<Keywords>(config).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error}");
    }
}
