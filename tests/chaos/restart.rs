//! An operator restarts a bot that has deliveries open and owes answers.

use std::time::Duration;

use tokio::task::block_in_place;
use tokio::time::sleep;
use wxbot_sim::{Act, ApiFault, Fault, Kind, Verdict, When};
use wxbot_tests::redis::free_port;

use crate::town::{Town, awake, bot, bubbles, nothing_is_late, serve};

pub(crate) fn loses_nothing() {
    awake(restarted());
}

async fn restarted() {
    let port = free_port();
    let town = Town::new(Kind::VerifiedService, port);
    let late = "[late]\nwindow = '2s'\ndeliveries = 1\ncustomer_service = true\n";
    let config = format!("{late}{}", town.account("main", "wechat"));
    let program = bot(port, "file:store", &config, "runs");
    let serving = serve(&program);
    // Of the three one is open when the signal comes, one is promised, and one could not be sent.
    let busy = Fault::api("*/custom/send", When::First(1), ApiFault::Errcode(-1));
    town.wechat.fault(busy);
    let [open, promised, unsent] =
        ["open", "promised", "unsent"].map(|name| town.wechat.follower(name));
    let (told, late) = tokio::join!(
        unsent.does(Act::text("after 2.3 unsent")),
        promised.does(Act::text("after 9 promised"))
    );
    for exchange in [told, late] {
        let exchange = exchange.unwrap();
        assert!(matches!(exchange.verdict, Verdict::Silence), "{exchange:#?}");
    }
    let opened = tokio::spawn({
        let open = open.clone();
        async move { open.does(Act::text("after 1 open")).await.unwrap() }
    });
    sleep(Duration::from_millis(500)).await;
    let ran = block_in_place(|| serving.stop());
    ran.exits(0);
    let exchange = opened.await.unwrap();
    assert_eq!((exchange.text(), exchange.deliveries.len()), (Some("open"), 1), "{exchange:#?}");
    assert!(bubbles(&promised).is_empty(), "it is still owed");
    let serving = serve(&program);
    nothing_is_late(&serving).await;
    for (follower, words) in [(&open, "open"), (&promised, "promised"), (&unsent, "unsent")] {
        let bubbles: Vec<_> = bubbles(follower).into_iter().map(|(_, text)| text).collect();
        assert_eq!(bubbles, [words]);
    }
}
