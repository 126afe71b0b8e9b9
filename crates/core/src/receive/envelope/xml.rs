//! XML bodies, in one pass over the text. No DTD is read and no entity is expanded.

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::{BytesRef, BytesStart, Event};

use wxbot_sdk::fields::{Fields, MAX_ELEMENTS, MAX_LEVELS};

use super::bounds::{MAX_ATTRIBUTES, count};
use crate::receive::refusal::BodyError;

/// Reads `<xml>…</xml>`; the name of the root does not matter.
pub(super) fn read(text: &[u8]) -> Result<Fields, BodyError> {
    let mut reader = Reader::from_reader(text);
    // Links outside CDATA come with a bare `&` now and then.
    reader.config_mut().allow_dangling_amp = true;
    let mut tree = Tree { fields: Fields::with_capacity(text.len()), ..Tree::default() };
    loop {
        let event = reader.read_event().map_err(not_well_formed)?;
        let half = tree.half.take();
        match event {
            Event::Start(tag) => tree.open(&tag)?,
            Event::End(_) => tree.close(),
            Event::Empty(tag) => {
                tree.open(&tag)?;
                tree.close();
            }
            Event::Text(text) => tree.text(&text),
            Event::CData(text) => tree.text(&text),
            Event::GeneralRef(reference) => tree.reference(&reference, half),
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
    /// A surrogate right in front of where the reader is.
    half: Option<u16>,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), BodyError> {
        if tag.len() > tag.name().as_ref().len() {
            let attributes = tag.attributes().with_checks(false).take(MAX_ATTRIBUTES + 1).count();
            count(attributes, "attributes in one element", MAX_ATTRIBUTES)?;
        }
        self.depth += 1;
        count(self.depth, "levels", MAX_LEVELS)?;
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
    fn reference(&mut self, reference: &BytesRef<'_>, half: Option<u16>) {
        if let Ok(Some(character)) = reference.resolve_char_ref() {
            return self.character(character);
        }
        if let Some(surrogate) = surrogate(reference) {
            return self.surrogate(half, surrogate);
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

    /// Two in a row are one character, as in UTF-16; one alone is none.
    fn surrogate(&mut self, half: Option<u16>, surrogate: u16) {
        match half.and_then(|half| char::decode_utf16([half, surrogate]).next()?.ok()) {
            Some(character) => self.character(character),
            None => self.half = Some(surrogate),
        }
    }

    fn character(&mut self, character: char) {
        self.text(character.encode_utf8(&mut [0; 4]));
    }

    fn finish(self) -> Result<Fields, BodyError> {
        match (self.roots, self.depth) {
            (0, _) => Err(BodyError::Xml("there is no element".into())),
            (_, 0) => Ok(self.fields),
            _ => Err(BodyError::Xml("it ends before its last element does".into())),
        }
    }
}

/// The number of a reference, if it is a surrogate: some write an emoji as two of them.
fn surrogate(reference: &str) -> Option<u16> {
    let number = reference.strip_prefix('#')?;
    let unit = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u16::from_str_radix(hex, 16),
        None => number.parse(),
    };
    unit.ok().filter(|unit| (0xd800..0xe000).contains(unit))
}

/// Positions and kinds of the parser's errors, never the text they stand in.
fn not_well_formed(error: Error) -> BodyError {
    BodyError::Xml(match error {
        Error::Syntax(error) => error.to_string(),
        Error::IllFormed(_) => "an element is not closed, or closed twice".into(),
        _ => "it is broken".into(),
    })
}
