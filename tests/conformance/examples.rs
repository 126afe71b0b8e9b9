//! The examples of `docs`, run as they stand there.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use libtest_mimic::Trial;
use wxbot_testkit::{TestBot, run};
use wxbot_tests::languages::trial;

const ENGLISH: &str = include_str!("../../docs/en/other-languages.md");
const CHINESE: &str = include_str!("../../docs/zh/other-languages.md");

const RECIPES: [&str; 2] =
    [include_str!("../../docs/en/recipes.md"), include_str!("../../docs/zh/recipes.md")];
const LATE: [&str; 2] =
    [include_str!("../../docs/en/late-answers.md"), include_str!("../../docs/zh/late-answers.md")];

const SECRET: &str = "whsec_YW4gZXhhbXBsZSBvbmx5OyBtYWtlIHlvdXIgb3duISE=";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("python3", "exec::the_example_in_python", || run(child("python3", "bot.py"))),
        trial("node", "exec::the_example_for_node", || run(child("node", "bot.js"))),
        trial("python3", "webhook::the_example_in_python", || run(server("python3", "hook.py"))),
        trial("node", "webhook::the_example_for_node", || run(server("node", "hook.js"))),
        trial("python3", "exec::the_recipe_in_python", || run(recipe())),
        trial("python3", "exec::the_slow_one_answers", || run(slow())),
        Trial::test("examples::are_the_same_in_both_languages", || {
            for file in ["bot.py", "bot.js", "hook.py", "hook.js"] {
                assert_eq!(example(ENGLISH, file), example(CHINESE, file), "{file}");
            }
            Ok(())
        }),
    ]
}

/// The code block that follows the name of a file.
fn example<'d>(document: &'d str, file: &str) -> &'d str {
    let (_, rest) = document.split_once(&format!("`{file}`")).expect(file);
    let (_, rest) = rest.split_once("```").expect(file);
    let (_, rest) = rest.split_once('\n').expect(file);
    rest.split_once("```").expect(file).0
}

fn write(folder: &Path, document: &str, file: &str) -> String {
    let path = folder.join(file);
    fs::write(&path, example(document, file)).unwrap();
    path.to_str().unwrap().to_owned()
}

async fn child(interpreter: &str, file: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), ENGLISH, file);
    check(&format!("plugin = 'exec'\nconfig = {{ command = ['{interpreter}', '{path}'] }}")).await;
}

async fn server(interpreter: &str, file: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), ENGLISH, file);
    let (_server, port) = start(interpreter, &path);
    let url = format!("http://127.0.0.1:{port}/");
    check(&format!("plugin = 'webhook'\nconfig = {{ url = '{url}', secret = '{SECRET}' }}")).await;
    let forged = "whsec_Zm9yZ2VkIGZvcmdlZCBmb3JnZWQgZm9yZ2Vk";
    let entry = format!("plugin = 'webhook'\nconfig = {{ url = '{url}', secret = '{forged}' }}");
    let told = bot(&entry).await.follower("bob").says("天气").await.sees("echo: 天气").trace();
    assert!(told.contains("or 204, got 401"), "{told}");
}

async fn recipe() {
    for page in RECIPES {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), page, "bot.py");
        let bot =
            bot(&format!("plugin = 'exec'\nconfig = {{ command = ['python3', '{path}'] }}")).await;
        let alice = bot.follower("alice");
        alice.says("订单 1001").await.sees("已发货").by("it");
        alice.says("订单 7").await.sees("没有这个订单").by("it");
        alice.says("hi").await.sees("echo: hi").by("echo");
        alice.clicks("HELP").await.sees_nothing();
    }
}

/// What it says to whoever asks for nothing slow: the others take their 20 s.
async fn slow() {
    for page in LATE {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), page, "slow.py");
        let bot =
            bot(&format!("plugin = 'exec'\nconfig = {{ command = ['python3', '{path}'] }}")).await;
        bot.follower("alice").says("hi").await.sees("好了").by("it");
    }
}

/// What all four examples do.
async fn check(entry: &str) {
    let bot = bot(entry).await;
    let alice = bot.follower("alice");
    alice.says("天气").await.sees("晴，第 1 次").by("it");
    alice.says("hi").await.sees("echo: hi").by("echo");
    alice.clicks("HELP").await.sees_nothing();
    alice.says("天气").await.sees("晴，第 2 次").by("it");
}

async fn bot(entry: &str) -> TestBot {
    let chain = format!(
        "[[chain]]\nid = 'it'\n{entry}\n\
         [[chain]]\nplugin = 'echo'\n[chain.config]\nprefix = 'echo: '\n"
    );
    TestBot::setup(&chain).over_http().start().await.unwrap()
}

/// Ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server on a free port, which it writes to standard output when it is ready.
fn start(interpreter: &str, path: &str) -> (Server, u16) {
    let mut command = Command::new(interpreter);
    command.arg(path).env("WEBHOOK_SECRET", SECRET).env("PORT", "0");
    let mut server = Server(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut ready = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let port = ready.trim().rsplit(' ').next().and_then(|port| port.parse().ok());
    (server, port.unwrap_or_else(|| panic!("not ready: {ready:?}")))
}
