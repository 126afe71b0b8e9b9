//! `wxbot init`: a configuration for a real account, its secrets, and what to enter at WeChat.

mod answers; // what is to be written
mod questions; // on a terminal
mod echo; // which shows no secret
mod secrets;
mod template;
mod example;
mod instructions;

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, bail};

use self::answers::Answers;
use self::questions::Terminal;
use super::input;
use super::output::print;
use crate::cli::{Cli, Example, Init};
use crate::config::EnvFile;

pub(crate) fn init(cli: &Cli, init: &Init) -> Result<(), Error> {
    let config = input::path(cli);
    let env_file = EnvFile::path_beside(config);
    let beside: Vec<_> = example_files(init, config);
    let others = beside.iter().map(|(path, _)| path.as_path());
    for path in [config, &env_file].into_iter().chain(others) {
        if path.exists() {
            bail!("`{}` is there already, and is left as it is", path.display());
        }
    }
    let is_asked = !init.yes && io::stdin().is_terminal();
    let answers = match is_asked {
        true => questions::ask(init, &mut Terminal)?,
        false => Answers::from_flags(init)?,
    };
    if let Some(warning) = answers.misfit() {
        eprintln!("warning: {warning}");
    }
    // The secrets first: a configuration without them would not load.
    let schema = config.with_file_name(template::SCHEMA);
    let has_schema = schema.exists().then_some(template::SCHEMA);
    let mut files = vec![(env_file.clone(), template::env_file(&answers), 0o600)];
    files.extend(beside.into_iter().map(|(path, text)| (path, text.to_owned(), 0o644)));
    let bot_toml = template::bot_toml(&answers, has_schema);
    let instructions = instructions::text(&answers, config, &env_file, &bot_toml);
    files.push((config.to_owned(), bot_toml, 0o644));
    write_all(&files)?;
    print(&instructions)
}

/// What the configuration of an example reads, beside it.
fn example_files(init: &Init, config: &Path) -> Vec<(PathBuf, &'static str)> {
    let files = init.like.map(Example::files).unwrap_or_default();
    files.iter().map(|(name, text)| (config.with_file_name(name), *text)).collect()
}

/// All of these files, each with its mode, or none.
fn write_all(files: &[(PathBuf, String, u32)]) -> Result<(), Error> {
    for (place, (path, text, mode)) in files.iter().enumerate() {
        if let Err(error) = write_new(path, text, *mode) {
            files[..place].iter().for_each(|(path, ..)| drop(std::fs::remove_file(path)));
            return Err(error);
        }
    }
    Ok(())
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
