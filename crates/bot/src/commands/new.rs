//! `wxbot new`: a plugin or a bot in a folder of its own, which builds and has a test that passes.

mod name;
mod packages; // where wxbot's come from
mod templates;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Error, bail};

use self::name::{BotName, PluginName};
use self::packages::Packages;
use self::templates::File;
use super::output::print;
use crate::cli::New;

pub(crate) fn new(what: &New) -> Result<(), Error> {
    match what {
        New::Plugin { name, shape, origin } => {
            let name = PluginName::parse(name)?;
            let packages = Packages::from(origin)?;
            write(name.package(), &templates::plugin(&name, *shape, &packages))?;
            print(&format!(
                "made {0}\n{1}\n  cd {0} && cargo test       # runs its test\n  \
                 cargo add --path ../{0}  # in the folder of your bot, and then in its bot.toml:\n\n{2}",
                name.package(),
                packages.note(),
                indented(&templates::entry(&name, *shape)),
            ))
        }
        New::Bot { name, origin } => {
            let name = BotName::parse(name)?;
            let packages = Packages::from(origin)?;
            write(name.package(), &templates::bot(&name, &packages))?;
            print(&format!(
                "made {0}\n{1}\n  cd {0} && cargo test      # runs its test\n  \
                 cargo run -- say 你好      # talks to it\n  \
                 cargo run                 # serves\n",
                name.package(),
                packages.note(),
            ))
        }
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// Makes a folder that is not there yet, with all of its files or not at all.
fn write(folder: &str, files: &[File]) -> Result<(), Error> {
    let folder = Path::new(folder);
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("`{}` is there already, and is left as it is", folder.display())
        }
        made => made.with_context(|| format!("`{}` can't be made", folder.display()))?,
    }
    files.iter().try_for_each(|file| file.write_in(folder)).inspect_err(|_| {
        let _ = fs::remove_dir_all(folder);
    })
}
