//! Vectors in the store, where it outlives the process: a restart makes none again.
//!
//! The key is a hash of the vectors' space and the text, so what is found is of this model and this text,
//! or nothing is.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use wxbot_sdk::embeddings::Vector;
use wxbot_sdk::store::{Namespace, Reach, StoreError};

const DAY: u64 = 24 * 60 * 60;
/// What no list has had for so long is forgotten. It is a year, as only a start reads, and so renews,
/// what is kept: a process that runs for months must not come back to an empty store.
const TTL: Duration = Duration::from_secs(365 * DAY);
/// What is older is written again when it is read.
const RENEWED_AFTER: u64 = 20 * DAY;

/// What the store has of them.
pub(super) struct Kept<'e> {
    store: Namespace,
    space: &'e str,
    /// Unix seconds.
    now: u64,
}

/// One vector.
#[derive(Serialize, Deserialize)]
struct KeptVector {
    /// Its numbers, as bytes in Base64: a third of what they take as decimals.
    vector: String,
    /// When it was written, in Unix seconds.
    since: u64,
}

impl<'e> Kept<'e> {
    /// `None` where nothing would outlive the process anyway.
    pub(super) fn new(store: Namespace, space: &'e str, now: u64) -> Option<Self> {
        (store.reach() != Reach::Process).then_some(Self { store, space, now })
    }

    /// The vector of a text, if it is there.
    pub(super) async fn get(&self, text: &str) -> Option<Vector> {
        let kept: KeptVector = noted(self.store.get(&self.key(text)).await)??;
        let vector = decoded(&kept.vector)?;
        if self.now > kept.since + RENEWED_AFTER {
            self.put(text, &vector).await;
        }
        Some(vector)
    }

    pub(super) async fn put(&self, text: &str, vector: &Vector) {
        let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        let kept = KeptVector { vector: STANDARD_NO_PAD.encode(bytes), since: self.now };
        noted(self.store.put(&self.key(text), &kept, TTL).await);
    }

    fn key(&self, text: &str) -> String {
        let mut hash = Context::new(&SHA256);
        for part in [self.space, text] {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let hex: String =
            hash.finish().as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("vector/{hex}")
    }
}

/// `None` where it is not what was written.
fn decoded(written: &str) -> Option<Vector> {
    let bytes = STANDARD_NO_PAD.decode(written).ok()?;
    let (values, rest) = bytes.as_chunks::<4>();
    let values: Vec<f32> = values.iter().map(|value| f32::from_le_bytes(*value)).collect();
    let square: f32 = values.iter().map(|value| value * value).sum();
    (rest.is_empty() && (square - 1.0).abs() < 0.01).then(|| Arc::from(values))
}

fn noted<T>(done: Result<T, StoreError>) -> Option<T> {
    done.inspect_err(|error| tracing::debug!(%error, "a vector is not kept")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_written_so_is_no_vector() {
        let written = |values: &[f32]| {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            STANDARD_NO_PAD.encode(bytes)
        };
        assert_eq!(decoded(&written(&[0.6, 0.8])), Some([0.6, 0.8].into()));
        for wrong in [written(&[0.6, 0.9]), written(&[f32::NAN]), "AAA".into(), "?".into()] {
            assert_eq!(decoded(&wrong), None, "{wrong}");
        }
    }
}
