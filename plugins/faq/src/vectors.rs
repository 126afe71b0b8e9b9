//! Wordings as vectors: what was asked is near to those that mean the same, whatever words they use.

use std::collections::HashMap;

use wxbot_sdk::embeddings::Vector;

/// Sums at once: a single one would have to wait for each addition.
const LANES: usize = 16;

/// Those of a list that are there.
#[derive(Debug, Default)]
pub struct Vectors {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    entry: u32,
    vector: Vector,
}

impl Vectors {
    /// Of wordings, with the place of their entry in the list; all of one dimension.
    pub fn new(rows: impl IntoIterator<Item = (u32, Vector)>) -> Self {
        let rows = rows.into_iter().map(|(entry, vector)| Row { entry, vector });
        Self { rows: rows.collect() }
    }

    /// How many numbers each has; `None` where there is none.
    pub(crate) fn dimensions(&self) -> Option<usize> {
        self.rows.first().map(|row| row.vector.len())
    }

    /// The cosine of each entry that has a vector with this one, by its nearest wording.
    pub fn cosines(&self, asked: &[f32]) -> HashMap<u32, f32> {
        let mut best = HashMap::new();
        for row in &self.rows {
            let cosine = dot(&row.vector, asked);
            let best = best.entry(row.entry).or_insert(cosine);
            *best = best.max(cosine);
        }
        best
    }
}

/// Of vectors of length 1 it is the cosine.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let (one, rest_of_one) = one.as_chunks::<LANES>();
    let (other, rest_of_other) = other.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (one, other) in one.iter().zip(other) {
        for lane in 0..LANES {
            sums[lane] += one[lane] * other[lane];
        }
    }
    let rest = rest_of_one.iter().zip(rest_of_other).map(|(one, other)| one * other);
    sums.into_iter().sum::<f32>() + rest.sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_as_near_as_its_nearest_wording() {
        let long = |value: f32| Vector::from([vec![0.0; 20], vec![value, 0.5]].concat());
        let vectors = Vectors::new([(0, long(0.5)), (7, long(-1.0)), (0, long(0.8))]);
        let cosines = vectors.cosines(&long(1.0));
        assert_eq!(cosines, HashMap::from([(0, 1.05), (7, -0.75)]));
        assert_eq!(vectors.dimensions(), Some(22));
    }
}
