//! The fields that tell who speaks to whom and what kind of body it is, in XML or in JSON.

use serde::Deserialize;

use crate::xml::{self, BrokenReferences};

/// The fields of a body that name its parties and its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Header {
    /// `ToUserName`.
    pub to_user_name: Option<String>,
    /// `FromUserName`.
    pub from_user_name: Option<String>,
    /// `MsgType`.
    pub msg_type: Option<String>,
    /// `Event`.
    pub event: Option<String>,
    /// `Encrypt`, of a body that is encrypted.
    pub encrypt: Option<String>,
}

impl Header {
    /// Reads a body as tolerantly as a bot has to (section 2.3): pretty-printed, with control
    /// characters, with characters that XML can't refer to. What can't be read at all has no fields.
    pub fn read(body: &str) -> Self {
        let body = body.replace(|character: char| character.is_ascii_control(), " ");
        Self::read_xml(&body).or_else(|| serde_json::from_str(&body).ok()).unwrap_or_default()
    }

    fn read_xml(body: &str) -> Option<Self> {
        let root = xml::read(body, BrokenReferences::Keep).ok()?;
        let field = |name: &str| {
            let child = root.children.iter().find(|child| child.name == name)?;
            Some(child.text.trim().to_owned())
        };
        Some(Self {
            to_user_name: field("ToUserName"),
            from_user_name: field("FromUserName"),
            msg_type: field("MsgType"),
            event: field("Event"),
            encrypt: field("Encrypt"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_tells_its_parties_however_it_is_written() {
        let bodies = [
            ("<xml><FromUserName>o1</FromUserName></xml>", "XML"),
            (
                "<xml>\n <FromUserName>\n <![CDATA[o1]]>\n </FromUserName>\n</xml>\n",
                "pretty-printed",
            ),
            ("<xml><FromUserName>o1</FromUserName><A>&#55357;&#56832;</A></xml>", "surrogates"),
            (
                "<xml><FromUserName>o1</FromUserName><A>a & b&nbsp;\u{1b}[0m</A></xml>",
                "broken text",
            ),
            (r#"{"FromUserName":"o1","CreateTime":1}"#, "JSON"),
            ("{\"FromUserName\":\"o1\",\"Content\":\"a\nb\u{1b}[0m\"}", "JSON with raw characters"),
            (r#"{"FromUserName":"o1","Content":"\ud83d"}"#, "JSON with half an emoji"),
        ];
        for (body, reason) in bodies {
            let from_user_name = Some("o1".to_owned());
            assert_eq!(
                Header::read(body),
                Header { from_user_name, ..Header::default() },
                "{reason}"
            );
        }
    }

    #[test]
    fn what_is_neither_xml_nor_json_has_no_fields() {
        for body in ["", "hi", "<xml>", "[]", "{"] {
            assert_eq!(Header::read(body), Header::default(), "{body}");
        }
    }
}
