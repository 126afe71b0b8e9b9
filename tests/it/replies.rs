//! Every reply kind as WeChat wants it, and nothing that it would choke on (protocol section 5).

use wxbot_tests::bot::{ECHO, SocketBot, account};
use wxbot_tests::http::Response;
use wxbot_tests::wechat::{
    ACCOUNT, FOLLOWER, Sender, cdata, element, event, json_text, nonce, now, text, text_from,
};

/// As it stands in `bot.toml`, and what follows the CreateTime on the wire.
const KINDS: [(&str, &str, &str); 14] = [
    (
        "\"你好\\n第二行 😀\"",
        "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好\n第二行 😀]]></Content>",
        "text",
    ),
    (
        "{ text = '<a href=\"https://example.com/?a=1&b=2\">点我</a>' }",
        "<MsgType><![CDATA[text]]></MsgType>\
         <Content><![CDATA[<a href=\"https://example.com/?a=1&b=2\">点我</a>]]></Content>",
        "a link needs no escaping",
    ),
    (
        "{ image = 'imgMEDIA_0001' }",
        "<MsgType><![CDATA[image]]></MsgType>\
         <Image><MediaId><![CDATA[imgMEDIA_0001]]></MediaId></Image>",
        "image",
    ),
    (
        "{ voice = 'voiMEDIA_0001' }",
        "<MsgType><![CDATA[voice]]></MsgType>\
         <Voice><MediaId><![CDATA[voiMEDIA_0001]]></MediaId></Voice>",
        "voice",
    ),
    (
        "{ video = { media_id = 'vidMEDIA_0001', title = '标题', description = '说明' } }",
        "<MsgType><![CDATA[video]]></MsgType>\
         <Video><MediaId><![CDATA[vidMEDIA_0001]]></MediaId><Title><![CDATA[标题]]></Title>\
         <Description><![CDATA[说明]]></Description></Video>",
        "video",
    ),
    (
        "{ video = { media_id = 'vidMEDIA_0001' } }",
        "<MsgType><![CDATA[video]]></MsgType>\
         <Video><MediaId><![CDATA[vidMEDIA_0001]]></MediaId></Video>",
        "video: what is optional is left out",
    ),
    (
        "{ video = { media_id = 'vidMEDIA_0001', title = '', description = '说明' } }",
        "<MsgType><![CDATA[video]]></MsgType>\
         <Video><MediaId><![CDATA[vidMEDIA_0001]]></MediaId>\
         <Description><![CDATA[说明]]></Description></Video>",
        "video: what is optional and empty is left out too",
    ),
    (
        "{ music = { music_url = 'https://example.com/a.mp3', title = '曲名', \
         description = '歌手', hq_music_url = 'https://example.com/a-hq.mp3', \
         thumb_media_id = 'thumbMEDIA_0001' } }",
        "<MsgType><![CDATA[music]]></MsgType><Music><Title><![CDATA[曲名]]></Title>\
         <Description><![CDATA[歌手]]></Description>\
         <MusicUrl><![CDATA[https://example.com/a.mp3]]></MusicUrl>\
         <HQMusicUrl><![CDATA[https://example.com/a-hq.mp3]]></HQMusicUrl>\
         <ThumbMediaId><![CDATA[thumbMEDIA_0001]]></ThumbMediaId></Music>",
        "music",
    ),
    (
        "{ music = { music_url = 'https://example.com/a.mp3' } }",
        "<MsgType><![CDATA[music]]></MsgType>\
         <Music><MusicUrl><![CDATA[https://example.com/a.mp3]]></MusicUrl></Music>",
        "music: what is optional is left out",
    ),
    (
        "{ news = [{ title = '标题', description = '摘要', pic_url = 'https://example.com/p.jpg', \
         url = 'https://example.com/x' }] }",
        "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>\
         <Title><![CDATA[标题]]></Title><Description><![CDATA[摘要]]></Description>\
         <PicUrl><![CDATA[https://example.com/p.jpg]]></PicUrl>\
         <Url><![CDATA[https://example.com/x]]></Url></item></Articles>",
        "news",
    ),
    (
        "{ news = [{ title = '标题' }] }",
        "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>\
         <Title><![CDATA[标题]]></Title><Description><![CDATA[]]></Description>\
         <PicUrl><![CDATA[]]></PicUrl><Url><![CDATA[]]></Url></item></Articles>",
        "news: all four are required",
    ),
    (
        "{ transfer = 'alice@demo_acct' }",
        "<MsgType><![CDATA[transfer_customer_service]]></MsgType>\
         <TransInfo><KfAccount><![CDATA[alice@demo_acct]]></KfAccount></TransInfo>",
        "a transfer to one person",
    ),
    (
        "{ transfer = '' }",
        "<MsgType><![CDATA[transfer_customer_service]]></MsgType>",
        "a transfer to anybody",
    ),
    (
        "['only one to pick from']",
        "<MsgType><![CDATA[text]]></MsgType>\
         <Content><![CDATA[only one to pick from]]></Content>",
        "a list",
    ),
];

#[test]
fn every_kind_is_written_as_on_the_protocol_page() {
    for (reply, expected, why) in KINDS {
        let bot = says(reply);
        check(&bot.post(&text("hi")), expected, why);
        check(&bot.post(&json_text("hi")), expected, why);
        check(&bot.post(&event("CLICK", "K")), expected, why);
    }
}

#[test]
fn keywords_and_welcome_have_every_kind_too() {
    let mut chain = "[[chain]]\nplugin = 'keywords'\n".to_owned();
    for (n, (reply, _, _)) in KINDS.iter().enumerate() {
        chain += &format!("[[chain.config.rules]]\nfull = 'kind {n}'\nreply = {reply}\n");
    }
    chain += "[[chain]]\nplugin = 'welcome'\n[chain.config.scenes]\n";
    for (n, (reply, _, _)) in KINDS.iter().enumerate() {
        chain += &format!("'scene {n}' = {reply}\n");
    }
    let bot = SocketBot::with_chain(&chain);
    for (n, (_, expected, why)) in KINDS.iter().enumerate() {
        check(&bot.post(&text(&format!("kind {n}"))), expected, why);
        check(&bot.post(&event("subscribe", &format!("qrscene_scene {n}"))), expected, why);
    }
    check(
        &bot.post(&event("subscribe", "")),
        "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[感谢关注！]]></Content>",
        "the welcome for everybody else",
    );
}

/// The answer is this XML and nothing else: To and From swapped, the time in seconds, the order
/// of section 5.
#[track_caller]
fn check(response: &Response, expected: &str, why: &str) {
    assert_eq!(response.status, 200, "{why}: {response:?}");
    assert_eq!(response.header("content-type"), Some("application/xml; charset=utf-8"), "{why}");
    let time = element(&response.body, "CreateTime").expect("it has one");
    let sent: u64 = time.parse().expect("seconds");
    assert!(sent.abs_diff(now()) <= 60, "{why}: {time}");
    let whole = format!(
        "<xml><ToUserName><![CDATA[{FOLLOWER}]]></ToUserName>\
         <FromUserName><![CDATA[{ACCOUNT}]]></FromUserName>\
         <CreateTime>{time}</CreateTime>{expected}</xml>"
    );
    assert_eq!(response.body, whole, "{why}");
}

#[test]
fn the_length_is_that_of_the_body() {
    let response = SocketBot::with_chain(ECHO).post(&text("你好 😀"));
    assert_eq!(response.header("content-length"), Some(&*response.body.len().to_string()));
    assert!(response.body.starts_with("<xml>"), "no BOM, no blank line");
}

#[test]
fn what_would_end_a_section_does_not() {
    let bot = SocketBot::with_chain(ECHO);
    for (said, expected) in [
        ("]]>", "]]>"),
        ("a]]>b]]>c", "a]]>b]]>c"),
        ("]]]]>>", "]]]]>>"),
        ("]]]>", "]]]>"),
        ("]]", "]]"),
        ("]]>]]>", "]]>]]>"),
        ("]]><![CDATA[", "]]><![CDATA["),
        ("]]></Content><MsgType>", "]]></Content><MsgType>"),
        ("]\u{1}]>", "]]>"),
        ("]]\u{1}>", "]]>"),
        ("]\u{1}]\u{ffff}>", "]]>"),
        ("]]\u{fffe}>x", "]]>x"),
    ] {
        assert_eq!(bot.says(said), expected, "{said:?}");
    }
}

#[test]
fn no_other_value_breaks_out_either() {
    let odd = "]]\\u0001></MediaId><x/>";
    let clean = cdata("]]></MediaId><x/>");
    for (reply, expected) in [
        (
            format!("{{ image = \"{odd}\" }}"),
            format!(
                "<MsgType><![CDATA[image]]></MsgType><Image><MediaId>{clean}</MediaId></Image>"
            ),
        ),
        (
            format!("{{ transfer = \"{odd}\" }}"),
            format!(
                "<MsgType><![CDATA[transfer_customer_service]]></MsgType>\
                 <TransInfo><KfAccount>{clean}</KfAccount></TransInfo>"
            ),
        ),
        (
            format!("{{ news = [{{ title = \"{odd}\", url = \"{odd}\" }}] }}"),
            format!(
                "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>\
                 <Title>{clean}</Title><Description><![CDATA[]]></Description>\
                 <PicUrl><![CDATA[]]></PicUrl><Url>{clean}</Url></item></Articles>"
            ),
        ),
    ] {
        check(&says(&reply).post(&text("hi")), &expected, &reply);
    }
    let bot = SocketBot::with_chain(ECHO);
    let response = bot.post(&text_from("&lt;/FromUserName&gt;", "hi"));
    assert!(response.body.contains("<![CDATA[&lt;/FromUserName&gt;]]></ToUserName>"));
}

#[test]
fn what_xml_forbids_comes_in_and_never_goes_out() {
    let bot = SocketBot::in_mode("compatible", ECHO);
    let controls = (0..b' ').map(char::from).filter(|c| !['\t', '\n', '\r'].contains(c));
    let forbidden: Vec<char> = controls.chain(['\u{fffe}', '\u{ffff}']).collect();
    assert_eq!(forbidden.len(), 31);
    let all: String = forbidden.iter().collect();
    for odd in forbidden.iter().map(char::to_string).chain([all]) {
        let said = format!("a{odd}b\t\r\n{odd}😀{odd}");
        assert_eq!(bot.says(&said), "ab\t\r\n😀", "{odd:?}");
        let response = bot.post(&json_text(&said));
        assert_eq!(element(&response.body, "Content").as_deref(), Some("ab\t\r\n😀"), "{odd:?}");
        let sender = Sender::default();
        let (query, body) = sender.safe(&text(&said));
        let reply = sender.open(&bot.deliver(&query, body).body);
        assert_eq!(element(&reply, "Content").as_deref(), Some("ab\t\r\n😀"), "{odd:?}");
        assert_eq!(bot.says(&odd), "success", "nothing is left of {odd:?}");
    }
    // As numbers XML has no way to name them; they are dropped, and the message is answered.
    let numbered = text("").replace("<![CDATA[]]>", "a&#0;&#x1;&#xFFFE;&#xD800;&#x110000;b");
    assert_eq!(element(&bot.post(&numbered).body, "Content").as_deref(), Some("ab"));
}

#[test]
fn what_only_looks_odd_comes_back() {
    let bot = SocketBot::with_chain(ECHO);
    for said in [
        "😀👨‍👩‍👧‍👦🇨🇳❤️👍🏽",
        "/::) [微笑] /:rose",
        "\u{e001}",
        "\u{fffd}",
        "a\u{200b}b\u{feff}c",
        "\u{7f}\u{80}\u{9f}",
        "\u{10ffff}",
        "<xml>&amp;&#x4f60;</xml>",
        "  blanks before and behind \n",
        "\r\n\r\n.",
    ] {
        assert_eq!(bot.says(said), said);
    }
}

#[test]
fn a_long_text_begins_within_the_limit_and_the_rest_is_offered() {
    let bot = SocketBot::with_chain(ECHO);
    let more = "\n（发送「1」继续看）";
    for (said, bytes, why) in [
        ("a".repeat(2048), 2048, "the most that is sent"),
        ("a".repeat(2049), 1960, "a byte more"),
        ("你".repeat(682), 2046, "no third of a character is added"),
        ("你".repeat(683), 1959, "2049 bytes of Chinese"),
        ("ab".to_owned() + &"你".repeat(683), 1958, "split at a character"),
        ("你".repeat(20_000), 1959, "60 kB"),
        ("😀".repeat(512), 2048, "just right"),
        ("a".to_owned() + &"😀".repeat(512), 1957, "an emoji has four"),
        ("]]>".repeat(700), 1960, "what is split counts once"),
    ] {
        let came = bot.says_as(&nonce(), &said);
        let begins = came.strip_suffix(more).unwrap_or(&came);
        assert_eq!((begins.len(), said.starts_with(begins)), (bytes, true), "{why}");
        assert!(came.len() <= 2048, "{why}: {}", came.len());
        assert_eq!(came.ends_with(more), begins.len() < said.len(), "{why}");
    }
}

#[test]
fn a_text_is_not_cut_down_to_nothing() {
    // Once it was cut while it began with 2048 bytes that are not sent, and went out empty.
    let bot = SocketBot::with_chain(ECHO);
    assert_eq!(bot.says(&("\u{1}".repeat(3000) + "hi")), "hi");
    assert_eq!(bot.says(&("a\u{1}".repeat(2048))), "a".repeat(2048));
    assert_eq!(bot.says(&(" \u{1}\n".repeat(1000) + "hi")), "hi");
}

#[test]
fn a_message_gets_one_article_and_an_event_eight() {
    for (given, for_message, for_event) in [(1, 1, 1), (2, 1, 2), (8, 1, 8), (12, 1, 8)] {
        let articles: Vec<_> = (1..=given).map(|n| format!("{{ title = 'no {n}' }}")).collect();
        let bot = says(&format!("{{ news = [{}] }}", articles.join(", ")));
        for (message, kept) in [(text("hi"), for_message), (event("CLICK", "K"), for_event)] {
            let body = bot.post(&message).body;
            assert_eq!(element(&body, "ArticleCount"), Some(kept.to_string()), "{given}");
            assert_eq!(body.matches("<item>").count(), kept, "{given}");
            assert_eq!(element(&body, "Title").as_deref(), Some("no 1"), "the first ones stay");
            assert!(body.contains(&format!("no {kept}]]>")), "{given}: {body}");
        }
    }
}

#[test]
fn a_reply_with_nothing_in_it_is_success() {
    let table = [
        ("''", "no text"),
        ("\" \\n\\t\"", "blanks"),
        ("'　'", "a wide blank"),
        ("\"\\u0001\\uFFFE\"", "nothing that may be sent"),
        ("{ image = '' }", "no media id"),
        ("{ voice = ' ' }", "a blank media id"),
        ("{ video = { media_id = '', title = 'x' } }", "a title alone"),
        ("{ music = { music_url = '', title = 'x' } }", "music from nowhere"),
        ("{ news = [] }", "no articles"),
    ];
    for (reply, why) in table {
        let bot = says(reply);
        check_success(&bot.post(&text("hi")), why);
        check_success(&bot.post(&event("CLICK", "K")), why);
    }
}

#[test]
fn success_is_never_sealed() {
    let empty = "[[chain]]\nplugin = 'says'\nconfig = { reply = '' }\n";
    let silent = "[[chain]]\nplugin = 'keywords'\n";
    for mode in ["plain", "compatible", "safe"] {
        for chain in [empty, silent] {
            let bot = SocketBot::start(&account(mode), chain);
            let sender = Sender::default();
            let (query, body) = sender.safe(&text("hi"));
            check_success(&bot.deliver(&query, body), mode);
            let (query, body) = sender.safe_json(&json_text("hi"));
            check_success(&bot.deliver(&query, body), mode);
        }
    }
}

#[track_caller]
fn check_success(response: &Response, why: &str) {
    assert_eq!((response.status, &*response.body), (200, "success"), "{why}");
    assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"), "{why}");
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{why}");
}

/// A bot that answers everything with this `reply`.
fn says(reply: &str) -> SocketBot {
    SocketBot::with_chain(&format!("[[chain]]\nplugin = 'says'\n[chain.config]\nreply = {reply}\n"))
}
