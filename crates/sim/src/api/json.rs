//! Bodies in JSON, read as strictly as WeChat does (section 7, rules for all calls).

use serde_json::Value;

use crate::errcode::ApiError;

/// A string that is not empty.
pub(super) fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// A number, which may be written as a string.
pub(super) fn number(object: &Value, name: &str) -> Option<u64> {
    let value = object.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Reads an object in UTF-8 without `\uXXXX`.
pub(super) fn read(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Err(ApiError::code(44002));
    }
    let text = std::str::from_utf8(body).map_err(|_| ApiError::code(47001))?;
    let value: Value = serde_json::from_str(text).map_err(|_| ApiError::code(47001))?;
    if has_unicode_escape(text) {
        return Err(ApiError::code(47002));
    }
    if value.is_object() { Ok(value) } else { Err(ApiError::code(47001)) }
}

/// Control characters pass, as there is no other way to write them.
fn has_unicode_escape(json: &str) -> bool {
    let mut rest = json;
    while let Some((_, escape)) = rest.split_once('\\') {
        let code = escape.strip_prefix('u').and_then(|hex| hex.get(..4));
        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        if code.is_some_and(|code| code >= 0x20) {
            return true;
        }
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_an_object_in_plain_utf8() {
        let rows = [
            ("{\"a\":\"你\"}", None, "plain"),
            (r#"{"a":"\n\"\\u4f60"}"#, None, "a backslash before a u"),
            (r#"{"a":"\u0007"}"#, None, "a control character"),
            (r#"{"a":"\u4f60"}"#, Some(47002), "an escape"),
            (r#"{"a":"\u003ca"}"#, Some(47002), "an escape as Go writes it"),
            (r#"{"a":"#, Some(47001), "half of it"),
            ("[]", Some(47001), "no object"),
            ("a=1", Some(47001), "a form"),
            ("", Some(44002), "nothing"),
        ];
        for (body, errcode, reason) in rows {
            let came = read(body.as_bytes()).err().map(|error| error.errcode);
            assert_eq!(came, errcode, "{reason}");
        }
    }
}
