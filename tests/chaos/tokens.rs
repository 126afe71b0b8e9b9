//! Four processes with late answers to send find that their token is spent: one of them has it
//! renewed, for all.

use std::sync::Arc;

use futures_util::future::join_all;
use wxbot_sim::{Act, HttpEndpoint, Kind, Verdict};
use wxbot_tests::redis::{Server, free_port};

use crate::balancer::balance;
use crate::town::{PROMISES_SOON, Town, awake, bot, bubbles, nothing_is_late, serve, until};

const PROCESSES: usize = 4;
const MESSAGES: usize = 24;

pub(crate) fn one_refresh() {
    awake(renewed_once());
}

async fn renewed_once() {
    let redis = Server::start(&[]);
    let ports: Vec<_> = (0..PROCESSES).map(|_| free_port()).collect();
    let town = Town::new(Kind::VerifiedService, ports[0]);
    let config = format!("{PROMISES_SOON}{}", town.account("main", "wechat"));
    let programs: Vec<_> =
        ports.iter().map(|port| bot(*port, &redis.url(), &config, "runs")).collect();
    let serving: Vec<_> = programs.iter().map(serve).collect();
    let url = format!("http://127.0.0.1:{}/wechat", balance(ports).await);
    town.wechat.connect(Arc::new(HttpEndpoint::new(url).unwrap()));
    for (round, renewals) in [(1, 1), (2, 2)] {
        everybody_is_answered(&town, round).await;
        nothing_is_late(&serving[0]).await;
        let asked =
            town.wechat.calls().iter().filter(|call| call.path.ends_with("/stable_token")).count();
        assert_eq!((asked, town.wechat.tokens_issued()), (renewals, renewals as u64));
        town.wechat.spend_tokens();
    }
}

async fn everybody_is_answered(town: &Town, round: usize) {
    let followers: Vec<_> =
        (0..MESSAGES).map(|n| town.wechat.follower(&format!("follower {n} of {round}"))).collect();
    let acts = followers.iter().map(|follower| follower.does(Act::text("after 1 done")));
    for exchange in join_all(acts).await {
        let exchange = exchange.unwrap();
        assert!(matches!(exchange.verdict, Verdict::Silence), "{exchange:#?}");
    }
    let have_one = || followers.iter().all(|follower| bubbles(follower).len() == 1);
    until("everybody has the answer", have_one).await;
}
