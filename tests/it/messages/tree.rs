//! Bodies as trees of leaves, read and written without wxbot.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};
use wxbot_sdk::fields::{Element, Fields};

/// The path of a leaf and its text; `None` where the text has entities in it.
type Leaf = (String, Option<String>);

/// The leaves of a body, found by another reader than wxbot's.
pub(super) fn leaves_of_body(body: &str) -> Vec<Leaf> {
    let body = body.trim_start_matches('\u{feff}');
    let mut leaves = Vec::new();
    if body.trim_start().starts_with('{') {
        let value = serde_json::from_str(body).expect("the fixture is JSON");
        json_leaves("", &value, &mut leaves);
    } else {
        xml_leaves(body, &mut leaves);
    }
    leaves
}

fn json_leaves(path: &str, value: &Value, leaves: &mut Vec<Leaf>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                json_leaves(&path, value, leaves);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| json_leaves(path, item, leaves)),
        Value::String(text) => leaves.push((path.to_owned(), Some(text.clone()))),
        Value::Null => leaves.push((path.to_owned(), Some(String::new()))),
        Value::Bool(_) | Value::Number(_) => {
            leaves.push((path.to_owned(), Some(value.to_string())));
        }
    }
}

/// Every tag that is closed right after it was opened is a leaf.
fn xml_leaves(body: &str, leaves: &mut Vec<Leaf>) {
    let mut reader = Reader::from_str(body);
    reader.config_mut().allow_dangling_amp = true;
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<String> = Vec::new();
    let mut leaf: Option<Option<String>> = None;
    let more = |leaf: &mut Option<Option<String>>, text: &str| {
        if let Some(Some(so_far)) = leaf {
            so_far.push_str(text);
        }
    };
    loop {
        match reader.read_event().expect("the fixture is XML") {
            Event::Start(tag) => {
                path.push(tag.name().into_inner().to_owned());
                leaf = Some(Some(String::new()));
            }
            Event::End(_) => {
                if let Some(text) = leaf.take() {
                    leaves.push((path[1..].join("/"), text));
                }
                path.pop();
            }
            Event::Text(text) => more(&mut leaf, &text),
            Event::CData(text) => more(&mut leaf, &text),
            Event::GeneralRef(_) => leaf = leaf.map(|_| None),
            Event::Eof => return,
            _ => {}
        }
    }
}

/// The leaves that wxbot gives, by walking down.
pub(super) fn leaves(fields: &Fields) -> Vec<(String, String)> {
    let mut leaves = Vec::new();
    fields.children().for_each(|child| walk("", child, &mut leaves));
    leaves
}

fn walk(path: &str, element: Element<'_>, leaves: &mut Vec<(String, String)>) {
    let path = if path.is_empty() {
        element.name().to_owned()
    } else {
        format!("{path}/{}", element.name())
    };
    if element.children().next().is_none() {
        leaves.push((path, element.text().to_owned()));
    } else {
        element.children().for_each(|child| walk(&path, child, leaves));
    }
}

/// The same message as XML, every text in CDATA.
pub(super) fn to_xml(fields: &Fields) -> String {
    let mut xml = String::from("<xml>");
    fields.children().for_each(|child| write_xml(child, &mut xml));
    xml + "</xml>"
}

fn write_xml(element: Element<'_>, xml: &mut String) {
    *xml += &format!("<{}>", element.name());
    if element.children().next().is_none() {
        *xml += &format!("<![CDATA[{}]]>", element.text().replace("]]>", "]]]]><![CDATA[>"));
    }
    element.children().for_each(|child| write_xml(child, xml));
    *xml += &format!("</{}>", element.name());
}

/// The same message as JSON: numbers without quotes, what repeats as an array.
pub(super) fn to_json(fields: &Fields) -> String {
    object(fields.children().collect()).to_string()
}

fn object(elements: Vec<Element<'_>>) -> Value {
    let mut members = Map::new();
    for element in elements {
        let value = value(element);
        match members.get_mut(element.name()) {
            None => drop(members.insert(element.name().to_owned(), value)),
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(members)
}

fn value(element: Element<'_>) -> Value {
    let children: Vec<_> = element.children().collect();
    let number = element.text().parse::<u64>().ok();
    match number.filter(|number| number.to_string() == element.text()) {
        _ if !children.is_empty() => object(children),
        Some(number) => number.into(),
        None => element.text().into(),
    }
}

/// How many texts of a body are numbers.
pub(super) fn numbers(body: &str) -> usize {
    pieces(body).iter().filter(|piece| is_number(piece)).count()
}

/// The body with `x` in place of some of its numbers.
pub(super) fn break_numbers(body: &str, which: Range<usize>) -> String {
    let mut count = 0..;
    let mut broken = String::new();
    for piece in pieces(body) {
        let breaks = is_number(piece) && count.next().is_some_and(|count| which.contains(&count));
        let quoted = broken.ends_with('"') || !body.trim_start().starts_with('{');
        broken += match (breaks, quoted) {
            (false, _) => piece,
            (true, true) => "x",
            (true, false) => "\"x\"",
        };
    }
    broken
}

/// The texts between the marks of XML or JSON, and the marks.
fn pieces(body: &str) -> Vec<&str> {
    let json = body.trim_start().starts_with('{');
    let marks: &[char] =
        if json { &['{', '}', '[', ']', ':', ',', '"'] } else { &['<', '>', '[', ']'] };
    body.split_inclusive(marks)
        .flat_map(|piece| {
            let (text, mark) = piece.split_at(piece.trim_end_matches(marks).len());
            [text, mark]
        })
        .collect()
}

fn is_number(piece: &str) -> bool {
    piece.trim().starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && piece.trim().parse::<f64>().is_ok()
}
