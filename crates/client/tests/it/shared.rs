//! Several processes and instances, one store.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, advance, sleep};
use wxbot_client::{Client, Settings, Timeouts, TokenKind};
use wxbot_sdk::api::{Api, ApiError};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Store, Swap, keys};

use crate::stores::{Quirk, Quirky};
use crate::wechat::{APP_ID, Odd, START, WeChat, memory, settings};

const MENU: &str = "/cgi-bin/menu/get";

async fn call(client: &Client) -> Result<(), ApiError> {
    client.get(MENU).await.map(drop)
}

fn last_token(wechat: &WeChat) -> String {
    wechat.calls().pop().unwrap().query("access_token").unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn four_processes_of_fifty_tasks_fetch_one_token() {
    let (wechat, store) = (WeChat::new(), memory());
    let clients: Vec<_> = (0..4).map(|_| wechat.client(Arc::clone(&store))).collect();
    let calls = clients.iter().flat_map(|client| (0..50).map(move |_| call(client)));
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(wechat.token_calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn four_processes_whose_token_is_due_renew_it_once() {
    let (wechat, store) = (WeChat::new(), memory());
    let clients: Vec<_> = (0..4).map(|_| wechat.client(Arc::clone(&store))).collect();
    assert!(join_all(clients.iter().map(call)).await.iter().all(Result::is_ok));
    advance(Duration::from_secs(7021)).await;
    assert!(join_all(clients.iter().map(call)).await.iter().all(Result::is_ok));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(wechat.token_calls().len(), 2);
    assert!(join_all(clients.iter().map(call)).await.iter().all(Result::is_ok));
    let last: Vec<_> = wechat.calls().into_iter().skip(8).collect();
    assert!(last.iter().all(|call| call.query("access_token") == Some("canary-token-2")));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_one_process_replaced_is_looked_up_by_the_others() {
    let (wechat, store) = (WeChat::new(), memory());
    let clients: Vec<_> = (0..4).map(|_| wechat.client(Arc::clone(&store))).collect();
    assert!(join_all(clients.iter().map(call)).await.iter().all(Result::is_ok));
    wechat.revoke_token();
    call(&clients[0]).await.unwrap();
    let after_the_first = wechat.token_calls().len();
    let others = clients.iter().flat_map(|client| (0..250).map(move |_| call(client)));
    assert!(join_all(others).await.iter().all(Result::is_ok));
    assert_eq!(wechat.token_calls().len(), after_the_first);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_starts_later_uses_what_is_there() {
    let (wechat, store) = (WeChat::new(), memory());
    call(&wechat.client(Arc::clone(&store))).await.unwrap();
    call(&wechat.client(store)).await.unwrap();
    assert_eq!(wechat.token_calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn accounts_do_not_share_a_token() {
    let (wechat, store) = (WeChat::new(), memory());
    call(&wechat.client(Arc::clone(&store))).await.unwrap();
    let other = Settings { app_id: Some("wxother".into()), ..settings(TokenKind::Stable) };
    call(&wechat.client_with(&other, store)).await.unwrap();
    let asked: Vec<_> =
        wechat.token_calls().iter().map(|call| call.body()["appid"].clone()).collect();
    assert_eq!(asked, [APP_ID, "wxother"]);
}

/// The lease of a process that was killed while it asked.
async fn a_dead_holder(store: &Arc<dyn Store>, time: Duration) {
    let lease = br#"{"version":1,"record":{"owner":"somebody"}}"#.to_vec();
    let swap = store.swap(&keys::token(APP_ID, "lease"), None, Some(lease), time).await.unwrap();
    assert_eq!(swap, Swap::Done);
}

#[tokio::test(start_paused = true)]
async fn a_lease_whose_holder_died_is_taken_over_when_it_ends() {
    let (wechat, store) = (WeChat::new(), memory());
    a_dead_holder(&store, Duration::from_secs(13)).await;
    let start = Instant::now();
    let client = wechat.client(store);
    let calls = join_all((0..50).map(|_| call(&client))).await;
    assert!(calls.iter().all(Result::is_ok));
    assert_eq!(wechat.token_calls().len(), 1);
    let waited = start.elapsed();
    assert!((13_000..13_500).contains(&waited.as_millis()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_there_is_used_whoever_has_the_lease() {
    let (wechat, store) = (WeChat::new(), memory());
    call(&wechat.client(Arc::clone(&store))).await.unwrap();
    a_dead_holder(&store, Duration::from_secs(13)).await;
    let start = Instant::now();
    call(&wechat.client(store)).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_came_just_before_the_lease_is_used() {
    let (wechat, store) = (WeChat::new(), memory());
    let quicker = wechat.client(Arc::clone(&store));
    let overtaken = Quirk::Overtaken(Mutex::new(Some(quicker)));
    call(&wechat.client(Quirky::around(store, overtaken))).await.unwrap();
    assert_eq!(wechat.token_calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever_for_a_lease_that_never_ends() {
    let (wechat, store) = (WeChat::new(), memory());
    a_dead_holder(&store, Duration::from_secs(86_400)).await;
    let start = Instant::now();
    let client = wechat.client(store);
    let calls = join_all((0..50).map(|_| call(&client))).await;
    assert!(calls.iter().all(|call| matches!(call, Err(ApiError::NoToken { .. }))));
    assert!(start.elapsed() < Duration::from_secs(16), "{:?}", start.elapsed());
    assert_eq!(wechat.token_calls().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_does_not_replace_a_newer_token() {
    let (wechat, store) = (WeChat::new(), memory());
    let timeouts = Timeouts { token: Duration::from_secs(100), ..Timeouts::default() };
    let slow = Settings { timeouts, ..settings(TokenKind::Plain) };
    let slow = wechat.client_with(&slow, Arc::clone(&store));
    wechat.next("/cgi-bin/token", Odd::After(Duration::from_secs(60)));
    let late = tokio::spawn({
        let slow = slow.clone();
        async move { call(&slow).await }
    });
    sleep(Duration::from_secs(1)).await;
    // As if the lease had ended while its holder slept.
    store.delete(&keys::token(APP_ID, "lease")).await.unwrap();
    let quick = wechat.client_with(&settings(TokenKind::Plain), Arc::clone(&store));
    call(&quick).await.unwrap();
    assert_eq!(last_token(&wechat), "canary-token-2");

    late.await.unwrap().unwrap();
    assert_eq!(last_token(&wechat), "canary-token-2", "not the one that came late");
    call(&wechat.client_with(&settings(TokenKind::Plain), store)).await.unwrap();
    assert_eq!(last_token(&wechat), "canary-token-2");
}

#[tokio::test(start_paused = true)]
async fn the_ration_of_force_is_one_for_all_instances() {
    let (wechat, store) = (WeChat::new(), memory());
    wechat.always(MENU, r#"{"errcode":40001,"errmsg":"for another reason"}"#);
    for _ in 0..300 {
        // Each an instance that has just been started, and knows nothing itself.
        let clients: Vec<_> = (0..3).map(|_| wechat.client(Arc::clone(&store))).collect();
        join_all(clients.iter().map(call)).await;
        advance(Duration::from_secs(20)).await;
    }
    let calls = wechat.token_calls();
    let forced: Vec<_> = calls.iter().filter(|call| call.body()["force_refresh"] == true).collect();
    assert_eq!(forced.len(), 20);
    assert!(forced.windows(2).all(|pair| pair[1].at - pair[0].at >= Duration::from_secs(31)));
}

#[tokio::test(start_paused = true)]
async fn clocks_that_disagree_by_a_day_cost_no_call() {
    for (there, here) in [(START, START + 86_400), (START + 86_400, START)] {
        let (wechat, store) = (WeChat::new(), memory());
        let client = |clock| {
            let transport = Arc::new(wechat.clone());
            let settings = settings(TokenKind::Stable);
            Client::new(&settings, Arc::clone(&store), Clock::starting_at(clock), transport)
        };
        let (there, here) = (client(there), client(here));
        for _ in 0..100 {
            call(&there).await.unwrap();
            call(&here).await.unwrap();
            advance(Duration::from_secs(300)).await;
        }
        assert_eq!(wechat.token_calls().len(), 5, "30,000 s are five tokens");
    }
}
