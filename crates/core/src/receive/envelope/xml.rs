//! XML bodies, in one pass over the text. No DTD is read and no entity is expanded.

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, count};
use crate::receive::refusal::BodyError;
use wxbot_sdk::fields::Fields;

/// Reads `<xml>…</xml>`; the name of the root does not matter.
pub(super) fn read(text: &[u8]) -> Result<Fields, BodyError> {
    let mut reader = Reader::from_reader(text);
    // Links outside CDATA come with a bare `&` now and then.
    reader.config_mut().allow_dangling_amp = true;
    let mut tree = Tree { fields: Fields::with_capacity(text.len()), ..Tree::default() };
    loop {
        match reader.read_event().map_err(not_well_formed)? {
            Event::Start(tag) => tree.open(&tag)?,
            Event::End(_) => tree.close(),
            Event::Empty(tag) => {
                tree.open(&tag)?;
                tree.close();
            }
            Event::Text(text) => tree.text(&text),
            Event::CData(text) => tree.text(&text),
            Event::GeneralRef(reference) => tree.reference(&reference),
            Event::Comment(_) | Event::Decl(_) => {}
            Event::DocType(_) => return Err(BodyError::Forbidden("a DOCTYPE")),
            Event::PI(_) => return Err(BodyError::Forbidden("a processing instruction")),
            Event::Eof => return tree.finish(),
        }
    }
}

/// The tree so far, and the way from the root to where the reader is.
#[derive(Default)]
struct Tree {
    fields: Fields,
    way: Vec<usize>,
    depth: usize,
    roots: usize,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), BodyError> {
        if tag.len() > tag.name().as_ref().len() {
            let attributes = tag.attributes().with_checks(false).take(MAX_ATTRIBUTES + 1).count();
            count(attributes, "attributes in one element", MAX_ATTRIBUTES)?;
        }
        self.depth += 1;
        count(self.depth, "levels", MAX_DEPTH)?;
        if self.depth == 1 {
            self.roots += 1;
            return if self.roots > 1 {
                Err(BodyError::Forbidden("a second root"))
            } else {
                Ok(())
            };
        }
        let place = self.fields.push(self.depth - 2, tag.name().into_inner());
        count(self.fields.len(), "elements", MAX_ELEMENTS)?;
        self.way.push(place);
        Ok(())
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.way.pop();
    }

    fn text(&mut self, text: &str) {
        if let Some(place) = self.way.last() {
            self.fields.push_text(*place, text);
        }
    }

    /// The five entities of XML and character numbers. Anything else stays as it was written.
    fn reference(&mut self, reference: &BytesRef<'_>) {
        if let Ok(Some(character)) = reference.resolve_char_ref() {
            return self.text(character.encode_utf8(&mut [0; 4]));
        }
        match quick_xml::escape::resolve_xml_entity(reference) {
            Some(text) => self.text(text),
            None if reference.starts_with('#') => {} // a number that is no character
            None => {
                self.text("&");
                self.text(reference);
                self.text(";");
            }
        }
    }

    fn finish(self) -> Result<Fields, BodyError> {
        match (self.roots, self.depth) {
            (0, _) => Err(BodyError::Xml("there is no element".into())),
            (_, 0) => Ok(self.fields),
            _ => Err(BodyError::Xml("it ends before its last element does".into())),
        }
    }
}

/// Positions and kinds of the parser's errors, never the text they stand in.
fn not_well_formed(error: Error) -> BodyError {
    BodyError::Xml(match error {
        Error::Syntax(error) => error.to_string(),
        Error::IllFormed(_) => "an element is not closed, or closed twice".into(),
        _ => "it is broken".into(),
    })
}
