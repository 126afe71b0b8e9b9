//! The files to run it with promise what it promises itself.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn deploy() -> PathBuf {
    root().join("crates/app/deploy")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(deploy().join(name)).expect(name)
}

fn read_in_root(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect(name)
}

/// The file's lines that do something.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A query is signed and has an openid in it. These are nginx's words for it and for what it is part
/// of, and the format that has it without saying so.
#[test]
fn no_file_logs_a_query() {
    let words = ["$request ", "$request\"", "$request'", "$request_uri", "$args", "$arg_"];
    let others = ["$query_string", "$is_args", "$http_referer", "combined"];
    for entry in std::fs::read_dir(deploy()).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let text = std::fs::read_to_string(&path).expect("it is text");
        let found = words.iter().chain(&others).find(|word| text.contains(**word));
        assert_eq!(found, None, "{}", path.display());
    }
    let nginx = read("nginx.conf");
    let logs = |name: &str| -> Vec<_> {
        let own = lines(&nginx).filter(|line| line.starts_with(name));
        own.filter_map(|line| line.trim_end_matches(';').split_whitespace().nth(2)).collect()
    };
    assert_eq!(logs("access_log"), ["without_query"], "one format, and not the default");
    assert_eq!(logs("error_log"), ["emerg"], "whatever is less quotes the request");
    // Caddy's one log is filtered; `crates/app` tests it with a real one.
    let caddy = read("Caddyfile");
    let filters: Vec<_> = lines(&caddy).filter(|line| line.starts_with("request>")).collect();
    assert_eq!(filters, [r#"request>uri regexp \?.* """#, "request>headers delete"]);
    assert_eq!(lines(&caddy).filter(|line| line.starts_with("log ")).count(), 1);
}

#[test]
fn the_unit_is_hardened_and_waits_for_the_drain() {
    let unit = read("wxbot.service");
    let value = |key: &str| {
        let prefix = format!("{key}=");
        lines(&unit).find_map(move |line| line.strip_prefix(&prefix).map(str::to_owned))
    };
    let stop = value("TimeoutStopSec").and_then(|seconds| seconds.parse::<u64>().ok());
    assert!(stop.is_some_and(|seconds| seconds > 12), "wxbot ends by itself after 12 s");
    for (key, expected) in [
        ("DynamicUser", "yes"),
        ("CapabilityBoundingSet", ""),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("StateDirectory", "wxbot"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("SystemCallFilter", "@system-service"),
    ] {
        assert_eq!(value(key).as_deref(), Some(expected), "{key}");
    }
}

/// The whole of it, by those who know, where they are installed.
#[test]
fn systemd_calls_the_unit_and_its_drop_in_safe() {
    let folder = tempfile::tempdir().expect("there is a folder for what is temporary");
    let (alone, unit) = (folder.path().join("wxbot.service"), read("wxbot.service"));
    let port_80 = folder.path().join("wxbot-80.service");
    std::fs::write(&alone, &unit).expect("the folder can be written");
    std::fs::write(&port_80, unit + &read("port-80.conf")).expect("the folder can be written");
    for file in [alone, port_80] {
        let mut analyze = Command::new("systemd-analyze");
        analyze.args(["security", "--offline=true", "--threshold=20", "--no-pager"]).arg(file);
        let Ok(ran) = analyze.output() else {
            eprintln!("skipped: there is no systemd-analyze here");
            return;
        };
        let (stdout, stderr) = (ran.stdout.as_slice(), ran.stderr.as_slice());
        let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
        // Before version 250 it knows no file that is not installed.
        assert!(ran.status.success() || said.contains("unrecognized option"), "{said}");
    }
}

/// What is in a container has no rights and no shell, and says whether it is ready.
#[test]
fn the_image_is_made_in_two_stages_and_runs_without_rights() {
    let dockerfile = read_in_root("Dockerfile");
    let stages: Vec<_> = lines(&dockerfile).filter(|line| line.starts_with("FROM ")).collect();
    let toolchain = read_in_root("Cargo.toml");
    let version =
        toolchain.split("rust-version = \"").nth(1).and_then(|rest| rest.split('"').next());
    let build = format!("FROM rust:{}-slim-bookworm AS build", version.expect("it has a version"));
    assert_eq!(stages, [&*build, "FROM scratch"]);
    let (_, last) = dockerfile.rsplit_once("FROM scratch").expect("it is there");
    for line in ["USER 65532:65532", "[\"/usr/local/bin/wxbot\", \"health\"]", "STOPSIGNAL SIGTERM"]
    {
        assert!(last.contains(line), "{line}");
    }
    assert!(read_in_root(".dockerignore").lines().any(|line| line == "**/wxbot.env"));
}

#[test]
fn compose_gives_wxbot_no_rights_and_the_time_to_drain() {
    for name in ["compose.yaml", "compose.cluster.yaml"] {
        let text = read(name);
        let (_, service) = text.split_once("  wxbot:\n").expect(name);
        let service = service.split("\n\n").next().expect("it ends");
        for line in [
            "build: ../../..",
            "env_file: [wxbot.env]",
            "read_only: true",
            "cap_drop: [ALL]",
            "no-new-privileges:true",
            "stop_grace_period: 15s",
        ] {
            assert!(service.contains(line), "{name}: {line}");
        }
    }
    let cluster = read("compose.cluster.yaml");
    for line in ["replicas: 3", "valkey/valkey:8", "\"always\"", "\"noeviction\""] {
        assert!(cluster.contains(line), "{line}");
    }
}
