//! A file of questions and answers, by what its name ends with.

mod content;
mod sheet;
mod markdown;

use std::io;
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, GB18030};
use serde::Deserialize;
use wxbot_sdk::file;

pub(crate) use self::content::Content;
use crate::entry::Entry;

/// Why a file can't be used.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {problem}", .path.display())]
pub(crate) struct FileError {
    path: PathBuf,
    problem: String,
    #[source]
    cause: Option<io::Error>,
}

/// As Excel and WPS call it.
const SAVE_AS: &str = "save it as CSV UTF-8 (另存为 → CSV UTF-8（逗号分隔）)";
const WORKBOOKS: [&str; 5] = ["xlsx", "xls", "ods", "et", "numbers"];
/// What workbooks begin with.
const ZIP: &[u8] = b"PK\x03\x04";
const OLE: &[u8] = b"\xd0\xcf\x11\xe0";

/// A TOML file: `[[entries]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries {
    entries: Vec<Entry>,
}

impl FileError {
    fn new(path: &Path, problem: impl ToString) -> Self {
        Self { path: path.to_owned(), problem: problem.to_string().trim_end().into(), cause: None }
    }

    /// All of it in one line.
    pub(crate) fn with_cause(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}

/// All entries of a file. A question without words, or without an answer, is an error.
pub(crate) fn read(path: &Path) -> Result<Content, FileError> {
    let wrong = |problem: String| FileError::new(path, problem);
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if WORKBOOKS.contains(&&*ending) {
        return Err(wrong(format!("a workbook can't be read: {SAVE_AS}")));
    }
    let text = text(path)?;
    let without_warnings = |entries| Content { entries, warnings: Vec::new() };
    let mut content = match &*ending {
        "csv" => sheet::read(&text).map_err(wrong)?,
        "md" => without_warnings(markdown::read(&text).map_err(wrong)?),
        "toml" => {
            let read: Entries = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
            without_warnings(read.entries)
        }
        _ => return Err(wrong("its name has to end with .csv, .md or .toml".into())),
    };
    for warning in &mut content.warnings {
        *warning = format!("`{}`: {warning}", path.display());
    }
    if content.entries.is_empty() {
        return Err(wrong("there is no question in it".into()));
    }
    let blank = content.entries.iter().position(|entry| entry.question.trim().is_empty());
    match blank {
        Some(place) => Err(wrong(format!("entry {} has no question", place + 1))),
        None => Ok(content),
    }
}

fn text(path: &Path) -> Result<String, FileError> {
    let wrong = |problem: &str| FileError::new(path, format!("{problem}: {SAVE_AS}"));
    let bytes = file::read(path).map_err(|cause| FileError {
        cause: Some(cause),
        ..FileError::new(path, "can't be read")
    })?;
    if bytes.starts_with(ZIP) || bytes.starts_with(OLE) {
        return Err(wrong("it is a workbook under another name"));
    }
    decoded(&bytes).ok_or_else(|| wrong("it is neither UTF-8 nor GBK"))
}

/// Spreadsheets in China save CSV as GBK, and "Unicode text" as UTF-16.
fn decoded(bytes: &[u8]) -> Option<String> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        let (text, _, is_broken) = encoding.decode(bytes);
        return (!is_broken).then(|| text.into_owned());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let text = GB18030.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some(text.into_owned())
}

#[cfg(test)]
mod tests;
