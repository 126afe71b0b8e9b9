//! JSON bodies: the same tree as from XML (protocol section 2.3).

mod strings;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use wxbot_sdk::fields::{Fields, MAX_BYTES, MAX_ELEMENTS, MAX_LEVELS};

use super::bounds::count;
use crate::receive::refusal::BodyError;

/// Reads `{…}`. Only what is no JSON is read a second time, with its strings mended.
pub(super) fn read(text: &[u8]) -> Result<Fields, BodyError> {
    read_strictly(text).or_else(|error| match error {
        BodyError::Json(_) => {
            let mended = strings::mend(text);
            if mended == text { Err(error) } else { read_strictly(&mended) }
        }
        other => Err(other),
    })
}

fn read_strictly(text: &[u8]) -> Result<Fields, BodyError> {
    let mut tree = Tree { fields: Fields::with_capacity(text.len()), too_many: None };
    let mut json = serde_json::Deserializer::from_slice(text);
    let read = Object { tree: &mut tree, depth: 0 }.deserialize(&mut json);
    match (read.and_then(|()| json.end()), tree.too_many) {
        (Ok(()), _) => Ok(tree.fields),
        (Err(_), Some(too_many)) => Err(too_many),
        (Err(error), None) => Err(not_json(error)),
    }
}

/// The place and the kind of the error, never the text it stands in.
fn not_json(error: serde_json::Error) -> BodyError {
    let kind = format!("{:?}", error.classify()).to_lowercase();
    BodyError::Json(format!("{kind} error at line {} column {}", error.line(), error.column()))
}

/// The tree so far, and why it grows no further: serde's errors carry nothing but text.
struct Tree {
    fields: Fields,
    too_many: Option<BodyError>,
}

/// The members of an object become elements at `depth`.
struct Object<'t> {
    tree: &'t mut Tree,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(Member { tree: self.tree, depth: self.depth, name: &name })?;
        }
        Ok(())
    }
}

/// One value under a name: an element, or one for each item of an array.
struct Member<'t, 'n> {
    tree: &'t mut Tree,
    depth: usize,
    name: &'n str,
}

impl Member<'_, '_> {
    fn element<E: Error>(&mut self, text: &str) -> Result<(), E> {
        let fields = &mut self.tree.fields;
        let place = fields.push(self.depth, self.name);
        fields.push_text(place, text);
        let levels = self.depth + 2; // the object around it all is the first one, as in XML
        let counted = count(levels, "levels", MAX_LEVELS)
            .and_then(|()| count(fields.len(), "elements", MAX_ELEMENTS))
            // An array repeats its name: it may cost far more than its body.
            .and_then(|()| count(fields.bytes(), "bytes", MAX_BYTES));
        counted.map_err(|error| {
            self.tree.too_many = Some(error);
            E::custom("too many")
        })
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.element(text)
    }

    fn visit_u64<E: Error>(mut self, number: u64) -> Result<(), E> {
        self.element(&number.to_string())
    }

    fn visit_i64<E: Error>(mut self, number: i64) -> Result<(), E> {
        self.element(&number.to_string())
    }

    fn visit_f64<E: Error>(mut self, number: f64) -> Result<(), E> {
        self.element(&number.to_string())
    }

    fn visit_bool<E: Error>(mut self, value: bool) -> Result<(), E> {
        self.element(if value { "true" } else { "false" })
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.element("")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, map: A) -> Result<(), A::Error> {
        self.element("")?;
        Object { tree: self.tree, depth: self.depth + 1 }.visit_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { tree, depth, name } = self;
        while items.next_element_seed(Member { tree, depth, name })?.is_some() {}
        Ok(())
    }
}
