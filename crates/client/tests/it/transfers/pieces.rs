//! A file of pieces that are counted while they live.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::stream;
use wxbot_sdk::api::FileContent;

use super::PIECE;

/// Pieces of a file that are counted while they live.
#[derive(Clone, Default)]
pub(crate) struct Pieces {
    pub(crate) alive: Arc<AtomicUsize>,
    pub(crate) most_alive: Arc<AtomicUsize>,
    pub(crate) given: Arc<AtomicUsize>,
}

/// One of them.
pub(crate) struct Piece {
    bytes: [u8; PIECE],
    alive: Arc<AtomicUsize>,
}

impl Pieces {
    pub(crate) fn next(&self) -> Bytes {
        let alive = self.alive.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_alive.fetch_max(alive, Ordering::SeqCst);
        self.given.fetch_add(PIECE, Ordering::SeqCst);
        Bytes::from_owner(Piece { bytes: [b'x'; PIECE], alive: Arc::clone(&self.alive) })
    }

    /// So many of them.
    pub(crate) fn content(&self, pieces: usize, said: usize) -> FileContent {
        let these = self.clone();
        let stream = stream::iter((0..pieces).map(move |_| Ok(these.next())));
        FileContent::stream(said as u64, stream)
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}
