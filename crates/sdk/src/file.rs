//! Files that settings name, such as lists of words and sheets of questions.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// The largest file that is read.
pub const MOST_BYTES: u64 = 64 << 20;

/// All of a file. What is no ordinary file is an error, as a pipe or a device may never end; so is
/// one of more than 64 MiB.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let about = path.metadata()?;
    if !about.is_file() {
        let what = if about.is_dir() { "a folder" } else { "a pipe, a socket or a device" };
        return Err(Error::new(ErrorKind::InvalidInput, format!("it is {what}, not a file")));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MOST_BYTES {
        true => Err(Error::new(ErrorKind::FileTooLarge, "it has more than 64 MiB")),
        false => Ok(bytes),
    }
}
