//! A language model behind the program, asked over HTTP.

use wxbot_model_sim::{FakeModel, Script};

use super::wxbot;

#[test]
fn a_model_answers_whoever_speaks_to_the_program() {
    let model = FakeModel::new(|asked| match asked.number {
        0 => Script::text(format!("**{}**？[这里](https://example.com/)", asked.question())),
        _ => Script::status(401).error("invalid_api_key", "Incorrect API key: sk-canary"),
    });
    let served = model.serve().unwrap();
    let config = format!(
        "[[account]]\ntoken = 'token123'\n[[chain]]\nplugin = 'chat'\n[chain.config]\n\
         base_url = '{}'\nkey = '${{LLM_KEY}}'\nmodel = 'm1'\n",
        served.url()
    );
    let program = wxbot().with_config(&config).with_variable("LLM_KEY", "sk-canary");
    let answer = "你好？这里 https://example.com/\n\n（内容由 AI 生成）\n";
    program.run(&["say", "你好"]).exits(0).prints(answer).says_nothing();
    assert_eq!(model.received()[0].header("authorization"), "Bearer sk-canary");

    let ran = program.run(&["say", "你好"]).exits(0);
    let ran = ran.prints("抱歉，我现在回答不了，请稍后再试。\n");
    assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
    ran.says(&["\"level\":\"ERROR\"", "401, invalid_api_key"]);
}
