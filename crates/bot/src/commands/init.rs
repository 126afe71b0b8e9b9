//! `wxbot init`: a configuration for a real account, its secrets, and what to enter at WeChat.

mod answers; // what is to be written
mod questions; // on a terminal
mod secrets;
mod template;
mod instructions;

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Error, bail};

use self::answers::Answers;
use self::questions::Terminal;
use super::input;
use super::output::print;
use crate::cli::{Cli, Init};
use crate::config::EnvFile;

pub(crate) fn init(cli: &Cli, init: &Init) -> Result<(), Error> {
    let config = input::path(cli);
    let env_file = EnvFile::path_beside(config);
    for path in [config, &env_file] {
        if path.exists() {
            bail!("`{}` is there already, and is left as it is", path.display());
        }
    }
    let is_asked = !init.yes && io::stdin().is_terminal();
    let answers = match is_asked {
        true => questions::ask(init, &mut Terminal)?,
        false => Answers::from_flags(init)?,
    };
    // The secrets first: a configuration without them would not load.
    write_new(&env_file, &template::env_file(&answers), 0o600)?;
    let schema = config.with_file_name(template::SCHEMA);
    let has_schema = schema.exists().then_some(template::SCHEMA);
    if let Err(error) = write_new(config, &template::bot_toml(&answers, has_schema), 0o644) {
        let _ = std::fs::remove_file(&env_file);
        return Err(error);
    }
    print(&instructions::text(&answers, config, &env_file))
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let file = options.open(path);
    let mut file = file.with_context(|| format!("`{}` can't be made", path.display()))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(|| {
        let _ = std::fs::remove_file(path);
        format!("`{}` can't be written", path.display())
    })
}
