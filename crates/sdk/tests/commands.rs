//! Commands: what a text is, what is said about one that can't be read, and what is none at all.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

use std::net::IpAddr;
use std::time::Duration;

use wxbot_sdk::command::{Commands, Date, parse};

/// 2025-01-01 08:00 in Beijing, a Wednesday.
const MORNING: u64 = 1_735_689_600;

/// 试一试
#[derive(Debug, PartialEq, Commands)]
enum Shop {
    /// 看价格
    ///
    /// 不写商品，就看全部。
    #[command("价格", "price", "jg")]
    Price {
        /// 商品
        item: Option<String>,
    },
    /// 订座
    #[command("订座", "book")]
    Book {
        /// 人数
        people: u8,
        /// 哪天
        day: Date,
        /// 备注
        #[command(rest)]
        note: Option<String>,
    },
    /// 提醒您
    #[command("提醒")]
    Remind(
        /// 多久
        Duration,
        #[command(name = "内容", rest)] String,
    ),
    /// 找地址
    #[command("地址")]
    Address(
        #[command(name = "IP", example = "10.0.0.1")] IpAddr,
        /// 端口
        Vec<u16>,
    ),
    /// 打折
    Discount(f64),
    /// 再见
    SayGoodbye,
}

#[derive(Debug, PartialEq, Commands)]
#[commands(slash = "required")]
enum Strict {
    Help,
}

#[derive(Debug, PartialEq, Commands)]
#[commands(slash = "none", texts = wxbot_sdk::command::CommandTexts::ENGLISH)]
enum Plain {
    /// Adds two numbers.
    Add(i64, #[command(name = "number")] i64),
}

fn read<C: Commands>(text: &str) -> Option<Result<C, String>> {
    parse(text, MORNING).map(|read| read.map_err(|usage| usage.to_string()))
}

#[track_caller]
fn check(text: &str, expected: Option<Shop>, reason: &str) {
    let read =
        read::<Shop>(text).map(|read| read.unwrap_or_else(|usage| panic!("{text}: {usage}")));
    assert_eq!(read, expected, "{text:?}: {reason}");
}

fn price(item: &str) -> Option<Shop> {
    Some(Shop::Price { item: Some(item.into()) })
}

#[test]
fn a_name_is_found_however_it_is_written() {
    let table = [
        ("/价格", "with a slash"),
        ("／价格", "with a wide one"),
        ("价格", "without"),
        (" 　价格\n", "blanks around it"),
        ("\u{feff}/价格\u{200b}", "what can't be seen"),
        ("price", "another name"),
        ("Price", "a capital, as phones write it"),
        ("ＪＧ", "in full width"),
        ("价格。", "by voice"),
        ("/price!", "with emphasis"),
    ];
    for (text, reason) in table {
        check(text, Some(Shop::Price { item: None }), reason);
    }
    check("say-goodbye", Some(Shop::SayGoodbye), "the name of the variant");
    check("/ 价格", None, "a blank behind the slash");
    check("价", None, "half a name");
    check("", None, "nothing");
    check("/", None, "a slash alone");
}

#[test]
fn arguments_are_typed() {
    let day = |day| Date::from_calendar_date(2025, time::Month::March, day).unwrap();
    let book = |people, note: Option<&str>| {
        Some(Shop::Book { people, day: day(5), note: note.map(str::to_owned) })
    };
    check("/订座 4 3月5日", book(4, None), "a number and a date");
    check("订座　四　3-5", book(4, None), "wide blanks, a number in words");
    check("/book ４ 2025/3/5 靠窗， 安静！", book(4, Some("靠窗， 安静！")), "the rest as it was");
    check("/价格 \"铁 观音\"", price("铁 观音"), "quoted");
    check("/价格 “铁 观音”", price("铁 观音"), "in Chinese quotes");
    check("/价格 「铁 观音」", price("铁 观音"), "in brackets");
    check("/价格 ＡＢ", price("ＡＢ"), "a text stays as it is");
    check("/价格 'tis", price("'tis"), "a quote that is not closed");
    check("/价格茶", price("茶"), "without a blank");
    let minutes = |minutes: u64, what: &str| {
        Some(Shop::Remind(Duration::from_secs(minutes * 60), what.into()))
    };
    check("/提醒 1小时30分 开会", minutes(90, "开会"), "a duration");
    check("提醒 半小时 带 伞\n和书", minutes(30, "带 伞\n和书"), "the rest, lines and all");
    let ip = || "10.0.0.1".parse().unwrap();
    check("/地址 10.0.0.1", Some(Shop::Address(ip(), vec![])), "anything that reads a text");
    check("/地址 10.0.0.1 80 443", Some(Shop::Address(ip(), vec![80, 443])), "all that are left");
    check("/discount 0.85", Some(Shop::Discount(0.85)), "a fraction");
}

#[test]
fn what_can_not_be_read_is_answered_by_its_usage() {
    let price = "用法：价格 [商品]\n看价格\n不写商品，就看全部。";
    let book = "用法：订座 人数 哪天 [备注]\n订座";
    let table = [
        ("/价格 茶 杯", format!("「杯」是多余的\n{price}")),
        ("/订座", format!("还缺少：人数\n{book}")),
        ("订座", format!("还缺少：人数\n{book}")),
        ("/订座 4", format!("还缺少：哪天\n{book}")),
        ("/订座 许多 明天", format!("没看懂「许多」（这里写人数），请写成 3 这样。\n{book}")),
        ("/订座 300 明天", format!("没看懂「300」（这里写人数），请写成 3 这样。\n{book}")),
        (
            "/订座 3 13月1日",
            format!("没看懂「13月1日」（这里写哪天），请写成 3月5日、明天 这样。\n{book}"),
        ),
        (
            "/地址 x",
            "没看懂「x」（这里写IP），请写成 10.0.0.1 这样。\n用法：地址 IP [端口…]\n找地址".into(),
        ),
    ];
    for (text, expected) in table {
        assert_eq!(read::<Shop>(text), Some(Err(expected)), "{text:?}");
    }
    let long = format!("/价格 茶 {}", "杯".repeat(1000));
    let said = read::<Shop>(&long).unwrap().unwrap_err();
    assert!(said.starts_with(&format!("「{}」是", "杯".repeat(20))), "{said}");
}

#[test]
fn what_people_talk_of_is_no_command() {
    for text in ["价格 是 多少", "订座 的 问题", "价格是多少", "提醒 我 吃药", "discount please"]
    {
        assert_eq!(read::<Shop>(text), None, "{text:?}");
    }
}

#[test]
fn a_set_chooses_its_slash_and_its_texts() {
    assert_eq!(read("/help"), Some(Ok(Strict::Help)));
    assert_eq!(read("／ＨＥＬＰ"), Some(Ok(Strict::Help)));
    assert_eq!(read::<Strict>("help"), None);
    assert_eq!(read("add 2 ３"), Some(Ok(Plain::Add(2, 3))));
    assert_eq!(read::<Plain>("/add 2 3"), None);
    let usage = "… is missing\nUsage: add … number\nAdds two numbers.";
    assert_eq!(read::<Plain>("add"), Some(Err(usage.into())));
}

#[test]
fn the_table_is_what_the_enum_says() {
    let set = Shop::SET;
    assert_eq!(set.about, "试一试");
    let written: Vec<_> = set.commands.iter().map(|command| set.written(command)).collect();
    let expected = [
        "价格 [商品]",
        "订座 人数 哪天 [备注]",
        "提醒 多久 内容",
        "地址 IP [端口…]",
        "discount …",
        "say-goodbye",
    ];
    assert_eq!(written, expected);
    assert_eq!(set.commands[0].names, ["价格", "price", "jg"]);
    assert_eq!((set.commands[0].help, set.commands[0].details), ("看价格", "不写商品，就看全部。"));
    assert!((set.takes)("/订座", MORNING) && !(set.takes)("订座 的 问题", MORNING));
    assert_eq!(Strict::SET.written(&Strict::SET.commands[0]), "/help");
}
