//! `wxbot store`, with a bot that runs and without one.

use wxbot_tests::bot::account;
use wxbot_tests::http;
use wxbot_tests::program::Program;
use wxbot_tests::wechat::{Sender, text_from};

use super::{CHAIN, LISTEN, wxbot};

fn on(url: &str) -> Program {
    let store = format!("[store]\nurl = '{url}'\n");
    wxbot().with_config(&format!("{LISTEN}{store}{}{CHAIN}", account("plain")))
}

#[test]
fn a_store_is_exported_and_backed_up_while_the_bot_runs() {
    let program = on("file:store");
    let serving = program.serve(&["run"]);
    let path = format!("/wechat?{}", Sender::default().query());
    assert_eq!(http::post(serving.endpoint, &path, text_from("oECHO_1", "hello")).status, 200);
    for _ in 0..2 {
        program.run(&["store", "backup", "copy.jsonl"]).exits(0).prints("").says(&["backed up "]);
    }
    let copy = program.read("copy.jsonl");
    let lines: Vec<_> = copy.lines().collect();
    assert_eq!(lines.first().copied(), Some(r#"{"begin":{"version":1}}"#));
    assert!(lines.last().is_some_and(|line| line.starts_with(r#"{"end":"#)), "{copy}");
    let exported = program.run(&["store", "export"]).exits(0).says(&["exported "]);
    assert!(exported.stdout.starts_with(lines[0]), "{}", exported.stdout);
    let import = program.run_with_input(&["store", "import"], &copy).exits(1);
    import.says(&["`file:store` is in use by another process"]);
    serving.stop().exits(0);
    program.run_with_input(&["store", "import"], &copy).exits(0).says(&["imported "]);
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_looking() {
    let program = on("file:store");
    for what in [&["export"] as &[&str], &["backup", "copy.jsonl"]] {
        let arguments = [&["store"], what].concat();
        let ran = program.run(&arguments).exits(1).prints("");
        ran.says(&["error: there is no store in `file:store`"]);
    }
    assert!(!program.folder().join("store").exists());
    assert!(!program.folder().join("copy.jsonl").exists());
}

#[test]
fn a_damaged_store_is_an_error_that_names_what_is_damaged() {
    let program = on("file:store");
    program.serve(&["run"]).stop().exits(0);
    std::fs::write(program.folder().join("store/wxbot.redb"), "").unwrap();
    for arguments in [&["run"] as &[&str], &["store", "export"]] {
        program.run(arguments).exits(1).says(&["error: `file:store` was emptied"]);
    }
}
