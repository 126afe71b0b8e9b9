//! XML, written as WeChat writes it and read as strictly as XML itself is.

use std::fmt::Write;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::{Element, Value};

/// Deeper than any reply.
const MAX_DEPTH: usize = 32;

/// Why a text is not XML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not well-formed: {0}")]
pub struct Malformed(String);

pub(super) fn write(elements: &[Element]) -> String {
    let mut xml = String::from("<xml>");
    elements.iter().for_each(|element| write_one(&mut xml, element));
    xml.push_str("</xml>");
    xml
}

fn write_one(xml: &mut String, element: &Element) {
    let name = &element.name;
    let _ = write!(xml, "<{name}>"); // a String takes everything
    match &element.value {
        Value::Text(text) => xml.push_str(&cdata(text)),
        Value::Number(digits) => xml.push_str(digits),
        Value::Elements(elements) => elements.iter().for_each(|inner| write_one(xml, inner)),
    }
    let _ = write!(xml, "</{name}>");
}

/// A text as CDATA; `]]>` in it takes two.
fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

pub(super) fn read(text: &str) -> Result<Element, Malformed> {
    if let Some(forbidden) = text.chars().find(|character| is_forbidden(*character)) {
        return Err(Malformed(format!("U+{:04X} is not allowed in XML", u32::from(forbidden))));
    }
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
    loop {
        match reader.read_event().map_err(|error| Malformed(error.to_string()))? {
            Event::Start(tag) => tree.open(&tag)?,
            Event::End(_) => tree.close(),
            Event::Empty(tag) => {
                tree.open(&tag)?;
                tree.close();
            }
            Event::Text(text) => tree.text(&text)?,
            Event::CData(text) => tree.push(&text)?,
            Event::GeneralRef(reference) => tree.push(&resolved(&reference)?)?,
            Event::DocType(_) => return Err(Malformed("a DOCTYPE".into())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

/// What XML 1.0 has no way to write.
fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}')
        || matches!(character, '\u{fffe}' | '\u{ffff}')
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, Malformed> {
    let unknown = || Malformed(format!("`&{};` is not defined", &**reference));
    if let Some(character) = reference.resolve_char_ref().map_err(|_| unknown())? {
        return if is_forbidden(character) { Err(unknown()) } else { Ok(character.into()) };
    }
    quick_xml::escape::resolve_xml_entity(reference).map(Into::into).ok_or_else(unknown)
}

/// An element whose end was not read yet.
struct Open {
    name: String,
    text: String,
    children: Vec<Element>,
}

#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    root: Option<Element>,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Malformed> {
        if self.root.is_some() {
            return Err(Malformed("there is a second root".into()));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(Malformed(format!("more than {MAX_DEPTH} levels")));
        }
        if tag.attributes().any(|attribute| attribute.is_err()) {
            return Err(Malformed(format!("an attribute of `{}` is broken", tag.name().as_ref())));
        }
        let name = tag.name().as_ref().to_owned();
        self.open.push(Open { name, text: String::new(), children: Vec::new() });
        Ok(())
    }

    /// The reader has seen to it that what ends is what was open.
    fn close(&mut self) {
        let Some(Open { name, text, children }) = self.open.pop() else { return };
        let value = if children.is_empty() { Value::Text(text) } else { Value::Elements(children) };
        let element = Element { name, value };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Malformed> {
        if text.contains("]]>") {
            return Err(Malformed("`]]>` stands outside CDATA".into()));
        }
        if self.open.is_empty() && text.trim().is_empty() {
            return Ok(());
        }
        self.push(text)
    }

    fn push(&mut self, text: &str) -> Result<(), Malformed> {
        let Some(open) = self.open.last_mut() else {
            return Err(Malformed("there is text outside the root".into()));
        };
        open.text.push_str(text);
        Ok(())
    }

    fn finish(self) -> Result<Element, Malformed> {
        match (self.root, self.open.last()) {
            (Some(root), None) => Ok(root),
            (_, Some(open)) => Err(Malformed(format!("`{}` is not closed", open.name))),
            (None, None) => Err(Malformed("there is no element".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let elements = vec![
            Element::text("Content", "a ]]> b <a href=\"x\">&amp;</a> 😀\n"),
            Element::number("MsgId", u64::MAX),
            Element::nested("Info", vec![Element::text("Empty", "")]),
        ];
        let root = read(&write(&elements)).unwrap();
        assert_eq!(root.child_text("Content"), Some("a ]]> b <a href=\"x\">&amp;</a> 😀\n"));
        assert_eq!(root.child_text("MsgId"), Some("18446744073709551615"));
        assert_eq!(root.child("Info").unwrap().child_text("Empty"), Some(""));
    }

    #[test]
    fn broken_xml_is_malformed() {
        let bodies = [
            ("<xml><A>1</B></xml>", "another end"),
            ("<xml><A>1</xml>", "no end"),
            ("<xml>", "no end of the root"),
            ("<xml></xml><xml></xml>", "two roots"),
            ("<xml>a & b</xml>", "a bare ampersand"),
            ("<xml>&nbsp;</xml>", "an entity of HTML"),
            ("<xml>&#0;</xml>", "a number that is no character"),
            ("<xml>\u{1}</xml>", "a forbidden character"),
            ("<xml><![CDATA[a]]>b]]></xml>", "the end of CDATA in CDATA"),
            ("<!DOCTYPE xml><xml></xml>", "a DOCTYPE"),
            ("text <xml></xml>", "text before"),
            ("<xml></xml> text", "text behind"),
            ("<xml a=1></xml>", "an attribute without quotes"),
            ("", "nothing"),
        ];
        for (body, reason) in bodies {
            assert!(read(body).is_err(), "{reason}: {body:?}");
        }
    }

    #[test]
    fn text_is_the_same_with_and_without_cdata() {
        for body in ["<xml><A>a &lt;&#98;</A></xml>", "<xml><A><![CDATA[a <]]>b</A></xml>"] {
            assert_eq!(read(body).unwrap().child_text("A"), Some("a <b"), "{body}");
        }
    }
}
