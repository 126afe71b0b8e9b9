//! What a command writes to standard output.

use std::io::{self, Write};

use anyhow::Error;

/// Writes what was asked for. Whoever reads only the start of it, as `head` does, is content.
pub(super) fn print(text: &str) -> Result<(), Error> {
    write(text.as_bytes())
}

/// Writes bytes likewise.
pub(super) fn write(bytes: &[u8]) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
