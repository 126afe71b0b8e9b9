//! `wxbot.env` beside the configuration: what `${NAME}` takes where the environment has nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use wxbot_sdk::settings::nearest;

/// The file's name; it stands in the folder of the configuration.
const NAME: &str = "wxbot.env";

/// The variables of a file of `NAME=value` lines, as systemd and Docker read them. Prints no value.
#[derive(Default)]
pub struct EnvFile {
    path: PathBuf,
    lines: Lines,
    unreadable: Option<Error>,
}

/// Its lines, numbered from 1.
#[derive(Default)]
struct Lines {
    variables: BTreeMap<String, (usize, String)>,
    /// Those that are not empty, no comment and no `NAME=value`. They may hold secrets.
    malformed: Vec<(usize, String)>,
    /// Variables whose values are in another encoding, such as GBK. A comment may be.
    not_utf8: Vec<(usize, String)>,
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
            Ok(bytes) => Self { path, lines: Lines::read(&bytes), unreadable: None },
            Err(error) if error.kind() == ErrorKind::NotFound => Self { path, ..Self::default() },
            Err(error) => Self { path, unreadable: Some(error), ..Self::default() },
        }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.lines.variables.get(name).map(|(_, value)| value.as_str())
    }

    /// What may be why a configuration that asked for these variables is wrong: why the file was not
    /// read, or which of its lines are not what they were meant to be.
    pub fn troubles(&self, asked: &BTreeSet<String>) -> Vec<String> {
        let path = self.path.display();
        if let Some(error) = &self.unreadable {
            return vec![format!("`{path}` can't be read: {error}")];
        }
        let mut troubles = self.lines.troubles(asked);
        troubles.sort();
        troubles.into_iter().map(|(line, trouble)| format!("{path}:{line}: {trouble}")).collect()
    }
}

/// Whether an editor on Windows saved it as "Unicode".
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0)
}

impl fmt::Debug for EnvFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lines.variables.keys()).finish()
    }
}

impl Lines {
    fn read(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut lines = Self::default();
        for (at, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            let line = String::from_utf8_lossy(line);
            lines.add(at, line.trim());
        }
        lines
    }

    fn add(&mut self, at: usize, line: &str) {
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        match assignment(line) {
            Some((name, value)) if value.contains(char::REPLACEMENT_CHARACTER) => {
                self.not_utf8.push((at, name.to_owned()));
            }
            Some((name, value)) => {
                self.variables.insert(name.to_owned(), (at, value.to_owned()));
            }
            None => self.malformed.push((at, line.to_owned())),
        }
    }

    fn troubles(&self, asked: &BTreeSet<String>) -> Vec<(usize, String)> {
        let missing: Vec<&str> =
            asked.iter().map(String::as_str).filter(|name| !self.has(name)).collect();
        let malformed =
            self.malformed.iter().map(|(at, line)| (*at, no_assignment(line, &missing)));
        let misspelt = self.variables.iter().filter(|(name, _)| !asked.contains(*name));
        let misspelt = misspelt.filter_map(|(name, (at, _))| Some((*at, near(name, &missing)?)));
        let quoted = asked.iter().filter_map(|name| {
            let (at, value) = self.variables.get(name)?;
            let is_quoted = value.starts_with(['“', '‘', '”']) || value.ends_with(['”', '’', '“']);
            is_quoted.then(|| (*at, format!("`{name}` has “ ” around it: write it without")))
        });
        let not_utf8 = self
            .not_utf8
            .iter()
            .map(|(at, name)| (*at, format!("`{name}` is not UTF-8: save the file as UTF-8")));
        malformed.chain(misspelt).chain(quoted).chain(not_utf8).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name) || std::env::var_os(name).is_some()
    }
}

/// The name and the value of `NAME=value`, which a shell's `export` may precede.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_name = !name.is_empty() && name.chars().all(is_part_of_name);
    is_name.then(|| (name, unquoted(value.trim())))
}

fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || "_-.".contains(c)
}

/// Quotes nothing of the line but a name that the configuration has.
fn no_assignment(line: &str, missing: &[&str]) -> String {
    let mut words = line.split(|c| !is_part_of_name(c));
    let name = words.find(|word| missing.contains(word)).unwrap_or("NAME");
    format!("this line is no NAME=VALUE: write {name}=…")
}

/// What a name was probably meant to be.
fn near(name: &str, missing: &[&str]) -> Option<String> {
    let lower_case = missing.iter().map(|missing| missing.to_lowercase()).collect::<Vec<_>>();
    let near = nearest(name, lower_case.iter().map(String::as_str))?.to_uppercase();
    let meant = missing.iter().find(|missing| missing.to_uppercase() == near)?;
    Some(format!("nothing asks for `{name}`; did you mean `{meant}`?"))
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
        let lines = Lines::read(text.as_bytes());
        let pairs: Vec<_> =
            lines.variables.iter().map(|(name, (_, value))| (&**name, &**value)).collect();
        assert_eq!(pairs, [("A", "1"), ("B", "two"), ("C", "3"), ("D", "4=5"), ("E", "")]);
        assert_eq!(lines.malformed, [(9, "nothing".to_owned())]);
    }

    #[test]
    fn no_value_is_printed() {
        let file = EnvFile { lines: Lines::read(b"TOKEN=secret1"), ..EnvFile::default() };
        assert_eq!(format!("{file:?}"), r#"{"TOKEN"}"#);
    }
}
