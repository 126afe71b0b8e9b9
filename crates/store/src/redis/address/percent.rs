//! Percent codes in a URL.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

pub(super) fn decoded(text: &str) -> Result<Cow<'_, str>, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map_err(|_| "a percent code in it is not UTF-8".to_owned())
}
