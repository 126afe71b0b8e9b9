//! Vectors of texts that are the same each time, and near to each other where characters are.

/// A vector of a text, of so many dimensions: what each of its characters, and each two that are
/// neighbours, adds up to. Texts that have none in common are nearly at right angles.
pub fn embedding(text: &str, dimensions: usize) -> Vec<f32> {
    let characters: Vec<u64> = text.chars().map(u64::from).collect();
    let pairs = characters.windows(2).map(|pair| pair[0] << 21 | pair[1]);
    let mut vector = vec![0.0; dimensions];
    for seed in characters.iter().copied().chain(pairs) {
        for (place, value) in vector.iter_mut().enumerate() {
            *value += scattered(seed, place as u64);
        }
    }
    vector
}

/// A number from -1 to 1 that looks random (SplitMix64).
fn scattered(seed: u64, place: u64) -> f32 {
    let mut bits = (seed << 20 ^ place).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits >> 40) as f32 / (1 << 23) as f32 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(one: &str, other: &str) -> f32 {
        let [one, other] = [one, other].map(|text| embedding(text, 256));
        let dot = |one: &[f32], other: &[f32]| -> f32 {
            one.iter().zip(other).map(|(one, other)| one * other).sum()
        };
        dot(&one, &other) / (dot(&one, &one) * dot(&other, &other)).sqrt()
    }

    #[test]
    fn what_is_alike_is_near() {
        assert!(cosine("怎么退货", "怎么退货") > 0.999);
        assert!(cosine("怎么退货", "怎么退货呢") > 0.7);
        assert!(cosine("怎么退货", "几点开门").abs() < 0.2);
    }
}
