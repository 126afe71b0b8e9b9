//! How WeChat judges an answer (sections 2.4, 2.5 and 5).

use wxbot_sim::{
    Account, Act, Bubble, Card, Cause, Exchange, Format, LongText, Mode, Note, Options, Verdict,
};

use crate::bot::{Step, pair, reply, seal, simple, text};

const GH: &str = "gh_5f0c1d2e3a4b";
const ALICE: &str = "oTEST_7vQkR2mXw9ZsLbN4cYdEfG";

async fn answered(account: Account, body: impl Into<Vec<u8>>) -> Exchange {
    let (wechat, _) = pair(account, Options::default(), &[Step::Body(body.into())]);
    wechat.follower(ALICE).does("hi").await.unwrap()
}

/// The answer leads to a notice for this cause.
#[track_caller]
fn check(exchange: &Exchange, cause: &str, reason: &str) {
    let came = exchange.failure().map(ToString::to_string);
    assert!(came.as_ref().is_some_and(|came| came.contains(cause)), "{reason}: {came:?}");
    assert_eq!(exchange.deliveries.len(), 1, "{reason}: an answer is not repeated");
}

#[tokio::test(start_paused = true)]
async fn an_abnormal_answer_is_a_notice() {
    let good = reply(ALICE, GH, &text("hi"));
    let no_time = good.replace("<CreateTime>1735689600</CreateTime>", "");
    let rows: Vec<(Vec<u8>, &str, &str)> = vec![
        (b"{\"errcode\":0}".to_vec(), "JSON", "an API's answer"),
        (b"<html><body>502</body></html>".to_vec(), "HTML", "a proxy's page"),
        (b"<!DOCTYPE html><p>".to_vec(), "HTML", "the same"),
        (b"ok".to_vec(), "neither", "not the word"),
        (b"success\n".to_vec(), "neither", "not quite the word"),
        (b"Success".to_vec(), "neither", "not the word as it is written"),
        (b"\xff\xfe".to_vec(), "UTF-8", "bytes"),
        (format!("\u{feff}{good}").into(), "before `<xml>`", "a byte order mark"),
        (format!("\n{good}").into(), "before `<xml>`", "a blank line"),
        (good.replace("</Content>", "").into(), "not well-formed", "an element that stays open"),
        (good.replace("hi", "\u{8}").into(), "not well-formed", "a forbidden character"),
        (good.replace("xml>", "reply>").into(), "`xml` is missing", "another root"),
        (reply(GH, GH, &text("hi")).into(), "not the follower", "the account answers itself"),
        (reply(ALICE, ALICE, &text("hi")).into(), "original id", "to and from not swapped"),
        (
            reply(ALICE, "wx0123456789abcdef", &text("hi")).into(),
            "original id",
            "the app id in its place",
        ),
        (good.replace("ToUserName", "toUserName").into(), "`ToUserName`", "case matters"),
        (no_time.into(), "`CreateTime`", "no time"),
        (good.replace("MsgType", "Type").into(), "`MsgType`", "no type"),
        (reply(ALICE, GH, &text("")).into(), "`Content`", "an empty text"),
        (reply(ALICE, GH, &text("x").replace("[text]", "[markdown]")).into(), "markdown", "a kind"),
        (
            reply(ALICE, GH, "<MsgType>image</MsgType><Image></Image>").into(),
            "`MediaId`",
            "no picture",
        ),
        (reply(ALICE, GH, "<MsgType>music</MsgType>").into(), "`Music`", "no music"),
        (reply(ALICE, GH, &text(&"字".repeat(683))).into(), "2049 bytes", "a byte too many"),
        (seal(&Account::default(), &good).into(), "plain mode", "a seal that nobody opens"),
    ];
    for (body, cause, reason) in rows {
        check(&answered(Account::default(), body).await, cause, reason);
    }
    assert_eq!(answered(Account::default(), good).await.text(), Some("hi"));
}

#[tokio::test(start_paused = true)]
async fn safe_mode_wants_a_seal_that_opens() {
    let account = || Account { mode: Mode::Safe, ..Account::default() };
    let good = reply(ALICE, GH, &text("hi"));
    let sealed = seal(&account(), &good);
    let other_app = Account { app_id: "wx1111111111111111".into(), ..account() };
    let other_token = Account { token: "tokenBETA2".into(), ..account() };
    let rows = [
        (good.clone(), "not sealed", "a readable reply"),
        (seal(&other_token, &good), "`MsgSignature` is wrong", "another token"),
        (sealed.replace("1212121212", "1212121213"), "`MsgSignature` is wrong", "another nonce"),
        (seal(&other_app, &good), "app id", "another account's"),
        (sealed.replace("MsgSignature>", "msg_signature>"), "`MsgSignature` is missing", "names"),
        (seal(&account(), "success"), "neither", "a sealed `success`"),
        (seal(&account(), &reply(ALICE, "x", &text("hi"))), "original id", "wrong inside"),
    ];
    for (body, cause, reason) in rows {
        check(&answered(account(), body).await, cause, reason);
    }
    assert_eq!(answered(account(), sealed).await.text(), Some("hi"));
    for silence in ["", "success"] {
        assert_eq!(answered(account(), silence).await.verdict, Verdict::Silence);
    }
}

#[tokio::test(start_paused = true)]
async fn compatible_mode_takes_both() {
    let account = || Account { mode: Mode::Compatible, ..Account::default() };
    let good = reply(ALICE, GH, &text("hi"));
    for body in [seal(&account(), &good), good] {
        assert_eq!(answered(account(), body).await.text(), Some("hi"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_json_account_takes_the_json_envelope() {
    let account = || Account { mode: Mode::Safe, format: Format::Json, ..Account::default() };
    let xml = seal(&account(), &reply(ALICE, GH, &text("hi")));
    let part = |start: &str, end: &str| {
        let (_, rest) = xml.split_once(start).unwrap();
        rest.split_once(end).unwrap().0.to_owned()
    };
    let envelope = serde_json::json!({
        "Encrypt": part("<Encrypt><![CDATA[", "]]>"),
        "MsgSignature": part("<MsgSignature><![CDATA[", "]]>"),
        "TimeStamp": 1_735_689_612,
        "Nonce": "1212121212",
    });
    assert_eq!(answered(account(), envelope.to_string()).await.text(), Some("hi"));
    assert_eq!(answered(account(), xml.clone()).await.text(), Some("hi"));
    check(&answered(account(), "{\"Content\":\"hi\"}").await, "JSON", "no envelope");
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_reply_is_shown() {
    let some = |text: &str| Some(text.to_owned());
    let id = |text: &str| text.to_owned();
    let rows = [
        (
            "<MsgType>image</MsgType><Image><MediaId>M</MediaId></Image>",
            Bubble::Image { media_id: id("M") },
        ),
        (
            "<MsgType>voice</MsgType><Voice><MediaId>M</MediaId></Voice>",
            Bubble::Voice { media_id: id("M") },
        ),
        (
            "<MsgType>video</MsgType><Video><MediaId>M</MediaId><Title>t</Title></Video>",
            Bubble::Video { media_id: id("M"), title: some("t"), description: None },
        ),
        (
            "<MsgType>music</MsgType><Music><MusicUrl>u</MusicUrl></Music>",
            Bubble::Music {
                title: None,
                description: None,
                url: some("u"),
                hq_url: None,
                thumb_media_id: None,
            },
        ),
        ("<MsgType>transfer_customer_service</MsgType>", Bubble::Transfer { kf_account: None }),
        (
            "<MsgType>transfer_customer_service</MsgType>\
             <TransInfo><KfAccount>a@b</KfAccount></TransInfo>",
            Bubble::Transfer { kf_account: some("a@b") },
        ),
    ];
    for (inside, bubble) in rows {
        let (wechat, _) = simple(&[Step::Reply(inside.to_owned())]);
        let exchange = wechat.follower("alice").does("hi").await.unwrap();
        assert_eq!(exchange.reply(), Some(&bubble), "{:?}", exchange.verdict);
    }
}

fn news(count: usize, items: usize) -> String {
    let item = "<item><Title>t</Title><Description></Description><PicUrl></PicUrl>\
                <Url>https://e.com</Url></item>";
    format!(
        "<MsgType>news</MsgType><ArticleCount>{count}</ArticleCount><Articles>{}</Articles>",
        item.repeat(items)
    )
}

#[tokio::test(start_paused = true)]
async fn surplus_articles_are_cut_off() {
    let rows = [
        (Act::text("hi"), 1, 1),
        (Act::text("hi"), 2, 1),
        (Act::click("K"), 8, 8),
        (Act::click("K"), 9, 8),
    ];
    for (act, sent, shown) in rows {
        let (wechat, _) = simple(&[Step::Reply(news(sent, sent))]);
        let exchange = wechat.follower("alice").does(act).await.unwrap();
        let card = Card {
            title: "t".into(),
            description: String::new(),
            pic_url: String::new(),
            url: "https://e.com".into(),
        };
        assert_eq!(exchange.reply(), Some(&Bubble::News(vec![card; shown])));
        let note = (sent > shown).then_some(Note::ArticlesCut { sent, shown });
        assert_eq!(exchange.notes, Vec::from_iter(note));
    }
    let (wechat, _) = simple(&[Step::Reply(news(2, 1))]);
    let exchange = wechat.follower("alice").does("hi").await.unwrap();
    assert_eq!(exchange.failure(), Some(&Cause::Missing("ArticleCount".into())));
}

#[tokio::test(start_paused = true)]
async fn a_long_text_can_be_cut_instead() {
    let options = Options { long_text: LongText::Cut, ..Options::default() };
    let step = Step::Reply(text(&"字".repeat(683)));
    let (wechat, _) = pair(Account::default(), options, &[step]);
    let exchange = wechat.follower("alice").does("hi").await.unwrap();
    assert_eq!(exchange.text(), Some(&*"字".repeat(682)));
    assert_eq!(exchange.notes, [Note::TextCut { bytes: 2049 }]);
}
