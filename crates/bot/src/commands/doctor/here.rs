//! This machine: the bot that runs, and the file of its secrets.

use std::path::Path;

use super::finding::Findings;
use crate::commands::console;
use crate::config::Config;

pub(super) fn check(config: &Config, env_file: &Path, findings: &mut Findings) {
    running(config, findings);
    secrets(env_file, findings);
}

fn running(config: &Config, findings: &mut Findings) {
    let at = config.console.listen;
    if at.port() == 0 {
        return;
    }
    let answer = console::ask(&config.console, "GET", "/readyz");
    let ready = match &answer {
        Ok(Some(answer)) if answer.status == 200 => Some(answer.body.trim()),
        _ => None,
    };
    match ready {
        Some("ready") => findings.good("running", ("wxbot 正在运行", "wxbot runs")),
        Some(degraded) => findings.warn(
            "running",
            (&format!("wxbot 在运行，但：{degraded}"), &format!("wxbot runs, but: {degraded}")),
            (
                "存储有问题，迟到的回答可能保存不了",
                "the store is in trouble, and may not keep late answers",
            ),
            ("检查 [store] 指向的磁盘或 Redis", "look after the disk or the Redis of [store]"),
        ),
        None => findings.warn(
            "running",
            (
                &format!("在 {at}（[console]）没有找到运行中的 wxbot"),
                &format!("no wxbot answers at {at} ([console])"),
            ),
            ("它可能没有启动，或者在另一台机器上", "it may not run, or on another machine"),
            ("在这个目录运行 wxbot，再检查一次", "start `wxbot` in this folder, and look again"),
        ),
    }
}

/// Others must not read it.
#[cfg(unix)]
fn secrets(env_file: &Path, findings: &mut Findings) {
    use std::os::unix::fs::PermissionsExt;

    let Ok(file) = env_file.metadata() else { return };
    let mode = file.permissions().mode() & 0o777;
    let name = env_file.display();
    match mode & 0o077 {
        0 => findings
            .good("secrets", (&format!("{name} 只有您可读"), &format!("{name} is yours alone"))),
        _ => findings.warn(
            "secrets",
            (&format!("{name} 的权限是 {mode:o}"), &format!("{name} has the mode {mode:o}")),
            ("这台机器上的其他用户能读到密钥", "others on this machine can read the secrets"),
            (&format!("chmod 600 {name}"), &format!("chmod 600 {name}")),
        ),
    }
}

#[cfg(not(unix))]
fn secrets(_: &Path, _: &mut Findings) {}
