//! Conversations that are summed up.

use std::time::Duration;

use super::*;

const OVER: &str = "prompt = 'P'\nhistory = { turns = 2, over = 'summarize' }\nretries = 0\n";

fn is_summary(asked: &Received) -> bool {
    asked.question().starts_with("<conversation>")
}

/// Answers, and sums up in a minute.
fn answer(asked: &Received) -> Script {
    match is_summary(asked) {
        true => Script::text("概".repeat(2000)).over(Duration::from_secs(60)),
        false => Script::text(format!("re {}", asked.question())),
    }
}

/// What the model was told with the last question, besides the prompt.
fn told(model: &FakeModel) -> Vec<(String, String)> {
    let received = model.received();
    let asked = received.iter().rfind(|asked| !is_summary(asked)).unwrap();
    let mut messages = asked.messages();
    assert_eq!(messages.remove(0), ("system".into(), "P".into()), "followers' words are elsewhere");
    messages
}

async fn say(bot: &TestBot, all: &[&str]) {
    for said in all {
        bot.follower("alice").says(said).await.sees(&labelled(&format!("re {said}")));
    }
}

#[tokio::test]
async fn the_oldest_turns_are_summed_up_while_nobody_waits() {
    let (bot, model) = bot(OVER, answer).await;
    say(&bot, &["一", "二", "三", "四"]).await;
    bot.advance(Duration::from_secs(90)).await;
    let received = model.received();
    let summaries: Vec<_> = received.iter().filter(|asked| is_summary(asked)).collect();
    assert_eq!(summaries.len(), 1, "one at a time");
    let asked = "<conversation>\n用户：一\n助手：re 一\n用户：二\n助手：re 二\n</conversation>";
    assert_eq!(summaries[0].question(), asked);
    assert!(!summaries[0].system().contains('一'), "{}", summaries[0].system());
    say(&bot, &["五"]).await;
    let summary = format!("（这是我们之前对话的概括）\n{}", "概".repeat(1000));
    let expected = ["三", "re 三", "四", "re 四", "五"].map(str::to_owned);
    let expected: Vec<_> = [summary, "好的。".into()].into_iter().chain(expected).collect();
    let told: Vec<_> = told(&model).into_iter().map(|(_, text)| text).collect();
    assert_eq!(told, expected);
    bot.advance(Duration::from_secs(90)).await;
    let again = model.received().pop().unwrap().question();
    assert!(again.starts_with("<conversation>\n概") && again.contains("用户：四"), "{again}");
}

#[tokio::test]
async fn where_that_fails_they_are_dropped() {
    they_are_dropped_after(|| Script::status(500)).await;
}

/// Half a summary would replace turns that it says nothing of.
#[tokio::test]
async fn a_summary_that_breaks_off_or_is_cut_is_none() {
    they_are_dropped_after(|| Script::text("概括到一").cut()).await;
    they_are_dropped_after(|| Script::text("概括到一").stall()).await;
    they_are_dropped_after(|| Script::text("概括到一").finish("length")).await;
}

async fn they_are_dropped_after(summary: impl Fn() -> Script + Send + Sync + 'static) {
    let answer = move |asked: &Received| match is_summary(asked) {
        true => summary(),
        false => Script::text(format!("re {}", asked.question())),
    };
    let (bot, model) = bot(OVER, answer).await;
    say(&bot, &["一", "二", "三"]).await;
    bot.advance(Duration::from_secs(90)).await;
    say(&bot, &["四"]).await;
    let told: Vec<_> = told(&model).into_iter().map(|(_, text)| text).collect();
    assert_eq!(told, ["二", "re 二", "三", "re 三", "四"]);
}

#[tokio::test]
async fn a_conversation_that_ended_meanwhile_stays_ended() {
    let (bot, model) = bot(OVER, answer).await;
    say(&bot, &["一", "二", "三"]).await;
    bot.follower("alice").says("/reset").await;
    bot.advance(Duration::from_secs(90)).await;
    say(&bot, &["四"]).await;
    assert_eq!(told(&model), [("user".to_owned(), "四".to_owned())]);
}
