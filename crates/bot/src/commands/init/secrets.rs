//! What nobody must be able to guess.

use rand::distr::{Alphanumeric, SampleString};

/// A Token (令牌): as long as WeChat takes it, 190 bits.
pub(super) fn token() -> String {
    letters_and_digits(32)
}

/// An EncodingAESKey: 43 characters, 256 bits.
pub(super) fn encoding_aes_key() -> String {
    letters_and_digits(43)
}

/// From rand's generator for cryptography, which the system seeds.
fn letters_and_digits(count: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), count)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::config::forms::Form;

    #[test]
    fn they_have_the_form_that_wechat_takes_and_never_come_twice() {
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            let (token, key) = (token(), encoding_aes_key());
            assert_eq!((Form::Token.fault(&token), key.len()), (None, 43));
            assert!(wxbot_sim::Key::parse(&key).is_ok());
            assert!(seen.insert(token) && seen.insert(key));
        }
    }
}
