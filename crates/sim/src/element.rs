//! The tree that a body is, whichever way it is written: elements in order, each a text, a number
//! or more elements.

mod xml;

use serde::Serialize;
use serde_json::{Map, Value as Json};

pub use xml::Malformed;

/// One element of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Element {
    /// As on the wire; case matters.
    pub name: String,
    /// What is in it.
    pub value: Value,
}

/// What an element holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// In CDATA in XML, a string in JSON.
    Text(String),
    /// Bare digits in XML, a number in JSON.
    Number(String),
    /// Nested; in JSON an object, where the same name twice is an array.
    Elements(Vec<Element>),
}

impl Element {
    /// An element with a text.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), value: Value::Text(text.into()) }
    }

    /// An element with a number.
    pub fn number(name: impl Into<String>, number: impl ToString) -> Self {
        Self { name: name.into(), value: Value::Number(number.to_string()) }
    }

    /// An element with others in it.
    pub fn nested(name: impl Into<String>, elements: Vec<Self>) -> Self {
        Self { name: name.into(), value: Value::Elements(elements) }
    }

    /// Reads one well-formed XML document; the element is its root.
    pub fn read_xml(text: &str) -> Result<Self, Malformed> {
        xml::read(text)
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children().iter().find(|child| child.name == name)
    }

    /// All children, in order.
    pub fn children(&self) -> &[Self] {
        match &self.value {
            Value::Elements(children) => children,
            Value::Text(_) | Value::Number(_) => &[],
        }
    }

    /// The text of the first child of this name; of an element without one, nothing.
    pub fn child_text(&self, name: &str) -> Option<&str> {
        match &self.child(name)?.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Elements(_) => None,
        }
    }
}

/// `<xml>…</xml>`.
pub(crate) fn to_xml(elements: &[Element]) -> String {
    xml::write(elements)
}

/// `{…}`.
pub(crate) fn to_json(elements: &[Element]) -> String {
    object(elements).to_string()
}

fn object(elements: &[Element]) -> Json {
    let mut object = Map::new();
    for element in elements {
        let value = json(&element.value);
        match object.get_mut(&element.name) {
            None => drop(object.insert(element.name.clone(), value)),
            Some(Json::Array(list)) => list.push(value),
            Some(single) => *single = Json::Array(vec![single.take(), value]),
        }
    }
    Json::Object(object)
}

fn json(value: &Value) -> Json {
    match value {
        Value::Text(text) => text.clone().into(),
        Value::Number(digits) => serde_json::from_str(digits).unwrap_or(digits.clone().into()),
        Value::Elements(elements) => object(elements),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_twice_is_an_array_in_json_and_once_an_object() {
        let item = |id: u32| Element::nested("List", vec![Element::number("Id", id)]);
        assert_eq!(to_json(&[item(1)]), r#"{"List":{"Id":1}}"#);
        assert_eq!(to_json(&[item(1), item(2)]), r#"{"List":[{"Id":1},{"Id":2}]}"#);
    }
}
