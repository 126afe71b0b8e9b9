//! Strings of JSON as lenient as texts of XML: what is forbidden in one costs only itself.

/// The same JSON with every string made valid: a raw control character is escaped, a backslash
/// that begins no escape stands for itself, a lone surrogate is dropped. What is no string is left
/// alone, and so is what a string ends at. One pass; at most six bytes for one.
pub(super) fn mend(json: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(json.len() + json.len() / 8);
    let mut in_string = false;
    let mut rest = json;
    while let Some(&byte) = rest.first() {
        let read = match byte {
            b'\\' if in_string => escape(rest, &mut mended),
            0..b' ' if in_string => control(byte, &mut mended),
            _ => {
                in_string ^= byte == b'"';
                mended.push(byte);
                1
            }
        };
        rest = &rest[read..];
    }
    mended
}

/// Writes what a backslash begins; returns how many bytes were read.
fn escape(json: &[u8], mended: &mut Vec<u8>) -> usize {
    let read = match (json.get(1), code_unit(json)) {
        (_, Some(0xd800..0xdc00)) if matches!(code_unit(&json[6..]), Some(0xdc00..0xe000)) => 12,
        (_, Some(0xd800..0xe000)) => return 6, // half of a pair
        (_, Some(_)) => 6,
        (Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'), _) => 2,
        _ => {
            mended.push(b'\\');
            1
        }
    };
    mended.extend_from_slice(&json[..read]);
    read
}

/// The UTF-16 code unit of a `\uXXXX`.
fn code_unit(json: &[u8]) -> Option<u16> {
    let digits = json.strip_prefix(br"\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

fn control(byte: u8, mended: &mut Vec<u8>) -> usize {
    mended.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
    1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::receive::envelope::read;

    /// What a string of JSON says, as a text and as a name.
    #[track_caller]
    fn check(string: &str, expected: &str, why: &str) {
        let body = format!(r#"{{"A":"{string}","{string}":"B"}}"#);
        let (fields, _) = read(body.as_bytes()).unwrap_or_else(|error| panic!("{why}: {error}"));
        let read: Vec<_> = fields.children().map(|child| (child.name(), child.text())).collect();
        assert_eq!(read, [("A", expected), (expected, "B")], "{why}");
    }

    #[test]
    fn what_json_forbids_in_a_string_costs_only_itself() {
        check("a\nb\r\nc\td", "a\nb\r\nc\td", "raw line breaks");
        check("a\0b\u{1b}[0mc\u{1f}", "a\0b\u{1b}[0mc\u{1f}", "raw controls, as in XML");
        check(r"C:\windows\_", r"C:\windows\_", "a backslash that begins no escape");
        check(r"\'\x41\0", r"\'\x41\0", "escapes of other languages");
        check(r"\u12\u12g4\u+123\uD", r"\u12\u12g4\u+123\uD", "too few digits");
        check("\\\n\\你", "\\\n\\你", "a backslash in front of what it can't escape");
        check(r"\\\n\\\\\q", "\\\n\\\\\\q", "escapes around it are kept");
        check(r"a\ud83db", "ab", "half an emoji");
        check(r"a\ude00b", "ab", "its other half");
        check(r"\ud83d\ud83d\ude00\ude00", "😀", "halves around a whole one");
        check(r"\ude00\ud83d", "", "halves in the wrong order");
        check(r"\uD83D\n", "\n", "half an emoji in front of an escape");
        check(r"\ud83dA\ude00", "A", "halves apart");
        check(r#"\"\q\""#, r#""\q""#, "quotes inside");
    }

    #[test]
    fn what_is_valid_is_left_alone() {
        for json in [r#"{"A":"\ud83d\ude00\u0000<\/\\\"","B" : [1, true] }"#, "{\n\t\"A\":1}", ""] {
            assert_eq!(mend(json.as_bytes()), json.as_bytes());
        }
    }

    #[test]
    fn what_is_no_string_is_left_alone() {
        for json in ["{\u{1b}}", r"{\q}", "{\"A\":1\0}", "{\"A\":\"\\\"\0}"] {
            assert!(read(json.as_bytes()).is_err(), "{json}");
        }
        assert_eq!(mend(b"{\x1b\\q"), b"{\x1b\\q");
    }

    #[test]
    fn no_byte_becomes_more_than_six() {
        let json = [b"{\"A\":\"", &[0x1b; 1000][..], b"\"}"].concat();
        assert_eq!(mend(&json).len(), json.len() + 5 * 1000);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_string_is_read(string in r#"([\x00-\x20]|\\|\\u[89a-e]{0,4}|[^"])*"#) {
            // The letter at its end keeps a backslash from escaping the quote.
            let body = format!("{{\"{string}a\":\"{string}a\"}}");
            prop_assert!(read(body.as_bytes()).is_ok(), "{body}");
        }
    }
}
