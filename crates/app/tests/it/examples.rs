//! The bots of `docs/examples`, as their operators try them: checked, spoken to, and asked over HTTP.

use std::path::Path;

use wxbot_model_sim::{FakeModel, Script};
use wxbot_tests::program::Program;
use wxbot_tests::wechat::{AES_KEY, TOKEN};

/// The program in a copy of an example's folder, with what `wxbot init` writes beside it.
fn copied(example: &str) -> Program {
    let program = Program::new(env!("CARGO_BIN_EXE_wxbot"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples").join(example);
    for entry in std::fs::read_dir(folder).expect("the example is there") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("our names are text");
        program.write(name, std::fs::read(&path).expect("the file can be read"));
    }
    let secret = "9f86d081884c7d659a2feaa0c55ad015";
    program.with_file(
        "wxbot.env",
        format!("WXBOT_TOKEN={TOKEN}\nWXBOT_AES_KEY={AES_KEY}\nWXBOT_APP_SECRET={secret}\nLLM_KEY=sk-1\n"),
    )
}

/// No warning either: every menu button has somebody who answers it.
#[test]
fn every_example_passes_the_check_in_silence() {
    for example in ["shop", "school", "personal"] {
        let ran = copied(example).run(&["check"]).exits(0).says_nothing();
        assert!(ran.stdout.starts_with("bot.toml is good\n"), "{example}: {}", ran.stdout);
    }
}

#[test]
fn the_school_answers_from_its_file() {
    let answer = "周一到周四 17:00，周五 15:30。\n";
    copied("school").run(&["say", "几点放学"]).exits(0).prints(answer).says_nothing();
}

#[test]
fn what_the_shop_has_no_answer_for_is_asked_of_the_model() {
    let model = FakeModel::new(|asked| Script::text(format!("{}？试试碧螺春。", asked.question())));
    let served = model.serve().expect("a port is free");
    let shop = copied("shop");
    let config = shop.read("bot.toml").replace("https://api.deepseek.com/v1", &served.url());
    shop.write("bot.toml", config);
    let answer = "喝什么好？试试碧螺春。\n\n（内容由 AI 生成）\n";
    shop.run(&["say", "喝什么好"]).exits(0).prints(answer).says_nothing();
    assert!(model.received()[0].system().contains("山野茶铺"));
    shop.run(&["say", "包邮吗"]).exits(0).prints("满 99 元包邮，不满收 8 元。\n").says_nothing();
    assert_eq!(model.received().len(), 1, "what is in the file costs nothing");
}
