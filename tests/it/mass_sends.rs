//! What goes to many by the clock reaches each of them once, whoever stops, stalls or is configured
//! anew meanwhile.

use std::sync::Arc;
use std::time::Duration;

use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Reach, Store};
use wxbot_sim::{ApiFault, Fault, Follower, WeChat, When};
use wxbot_store::{Limits, Memory};
use wxbot_tests::instances::Instances;
use wxbot_tests::scripted::{BEGINS, SEND, Scripted, says, seconds, shown};

const MINUTE: u64 = 60;

/// Followers who wrote, in the order of their openids, and a store for the bots that serve them.
struct Town {
    wechat: WeChat,
    store: Arc<Memory>,
    followers: Vec<Follower>,
}

impl Town {
    async fn of(names: &[&str]) -> Self {
        let wechat = Scripted::default().wechat();
        let store = Arc::new(Memory::new(&Limits::default(), Clock::starting_at(BEGINS)));
        let mut followers: Vec<_> = names.iter().map(|name| wechat.follower(name)).collect();
        followers.sort_by_key(|follower| follower.openid().to_owned());
        let town = Self { wechat, store, followers };
        let first = town.bot("");
        for follower in &town.followers {
            says(follower, "hi").await;
        }
        first.kill_one();
        town
    }

    /// A bot with this in its `schedule`.
    fn bot(&self, entry: &str) -> Arc<Instances> {
        let config = format!("[[chain]]\nplugin = 'schedule'\n{entry}");
        let setup = Scripted { config, ..Scripted::default() };
        let store = Arc::clone(&self.store) as Arc<dyn Store>;
        let instances = Instances::none(setup, &self.wechat, store, Reach::Machine);
        instances.start_one();
        instances
    }

    /// One that sends `text` at 8:01.
    fn sending(&self, link: &str, followers: &[Follower], text: &str) -> Arc<Instances> {
        let to: Vec<_> = followers.iter().map(Follower::openid).collect();
        self.bot(&format!(
            "{link}\n[chain.config]\nentries = [{{ cron = '1 8 * * *', send = {{ to = {to:?}, text = '{text}' }} }}]\n"
        ))
    }

    fn slow(&self, seconds: u64) {
        let slow = ApiFault::Slow(Duration::from_secs(seconds));
        self.wechat.fault(Fault::api(SEND, When::Always, slow));
    }

    async fn until_sending(&self) {
        let now = self.wechat.clock().now();
        seconds(BEGINS + MINUTE - now).await;
    }

    /// How often each was told this.
    fn told(&self, text: &str) -> Vec<usize> {
        let told = |follower| shown(follower).iter().filter(|(_, words)| words == text).count();
        self.followers.iter().map(told).collect()
    }
}

fn metrics(instances: &Instances) -> String {
    instances.one_bot().render_metrics().expect("metrics are text")
}

#[tokio::test(start_paused = true)]
async fn a_graceful_stop_sends_nobody_twice() {
    let town = Town::of(&["alice", "bob", "carol"]).await;
    town.slow(4);
    let first = town.sending("", &town.followers, "news");
    town.until_sending().await;
    seconds(2).await;
    first.one_bot().begin_shutdown();
    first.one_bot().finish_shutdown().await;
    first.kill_one();
    seconds(MINUTE).await;
    let second = town.sending("", &town.followers, "news");
    seconds(10 * MINUTE).await;
    assert_eq!(town.told("news"), [1, 1, 1]);
    assert!(!metrics(&second).contains("outcome=\"retried\""));
}

/// Five of them would use up what a job may fail.
#[tokio::test(start_paused = true)]
async fn graceful_stops_are_no_attempts() {
    let names: Vec<_> = (0..8).map(|number| format!("follower{number}")).collect();
    let town = Town::of(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    town.slow(2);
    let mut bot = town.sending("", &town.followers, "news");
    town.until_sending().await;
    for _ in 0..6 {
        seconds(1).await;
        bot.one_bot().begin_shutdown();
        bot.one_bot().finish_shutdown().await;
        bot.kill_one();
        bot = town.sending("", &town.followers, "news");
    }
    seconds(10 * MINUTE).await;
    assert_eq!(town.told("news"), [1; 8]);
    assert!(!metrics(&bot).contains("outcome=\"given_up\""));
}

#[tokio::test(start_paused = true)]
async fn a_short_timeout_does_not_cut_off_what_is_being_sent() {
    let town = Town::of(&["alice"]).await;
    town.slow(6);
    let _bot = town.sending("timeout = '5s'", &town.followers, "news");
    seconds(60 * MINUTE).await;
    assert_eq!(town.told("news"), [1]);
}

#[tokio::test(start_paused = true)]
async fn a_text_of_several_messages_repeats_none_of_them() {
    let town = Town::of(&["alice"]).await;
    town.wechat.fault(Fault::api(SEND, When::Nth(2), ApiFault::Status(503)));
    let _bot = town.sending("", &town.followers, &"长".repeat(1000));
    seconds(60 * MINUTE).await;
    let parts = shown(&town.followers[0]);
    assert_eq!(parts.len(), 2, "the echo and the first part: {parts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_changes_meanwhile_leaves_out_nobody() {
    let town = Town::of(&["alice", "bob", "carol", "dave"]).await;
    town.slow(4);
    let first = town.sending("", &town.followers[..3], "news");
    town.until_sending().await;
    seconds(6).await;
    first.kill_one();
    let _second = town.sending("", &town.followers[2..], "news");
    seconds(60 * MINUTE).await;
    assert_eq!(town.told("news"), [1; 4], "the second one's was on its way");
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_of_the_store_is_no_lost_lease() {
    let town = Town::of(&["alice", "bob"]).await;
    town.slow(4);
    let bot = town.sending("", &town.followers, "news");
    town.until_sending().await;
    seconds(2).await;
    bot.trouble(true);
    seconds(15).await;
    bot.trouble(false);
    seconds(10).await;
    assert_eq!(town.told("news"), [1, 1], "as soon as it is over");
    seconds(60 * MINUTE).await;
    assert_eq!(town.told("news"), [1, 1]);
    assert!(!metrics(&bot).contains("outcome=\"retried\""));
}
