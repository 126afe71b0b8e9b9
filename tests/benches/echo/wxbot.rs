//! The real program: built, configured, and the command that starts it.

use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cipher::{APP_ID, ENCODING_AES_KEY};
use crate::message::{Mode, PATH, TOKEN};
use crate::options::Options;

/// Builds the release binary into the target folder this benchmark was built into.
pub(crate) fn build() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    // <target>/release/deps/echo-0123456789abcdef
    let target = this.ancestors().nth(3).context("a benchmark lies in a target folder")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "-p", "wxbot-app", "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    ensure!(status.success(), "wxbot does not build");
    Ok(target.join("release/wxbot"))
}

/// Writes a `bot.toml` into `home` and says how to run it.
pub(crate) fn command(
    options: &Options,
    program: &Path,
    home: &Path,
    mode: Mode,
    idle: u32,
) -> Result<(Command, u16)> {
    // Both are taken before either is given back, so that they differ.
    let listeners = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
    let (port, console) = (listeners.0.local_addr()?.port(), listeners.1.local_addr()?.port());
    std::fs::create_dir_all(home)?;
    std::fs::write(home.join("bot.toml"), bot_toml(mode, port, console, idle)?)?;
    let mut command = options.command(program);
    command.args(["run", "--config", "bot.toml"]).current_dir(home).env_remove("RUST_LOG");
    Ok((command, port))
}

fn bot_toml(mode: Mode, port: u16, console: u16, idle: u32) -> Result<String> {
    let mut toml = format!(
        r#"
[server]
listen = "127.0.0.1:{port}"

[console]
listen = "127.0.0.1:{console}"

[[account]]
id = "main"
path = "{PATH}"
token = "{TOKEN}"
mode = "{mode}"
"#
    );
    if mode == Mode::Safe {
        writeln!(toml, "app_id = \"{APP_ID}\"\nencoding_aes_key = \"{ENCODING_AES_KEY}\"")?;
    }
    for number in 0..idle {
        let when = format!("{{ contains = \"no-such-word-{number}\" }}");
        let entry = format!("plugin = \"echo\"\nid = \"idle-{number}\"\nwhen = {when}");
        writeln!(toml, "\n[[chain]]\n{entry}")?;
    }
    writeln!(toml, "\n[[chain]]\nplugin = \"echo\"")?;
    Ok(toml)
}
