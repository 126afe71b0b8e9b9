//! How many connections there may be: so many that files are left for everything else.

use rustix::process::{Resource, getrlimit};

/// Not more, however many files there may be: what a connection buffers is memory.
const MOST: usize = 16_384;
/// Enough for a console, its probes and whoever attacks them.
const MOST_OF_CONSOLE: usize = 64;

/// Connections of both listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capacity {
    pub(crate) endpoint: usize,
    pub(crate) console: usize,
}

impl Capacity {
    /// What the operator wants, as far as this process may have the files for it.
    pub(crate) fn new(wanted: Option<usize>) -> Self {
        let files = getrlimit(Resource::Nofile).current;
        Self::of(
            wanted,
            files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX)),
        )
    }

    fn of(wanted: Option<usize>, files: usize) -> Self {
        // The store, the calls of WeChat's API and what plugins open need some, too.
        let most = files - files / 4;
        let console = (files / 16).min(MOST_OF_CONSOLE);
        let endpoint = wanted.unwrap_or((files / 2).min(MOST)).min(most - console);
        if let Some(wanted) = wanted.filter(|wanted| *wanted > endpoint) {
            tracing::warn!(
                max_connections = wanted,
                used = endpoint,
                files,
                "`max_connections` is more than the limit of open files allows (`ulimit -n`)"
            );
        }
        Self { endpoint, console }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_left_for_everything_else() {
        let table = [
            // wanted, files, endpoint, console
            (None, 1024, 512, 64),
            (None, 256, 128, 16),
            (None, 1 << 20, MOST, 64),
            (None, usize::MAX, MOST, 64),
            (Some(100), 1024, 100, 64),
            (Some(100_000), 1 << 20, 100_000, 64),
            (Some(1000), 1024, 704, 64),
            (Some(1000), 256, 176, 16),
        ];
        for (wanted, files, endpoint, console) in table {
            let capacity = Capacity { endpoint, console };
            assert_eq!(Capacity::of(wanted, files), capacity, "{wanted:?} of {files}");
        }
    }
}
