//! Taking a store elsewhere: lines of JSON out, and in again.
//!
//! ```json
//! {"begin":{"version":1}}
//! {"value":{"key":"…","ttl_ms":60000,"base64":"…"}}
//! {"item":{"queue":"…","id":"…","due":1735689600000,"base64":"…"}}
//! {"end":{"entries":2}}
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufWriter, ErrorKind, IntoInnerError, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use wxbot_sdk::store::{Item, Store, StoreError, keys};

use crate::contents::{Contents, Entry};

/// Of the lines.
const VERSION: u32 = 1;

/// Why an export or import ended early.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The lines could not be written or read.
    #[error("the export can't be written or read")]
    Io(#[from] std::io::Error),
    /// A backup takes no other file's place.
    #[error("`{}` is there and is no backup of a store: it is left as it is", .0.display())]
    NoBackup(PathBuf),
    /// The store did not give or take an entry.
    #[error("the store failed after {entries} entries")]
    Store {
        /// How many were done.
        entries: u64,
        /// Why.
        source: StoreError,
    },
    /// Not what an export looks like. Entries before this line are in the store.
    #[error("line {line} is not from an export: {what}")]
    Line {
        /// From 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// The last line is missing. Entries up to there are in the store.
    #[error("the export is cut off after {entries} entries: its last line is missing")]
    CutOff {
        /// How many were done.
        entries: u64,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Line {
    Begin { version: u32 },
    Value { key: String, ttl_ms: u64, base64: String },
    Item { queue: String, id: String, due: u64, base64: String },
    End { entries: u64 },
}

/// Writes all values, with what is left of their time, and all items of queues; returns how many.
/// Access tokens stay where they are: whoever has one is the account. Of a Redis it is a picture of
/// one moment only if nothing else writes: stop the bot before.
pub async fn export(
    store: &dyn Contents,
    out: &mut (dyn Write + Send),
) -> Result<u64, TransferError> {
    let (mut entries, mut from) = (0, None);
    write(out, &Line::Begin { version: VERSION })?;
    loop {
        let page = store.page(from).await;
        let page = page.map_err(|source| TransferError::Store { entries, source })?;
        for entry in page.entries.into_iter().filter(|entry| !is_secret(entry)) {
            write(out, &entry.into())?;
            entries += 1;
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    write(out, &Line::End { entries })?;
    out.flush()?;
    Ok(entries)
}

fn is_secret(entry: &Entry) -> bool {
    matches!(entry, Entry::Value { key, .. } if key.starts_with(keys::TOKEN))
}

/// Exports into a file for the user alone: all of it, or it stays as it was. Only an earlier backup
/// is replaced.
pub async fn backup(store: &dyn Contents, path: &Path) -> Result<u64, TransferError> {
    if !may_be_replaced(path)? {
        return Err(TransferError::NoBackup(path.to_owned()));
    }
    let new = path.with_added_extension(format!("new-{}", std::process::id()));
    let done = match private(&new) {
        Ok(file) => export_into(store, file).await,
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(_) => fs::rename(&new, path)?,
        Err(_) => drop(fs::remove_file(&new)),
    }
    done
}

/// Whether nothing is there, or an export, whole or cut off.
fn may_be_replaced(path: &Path) -> std::io::Result<bool> {
    let about = match path.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        about => about?,
    };
    if !about.is_file() {
        return Ok(false);
    }
    let mut begin = Vec::new();
    write(&mut begin, &Line::Begin { version: VERSION })?;
    let mut found = Vec::new();
    File::open(path)?.take(begin.len() as u64).read_to_end(&mut found)?;
    Ok(begin.starts_with(&found))
}

async fn export_into(store: &dyn Contents, file: File) -> Result<u64, TransferError> {
    let mut out = BufWriter::new(file);
    let entries = export(store, &mut out).await?;
    out.into_inner().map_err(IntoInnerError::into_error)?.sync_all()?;
    Ok(entries)
}

fn private(path: &Path) -> std::io::Result<File> {
    // What a process of the same id left behind.
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Puts all entries of an export into a store, in place of what is there under the same names;
/// returns how many. Times to live go on from now. After an error it can be run again.
pub async fn import(
    store: &dyn Store,
    lines: &mut (dyn BufRead + Send),
) -> Result<u64, TransferError> {
    let (mut entries, mut text) = (0, String::new());
    for line in 1.. {
        text.clear();
        if lines.read_line(&mut text)? == 0 {
            break;
        }
        let wrong = |what: String| TransferError::Line { line, what };
        match serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))? {
            Line::Begin { version: VERSION } if line == 1 => {}
            Line::Begin { version } => return Err(wrong(unexpected_begin(version))),
            _ if line == 1 => return Err(wrong("`begin` is missing".into())),
            Line::End { entries: expected } if expected == entries => return Ok(entries),
            Line::End { entries: expected } => {
                return Err(wrong(format!("{expected} entries were written, {entries} are here")));
            }
            entry => {
                let entry = entry.into_entry().map_err(wrong)?;
                let kept = keep(store, entry).await;
                kept.map_err(|source| TransferError::Store { entries, source })?;
                entries += 1;
            }
        }
    }
    Err(TransferError::CutOff { entries })
}

fn unexpected_begin(version: u32) -> String {
    match version {
        VERSION => "there is a second `begin`".into(),
        other => format!("it has version {other}, this program knows version {VERSION}"),
    }
}

async fn keep(store: &dyn Store, entry: Entry) -> Result<(), StoreError> {
    match entry {
        Entry::Value { key, value, ttl } => store.put(&key, value, ttl).await,
        Entry::Item { queue, item } => store.push(&queue, item).await,
    }
}

fn write(out: &mut (dyn Write + Send), line: &Line) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    out.write_all(&text)
}

impl From<Entry> for Line {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Value { key, value, ttl } => Self::Value {
                key,
                ttl_ms: crate::limits::ttl_millis(ttl),
                base64: BASE64_STANDARD.encode(value),
            },
            Entry::Item { queue, item } => Self::Item {
                queue,
                id: item.id,
                due: item.due,
                base64: BASE64_STANDARD.encode(item.value),
            },
        }
    }
}

impl Line {
    fn into_entry(self) -> Result<Entry, String> {
        let bytes =
            |base64: String| BASE64_STANDARD.decode(base64).map_err(|error| error.to_string());
        match self {
            Self::Value { key, ttl_ms, base64 } => {
                let ttl = Duration::from_millis(ttl_ms);
                Ok(Entry::Value { key, value: bytes(base64)?, ttl })
            }
            Self::Item { queue, id, due, base64 } => {
                Ok(Entry::Item { queue, item: Item { id, value: bytes(base64)?, due } })
            }
            Self::Begin { .. } | Self::End { .. } => Err("it is no entry".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    async fn imported(lines: &str) -> Result<u64, String> {
        let done = import(&Memory::default(), &mut lines.as_bytes()).await;
        done.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn what_is_no_whole_export_is_refused() {
        let begin = r#"{"begin":{"version":1}}"#;
        let value = r#"{"value":{"key":"k","ttl_ms":1,"base64":"AA=="}}"#;
        let cases = [
            (String::new(), "the export is cut off after 0 entries"),
            (format!("{begin}\n{value}\n"), "the export is cut off after 1 entries"),
            (format!("{value}\n"), "line 1 is not from an export: `begin` is missing"),
            (format!("{begin}\n{begin}\n"), "line 2 is not from an export: there is a second"),
            (r#"{"begin":{"version":2}}"#.into(), "line 1 is not from an export: it has version 2"),
            (format!("{begin}\nhello\n"), "line 2 is not from an export: expected value"),
            (
                format!("{begin}\n{value}\n{{\"end\":{{\"entries\":2}}}}\n"),
                "line 3 is not from an export: 2 entries were written, 1 are here",
            ),
            (format!("{begin}\n{}\n", value.replace("AA==", "?")), "line 2 is not from an export"),
        ];
        for (lines, expected) in cases {
            let error = imported(&lines).await.unwrap_err();
            assert!(error.starts_with(expected), "{lines}: {error}");
        }
        let whole = format!("{begin}\n{value}\n{{\"end\":{{\"entries\":1}}}}\n");
        assert_eq!(imported(&whole).await, Ok(1));
    }
}
