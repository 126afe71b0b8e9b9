//! Rules, what is said to them, and what they answer.

use wxbot_core::testing::ask;

use super::*;

#[track_caller]
fn check(rules: &str, said: &str, expected: Flow) {
    assert_eq!(ask::<Keywords>(rules, said), Ok(expected), "rules: {rules}, said: {said}");
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
        let expected = if holds { Flow::reply("yes") } else { Flow::Pass };
        let came = ask::<Keywords>(&rule(condition), said);
        assert_eq!(came, Ok(expected), "{condition} and `{said}`: {reason}");
    }
}

#[test]
fn the_first_rule_that_holds_answers() {
    let rules = "rules = [
        { contains = 'b', reply = 'first' },
        { full = 'abc', reply = 'second' },
        { regex = '.', reply = 'last' },
    ]";
    check(rules, "abc", Flow::reply("first"));
    check(rules, "xyz", Flow::reply("last"));
}

#[test]
fn an_event_with_a_key_is_answered() {
    let click = |key: &str| {
        format!("<xml><MsgType>event</MsgType><Event>CLICK</Event><EventKey>{key}</EventKey></xml>")
    };
    let rules = rule("event = 'click', key = 'HELP'");
    check(&rules, &click("HELP"), Flow::reply("yes"));
    check(&rules, &click("help"), Flow::Pass);
    check(&rules, "HELP", Flow::Pass);
}

#[test]
fn what_a_pattern_caught_is_filled_in() {
    let rules = r"rules = [{ regex = '(\S+) in (?<city>\S+)', reply = '$city: ${1}s, $$5' }]";
    check(rules, "cafe in 杭州", Flow::reply("杭州: cafes, $5"));
}

#[test]
fn without_a_pattern_a_dollar_is_a_dollar() {
    check("rules = [{ full = 'price', reply = '$1' }]", "price", Flow::reply("$1"));
}

#[test]
fn any_kind_of_reply_can_be_given() {
    let rules = "rules = [
        { full = 'i', reply = { image = 'M1' } },
        { full = 'n', reply = { news = [{ title = 't', url = 'https://example.com/' }] } },
        { full = 'h', reply = { transfer = '' } },
    ]";
    check(rules, "i", Flow::Reply(Reply::image("M1")));
    check(rules, "n", Flow::reply(Article::new("t").url("https://example.com/")));
    check(rules, "h", Flow::Reply(Reply::transfer()));
}

#[test]
fn one_message_is_always_given_the_same_of_a_list() {
    let rules = "rules = [{ full = 'dice', reply = ['1', '2', '3', '4', '5', '6'] }]";
    let first = ask::<Keywords>(rules, "dice").unwrap();
    assert_ne!(first, Flow::Pass);
    for _ in 0..8 {
        check(rules, "dice", first.clone());
    }
}

#[test]
fn different_messages_are_given_different_ones() {
    let rules = "rules = [{ full = 'dice', reply = ['1', '2', '3', '4', '5', '6'] }]";
    let thrown: std::collections::HashSet<_> = (0..100)
        .map(|id| {
            let said = format!(
                "<xml><MsgType>text</MsgType><Content>dice</Content><MsgId>{id}</MsgId></xml>"
            );
            format!("{:?}", ask::<Keywords>(rules, &said))
        })
        .collect();
    assert_eq!(thrown.len(), 6);
}

#[test]
fn a_hundred_thousand_rules_answer_like_one() {
    let many: String =
        (0..100_000).map(|n| format!("{{ contains = 'word{n}x', reply = '{n}' }},")).collect();
    let keywords = wxbot_core::testing::build::<Keywords>(&format!("rules = [{many}]")).unwrap();
    let ctx = wxbot_core::testing::context("here is word4711x and word12x").unwrap();
    assert_eq!(keywords.rules.first(ctx.subject()), Some(12));
}

#[test]
fn a_wrong_rule_says_what_would_be_right() {
    let table = [
        ("rules = [{ reply = 'x' }]", "a rule needs a condition"),
        ("rules = [{ regex = '(', reply = 'x' }]", "`(` is not a regular expression"),
        ("rules = [{ full = 'a', reply = [] }]", "a list to pick from needs a reply"),
        ("rules = [{ full = 'a', reply = { text = 'a', image = 'b' } }]", "exactly one of text"),
        ("rules = [{ full = '', reply = 'x' }]", "`full` has an empty text"),
        ("rules = [{ ful = 'a', reply = 'x' }]", "did you mean `full`?"),
        ("rules = [{ regex = '(a)', reply = '$2' }]", "`$2` in the reply is no group"),
        ("rules = [{ regex = '(a)', reply = '$1元 $1st' }]", "`$1st` in the reply is no group"),
        ("rulez = []", "did you mean `rules`?"),
    ];
    for (config, expected) in table {
        let error = ask::<Keywords>(config, "a").unwrap_err();
        assert!(error.contains(expected), "{config}: {error}");
    }
}
