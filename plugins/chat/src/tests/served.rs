//! The plugin as it is, over HTTP: the real client, and a model on loopback.

use super::*;

async fn seen(config: &str, model: &FakeModel) -> Option<String> {
    let served = model.serve().unwrap();
    let config = format!(
        "[[chain]]\nplugin = 'chat'\n[chain.config]\nbase_url = '{}'\nmodel = 'm1'\nretries = 0\n\
         key = '{KEY}'\nerrors = 'show'\n{config}",
        served.url()
    );
    let bot = TestBot::setup(&config).over_http().start().await.unwrap();
    let heard = bot.follower("alice").says("hi").await;
    heard.text().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_over_http() {
    let model = FakeModel::new(|_| Script::text("你好，世界").reasoning("hm"));
    assert_eq!(seen("", &model).await, Some(labelled("你好，世界")));
    assert_eq!(seen("stream = false", &model).await, Some(labelled("你好，世界")));
    let asked = model.received().remove(0);
    assert_eq!((&*asked.path, asked.question()), ("/v1/chat/completions", "hi".into()));
    assert_eq!(asked.header("authorization"), format!("Bearer {KEY}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_told() {
    let model = FakeModel::new(|_| Script::text("说到一半").cut());
    let expected = labelled("说到一半……（回答中断了，请再问一次）");
    assert_eq!(seen("", &model).await, Some(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let model = FakeModel::new(|_| Script::status(307).header("Location", "http://127.0.0.1:1/v1"));
    let seen = seen("", &model).await.expect("an error is shown");
    assert!(seen.ends_with("(the API refused (307, Temporary_Redirect))"), "{seen}");
    assert_eq!(model.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listening_is_an_error_without_a_url() {
    let config = "[[chain]]\nplugin = 'chat'\n[chain.config]\nretries = 0\nmodel = 'm1'\n\
                  base_url = 'http://127.0.0.1:1/secret'\nerrors = 'show'";
    let bot = TestBot::setup(config).over_http().start().await.unwrap();
    let heard = bot.follower("alice").says("hi").await.sees_contains("no connection");
    assert!(!heard.text().unwrap_or_default().contains("secret"), "{heard:?}");
}
