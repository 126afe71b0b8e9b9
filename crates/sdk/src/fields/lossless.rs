//! Fields as JSON without a loss: their order, what repeats, every name and every text.
//!
//! A list of elements, each `[name, text]` or `[name, [element, …]]`, or `[name, text, [element,
//! …]]` where a text stands in front of other elements.

use std::fmt;

use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Element, Fields, MAX_BYTES, MAX_ELEMENTS, MAX_LEVELS};

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Children(self.root()).serialize(to)
    }
}

/// What is directly below an element.
struct Children<'f>(Element<'f>);

impl Serialize for Children<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.children().map(Whole))
    }
}

/// An element with all that is in it.
struct Whole<'f>(Element<'f>);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let is_leaf = self.0.children().next().is_none();
        let mut list = to.serialize_seq(None)?;
        list.serialize_element(self.0.name())?;
        if is_leaf || !self.0.text().is_empty() {
            list.serialize_element(self.0.text())?;
        }
        if !is_leaf {
            list.serialize_element(&Children(self.0))?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Fields {
    /// What is larger than any body is refused.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut fields = Self::default();
        Elements { fields: &mut fields, depth: 0 }.deserialize(from)?;
        Ok(fields)
    }
}

/// Reads a list of elements into the tree.
struct Elements<'t> {
    fields: &'t mut Fields,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { fields, depth } = self;
        while list.next_element_seed(OneElement { fields, depth })?.is_some() {}
        Ok(())
    }
}

/// Reads `[name, …]`.
struct OneElement<'t> {
    fields: &'t mut Fields,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for OneElement<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for OneElement<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an element: its name, its text, and a list of those in it")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { fields, depth } = self;
        let name: String = list.next_element()?.ok_or_else(|| A::Error::missing_field("name"))?;
        let place = fields.push(depth, &name);
        check_size(fields, depth)?;
        while list.next_element_seed(Part { fields, depth, place })?.is_some() {}
        Ok(())
    }
}

/// Reads what follows a name.
struct Part<'t> {
    fields: &'t mut Fields,
    depth: usize,
    place: usize,
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of elements")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.fields.push_text(self.place, text);
        check_size(self.fields, self.depth)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        Elements { fields: self.fields, depth: self.depth + 1 }.visit_seq(list)
    }
}

fn check_size<E: Error>(fields: &Fields, depth: usize) -> Result<(), E> {
    let is_too_large = depth + 2 > MAX_LEVELS // the root around it all is the first one
        || fields.len() > MAX_ELEMENTS
        || fields.bytes() > MAX_BYTES;
    if is_too_large { Err(E::custom("the fields are more than a body can have")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, reason: &str) {
        let fields: Fields = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(serde_json::to_string(&fields).unwrap(), json, "{reason}");
    }

    #[test]
    fn what_is_written_is_read() {
        check("[]", "nothing");
        check(r#"[["A","1"],["B",""],["A","2"]]"#, "order, and what repeats");
        check(r#"[["A",[["A",[["A","1"]]],["B","2"]]],["B","3"]]"#, "levels");
        check(r#"[["A","text",[["B","1"]]]]"#, "a text in front of an element");
        check(r#"[["","1"],["a b/c<","2"],["名","3"]]"#, "names that XML does not have");
        check(r#"[["A"," \n\u0000\u001b😀\\\" "]]"#, "any text");
    }

    #[track_caller]
    fn check_refused(json: &str, expected: &str) {
        let start = &json[..json.len().min(80)];
        let error = serde_json::from_str::<Fields>(json).expect_err(start).to_string();
        assert!(error.contains(expected), "{start}: {error}");
    }

    #[test]
    fn what_is_no_list_of_elements_is_refused() {
        check_refused("{}", "expected a list of elements");
        check_refused(r#"["A"]"#, "expected an element: its name");
        check_refused("[[]]", "missing field `name`");
        check_refused("[[1]]", "expected a string");
        check_refused(r#"[["A",1]]"#, "expected a text or a list of elements");
        check_refused(r#"[["A",null]]"#, "expected a text or a list of elements");
    }

    #[test]
    fn what_is_larger_than_a_body_is_refused() {
        let nested = |levels: usize| "[[\"A\",".repeat(levels) + "[]" + &"]]".repeat(levels);
        let many = |count: usize| format!("[{}[\"A\",\"\"]]", "[\"A\",\"\"],".repeat(count - 1));
        let long = |bytes: usize| format!("[[\"A\",\"{}\"]]", "a".repeat(bytes - 1));
        for just_right in [nested(MAX_LEVELS - 1), many(MAX_ELEMENTS), long(MAX_BYTES)] {
            assert!(serde_json::from_str::<Fields>(&just_right).is_ok());
        }
        let too_large = "more than a body can have";
        check_refused(&nested(MAX_LEVELS), too_large);
        check_refused(&nested(100_000), too_large);
        check_refused(&many(MAX_ELEMENTS + 1), too_large);
        check_refused(&long(MAX_BYTES + 1), too_large);
    }
}
