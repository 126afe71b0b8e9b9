//! `wxbot say` to a bot that takes its time.

use wxbot_model_sim::{FakeModel, Script};
use wxbot_tests::program::Program;

const LATE: &str = "[late]\nwindow = '200ms'\ndeliveries = 1\n";
const CHAIN: &str = "[[chain]]\nplugin = 'scripted'\n";
const ACCOUNT: &str = "[[account]]\ntoken = 'sayTOKEN1'\n";

fn bot(account: &str) -> Program {
    let config = format!("{LATE}{ACCOUNT}{account}{CHAIN}");
    Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config)
}

#[test]
fn an_answer_that_waits_is_asked_for() {
    let ran = bot("").run(&["say", "after 0.5 done"]).exits(0);
    ran.prints("正在准备回答，请稍后发送「1」查看。\ndone\n").says(&["more follows"]);
}

#[test]
fn an_answer_that_follows_is_waited_for() {
    let api = "app_id = 'wx0123456789abcdef'\napp_secret = 'secret'\n";
    let ran = bot(api).run(&["say", "after 0.5 done"]).exits(0);
    ran.prints("done\n").says(&["`success`", "more follows"]);
}

/// Neither what the model wrote nor what it was told: the trace has names that are in the configuration.
#[test]
fn a_trace_tells_which_tools_a_model_called_and_what_came_of_it() {
    let model = FakeModel::new(|asked| match &*asked.results() {
        [] => Script::silent()
            .call("weather", r#"{"city":"杭州"}"#)
            .call("weather", r#"{"town":"杭州"}"#)
            .call("say_杭州", "{}"),
        _ => Script::text("好的"),
    });
    let served = model.serve().unwrap();
    let config = format!(
        "{ACCOUNT}[[chain]]\nplugin = 'travel'\n[[chain]]\nplugin = 'chat'\n[chain.config]\n\
         base_url = '{}'\nmodel = 'm1'\ntools = ['travel']\ntexts = {{ label = '' }}\n",
        served.url()
    );
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config);
    let ran = program.run(&["say", "--trace", "要带伞吗"]).exits(0).prints("好的\n");
    let told: Vec<_> = ran.stderr.lines().filter(|line| line.contains(" tool ")).collect();
    let ends =
        ["天气 of travel: ok", "天气 of travel: failed", "no tool of this follower: refused"];
    assert_eq!(told.len(), ends.len(), "{}", ran.stderr);
    for (line, end) in told.into_iter().zip(ends) {
        assert!(line.ends_with(end), "{line}");
    }
    assert!(!ran.stderr.contains("杭州"), "{}", ran.stderr);
}
