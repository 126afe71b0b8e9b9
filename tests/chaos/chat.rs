//! The process is killed while a model thinks, and so is the next one: each question is answered once, and
//! remembered once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::block_in_place;
use wxbot_model_sim::{FakeModel, Received, Script};
use wxbot_sim::{Act, Kind};
use wxbot_tests::program::Program;
use wxbot_tests::redis::{Server, free_port};

use crate::town::{PROMISES_SOON, Town, awake, bubbles, nothing_is_late, serve, until};

/// Followers who ask at the same time.
const FOLLOWERS: usize = 20;
const LABEL: &str = "\n\n（内容由 AI 生成）";

pub(crate) fn on_a_file() {
    awake(survive("file:store"));
}

pub(crate) fn on_redis() {
    awake(survive(&Server::start(&[]).url()));
}

async fn survive(store: &str) {
    let may_answer = Arc::new(AtomicBool::new(false));
    let model = thinking_until(&may_answer);
    let (served, port) = (model.serve().unwrap(), free_port());
    let town = Town::new(Kind::VerifiedService, port);
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&format!(
        "[server]\nlisten = '127.0.0.1:{port}'\nworkers = 2\n[console]\nlisten = '127.0.0.1:0'\n\
         [store]\nurl = '{store}'\n{PROMISES_SOON}{}[[chain]]\nplugin = 'chat'\ntimeout = '1h'\n\
         [chain.config]\nbase_url = '{}'\nmodel = 'm1'\nprompt = ''\nidle_timeout = '1h'\n",
        town.account("main", "wechat"),
        served.url()
    ));
    let mut serving = serve(&program);
    let followers: Vec<_> =
        (0..FOLLOWERS).map(|n| town.wechat.follower(&format!("follower {n}"))).collect();
    join_all(followers.iter().map(async |one| one.does(Act::text("一")).await.unwrap())).await;
    for process in 1..=2 {
        until("the model thinks about every question", || asked_by(&model) >= process * FOLLOWERS)
            .await;
        block_in_place(|| serving.kill());
        may_answer.store(process == 2, Ordering::Relaxed);
        serving = serve(&program);
    }
    nothing_is_late(&serving).await;
    for follower in &followers {
        let seen: Vec<_> = bubbles(follower).into_iter().map(|(_, text)| text).collect();
        assert_eq!(seen, [format!("re 一{LABEL}")], "{store}");
    }
    remembers_one_turn(&model, &followers[0]).await;
    block_in_place(|| serving.stop().exits(0));
}

/// A model that answers nothing before it may.
fn thinking_until(may_answer: &Arc<AtomicBool>) -> FakeModel {
    let may_answer = Arc::clone(may_answer);
    FakeModel::new(move |asked| {
        let thinks = if may_answer.load(Ordering::Relaxed) { 0 } else { 3600 };
        let answer = Script::text(format!("re {}", asked.question()));
        answer.over(Duration::from_secs(thinks))
    })
}

fn asked_by(model: &FakeModel) -> usize {
    model.received().len()
}

async fn remembers_one_turn(model: &FakeModel, follower: &wxbot_sim::Follower) {
    follower.does(Act::text("二")).await.unwrap();
    until("the next question is answered", || bubbles(follower).len() == 2).await;
    let last = model.received().pop().as_ref().map(Received::messages).unwrap_or_default();
    let expected = [("user", "一"), ("assistant", "re 一"), ("user", "二")];
    assert_eq!(last, expected.map(|(role, text)| (role.to_owned(), text.to_owned())));
}
