//! What each condition means, alone and among others.

use super::set::MatcherSet;
use super::*;
use crate::fields::Fields;

const OPENID: &str = "oTEST_7vQkR2mXw9ZsLbN4cYdEfG";
/// 2025-01-01 08:00 in Beijing.
const MORNING: u64 = 1_735_689_600;

fn message(fields: &[(&str, &str)]) -> Message {
    let mut tree = Fields::default();
    for (name, text) in [("FromUserName", OPENID)].iter().chain(fields) {
        let place = tree.push(0, name);
        tree.push_text(place, text);
    }
    Message::read(tree).unwrap()
}

fn text(content: &str) -> Message {
    message(&[("MsgType", "text"), ("Content", content)])
}

fn event(name: &str, key: &str) -> Message {
    message(&[("MsgType", "event"), ("Event", name), ("EventKey", key)])
}

fn audiences() -> Audiences {
    let audience = |settings: &str| Audience::new(toml::from_str(settings).unwrap()).unwrap();
    let mut audiences = Audiences::default();
    audiences.insert("staff", audience(&format!("openid = ['oBOSS', '{OPENID}']")));
    audiences.insert("testers", audience("openid = 'oTEST_*'"));
    audiences.insert("boss", audience("openid = 'oBOSS'"));
    audiences
}

fn matcher(when: &str) -> Matcher {
    Matcher::with_audiences(toml::from_str(when).unwrap(), &audiences()).unwrap()
}

/// A matcher alone, in a set with others, and in a set before and behind others says the same.
#[track_caller]
fn check(when: &str, message: &Message, expected: bool, reason: &str) {
    let subject = Subject { message, account: "main", now: MORNING, tags: &[] };
    assert_eq!(matcher(when).holds(subject), expected, "`{when}`: {reason}");
    let others = ["full = 'nobody says this'", "event = 'nothing'", "kind = 'image'"];
    let all = others.iter().chain([&when]).chain(&others).map(|when| matcher(when)).collect();
    let found: Vec<_> = MatcherSet::new(all).all(subject).collect();
    let at = if expected { vec![3] } else { Vec::new() };
    assert_eq!(found, at, "`{when}` among others: {reason}");
}

#[test]
fn conditions_on_text_hold_where_they_should() {
    let table = [
        ("full = 'price'", " price\n", true, "blanks around it aside"),
        ("full = 'price'", "prices", false, "more than that"),
        ("prefix = '查'", "查 西湖", true, "at the start"),
        ("prefix = '查'", "请查", false, "not at the start"),
        ("suffix = ['?', '？']", "多少钱？", true, "one of the list"),
        ("suffix = '?'", "? no", false, "not at the end"),
        ("contains = '价'", "什么价钱", true, "in the middle"),
        ("contains = 'Price'", "price", false, "case counts"),
        ("contains = 'Price'\nignore_case = true", "PRICES", true, "unless told otherwise"),
        ("full = 'Äpfel'\nignore_case = true", "äPFEL", true, "in every alphabet"),
        ("regex = '^\\d{4}$'", "2026", true, "a pattern"),
        ("regex = '^\\d{4}$'", "in 2026", false, "an anchored pattern"),
        ("regex = '^ab$'\nignore_case = true", "AB", true, "a pattern without case"),
        ("command = 'help'", "/help", true, "a command"),
        ("command = 'help'", "／help me", true, "full width, with an argument"),
        ("command = 'help'", "/helpme", false, "another command"),
        ("command = 'help'", "help", false, "no slash"),
        ("command = 'help'", "/ help", false, "a blank between"),
        ("prefix = 'a'\nsuffix = 'z'", "a to z", true, "both"),
        ("prefix = 'a'\nsuffix = 'z'", "a to y", false, "only one of both"),
        ("regex = 'b'\ncontains = 'a'", "ab", true, "pattern and literal"),
        ("regex = 'b'\ncontains = 'a'", "a", false, "literal without pattern"),
    ];
    for (when, said, expected, reason) in table {
        check(when, &text(said), expected, reason);
        check(when, &event("CLICK", said), false, "an event has no text");
    }
}

#[test]
fn text_is_compared_as_it_is_seen() {
    let family = "👨\u{200d}👩\u{200d}👧";
    let (is_family, has_zero_width) = (format!("full = '{family}'"), "contains = '价\u{200b}格'");
    let table = [
        ("full = 'ok'\nignore_case = true", "ＯＫ", true, "full width"),
        ("full = 'ＯＫ'", "OK", true, "full width in the rule"),
        ("prefix = '12'", "１２３", true, "digits"),
        ("suffix = '?'", "多少钱？", true, "a question mark"),
        ("contains = 'ハン'", "ﾊﾝｶｸ", true, "half width"),
        ("full = 'a b'", "a　b　", true, "a wide blank"),
        ("full = 'é'", "e\u{301}", true, "a letter and its accent"),
        ("full = '价格'", "\u{feff}价\u{200b}格\u{2060}", true, "what can't be seen"),
        ("full = 'ab'", "\u{200f}a\u{200d}b\u{202c}", true, "what only directs"),
        (has_zero_width, "价格", true, "what can't be seen in the rule"),
        ("full = '❤'", "❤\u{fe0f}", true, "an emoji with its style"),
        ("full = '❤\u{fe0f}'", "❤", true, "an emoji without its style"),
        (&is_family, family, true, "a family"),
        (&is_family, "👨\u{200d}👩\u{fe0f}\u{200d}👧", true, "a family with a style"),
        (&is_family, "👨👩👧", false, "three people are no family"),
        ("command = 'help'", "／ｈｅｌｐ　me", true, "a command"),
        ("command = 'ｈｅｌｐ'", "/help", true, "a command in the rule"),
    ];
    for (when, said, expected, reason) in table {
        check(when, &text(said), expected, reason);
    }
}

#[test]
fn a_pattern_sees_text_as_it_is_seen() {
    let table = [
        ("^\\d{3}$", "１２３", true, "digits"),
        ("^（(.*)）$", "（ａ）", true, "wide brackets are no group"),
        ("^（(.*)）$", "(a)", true, "nor are narrow ones"),
        ("^（(.*)）$", "a", false, "they are brackets"),
        ("^好？$", "好", false, "a wide question mark repeats nothing"),
        ("好[？！]$", "好!", true, "in a class"),
        ("[０-９]+", "12", true, "a range"),
        ("^等…+$", "等………", true, "one that becomes several is repeated whole"),
        ("^等…+$", "等....", false, "one that becomes several is repeated whole"),
        ("[]…]$", "等…", true, "in a class that begins with its end"),
        ("^[^]…]$", "]", false, "in a class that excludes its end"),
        ("^\\[…+\\]$", "[……]", true, "an escaped bracket is no class"),
        ("^e\u{301}$", "é", true, "a letter and its accent"),
        ("^ﾊﾞ$", "バ", true, "a half-width letter and its mark"),
        ("^a\u{200b}b$", "ab", true, "what can't be seen"),
        ("^👨\u{200d}👩$", "👨\u{200d}👩", true, "a pair"),
        ("^\\p{Han}+$", "价\u{200b}格", true, "a class of Unicode"),
    ];
    for (pattern, said, expected, reason) in table {
        check(&format!("regex = '{pattern}'"), &text(said), expected, reason);
    }
}

#[test]
fn what_was_recognised_of_a_voice_message_is_its_text() {
    let voice = |recognition| message(&[("MsgType", "voice"), ("Recognition", recognition)]);
    let table = [
        ("contains = '天气'", true, "its words"),
        ("contains = '天气'\nvoice = true", true, "its words, as ever"),
        ("contains = '天气'\nvoice = false", false, "its words don't count"),
        ("regex = '^今天.*。$'", true, "a pattern"),
        ("regex = '^今天.*。$'\nvoice = false", false, "a pattern that is not meant"),
        ("kind = 'text'\ncontains = '天气'", false, "it is no text message"),
        ("kind = 'voice'\ncontains = '天气'", true, "it is a voice message"),
        ("kind = 'voice'\nvoice = false", true, "without a condition on text"),
    ];
    for (when, expected, reason) in table {
        check(when, &voice("今天天气怎么样。"), expected, reason);
    }
    check("contains = '天气'", &voice(""), false, "nothing was recognised");
    check("contains = '天气'\nvoice = false", &text("天气"), true, "a text message");
}

#[test]
fn conditions_on_the_kind_hold_where_they_should() {
    let table = [
        ("kind = 'text'", text("hi"), true, "a text"),
        ("kind = ['image', 'event']", text("hi"), false, "neither"),
        ("kind = 'event'", event("CLICK", ""), true, "an event"),
        ("event = 'click'", event("CLICK", "A"), true, "in any case"),
        ("event = 'CLICK'\nkey = 'A'", event("CLICK", "A"), true, "with its key"),
        ("event = 'CLICK'\nkey = 'A'", event("CLICK", "a"), false, "keys have case"),
        ("key = 'A'", event("SCAN", "A"), true, "the key alone"),
        ("event = 'VIEW'\nkey = 'A'", event("SCAN", "A"), false, "the key of another event"),
        ("event = 'subscribe'\nkey = '42'", event("subscribe", "qrscene_42"), true, "the scene"),
        ("event = 'hologram'", event("Hologram", ""), true, "an unknown event"),
        ("event = 'click'", text("click"), false, "a text is no event"),
    ];
    for (when, message, expected, reason) in table {
        check(when, &message, expected, reason);
    }
}

#[test]
fn conditions_on_who_and_where_and_when_hold_where_they_should() {
    let table = [
        ("", true, "no condition at all"),
        ("account = 'main'", true, "this account"),
        ("account = ['other', 'ma*']", true, "one of the list, with a star"),
        ("account = 'other'", false, "another account"),
        ("openid = 'oTEST_7vQkR2mXw9ZsLbN4cYdEfG'", true, "this follower"),
        ("openid = 'oTEST_*'", true, "followers that begin so"),
        ("openid = 'oTEST_7vQkR2mXw9ZsLbN4cYdEf?'", true, "any one character"),
        ("openid = 'TEST'", false, "the whole openid is meant"),
        ("hours = '07:30-08:01'", true, "08:00 in Beijing"),
        ("hours = '08:00-09:00'", true, "its first minute"),
        ("hours = '07:00-08:00'", false, "its end is outside"),
        ("hours = '22:00-08:30'", true, "over midnight"),
        ("hours = '09:00-18:00'", false, "not yet"),
        ("hours = ' 07:00 - 09:00 '", true, "with blanks"),
        ("hours = 'Mon-Fri 07:00-09:00'", true, "it is a Wednesday"),
        ("hours = '周一-周五 07:00-09:00'", true, "in Chinese"),
        ("hours = 'sat, SUN,wed 07:00-09:00'", true, "a list, in any case"),
        ("hours = 'Sat-Wed 07:00-09:00'", true, "over the weekend"),
        ("hours = 'Thu-Tue 07:00-09:00'", false, "any day but this"),
        ("hours = 'Sat,Sun 07:00-09:00'", false, "at weekends"),
        ("hours = 'Tue 22:00-08:30'", true, "it began on Tuesday"),
        ("hours = 'Wed 22:00-08:30'", false, "it begins tonight"),
    ];
    for (when, expected, reason) in table {
        check(when, &text("hi"), expected, reason);
    }
}

#[test]
fn a_set_finds_all_that_hold_in_their_order() {
    let whens =
        ["contains = 'b'", "", "full = 'abc'", "regex = 'x'", "kind = 'text'", "prefix = 'a'"];
    let set = MatcherSet::new(whens.iter().map(|when| matcher(when)).collect());
    let message = text("abc");
    let subject = Subject { message: &message, account: "main", now: MORNING, tags: &[] };
    assert_eq!(set.all(subject).collect::<Vec<_>>(), [0, 1, 2, 4, 5]);
    assert_eq!(set.first(subject), Some(0));
}

#[test]
fn what_can_not_be_meant_is_an_error() {
    let error = |when: &str| Matcher::new(toml::from_str(when).unwrap()).unwrap_err().to_string();
    assert!(error("regex = '('").starts_with("`(` is not a regular expression: unclosed group"));
    assert!(error("hours = '9-18'").contains("write `09:00-18:00`"));
    assert!(error("hours = '25:00-26:00'").contains("`25:00-26:00` is not a part of the day"));
    assert!(error("hours = 'Someday 09:00-18:00'").contains("or `Mon-Fri 09:00-18:00`"));
    assert!(error("contains = ['a', '']").contains("`contains` has an empty text"));
    assert!(error("full = '\u{200b}'").contains("`full` has an empty text"), "nothing is seen");
}

#[test]
fn a_misspelt_kind_or_event_is_remarked_on() {
    let remarks = |when: &str| matcher(when).unheard_of();
    assert_eq!(remarks("kind = 'txt'"), ["`txt` (did you mean `text`?)"]);
    assert_eq!(remarks("event = 'subscrib'"), ["`subscrib` (did you mean `subscribe`?)"]);
    assert_eq!(remarks("kind = 'hologram'"), ["`hologram`"]);
    let chinese = remarks("kind = ['图片', 'text', '小程序']\nnot = { event = '菜单点击' }");
    let meant =
        ["image", "miniprogrampage", "click"].map(|meant| format!("did you mean `{meant}`?"));
    for (remark, meant) in chinese.iter().zip(&meant) {
        assert!(remark.contains(meant), "{remark}");
    }
    assert_eq!(chinese.len(), 3);
    let other = remarks("any = [{ kind = 'subscribe' }, { event = 'image' }]");
    assert_eq!(other[0], "`subscribe` here (did you mean `event = \"subscribe\"`?)");
    assert_eq!(other[1], "`image` here (did you mean `kind = \"image\"`?)");
    assert!(remarks("kind = 'text'\nevent = 'CLICK'").is_empty());
}

#[test]
fn an_audience_holds_for_whoever_is_in_it() {
    let table = [
        ("audience = 'staff'", true, "by openid"),
        ("audience = 'testers'", true, "by a pattern"),
        ("audience = 'boss'", false, "somebody else"),
        ("audience = ['boss', 'staff']", true, "one of the list"),
        ("audience = ['boss', 'testers']", true, "one of the list, by a pattern"),
        ("audience = 'staff'\ncontains = 'price'", true, "with words"),
        ("audience = 'boss'\ncontains = 'price'", false, "with words of somebody else"),
        ("not = { audience = 'staff' }", false, "whoever is not in it"),
        ("not = { audience = 'boss' }", true, "whoever is not in it"),
    ];
    for (when, expected, reason) in table {
        check(when, &text("the price"), expected, reason);
    }
}

#[test]
fn alternatives_and_exceptions_hold_where_they_should() {
    let table = [
        ("not = { contains = 'free' }", true, "not said"),
        ("not = { contains = 'price' }", false, "said"),
        ("contains = 'price'\nnot = { prefix = 'no' }", true, "said without the exception"),
        ("contains = 'price'\nnot = { prefix = 'the' }", false, "the exception"),
        ("not = { kind = 'text', contains = 'free' }", true, "one of both does not hold"),
        ("not = { kind = 'text', contains = 'price' }", false, "both hold"),
        ("any = [{ full = 'x' }, { contains = 'price' }]", true, "the second"),
        ("any = [{ full = 'x' }, { event = 'CLICK' }]", false, "none"),
        ("any = [{ kind = 'image' }, { kind = 'text' }]", true, "by kind"),
        ("any = [{ audience = 'boss' }, { hours = '07:00-09:00' }]", true, "by the clock"),
        ("any = [{ audience = 'boss' }, { openid = 'oTEST*' }]", true, "by pattern"),
        ("kind = 'text'\nany = [{ account = 'other' }, { regex = '^the' }]", true, "and a kind"),
        ("kind = 'image'\nany = [{ account = 'main' }, { regex = '^the' }]", false, "another kind"),
        ("any = [{ any = [{ full = 'x' }, { suffix = 'price' }] }, { key = 'k' }]", true, "deep"),
        ("any = [{ not = { full = 'x' } }, { key = 'k' }]", true, "an exception in it"),
        ("not = { any = [{ full = 'x' }, { full = 'the price' }] }", false, "alternatives in it"),
        ("not = { not = { contains = 'price' } }", true, "twice"),
    ];
    for (when, expected, reason) in table {
        check(when, &text("the price"), expected, reason);
    }
    check("any = [{ key = 'HELP' }, { full = 'help' }]", &event("CLICK", "HELP"), true, "a click");
    check("any = [{ key = 'HELP' }, { full = 'help' }]", &text("help"), true, "a word");
    check("not = { event = 'CLICK' }", &event("CLICK", "HELP"), false, "an event");
}

#[test]
fn what_is_not_meant_is_not_even_looked_at() {
    let whens = [
        "audience = 'boss'",
        "audience = ['boss']\nkind = 'text'",
        "any = [{ full = 'x' }, { key = 'K' }, { openid = 'oBOSS' }]",
        "kind = 'text'\nany = [{ prefix = 'x' }, { any = [{ event = 'CLICK' }] }]",
        "not = { contains = 'price' }\nfull = 'x'",
    ];
    let set = MatcherSet::new(whens.iter().map(|when| matcher(when)).collect());
    let message = text("the price");
    let looked_at =
        set.candidates(Subject { message: &message, account: "main", now: MORNING, tags: &[] });
    assert_eq!(looked_at.to_vec(), Vec::<usize>::new());
}

#[test]
fn whoever_is_meant_is_known_without_their_words() {
    let table = [
        ("contains = 'x'", true, true, "words do not count"),
        ("kind = 'image'", false, true, "the kind counts where something is said"),
        ("audience = 'boss'", false, false, "who it is counts"),
        ("not = { contains = 'price' }", true, true, "nor do they in an exception"),
        ("not = { kind = 'text' }", false, true, "the kind does"),
        ("not = { audience = 'staff' }", false, false, "who it is counts there, too"),
        ("not = { audience = 'staff', contains = 'x' }", true, true, "with other words they may"),
        ("any = [{ audience = 'boss' }, { contains = 'x' }]", true, true, "one is enough"),
        ("hours = '09:00-10:00'", false, false, "the clock counts"),
    ];
    for (when, for_answer, for_follower, reason) in table {
        let (matcher, message) = (matcher(when), text("the price"));
        let subject = Subject { message: &message, account: "main", now: MORNING, tags: &[] };
        assert_eq!(matcher.holds_for_answer(subject), for_answer, "{when}: {reason}");
        assert_eq!(matcher.holds_for_follower(subject), for_follower, "{when}: {reason}");
    }
}

#[test]
fn audiences_and_inner_conditions_can_be_wrong() {
    let table = [
        ("audience = 'stuff'", "there is no `[audience.stuff]`"),
        ("not = {}", "`not` has no conditions"),
        ("not = { ignore_case = true }", "`not` has no conditions"),
        ("any = []", "`any` has no conditions"),
        ("any = [{ full = 'x' }, {}]", "`any` has no conditions"),
        ("any = [{ regex = '(' }]", "`(` is not a regular expression"),
    ];
    for (when, expected) in table {
        let matcher = Matcher::with_audiences(toml::from_str(when).unwrap(), &audiences());
        let error = matcher.unwrap_err().to_string();
        assert!(error.contains(expected), "{when}: {error}");
    }
}
