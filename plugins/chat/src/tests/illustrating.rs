//! Pictures in answers.

use std::time::Duration;

use wxbot_testkit::sim::{ApiFault, Bubble, Fault, When};

use super::*;

const ANSWER: &str = "看：\n\n![猫](https://img.test.com/a.gif)\n\n完";
const AS_LINK: &str = "看：\n\n猫 https://img.test.com/a.gif\n\n完";

/// The model says the answer, and the web has this under every URL.
fn web(answer: &str, picture: Script) -> impl Fn(&Received) -> Script + use<> {
    let answer = answer.to_owned();
    move |asked| match asked.path.starts_with("/v1/") {
        true => Script::text(&answer),
        false => picture.clone(),
    }
}

fn gif() -> Script {
    Script::raw("GIF89a…").header("Content-Type", "text/html")
}

fn is_picture(bubble: &Bubble) -> bool {
    matches!(bubble, Bubble::Image { .. })
}

/// What the follower sees, the picture by its next message.
async fn check(
    config: &str,
    answering: impl Fn(&Received) -> Script + Send + Sync + 'static,
    text: &str,
    pictures: usize,
) {
    let (bot, _) = bot(&format!("send_pictures = true\n{config}"), answering).await;
    let alice = bot.follower("alice");
    let heard = alice.says("猫").await;
    bot.advance(Duration::from_secs(30)).await;
    alice.says("1").await;
    let phone = alice.phone();
    let mut bubbles = phone.iter().filter_map(|shown| shown.bubble());
    let first = bubbles.next().and_then(|bubble| bubble.as_text().map(str::to_owned));
    let first = first.unwrap_or_default();
    let first = first.strip_suffix("\n（发送「1」继续看）").unwrap_or(&first);
    assert_eq!(first, text, "{heard:?}");
    assert_eq!(bubbles.filter(|bubble| is_picture(bubble)).count(), pictures, "{phone:?}");
}

#[tokio::test]
async fn a_picture_is_sent_as_one() {
    check("", web(ANSWER, gif()), &labelled("看：\n\n猫\n\n完"), 1).await;
    let alone = web("![](https://img.test.com/a.gif)", gif());
    check("", alone, "（内容由 AI 生成）", 1).await;
}

#[tokio::test]
async fn what_is_no_picture_stays_a_link() {
    let table = [
        (Script::status(404), "nothing there"),
        (Script::raw("<html>GIF89a"), "no picture"),
        (Script::raw(format!("GIF89a{}", "x".repeat(3 << 20))), "too large"),
        (Script::raw("GIF89a").stall(), "it never ends"),
        (Script::raw("GIF89a").cut(), "it breaks"),
        (Script::unreachable(), "nobody there"),
        (Script::status(302).header("Location", "https://img.test.com/b.gif"), "a redirect"),
    ];
    for (picture, why) in table {
        println!("{why}");
        check("", web(ANSWER, picture), &labelled(AS_LINK), 0).await;
    }
}

#[tokio::test]
async fn private_addresses_are_not_asked() {
    for url in ["http://img.test.com/a.gif", "https://127.0.0.1/a.gif", "https://localhost/a.gif"] {
        let (alice, model) =
            alice("send_pictures = true", web(&format!("![猫]({url})"), gif())).await;
        alice.says("猫").await.sees(&labelled(&format!("猫 {url}")));
        assert_eq!(model.received().len(), 1, "{url}");
    }
}

#[tokio::test]
async fn where_wechat_takes_none_it_stays_a_link() {
    let (bot, _) = bot("send_pictures = true", web(ANSWER, gif())).await;
    bot.fault(Fault::api("/cgi-bin/media/upload", When::Always, ApiFault::Errcode(45009)));
    bot.follower("alice").says("猫").await.sees(&labelled(AS_LINK));
}

#[tokio::test]
async fn unless_it_is_wanted_nothing_is_fetched() {
    let (alice, model) = alice("", web(ANSWER, gif())).await;
    alice.says("猫").await.sees(&labelled(AS_LINK));
    assert_eq!(model.received().len(), 1);
}
