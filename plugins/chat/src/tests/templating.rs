//! What is said as templates, and what the model is told.

use wxbot_testkit::sim::Act;

use super::*;

#[tokio::test]
async fn what_is_said_may_be_a_template_and_what_is_asked_never_is() {
    let config = "limits = { per_minute = 3 }\nmax_bytes = 20
        texts = { label = '「{{ message.text | truncate(9) }}」的回答由 AI 生成', reset = '{{ message.text }}：好',
        cut = '…（{{ account.id }}）', too_fast = '{{ time.hour }} 点再问', unheard = '{{ message.kind }}？' }";
    let (alice, _) = alice(config, |asked| Script::text(asked.question())).await;
    alice.says("{{ 7*7 }}").await.sees("{{ 7*7 }}\n\n「{{ 7*7 }}」的回答由 AI 生成");
    alice.says("/reset").await.sees("/reset：好");
    let voice = Act::Voice { media_id: "V1".into(), format: "amr".into(), recognition: None };
    alice.does(voice).await.sees("voice？");
    let long = "一二三四五六七八九十";
    alice.says(long).await.sees_contains("一二…（main）\n\n「一二三四五六七八九…」");
    alice.says("再来").await;
    alice.says("还要").await.sees("8 点再问");
}

#[tokio::test]
async fn a_failure_is_told_by_a_template() {
    let config = "retries = 0\nerrors = 'show'
        texts = { sorry = '{{ message.text }}？不知道', refused = '不谈{{ message.text }}' }";
    let answering = |asked: &Received| match &*asked.question() {
        "甲" => Script::status(401),
        _ => Script::status(400).error("data_inspection_failed", "no"),
    };
    let (alice, _) = alice(config, answering).await;
    alice.says("甲").await.sees_contains("甲？不知道\n(the API refused (401");
    alice.says("乙").await.sees("不谈乙");
}

/// By law it is there.
#[tokio::test]
async fn a_label_that_fails_is_the_default_one() {
    let config = "texts = { label = '{{ message.text * 1000000000 }}' }";
    let (alice, _) = alice(config, |_| Script::text("好")).await;
    alice.says("hi").await.sees(&labelled("好"));
}

#[tokio::test]
async fn what_the_model_is_told_knows_nothing_that_a_follower_wrote() {
    for text in ["look", "summarize", "summary", "reference"] {
        for wrong in ["{{ message.text }}", "{% if message.kind %}a{% endif %}"] {
            let config = format!("texts = {{ {text} = '{wrong}' }}");
            let config = format!("base_url = 'http://a.test/v1'\nmodel = 'm'\n{config}");
            let error = TestBot::with::<Chat>(&config).await.unwrap_err().to_string();
            assert!(error.contains("there is no variable message here"), "{text}: {error}");
        }
    }
    let config = "vision = true\ntexts = { look = '{{ time.date }} 的图' }";
    let (alice, model) = alice(config, |_| Script::text("好")).await;
    alice.sends_image("M1").await.sees(&labelled("好"));
    assert_eq!(model.received()[0].question(), "2025-01-01 的图");
}
