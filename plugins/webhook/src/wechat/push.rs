//! A message as WeChat posts it: every field that came, in its order, but for the ciphertext of
//! compatible mode.

use wxbot_sdk::fields::{Element, Fields};

/// WeChat writes these without CDATA.
const NUMBERS: [&str; 2] = ["CreateTime", "MsgId"];

/// `<xml>…</xml>`.
pub(super) fn write(fields: &Fields) -> String {
    let mut xml = String::with_capacity(2 * fields.bytes() + 16);
    xml.push_str("<xml>");
    fields.children().filter(|child| child.name() != "Encrypt").for_each(|child| {
        element(&mut xml, child);
    });
    xml.push_str("</xml>");
    xml
}

/// A name from a JSON body may be none of XML: there is no way to write that one.
fn element(xml: &mut String, element: Element<'_>) {
    let (name, text) = (element.name(), element.text());
    if !is_name(name) {
        return;
    }
    xml.extend(["<", name, ">"]);
    let is_number = NUMBERS.contains(&name) && text.bytes().all(|byte| byte.is_ascii_digit());
    match is_number {
        true => xml.push_str(text),
        false => cdata(xml, text, element.children().next().is_some()),
    }
    element.children().for_each(|child| self::element(xml, child));
    xml.extend(["</", name, ">"]);
}

/// What XML 1.0 forbids is left out, and then `]]>` is split over two sections.
fn cdata(xml: &mut String, text: &str, is_parent: bool) {
    if is_parent && text.is_empty() {
        return;
    }
    let allowed: String = text.chars().filter(|character| !is_forbidden(*character)).collect();
    xml.extend(["<![CDATA[", &allowed.replace("]]>", "]]]]><![CDATA[>"), "]]>"]);
}

fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        other => other < ' ',
    }
}

fn is_name(name: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    name.starts_with(is_start) && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The elements of a tree as JSON, and what is written of it.
    #[track_caller]
    fn check(elements: &str, expected: &str) {
        let fields: Fields = serde_json::from_str(elements).unwrap();
        assert_eq!(write(&fields), format!("<xml>{expected}</xml>"), "{elements}");
    }

    #[test]
    fn every_field_is_written_as_wechat_does() {
        check("[]", "");
        check(r#"[["MsgType","text"]]"#, "<MsgType><![CDATA[text]]></MsgType>");
        check(
            r#"[["CreateTime","17"],["MsgId","2"]]"#,
            "<CreateTime>17</CreateTime><MsgId>2</MsgId>",
        );
        check(r#"[["CreateTime","<a>"]]"#, "<CreateTime><![CDATA[<a>]]></CreateTime>");
        check(r#"[["Content","12"]]"#, "<Content><![CDATA[12]]></Content>");
        check(
            r#"[["P",[["item",[["M","a"]]],["item",[["M",""]]]]]]"#,
            "<P><item><M><![CDATA[a]]></M></item><item><M><![CDATA[]]></M></item></P>",
        );
        check(r#"[["A","x",[["B","1"]]]]"#, "<A><![CDATA[x]]><B><![CDATA[1]]></B></A>");
    }

    #[test]
    fn what_xml_can_not_say_is_left_out() {
        check(r#"[["Encrypt","x"],["A","1"]]"#, "<A><![CDATA[1]]></A>");
        check(r#"[["a b","x"],["<","x"],["","x"],["1a","x"],["A-b_c.1","1"]]"#, {
            "<A-b_c.1><![CDATA[1]]></A-b_c.1>"
        });
        check(r#"[["A","]]>]]>"]]"#, "<A><![CDATA[]]]]><![CDATA[>]]]]><![CDATA[>]]></A>");
        check(r#"[["A","]\u0000]>\u001b\n"]]"#, "<A><![CDATA[]]]]><![CDATA[>\n]]></A>");
    }
}
