//! A strict XML reader: nobody knows what WeChat's parser forgives, so a reply must be well-formed.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Deeper than any reply.
const MAX_DEPTH: usize = 32;

/// Why a text is not XML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not well-formed: {0}")]
pub struct Malformed(String);

/// What to do about a reference to an unknown entity, or to what is no character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BrokenReferences {
    Refuse,
    /// Left as they are written, a bare `&` among them.
    Keep,
}

/// An element of a document.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    /// With and without CDATA, blanks included.
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

/// Reads a whole document and returns its root.
pub(crate) fn read(text: &str, references: BrokenReferences) -> Result<Node, Malformed> {
    if let Some(forbidden) = text.chars().find(|character| is_forbidden(*character)) {
        return Err(Malformed(format!("U+{:04X} is not allowed in XML", u32::from(forbidden))));
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = references == BrokenReferences::Keep;
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
            Event::GeneralRef(reference) => tree.push(&resolve(&reference, references)?)?,
            Event::DocType(_) => return Err(Malformed("a DOCTYPE".into())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

/// Whether XML 1.0 has no way to write a character.
pub(crate) fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}')
        || matches!(character, '\u{fffe}' | '\u{ffff}')
}

fn resolve(reference: &BytesRef<'_>, broken: BrokenReferences) -> Result<String, Malformed> {
    let character = reference.resolve_char_ref().ok().flatten();
    let text = match character.filter(|character| !is_forbidden(*character)) {
        Some(character) => Some(character.into()),
        None => quick_xml::escape::resolve_xml_entity(reference).map(Into::into),
    };
    match broken {
        BrokenReferences::Refuse => {
            text.ok_or_else(|| Malformed(format!("`&{};` is not defined", &**reference)))
        }
        BrokenReferences::Keep => Ok(text.unwrap_or_else(|| format!("&{};", &**reference))),
    }
}

/// The document so far.
#[derive(Default)]
struct Tree {
    /// Elements whose end is still to come, from the root inwards.
    open: Vec<Node>,
    root: Option<Node>,
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
        self.open.push(Node { name, text: String::new(), children: Vec::new() });
        Ok(())
    }

    /// The reader has checked that the names of start and end match.
    fn close(&mut self) {
        let Some(node) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Malformed> {
        if text.contains("]]>") {
            return Err(Malformed("`]]>` outside CDATA".into()));
        }
        if self.open.is_empty() && text.trim().is_empty() {
            return Ok(());
        }
        self.push(text)
    }

    fn push(&mut self, text: &str) -> Result<(), Malformed> {
        let node = self.open.last_mut();
        let node = node.ok_or_else(|| Malformed("there is text outside the root".into()))?;
        node.text.push_str(text);
        Ok(())
    }

    fn finish(self) -> Result<Node, Malformed> {
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

    fn text_of(body: &str, references: BrokenReferences) -> Option<String> {
        read(body, references).ok()?.children.pop().map(|child| child.text)
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
            ("<xml>&#55357;&#56832;</xml>", "an emoji as two surrogates"),
            ("<xml>\u{1}</xml>", "a forbidden character"),
            ("<xml><![CDATA[a]]>b]]></xml>", "the end of CDATA in CDATA"),
            ("<!DOCTYPE xml><xml></xml>", "a DOCTYPE"),
            ("text <xml></xml>", "text before"),
            ("<xml></xml> text", "text behind"),
            ("<xml a=1></xml>", "an attribute without quotes"),
            ("", "nothing"),
        ];
        for (body, reason) in bodies {
            assert!(read(body, BrokenReferences::Refuse).is_err(), "{reason}: {body:?}");
        }
    }

    #[test]
    fn broken_references_can_be_kept() {
        for text in ["a & b", "&nbsp;", "&#0;", "&#55357;&#56832;"] {
            let body = format!("<xml><A>{text}</A></xml>");
            assert_eq!(text_of(&body, BrokenReferences::Keep).as_deref(), Some(text));
        }
    }

    #[test]
    fn text_is_the_same_with_and_without_cdata() {
        for body in ["<xml><A>a &lt;&#98;</A></xml>", "<xml><A><![CDATA[a <]]>b</A></xml>"] {
            let text = text_of(body, BrokenReferences::Refuse);
            assert_eq!(text.as_deref(), Some("a <b"), "{body}");
        }
    }
}
