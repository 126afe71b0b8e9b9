//! `wxbot.env` beside the configuration: what `${NAME}` takes where the environment has nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// The file's name; it stands in the folder of the configuration.
const NAME: &str = "wxbot.env";

/// The variables of a file of `NAME=value` lines, as systemd and Docker read them. Prints no value.
#[derive(Default)]
pub struct EnvFile {
    path: PathBuf,
    variables: BTreeMap<String, String>,
    unreadable: Option<Error>,
}

impl EnvFile {
    /// Where the file of a configuration is.
    pub fn path_beside(config: &Path) -> PathBuf {
        config.with_file_name(NAME)
    }

    /// Reads it. One that is not there has no variables; nor has one that can't be read, as systemd
    /// may have read it for a user who can't.
    pub fn beside(config: &Path) -> Self {
        let path = Self::path_beside(config);
        match std::fs::read(&path) {
            Ok(bytes) if is_utf16(&bytes) => {
                let what = "it is UTF-16, which editors call Unicode; save it as UTF-8";
                let unreadable = Some(Error::new(ErrorKind::InvalidData, what));
                Self { path, unreadable, ..Self::default() }
            }
            Ok(bytes) => {
                let mut variables = read(&String::from_utf8_lossy(&bytes));
                let unreadable = not_utf8(&bytes).map(|(line, name)| {
                    variables.retain(|_, value| !value.contains(char::REPLACEMENT_CHARACTER));
                    let what =
                        format!("line {line}: `{name}` is not UTF-8; save the file as UTF-8");
                    Error::new(ErrorKind::InvalidData, what)
                });
                Self { path, variables, unreadable }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self { path, ..Self::default() },
            Err(error) => Self { path, unreadable: Some(error), ..Self::default() },
        }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Why a file that is there was not read.
    pub fn trouble(&self) -> Option<String> {
        let error = self.unreadable.as_ref()?;
        Some(format!("`{}` can't be read: {error}", self.path.display()))
    }
}

/// Whether an editor on Windows saved it as "Unicode".
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0)
}

impl fmt::Debug for EnvFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Lines that are empty, a comment or no assignment say nothing.
fn read(text: &str) -> BTreeMap<String, String> {
    let assignment = |line: &str| {
        let line = line.trim();
        let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        Some((name.to_owned(), unquoted(value.trim()).to_owned()))
    };
    text.trim_start_matches('\u{feff}').lines().filter_map(assignment).collect()
}

/// The first variable that is not UTF-8, as an editor for GBK saves it, with its line. A comment
/// may be.
fn not_utf8(bytes: &[u8]) -> Option<(usize, String)> {
    let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
    let mut broken = lines.filter(|(_, line)| std::str::from_utf8(line).is_err());
    broken.find_map(|(number, line)| {
        let (name, _) = read(&String::from_utf8_lossy(line)).pop_first()?;
        Some((number, name))
    })
}

fn unquoted(value: &str) -> &str {
    let inside = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or(inside('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read() {
        let text =
            "\u{feff}# secrets\r\nA=1\r\n\n B = two \nexport C='3'\nD=\"4=5\"\nE=\n#F=6\nnothing\n";
        let read = read(text);
        let pairs: Vec<_> = read.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(pairs, [("A", "1"), ("B", "two"), ("C", "3"), ("D", "4=5"), ("E", "")]);
    }

    #[test]
    fn no_value_is_printed() {
        let file = EnvFile { variables: read("TOKEN=secret1"), ..EnvFile::default() };
        assert_eq!(format!("{file:?}"), r#"{"TOKEN"}"#);
    }
}
