//! How hard a secret is to guess that people choose themselves.

use std::collections::HashSet;

/// What nobody guesses.
const BITS: f64 = 128.0;
/// Of so many random characters nearly all are different.
const DIFFERENT: usize = 8;

/// Whether a text has less than 128 bits, even if each of its characters was chosen at random.
pub(super) fn is_guessable(text: &str) -> bool {
    let different = text.chars().collect::<HashSet<_>>().len();
    let bits = f64::from(alphabet(text)).log2() * text.chars().count() as f64;
    bits < BITS || different < DIFFERENT
}

/// How many characters there were to choose from.
fn alphabet(text: &str) -> u32 {
    let all = |is: fn(&char) -> bool| text.chars().all(|character| is(&character));
    let any = |is: fn(&char) -> bool| text.chars().any(|character| is(&character));
    if all(char::is_ascii_digit) {
        return 10;
    }
    if all(char::is_ascii_hexdigit) {
        return 16;
    }
    let kinds = [
        (any(char::is_ascii_lowercase), 26),
        (any(char::is_ascii_uppercase), 26),
        (any(char::is_ascii_digit), 10),
        (any(|character| !character.is_ascii_alphanumeric()), 32),
    ];
    kinds.iter().filter(|(is_there, _)| *is_there).map(|(_, size)| size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_128_bits_or_can_be_guessed() {
        for token in [
            "1",
            "a-long-one",
            "0f1e2d3c4b5a69788796a5b4c3d2e1f",
            "01234567890123456789012345678901234567",
            "qM90RnJhbWV3b3JrVGVzd",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(is_guessable(token), "{token}");
        }
        for token in [
            "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            "012345678901234567890123456789012345678",
            "qM90RnJhbWV3b3JrVGVzdE",
            "6fa459ea-ee8a-3ca4-894e-db77e160355e",
            "correct horse battery staple",
        ] {
            assert!(!is_guessable(token), "{token}");
        }
    }
}
