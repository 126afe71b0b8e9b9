//! A process that is killed after each answer of a conversation: the next one goes on with it, and
//! answers what WeChat delivers again as before.

use wxbot_tests::http;
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::redis::Server;
use wxbot_tests::wechat::{Sender, TOKEN, element, text_from};

/// What a follower says, and sees then.
const CONVERSATION: [(&str, &str); 5] = [
    ("预约", "您的姓名？"),
    ("张三", "哪一天？"),
    ("3月5日", "坐哪里？\n1. 窗边\n2. 大厅\n3. 包间"),
    ("2", "张三，3月5日，大厅，确定吗？\n1. 是\n2. 否"),
    ("好", "张三，3月5日大厅已预约"),
];

pub(crate) fn on_a_file() {
    survive("file:store");
}

pub(crate) fn on_redis() {
    survive(&Server::start(&[]).url());
}

/// A dialog that an older version of the plugin began: the next process, which has a newer one, goes on
/// where it can, and tells the follower kindly where it can't.
pub(crate) fn with_a_newer_version() {
    let updated = "抱歉，服务刚刚更新，请重新开始。";
    for (begun, asked, said, seen) in
        [("预约", "您是？", "张三", "哪一天？"), ("包场", "什么活动？", "生日", updated)]
    {
        let config = |plugin| config("file:store", &format!("id = 'it'\nplugin = '{plugin}'"));
        let program =
            Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config("booking-before"));
        let older = program.serve(&["run"]);
        assert_eq!(answer(&older, &text_from("oALICE", begun)), asked);
        older.stop().exits(0);
        program.write("bot.toml", config("booking"));
        let newer = program.serve(&["run"]);
        assert_eq!(answer(&newer, &text_from("oALICE", said)), seen);
        if seen == updated {
            assert_eq!(
                answer(&newer, &text_from("oALICE", "预约")),
                "您的姓名？",
                "from the start"
            );
        }
        newer.stop().exits(0);
    }
}

fn config(store: &str, entry: &str) -> String {
    format!(
        "[server]\nlisten = '127.0.0.1:0'\nworkers = 1\n[console]\nlisten = '127.0.0.1:0'\n\
         [store]\nurl = '{store}'\n[[account]]\ntoken = '{TOKEN}'\n\
         [[chain]]\n{entry}\ndialog = {{ links = false }}\n[[chain]]\nplugin = 'echo'\n"
    )
}

fn survive(store: &str) {
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot"))
        .with_config(&config(store, "plugin = 'booking'"));
    let mut serving = program.serve(&["run"]);
    for (said, seen) in CONVERSATION {
        let body = text_from("oALICE", said);
        for delivery in 1..=2 {
            assert_eq!(answer(&serving, &body), seen, "{said}, delivery {delivery}, {store}");
            serving.kill();
            serving = program.serve(&["run"]);
        }
    }
    assert_eq!(answer(&serving, &text_from("oALICE", "好")), "好", "it is over, {store}");
    serving.stop().exits(0);
}

fn answer(serving: &Serving, body: &str) -> String {
    let path = format!("/wechat?{}", Sender::default().query());
    let response = http::post(serving.endpoint, &path, body);
    element(&response.body, "Content").unwrap_or(response.body)
}
