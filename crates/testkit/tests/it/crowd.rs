//! Ten thousand followers at once.

use futures_util::future::join_all;
use wxbot_plugin_echo::Echo;
use wxbot_testkit::TestBot;

const FOLLOWERS: usize = 10_000;
const MESSAGES: usize = 10;

/// Takes seconds in a debug build.
#[tokio::test]
async fn ten_thousand_followers_are_each_answered_ten_times() {
    let bot = TestBot::with::<Echo>("").await.unwrap();
    let talks = (0..FOLLOWERS).map(|n| {
        let follower = bot.follower(&format!("f{n}"));
        async move {
            for number in 0..MESSAGES {
                let text = format!("{number} of {n}");
                follower.says(&text).await.sees(&text);
            }
        }
    });
    join_all(talks).await;
    let replies = bot.metric("wxbot_requests_total{account=\"main\",outcome=\"reply\"}");
    assert!((replies - (FOLLOWERS * MESSAGES) as f64).abs() < 0.5, "{replies}");
}
