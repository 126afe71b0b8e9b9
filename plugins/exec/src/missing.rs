//! What a command names and is not there, as far as that can be seen before it is started.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::config::Command;

/// What the names of scripts end with.
const SCRIPTS: [&str; 12] =
    ["py", "js", "mjs", "cjs", "ts", "rb", "php", "pl", "lua", "sh", "jar", "dll"];

/// Where the system looks without a PATH.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

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
        false => Some(format!(
            "there is no program `{program}` in the PATH: install it, or write its whole path"
        )),
    }
}

/// The first argument that is no option, if it is called like a script.
fn script(command: &Command, folder: &Path) -> Option<String> {
    let script = command.arguments.iter().find(|argument| !argument.starts_with('-'))?;
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
