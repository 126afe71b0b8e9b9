//! What a command names and is not there, as far as that can be seen before it is started.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::config::{Command, is_name};

/// What the names of scripts end with.
const SCRIPTS: [&str; 12] =
    ["py", "js", "mjs", "cjs", "ts", "rb", "php", "pl", "lua", "sh", "jar", "dll"];

/// Where the system looks without a PATH.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// A word with a blank or `=` is more than a name, and may hold a secret: nobody quotes it.
const MORE_THAN_A_NAME: &str = "`command` is a list: write the program and each of its arguments on \
     its own, [\"PROGRAM\", \"ARGUMENT\"], and its variables into `env`";

/// Options with a value that is no script. `-e` is none: a shell's has no value.
const WITH_VALUE: [&str; 4] = ["-c", "-m", "-r", "--require"];

/// The program and the script, each with what to do about it. `folder` is where `bot.toml` is.
pub(crate) fn find(command: &Command, folder: &Path) -> Vec<String> {
    let program = program(command, folder);
    program.into_iter().chain(script(command, folder)).collect()
}

/// A name without a slash is looked up in the PATH that the child has.
fn program(command: &Command, folder: &Path) -> Option<String> {
    let program = &command.program;
    let path = Path::new(program);
    if program.contains('/') {
        return match () {
            () if !path.exists() && !is_name(program) => Some(MORE_THAN_A_NAME.to_owned()),
            () if !path.exists() => Some(not_there(program, folder)),
            () if !is_executable(path) => {
                Some(format!("`{program}` is no program: try `chmod +x {program}`"))
            }
            () => None,
        };
    }
    let environment = command.environment();
    let folders =
        environment.get(OsStr::new("PATH")).map_or(OsStr::new(DEFAULT_PATH), AsRef::as_ref);
    let mut found = std::env::split_paths(folders).map(|folder| folder.join(program));
    match found.any(|path| is_executable(&path)) {
        true => None,
        false if !is_name(program) => Some(MORE_THAN_A_NAME.to_owned()),
        false => Some(format!(
            "there is no program `{program}` in the PATH: install it, or write its whole path"
        )),
    }
}

/// The first argument that is no option, if it is called like a script.
fn script(command: &Command, folder: &Path) -> Option<String> {
    let mut arguments = command.arguments.iter();
    let script = loop {
        match arguments.next()?.as_str() {
            option if WITH_VALUE.contains(&option) => drop(arguments.next()),
            option if option.starts_with('-') || !is_name(option) => {}
            script => break script,
        }
    };
    let ending = Path::new(script).extension().and_then(OsStr::to_str)?;
    let is_missing = SCRIPTS.contains(&ending) && !Path::new(script).exists();
    is_missing.then(|| not_there(script, folder))
}

fn not_there(name: &str, folder: &Path) -> String {
    let beside = folder.join(name);
    let cure = match std::path::absolute(&beside) {
        Ok(beside) if beside.exists() => format!("write `{}`", beside.display()),
        _ => "write its whole path".to_owned(),
    };
    format!("there is no file `{name}` in the folder in which wxbot was started: {cure}")
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}
