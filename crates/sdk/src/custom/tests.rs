//! The wire format, held against the protocol page.

use serde_json::{Value, json};

use super::*;

#[track_caller]
fn check(message: impl Into<CustomMessage>, expected: &str) {
    let expected: Value = serde_json::from_str(expected).expect("the page's line is JSON");
    assert_eq!(message.into().body("oTEST_…"), expected);
}

fn video() -> Video {
    Video::new("M3").title("t").description("d")
}

fn music() -> Music {
    let music = Music::new("https://e.com/a.mp3").hq_music_url("https://e.com/b.mp3");
    music.title("t").description("d").thumb_media_id("M4")
}

fn article() -> Article {
    Article::new("t").description("d").url("https://e.com").pic_url("https://e.com/p.png")
}

fn choice(id: &str, content: &str) -> Choice {
    Choice { id: id.into(), content: content.into() }
}

#[test]
fn every_kind_is_written_as_on_the_protocol_page() {
    use CustomContent::*;
    check(
        Text("你好".into()),
        r#"{"touser":"oTEST_…","msgtype":"text","text":{"content":"你好"}}"#,
    );
    check(
        Image { media_id: "M1".into() },
        r#"{"touser":"oTEST_…","msgtype":"image","image":{"media_id":"M1"}}"#,
    );
    check(
        Voice { media_id: "M2".into() },
        r#"{"touser":"oTEST_…","msgtype":"voice","voice":{"media_id":"M2"}}"#,
    );
    check(
        Video { video: video(), thumb_media_id: Some("M4".into()) },
        r#"{"touser":"oTEST_…","msgtype":"video","video":{"media_id":"M3","thumb_media_id":"M4","title":"t","description":"d"}}"#,
    );
    check(
        Music(music()),
        r#"{"touser":"oTEST_…","msgtype":"music","music":{"title":"t","description":"d","musicurl":"https://e.com/a.mp3","hqmusicurl":"https://e.com/b.mp3","thumb_media_id":"M4"}}"#,
    );
    check(
        News(article()),
        r#"{"touser":"oTEST_…","msgtype":"news","news":{"articles":[{"title":"t","description":"d","url":"https://e.com","picurl":"https://e.com/p.png"}]}}"#,
    );
    check(
        MpNews { media_id: "M5".into() },
        r#"{"touser":"oTEST_…","msgtype":"mpnews","mpnews":{"media_id":"M5"}}"#,
    );
    check(
        MpNewsArticle { article_id: "A1".into() },
        r#"{"touser":"oTEST_…","msgtype":"mpnewsarticle","mpnewsarticle":{"article_id":"A1"}}"#,
    );
    let choices = vec![choice("101", "满意"), choice("102", "不满意")];
    check(
        Menu(ChoiceMenu { head: "满意吗？".into(), choices, tail: "谢谢".into() }),
        r#"{"touser":"oTEST_…","msgtype":"msgmenu","msgmenu":{"head_content":"满意吗？","list":[{"id":"101","content":"满意"},{"id":"102","content":"不满意"}],"tail_content":"谢谢"}}"#,
    );
    check(
        Card { card_id: "pCARD…".into() },
        r#"{"touser":"oTEST_…","msgtype":"wxcard","wxcard":{"card_id":"pCARD…"}}"#,
    );
    let page = MiniProgramPage {
        title: "t".into(),
        app_id: "wx…".into(),
        page_path: "pages/index/index".into(),
        thumb_media_id: "M4".into(),
    };
    check(
        MiniProgram(page),
        r#"{"touser":"oTEST_…","msgtype":"miniprogrampage","miniprogrampage":{"title":"t","appid":"wx…","pagepath":"pages/index/index","thumb_media_id":"M4"}}"#,
    );
    check(
        CustomMessage::text("hi").from_kf("alice@demo_acct"),
        r#"{"touser":"oTEST_…","msgtype":"text","text":{"content":"hi"},"customservice":{"kf_account":"alice@demo_acct"}}"#,
    );
}

#[test]
fn what_is_not_there_is_left_out() {
    let video = CustomMessage::from_reply(&Reply::video("M3"));
    check(
        video.expect("it can be sent"),
        r#"{"touser":"oTEST_…","msgtype":"video","video":{"media_id":"M3"}}"#,
    );
    let music = CustomMessage::from_reply(&Reply::music("https://e.com/a"));
    check(
        music.expect("it can be sent"),
        r#"{"touser":"oTEST_…","msgtype":"music","music":{"musicurl":"https://e.com/a","hqmusicurl":"https://e.com/a"}}"#,
    );
}

#[test]
fn every_reply_can_be_sent_late_but_a_hand_over() {
    let replies = [
        Reply::text("hi"),
        Reply::image("M1"),
        Reply::voice("M2"),
        video().into(),
        music().into(),
        article().into(),
        Reply::menu(ChoiceMenu::new("满意吗？").choice("101", "满意"), "满意吗？"),
        Reply::article("A1", "https://e.com"),
    ];
    for reply in replies {
        let message = CustomMessage::from_reply(&reply).expect("it can be sent");
        assert_eq!(message.content.kind(), reply.kind());
    }
    assert_eq!(CustomMessage::from_reply(&Reply::transfer()), None);
}

#[test]
fn several_cards_become_a_text_with_their_links() {
    let news = Reply::news([article().url("https://e.com/?q=\"x"), Article::new("no link")]);
    let message = CustomMessage::from_reply(&news).expect("it can be sent");
    let text = "<a href=\"https://e.com/?q=%22x\">t</a>\nno link";
    assert_eq!(message, CustomMessage::text(text));
}

#[test]
fn typing_is_a_call_of_its_own() {
    let call = typing("o1");
    assert_eq!(call.path, "/cgi-bin/message/custom/typing");
    assert_eq!(call.body, Some(json!({"touser": "o1", "command": "Typing"})));
    assert_eq!(cancel_typing("o1").body, Some(json!({"touser": "o1", "command": "CancelTyping"})));
}
