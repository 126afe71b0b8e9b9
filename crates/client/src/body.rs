//! JSON as WeChat takes it: in UTF-8, and nothing written as `\uXXXX` (section 7).

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use crate::transport::RequestBody;

/// The body of a POST.
pub(crate) fn json(value: &Value) -> RequestBody {
    let mut bytes = Vec::with_capacity(128);
    let mut writer = Serializer::with_formatter(&mut bytes, Unescaped(CompactFormatter));
    value.serialize(&mut writer).expect("a JSON value can be written to memory");
    let content_type = "application/json; charset=utf-8".to_owned();
    RequestBody { content_type, pieces: [bytes.into()].into() }
}

/// Leaves out what JSON can only write as `\u00XX`: control characters, which nobody sees.
struct Unescaped(CompactFormatter);

impl Formatter for Unescaped {
    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::AsciiControl(_) => Ok(()),
            escape => self.0.write_char_escape(writer, escape),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn nothing_is_written_as_an_escaped_number() {
        let written =
            json(&json!({"a": "你好\u{1F600}\u{2028}\u{7f}", "b": "\"\\\n\t\u{1}\u{1b}x"}));
        assert_eq!(
            written.whole().await.unwrap(),
            "{\"a\":\"你好\u{1F600}\u{2028}\u{7f}\",\"b\":\"\\\"\\\\\\n\\tx\"}"
        );
        assert_eq!(written.content_type, "application/json; charset=utf-8");
    }
}
