//! `wxbot say` to a bot that takes its time.

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
