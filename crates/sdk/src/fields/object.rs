//! Fields as one would write them in JSON by hand: handy to read, but what is a list shows only
//! where something repeats, and the order between different names is lost.

use std::collections::HashMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Element;

/// An element as an object of those in it, or as its text where there is none in it. What repeats
/// is an array. A text in front of other elements is called `#text`.
pub(crate) struct Object<'f>(pub(crate) Element<'f>);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(element) = *self;
        let members = members(element);
        if members.is_empty() && !element.is_root() {
            return to.serialize_str(element.text());
        }
        let mut object = to.serialize_map(None)?;
        if !element.text().is_empty() {
            object.serialize_entry("#text", element.text())?;
        }
        for (name, elements) in members {
            match elements.as_slice() {
                [only] => object.serialize_entry(name, only)?,
                several => object.serialize_entry(name, several)?,
            }
        }
        object.end()
    }
}

/// The elements below one, those of the same name together.
fn members(element: Element<'_>) -> Vec<(&str, Vec<Object<'_>>)> {
    let mut members: Vec<(&str, Vec<_>)> = Vec::new();
    let mut places = HashMap::new();
    for child in element.children() {
        let place = *places.entry(child.name()).or_insert(members.len());
        if place == members.len() {
            members.push((child.name(), Vec::new()));
        }
        members[place].1.push(Object(child));
    }
    members
}
