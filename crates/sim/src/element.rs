//! The tree that a body is, in XML or in JSON: elements in order, each a text, a number or more
//! elements.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::xml::{self, BrokenReferences, Malformed, Node};

/// One element of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Element {
    /// As on the wire; case matters.
    pub name: String,
    /// Its content.
    pub value: Value,
}

/// The content of an element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// In CDATA in XML, a string in JSON.
    Text(String),
    /// Bare digits in XML, a number in JSON.
    Number(String),
    /// Nested; in JSON an object, in which a repeated name becomes an array.
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

    /// An element with others inside.
    pub fn nested(name: impl Into<String>, elements: Vec<Self>) -> Self {
        Self { name: name.into(), value: Value::Elements(elements) }
    }

    /// Reads a well-formed XML document and returns its root.
    pub fn read_xml(text: &str) -> Result<Self, Malformed> {
        xml::read(text, BrokenReferences::Refuse).map(Self::from)
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

    /// The text of the first child of this name; none if that has children itself.
    pub fn child_text(&self, name: &str) -> Option<&str> {
        match &self.child(name)?.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Elements(_) => None,
        }
    }
}

impl From<Node> for Element {
    fn from(Node { name, text, children }: Node) -> Self {
        let value = match children.is_empty() {
            true => Value::Text(text),
            false => Value::Elements(children.into_iter().map(Self::from).collect()),
        };
        Self { name, value }
    }
}

/// `<xml>…</xml>`, as WeChat writes it.
pub(crate) fn write_xml(elements: &[Element]) -> String {
    let mut xml = String::from("<xml>");
    elements.iter().for_each(|element| write_element(&mut xml, element));
    xml.push_str("</xml>");
    xml
}

fn write_element(xml: &mut String, element: &Element) {
    let name = &element.name;
    let _ = write!(xml, "<{name}>"); // writing to a String does not fail
    match &element.value {
        Value::Text(text) => xml.push_str(&cdata(text)),
        Value::Number(digits) => xml.push_str(digits),
        Value::Elements(elements) => elements.iter().for_each(|inner| write_element(xml, inner)),
    }
    let _ = write!(xml, "</{name}>");
}

/// A text as CDATA; one that contains `]]>` takes two sections.
fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// `{…}`.
pub(crate) fn write_json(elements: &[Element]) -> String {
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
    fn what_is_written_reads_back() {
        let elements = vec![
            Element::text("Content", "a ]]> b <a href=\"x\">&amp;</a> 😀\n"),
            Element::number("MsgId", u64::MAX),
            Element::nested("Info", vec![Element::text("Empty", "")]),
        ];
        let root = Element::read_xml(&write_xml(&elements)).unwrap();
        assert_eq!(root.child_text("Content"), Some("a ]]> b <a href=\"x\">&amp;</a> 😀\n"));
        assert_eq!(root.child_text("MsgId"), Some("18446744073709551615"));
        assert_eq!(root.child("Info").unwrap().child_text("Empty"), Some(""));
    }

    #[test]
    fn a_repeated_name_is_an_array_in_json_and_a_single_one_an_object() {
        let item = |id: u32| Element::nested("List", vec![Element::number("Id", id)]);
        assert_eq!(write_json(&[item(1)]), r#"{"List":{"Id":1}}"#);
        assert_eq!(write_json(&[item(1), item(2)]), r#"{"List":[{"Id":1},{"Id":2}]}"#);
    }
}
