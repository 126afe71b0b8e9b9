//! Requests that reach no account: a proxy that strips or doubles the path is found in the log.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use wxbot_core::account::Account;
use wxbot_sdk::redact::Short;

/// Paths logged before they are only counted: a scanner tries thousands.
const MOST_LOGGED: usize = 16;
/// After that they are logged anew.
const REMEMBERED: Duration = Duration::from_secs(3600);
/// So much of a path is remembered and logged.
const MOST_CHARACTERS: usize = 100;
/// A longer part of a path may be an openid or a key.
const LONGEST_WORD: usize = 24;

/// Logs each path once, and only so many of them.
pub(super) struct UnknownPaths {
    /// The paths that do exist, each with its account.
    known: String,
    logged: Mutex<Logged>,
}

/// What was logged since a time.
struct Logged {
    since: Instant,
    paths: HashSet<String>,
    /// Requests that were not logged, as too many paths were.
    left_out: u64,
}

impl Logged {
    fn nothing() -> Self {
        Self { since: Instant::now(), paths: HashSet::new(), left_out: 0 }
    }
}

impl UnknownPaths {
    pub(super) fn new<'a>(accounts: impl Iterator<Item = &'a Account>) -> Self {
        let known: Vec<_> = accounts.map(|one| format!("{} ({})", one.path, one.id)).collect();
        Self { known: known.join(", "), logged: Mutex::new(Logged::nothing()) }
    }

    /// A request came for this path.
    pub(super) fn log(&self, path: &str) {
        let path = Redacted(path).to_string();
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.since.elapsed() > REMEMBERED {
            *logged = Logged::nothing();
        }
        if logged.paths.contains(&path) {
            return;
        }
        if logged.paths.len() < MOST_LOGGED {
            tracing::warn!(path, known = self.known, "no account has this path");
            logged.paths.insert(path);
            return;
        }
        logged.left_out += 1;
        if logged.left_out == 1 {
            tracing::warn!(
                paths = MOST_LOGGED,
                "many unknown paths: the next hour's are only counted (wxbot_unknown_paths_total)"
            );
        }
    }
}

/// A path without what may be a secret, and not too long.
struct Redacted<'p>(&'p str);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.char_indices().nth(MOST_CHARACTERS).map_or(self.0.len(), |(at, _)| at);
        for (n, word) in self.0[..end].split('/').enumerate() {
            let slash = if n > 0 { "/" } else { "" };
            match word.chars().count() > LONGEST_WORD {
                true => write!(f, "{slash}{}", Short(word))?,
                false => write!(f, "{slash}{word}")?,
            }
        }
        f.write_str(if end < self.0.len() { "…" } else { "" })
    }
}
