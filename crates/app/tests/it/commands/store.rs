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
fn what_is_not_damaged_is_saved_with_one_command() {
    let program = on("file:store");
    let lines = r#"{"begin":{"version":1}}
{"value":{"key":"one","ttl_ms":600000,"base64":"Rmlyc3Q="}}
{"value":{"key":"two","ttl_ms":600000,"base64":"U2Vjb25k"}}
{"end":{"entries":2}}
"#;
    program.run_with_input(&["store", "import"], lines).exits(0);
    let file = program.folder().join("store/wxbot.redb");
    let mut bytes = std::fs::read(&file).unwrap();
    for at in
        (0..bytes.len() - 6).filter(|at| bytes[*at..].starts_with(b"Second")).collect::<Vec<_>>()
    {
        bytes[at] = b'B';
    }
    std::fs::write(&file, bytes).unwrap();
    let refused = program.run(&["run"]).exits(1);
    refused.says(&["is damaged: the value under `two`; `wxbot store export --salvage`"]);
    let saved = program.run(&["store", "export", "--salvage"]).exits(0);
    let saved = saved.says(&["left out: the value under `two` is damaged", "salvaged 1 entries"]);
    assert!(saved.stdout.contains("Rmlyc3Q=") && !saved.stdout.contains("two"), "{}", saved.stdout);
    std::fs::remove_file(&file).unwrap();
    program.run_with_input(&["store", "import"], &saved.stdout).exits(0);
    program.serve(&["run"]).stop().exits(0);
}

#[test]
fn a_store_that_was_emptied_is_an_error() {
    let program = on("file:store");
    program.serve(&["run"]).stop().exits(0);
    std::fs::write(program.folder().join("store/wxbot.redb"), "").unwrap();
    for arguments in [&["run"] as &[&str], &["store", "export"]] {
        program.run(arguments).exits(1).says(&["error: `file:store` was emptied"]);
    }
}

/// A slip of the pen, with the bot beside it.
#[test]
fn a_backup_takes_no_other_file_s_place() {
    let program = on("file:data");
    let serving = program.serve(&["run"]);
    let config = program.read("bot.toml");
    let store = std::fs::read(program.folder().join("data/wxbot.redb")).unwrap();
    for file in ["bot.toml", "data/wxbot.redb", "data", "/dev/null"] {
        let ran = program.run(&["store", "backup", file]).exits(1).prints("");
        ran.says(&[&format!("`{file}` is there and is no backup of a store")]);
    }
    assert_eq!(program.read("bot.toml"), config);
    let kept = std::fs::read(program.folder().join("data/wxbot.redb")).unwrap();
    assert_eq!(kept.len(), store.len());
    for content in ["", "{\"begin\":{\"version\":1}}\n"] {
        program.write("copy.jsonl", content);
        program.run(&["store", "backup", "copy.jsonl"]).exits(0);
        program.run(&["store", "backup", "copy.jsonl"]).exits(0);
    }
    drop(serving);
}
