//! Lists that stand in settings and in files, one entry per line.

use std::io;
use std::path::PathBuf;

use wxbot_sdk::file;
use wxbot_sdk::plugin::BuildEnv;

/// Why a list can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    /// There is no such file, or it is not for us.
    #[error("`{}` can't be read", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// In GBK, perhaps.
    #[error("line {line} of `{}` is not UTF-8; save it in that encoding", .path.display())]
    NotUtf8 { path: PathBuf, line: usize },
}

/// The entries of the settings, and those of the files; `entry` finds the entry in a line. Lines
/// without one are left out.
pub(crate) fn with_files(
    settings: &[String],
    files: &[PathBuf],
    env: &BuildEnv,
    entry: fn(&str) -> &str,
) -> Result<Vec<String>, ListError> {
    let mut entries = settings.to_vec();
    for path in files.iter().map(|file| env.path(file)) {
        let text = read(path)?;
        let lines = text.trim_start_matches('\u{feff}').lines().map(entry);
        entries.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    }
    Ok(entries)
}

/// The whole line.
pub(crate) fn line(line: &str) -> &str {
    line.trim()
}

/// What is in front of a comment.
pub(crate) fn before_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

fn read(path: PathBuf) -> Result<String, ListError> {
    let bytes = match file::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => return Err(ListError::Unreadable(path, error)),
    };
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        ListError::NotUtf8 { path, line }
    })
}
