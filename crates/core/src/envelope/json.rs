//! JSON bodies: the same tree as from XML (protocol section 2.3).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{MAX_DEPTH, MAX_ELEMENTS};
use crate::fields::Fields;
use crate::refusal::BodyError;

/// Reads `{…}`.
pub(super) fn read(text: &str) -> Result<Fields, BodyError> {
    let mut fields = Fields::with_capacity(text.len());
    let mut json = serde_json::Deserializer::from_str(text);
    let root = Object { fields: &mut fields, depth: 0 };
    root.deserialize(&mut json).map_err(not_json)?;
    json.end().map_err(not_json)?;
    Ok(fields)
}

/// The place and the kind of the error, never the text it stands in.
fn not_json(error: serde_json::Error) -> BodyError {
    let kind = format!("{:?}", error.classify()).to_lowercase();
    BodyError::Json(format!("{kind} error at line {} column {}", error.line(), error.column()))
}

/// The members of an object become elements at `depth`.
struct Object<'f> {
    fields: &'f mut Fields,
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
            map.next_value_seed(Member { fields: self.fields, depth: self.depth, name: &name })?;
        }
        Ok(())
    }
}

/// One value under a name: an element, or one for each item of an array.
struct Member<'f, 'n> {
    fields: &'f mut Fields,
    depth: usize,
    name: &'n str,
}

impl Member<'_, '_> {
    fn element<E: Error>(&mut self, text: &str) -> Result<(), E> {
        if self.depth >= MAX_DEPTH || self.fields.len() >= MAX_ELEMENTS {
            return Err(E::custom("too many levels or elements"));
        }
        let place = self.fields.push(self.depth, self.name);
        self.fields.push_text(place, text);
        Ok(())
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
        Object { fields: self.fields, depth: self.depth + 1 }.visit_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { fields, depth, name } = self;
        while items.next_element_seed(Member { fields, depth, name })?.is_some() {}
        Ok(())
    }
}
