//! A bot moves from a file to a Redis while it owes answers.

use tokio::task::block_in_place;
use wxbot_sim::{Act, Kind, Verdict};
use wxbot_tests::redis::{Server, free_port};

use crate::town::{PROMISES_SOON, Town, awake, bot, bubbles, nothing_is_late, serve};

pub(crate) fn to_redis() {
    awake(moved());
}

async fn moved() {
    let (redis, port) = (Server::start(&[]), free_port());
    let town = Town::new(Kind::VerifiedService, port);
    let config = format!("{PROMISES_SOON}{}", town.account("main", "wechat"));
    let on_a_file = bot(port, "file:store", &config, "runs");
    let serving = serve(&on_a_file);
    let alice = town.wechat.follower("alice");
    let exchange = alice.does(Act::text("after 6 done")).await.unwrap();
    assert!(matches!(exchange.verdict, Verdict::Silence), "{exchange:#?}");
    block_in_place(|| serving.stop()).exits(0);
    let export = block_in_place(|| on_a_file.run(&["store", "export"])).exits(0);
    let on_redis = bot(port, &redis.url(), &config, "runs");
    let import = || on_redis.run_with_input(&["store", "import"], &export.stdout);
    block_in_place(import).exits(0).says(&["imported "]);
    let serving = serve(&on_redis);
    nothing_is_late(&serving).await;
    assert_eq!(bubbles(&alice).len(), 1, "{:?}", alice.phone());
}
