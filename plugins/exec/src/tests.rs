//! Processes that answer, and processes that fail: a handler in the shell.

use std::fs;
use std::process::{Command as Shell, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use wxbot_plugin_echo as _;
use wxbot_testkit::TestBot;

use super::*;

/// More than any of these tests takes.
const LONG: &str = "time_limit = '60s'";
const SOON: &str = "time_limit = '200ms'";

/// Reads lines and takes out their id; `answer` writes the rest of an answer to the last one.
const HANDLER: &str = r#"
    answer() { printf '{"id":%s,%s}\n' "$id" "$1"; }
    echo $$ >> pids
    while read -r line; do
        id=${line#*\"id\":}; id=${id%%,*}
        content=${line#*\"content\":\"}; content=${content%%\"*}
        case $content in
"#;

/// A bot that asks the handler, and another link when that does not answer.
struct Stage {
    bot: TestBot,
    folder: TempDir,
}

impl Stage {
    /// With these cases of what a follower says.
    async fn new(cases: &str, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().display();
        let script = format!("cd '{at}'\n{HANDLER}{cases}\nesac; done");
        fs::write(folder.path().join("handler"), script).unwrap();
        let command = format!("command = ['sh', '{at}/handler']\n{config}");
        Self { bot: start(&command).await, folder }
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap_or_default()
    }

    /// The processes that were started so far.
    fn pids(&self) -> Vec<String> {
        self.read("pids").lines().map(str::to_owned).collect()
    }
}

async fn start(config: &str) -> TestBot {
    let chain = format!(
        "[[chain]]\nplugin = 'exec'\n[chain.config]\n{config}\n\
         [[chain]]\nplugin = 'echo'\n[chain.config]\nprefix = 'echo: '\n"
    );
    TestBot::setup(&chain).over_http().start().await.unwrap()
}

fn is_running(pid: &str) -> bool {
    let mut kill = Shell::new("kill");
    kill.args(["-0", pid]).stderr(Stdio::null()).status().unwrap().success()
}

/// Waits until something is so, with a bound that only a fault reaches.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(30), "not so: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the shell adds itself: these say nothing of wxbot.
const OF_THE_SHELL: [&str; 5] = ["PWD", "OLDPWD", "SHLVL", "_", "PS4"];

#[tokio::test]
async fn a_process_has_a_clean_environment() {
    let cases = r#"*) env > environment; answer '"reply":"there"';;"#;
    let config = format!("{LONG}\nenv = {{ API_URL = 'http://127.0.0.1:1/' }}");
    let stage = Stage::new(cases, &config).await;
    stage.bot.follower("alice").says("hi").await.sees("there");
    let environment = stage.read("environment");
    let names: Vec<_> = environment.lines().filter_map(|line| line.split_once('=')).collect();
    assert!(names.contains(&("API_URL", "http://127.0.0.1:1/")), "{environment}");
    for (name, value) in names {
        let is_passed = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "API_URL"].contains(&name);
        let is_expected = is_passed || name.starts_with("LC_") || OF_THE_SHELL.contains(&name);
        assert!(is_expected, "{name}={value}: cargo has set it, and the process has it, too");
    }
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "there is more that it could have");
}

#[tokio::test]
async fn a_variable_that_is_named_is_passed() {
    let cases = r#"*) answer "\"reply\":\"$CARGO_PKG_NAME\"";;"#;
    let config = format!("{LONG}\npass_env = ['CARGO_PKG_NAME', 'NOT_THERE']");
    let stage = Stage::new(cases, &config).await;
    stage.bot.follower("alice").says("hi").await.sees("wxbot-plugin-exec");
}

#[tokio::test]
async fn what_is_no_variable_is_an_error() {
    for config in ["env = { 'A=B' = '' }", "pass_env = ['']", "env = { A = \"\\u0000\" }"] {
        let config = format!("command = ['true']\n{config}");
        let error = TestBot::with::<Exec>(&config).await.expect_err(&config).to_string();
        assert!(error.contains("env`"), "{error}");
    }
}

#[tokio::test]
async fn a_message_is_a_line_and_its_answer_another() {
    let cases = r#"*) printf '%s\n' "$line" > request; answer '"reply":"there"';;"#;
    let stage = Stage::new(cases, LONG).await;
    let alice = stage.bot.follower("alice");
    assert_eq!(stage.pids(), [""; 0], "nothing is started before the first message");
    alice.says("two\nlines 😀").await.sees("there").by("exec");
    alice.says("again").await.sees("there");
    assert_eq!(stage.pids().len(), 1, "one process for all messages");
    let request: Value = serde_json::from_str(&stage.read("request")).unwrap();
    assert_eq!((&request["id"], &request["version"]), (&2.into(), &1.into()));
    assert_eq!((&request["account"], &request["link"]), (&"main".into(), &"exec".into()));
    assert_eq!(request["message"]["content"], "again");
    assert_eq!(request["message"]["fields"]["MsgType"], "text");
    assert!(request["remaining_ms"].as_u64().unwrap() <= 15_000);
}

#[tokio::test]
async fn an_answer_may_pass_stop_or_follow_later() {
    let cases = r#"pass) echo "{\"id\":$id}";;
        stop) answer '"stop":true';;
        later) answer '"later":"wait"'; while ! [ -e go ]; do sleep 0.02; done
            answer '"reply":"at last"';;"#;
    let stage = Stage::new(cases, LONG).await;
    let alice = stage.bot.follower("alice");
    alice.says("pass").await.sees("echo: pass").by("echo");
    alice.says("stop").await.sees_nothing().by_nobody();
    let heard = alice.says("later").await.sees_contains("wait");
    fs::write(stage.folder.path().join("go"), "").unwrap();
    until("it is there", async || heard.trace().contains("exec: reply")).await;
    alice.says("1").await.sees_contains("at last");
}

/// What a failing process does, and what the link's error says.
#[tokio::test]
async fn whatever_a_process_does_the_next_link_is_asked() {
    let table = [
        ("exit 3", LONG, "the process ended (exit status: 3)"),
        ("echo 'no module named tea' >&2; exit 1", LONG, "on stderr: no module named tea"),
        ("kill -9 $$", LONG, "the process ended (signal: 9"),
        ("exec 1>&-; sleep 60", LONG, "closed its standard output"),
        (":", SOON, "did not answer in time"),
        ("echo very private", SOON, "does it flush each line, and does its answer have the `id`?"),
        (r#"answer '"replay":"private"'"#, LONG, "unknown field `replay`"),
        (r#"answer '"reply":1234'"#, LONG, "got integer"),
        ("head -c 300000 /dev/zero | tr '\\0' x; echo", LONG, "at most 262144 bytes"),
        ("cat /dev/zero | tr '\\0' x", SOON, "did not answer in time"),
    ];
    for (does, config, expected) in table {
        let stage = Stage::new(&format!("*) {does};;"), config).await;
        let heard = stage.bot.follower("alice").says("very private").await;
        heard.clone().sees("echo: very private").by("echo");
        let told = heard.trace();
        let (error, _) = told.split_once("to be said").unwrap();
        assert!(error.contains(expected), "{does}: {told}");
        assert!(!error.contains("private") && !error.contains("1234"), "{told}");
    }
}

#[tokio::test]
async fn a_process_that_ends_is_started_again() {
    let stage = Stage::new(r#"crash) exit 1;; *) answer '"reply":"there"';;"#, LONG).await;
    let alice = stage.bot.follower("alice");
    alice.says("hi").await.sees("there");
    alice.says("crash").await.sees("echo: crash").by("echo");
    let heard = alice.says("hi").await;
    assert!(heard.text() == Some("there") || heard.trace().contains("is started again in"));
    until("it answers again", async || alice.says("hi").await.text() == Some("there")).await;
    assert_eq!(stage.pids().len(), 2);
}

#[tokio::test]
async fn a_process_that_hangs_is_replaced() {
    let cases = r#"hang) sleep 1000;; *) answer '"reply":"there"';;"#;
    let stage = Stage::new(cases, SOON).await;
    let alice = stage.bot.follower("alice");
    alice.says("hang").await.sees("echo: hang");
    until("it answers again", async || alice.says("hi").await.text() == Some("there")).await;
    assert_eq!(stage.pids().len(), 2);
    let [hanging, _] = &stage.pids()[..] else { panic!("two processes") };
    assert!(!is_running(hanging), "the one that hung is gone");
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_nobodys() {
    let cases = r#"slow) slow=$id;;
        *) printf '{"id":%s,"reply":"of the first"}\n' "$slow"; answer '"reply":"of the second"';;"#;
    let stage = Stage::new(cases, SOON).await;
    let alice = stage.bot.follower("alice");
    alice.says("slow").await.sees("echo: slow");
    until("a process answers", async || {
        alice.says("hi").await.text() == Some("of the second") // never another one's
    })
    .await;
    assert_eq!(stage.pids().len(), 1);
}

#[tokio::test]
async fn what_is_no_answer_is_in_the_log_and_costs_nothing() {
    let cases = r#"*) echo debug; echo '{"id":99,"reply":"no"}'; echo '[]'; echo '{"reply":"no"}'
        head -c 300000 /dev/zero >&2; answer '"reply":"there"';;"#;
    let stage = Stage::new(cases, LONG).await;
    stage.bot.follower("alice").says("hi").await.sees("there");
}

#[tokio::test]
async fn one_of_several_that_hangs_keeps_nobody() {
    let cases = r#"hang) sleep 1000;; *) answer '"reply":"there"';;"#;
    let stage = Stage::new(cases, &format!("{LONG}\nprocesses = 2")).await;
    let (alice, bob) = (stage.bot.follower("alice"), stage.bot.follower("bob"));
    tokio::select! {
        biased;
        heard = bob.says("hang") => panic!("{heard:?}"),
        heard = alice.says("hi") => drop(heard.sees("there")),
    }
    assert_eq!(stage.pids().len(), 2);
}

#[tokio::test]
async fn no_process_outlives_the_bot() {
    let stubborn = "trap '' TERM HUP; sleep 1000 & echo $! >> pids; answer '\"reply\":\"there\"'
        while :; do sleep 1; done";
    for does in [r#"answer '"reply":"there"'"#, stubborn] {
        let stage = Stage::new(&format!("*) {does};;"), LONG).await;
        stage.bot.follower("alice").says("hi").await.sees("there");
        let pids = stage.pids();
        assert!(pids.iter().all(|pid| is_running(pid)), "{pids:?}");
        drop(stage.bot);
        until("they are gone", async || !pids.iter().any(|pid| is_running(pid))).await;
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let bot = start("command = ['/no/such/program', 'argument']").await;
    let alice = bot.follower("alice");
    let told = alice.says("hi").await.sees("echo: hi").by("echo").trace();
    assert!(told.contains("`/no/such/program` can't be started: No such file"), "{told}");
}

#[tokio::test]
async fn a_command_line_in_place_of_a_program_is_not_quoted() {
    for program in ["python3 bot.py --token s3cr3t", "/no/such/program s3cr3t", "KEY=s3cr3t"] {
        let command = format!("command = ['{program}', 'bot.py']");
        let told = start(&command).await.follower("alice").says("hi").await.trace();
        let (error, _) = told.split_once("to be said").unwrap();
        assert!(error.contains("can't be started") && !error.contains("s3cr3t"), "{told}");
    }
    let config = "command = ['true']\npass_env = ['KEY=s3cr3t']";
    let error = TestBot::with::<Exec>(config).await.unwrap_err().to_string();
    assert!(error.contains("`KEY…`") && !error.contains("s3cr3t"), "{error}");
}

#[tokio::test]
async fn a_wrong_setting_says_what_would_be_right() {
    let table = [
        ("", "`command` is a program and its arguments, for example"),
        ("command = ['']", "`command` is a program and its arguments, for example"),
        ("command = 'python3 bot.py'", r#"arguments: write ["PROGRAM", "ARGUMENT"]"#),
        ("command = ['a']\nprocesses = 0", "`processes` is a number from 1 to 64, got 0"),
        ("command = ['a']\nconcurrency = 5000", "a number from 1 to 1024, got 5000"),
        ("command = ['a']\nprocess = 1", "did you mean `processes`?"),
    ];
    for (config, expected) in table {
        let error = TestBot::with::<Exec>(config).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error}");
    }
}

/// As one does whose author prints to see what goes on.
#[tokio::test]
async fn a_process_that_never_stops_talking_is_started_again() {
    let stage = Stage::new("*) yes debug;;", SOON).await;
    stage.bot.follower("alice").says("hi").await.sees("echo: hi").by("echo");
    until("it is started again", async || stage.pids().len() > 1).await;
    let talker = &stage.pids()[0];
    until("the one that talks is gone", async || !is_running(talker)).await;
}

#[tokio::test]
async fn a_process_that_leaves_a_talker_behind_is_started_again() {
    let talks = "*) (while :; do echo debug; sleep 0.05; done) & echo $! >> pids; exit;;";
    let stage = Stage::new(talks, SOON).await;
    let alice = stage.bot.follower("alice");
    alice.says("hi").await.sees("echo: hi").by("echo");
    until("it is started again", async || {
        alice.says("hi").await.sees("echo: hi");
        stage.pids().len() > 2
    })
    .await;
    let talker = &stage.pids()[1];
    until("the one that talks is gone", async || !is_running(talker)).await;
}
