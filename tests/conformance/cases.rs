//! What a follower sees, however the handler is asked.

use std::pin::Pin;
use std::time::{Duration, Instant};

use wxbot_testkit::sim::Bubble;

use crate::subject::{LONG, SOON, Subject};

pub(crate) type Case = fn(Subject) -> Pin<Box<dyn Future<Output = ()>>>;

/// A case, as something that a list can hold.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        [$((stringify!($name), (|subject| Box::pin($name(subject))) as Case)),*]
    };
}

pub(crate) fn all() -> [(&'static str, Case); 11] {
    cases![
        passes,
        replies,
        replies_several,
        stops,
        remembers,
        answers_later,
        hangs,
        crashes,
        writes_garbage,
        writes_too_much,
        hears_events,
    ]
}

/// What a handler that is no plugin does besides.
pub(crate) fn of_programs() -> [(&'static str, Case); 2] {
    cases![answers_by_callback, answers_by_callback_in_time]
}

async fn passes(subject: Subject) {
    let stage = subject.start(LONG).await;
    stage.bot.follower("alice").says("hi").await.sees("echo: hi").by("echo");
}

async fn replies(subject: Subject) {
    let stage = subject.start(LONG).await;
    let alice = stage.bot.follower("alice");
    alice.says("text").await.sees("你好").by("it");
    alice.says("object").await.sees("你好").by("it");
    alice.says("image").await.sees_image("M1").by("it");
    alice.says("voice").await.sees_voice("M1").by("it");
    alice.says("video").await.sees_video("M1").by("it");
    alice.says("news").await.sees_news(&["t"]).by("it");
    alice.says("transfer").await.sees_bubble(&Bubble::Transfer { kf_account: None });
    let music = alice.says("music").await.by("it");
    assert!(matches!(music.exchange().reply(), Some(Bubble::Music { .. })), "{music:?}");
}

async fn replies_several(subject: Subject) {
    let stage = subject.start(LONG).await;
    let alice = stage.bot.follower("alice");
    alice.says("several").await.sees_contains("one").by("it");
    alice.says("1").await.sees_image("M1");
}

async fn stops(subject: Subject) {
    let stage = subject.start(LONG).await;
    stage.bot.follower("alice").says("stop").await.sees_nothing().by_nobody();
}

async fn remembers(subject: Subject) {
    let stage = subject.start(LONG).await;
    let (alice, bob) = (stage.bot.follower("alice"), stage.bot.follower("bob"));
    alice.says("count").await.sees("1");
    alice.says("hi").await.sees("echo: hi");
    alice.says("count").await.sees("2");
    bob.says("count").await.sees("1");
    alice.says("forget").await.sees("forgotten");
    alice.says("count").await.sees("1");
}

async fn answers_later(subject: Subject) {
    let stage = subject.start(LONG).await;
    let alice = stage.bot.follower("alice");
    let heard = alice.says("later").await.sees_contains("one moment");
    stage.go_on();
    until("it is there", async || heard.trace().contains("it: reply")).await;
    alice.says("1").await.sees_contains("at last");
}

/// The follower is told at once, and the answer follows.
async fn answers_by_callback(subject: Subject) {
    let stage = subject.start(LONG).await;
    let alice = stage.bot.follower("alice");
    let heard = alice.says("callback").await.sees_contains("one moment");
    stage.go_on();
    until("it is there", async || heard.trace().contains("it: reply")).await;
    alice.says("1").await.sees_contains("at last");
    alice.says("text").await.sees("你好").by("it");
}

/// Where nothing is said meanwhile, WeChat still waits for the answer.
async fn answers_by_callback_in_time(subject: Subject) {
    let stage = subject.start(LONG).await;
    stage.go_on();
    stage.bot.follower("alice").says("quick callback").await.sees("at last").by("it");
}

async fn hangs(subject: Subject) {
    let stage = subject.start(SOON).await;
    let alice = stage.bot.follower("alice");
    alice.says("hang").await.sees("echo: hang").by("echo");
    until("it answers again", async || alice.says("text").await.text() == Some("你好")).await;
}

async fn crashes(subject: Subject) {
    let stage = subject.start(LONG).await;
    let alice = stage.bot.follower("alice");
    alice.says("crash").await.sees("echo: crash").by("echo");
    until("it answers again", async || alice.says("text").await.text() == Some("你好")).await;
}

async fn writes_garbage(subject: Subject) {
    let stage = subject.start(LONG).await;
    let alice = stage.bot.follower("alice");
    alice.says("garbage").await.sees("echo: garbage").by("echo");
    alice.says("text").await.sees("你好").by("it");
}

async fn writes_too_much(subject: Subject) {
    let stage = subject.start(LONG).await;
    let alice = stage.bot.follower("alice");
    alice.says("too large").await.sees("echo: too large").by("echo");
    alice.says("text").await.sees("你好").by("it");
}

async fn hears_events(subject: Subject) {
    let stage = subject.start(LONG).await;
    let heard = stage.bot.follower("alice").clicks("HELP").await.sees_nothing();
    assert!(heard.trace().contains("it: pass"), "{}", heard.trace());
}

/// Waits until something is so, with a bound that only a fault reaches.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(30), "not so: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
