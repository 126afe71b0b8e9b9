//! Any `Encrypt`: it is opened or refused; and what was sealed opens again.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use wxbot_core::receive::cipher::Key;

const APP_ID: &str = "wx0123456789abcdef";

static KEY: LazyLock<Key> = LazyLock::new(|| {
    Key::parse("Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM").expect("it has 43 characters")
});

fuzz_target!(|text: &str| {
    if let Ok(message) = KEY.open(text, APP_ID) {
        assert!(message.len() < text.len());
    }
    let _ = Key::parse(text);
    let sealed = KEY.seal(*b"0f1e2d3c4b5a6978", text.as_bytes(), APP_ID);
    assert_eq!(KEY.open(&sealed, APP_ID).as_deref(), Ok(text.as_bytes()));
    assert!(KEY.open(&sealed, "wx0000000000000000").is_err());
    let cut = text.len() % sealed.len();
    let _ = KEY.open(&sealed[cut..], APP_ID);
    let _ = KEY.open(&sealed[..cut], APP_ID);
});
