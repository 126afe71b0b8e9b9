//! Pictures that followers send.

use wxbot_testkit::sim::{ApiFault, Fault, When};

use super::*;

/// What a phone's picture is to the simulated WeChat.
const DATA: &str = "data:image/jpeg;base64,ZnJvbSB0aGUgcGhvbmU=";

#[tokio::test]
async fn a_picture_is_shown_to_the_model() {
    let (bot, model) = bot("vision = true", |asked| Script::text(asked.question())).await;
    let alice = bot.follower("alice");
    alice.sends_image("M1").await.sees(&labelled("请看看这张图片。"));
    assert_eq!(model.received()[0].pictures(), [DATA]);
    alice.says("什么颜色？").await.sees(&labelled("什么颜色？"));
    assert_eq!(model.received()[1].pictures(), [DATA], "the question is about it");
    alice.sends_image("M2").await.sees(&labelled("请看看这张图片。"));
    assert_eq!(model.received()[2].pictures().len(), 1, "one at a time");
}

#[tokio::test]
async fn one_that_cannot_be_fetched_is_shown_by_its_link() {
    let (bot, model) = bot("vision = true", |_| Script::text("好")).await;
    bot.fault(Fault::api("/cgi-bin/media/get", When::Always, ApiFault::Errcode(40007)));
    bot.follower("alice").sends_image("M1").await.sees(&labelled("好"));
    assert_eq!(model.received()[0].pictures(), ["http://mmbiz.qpic.cn/mmbiz_jpg/M1/0"]);
}

#[tokio::test]
async fn a_picture_that_moderation_refuses_does_not_spoil_what_follows() {
    let answering = |asked: &Received| match asked.pictures().is_empty() || asked.number == 0 {
        true => Script::text("好"),
        false => Script::status(400).error("data_inspection_failed", "…"),
    };
    let (bot, model) = bot("vision = true", answering).await;
    let alice = bot.follower("alice");
    alice.sends_image("M1").await.sees(&labelled("好"));
    alice.says("什么颜色？").await.sees(&labelled("好"));
    assert_eq!(model.received().len(), 3, "once more, as text");
}
