//! Paths, lists, and how a tree grows.

use super::*;
use crate::message::Message;

/// ```xml
/// <Event>pic_weixin</Event>
/// <SendPicsInfo>
///   <Count>3</Count>
///   <PicList><item><Md5>a</Md5></item><item><Md5>b</Md5></item></PicList>
///   <PicList><item><Md5>c</Md5></item></PicList>
/// </SendPicsInfo>
/// <Count>9</Count>
/// ```
fn pictures() -> Fields {
    let mut fields = Fields::default();
    for (depth, name, text) in [
        (0, "Event", "pic_weixin"),
        (0, "SendPicsInfo", "\n  "),
        (1, "Count", "3"),
        (1, "PicList", ""),
        (2, "item", ""),
        (3, "Md5", "a"),
        (2, "item", ""),
        (3, "Md5", "b"),
        (1, "PicList", ""),
        (2, "item", ""),
        (3, "Md5", "c"),
        (0, "Count", "9"),
    ] {
        let place = fields.push(depth, name);
        fields.push_text(place, text);
    }
    fields
}

fn texts(elements: Vec<Element<'_>>) -> Vec<&str> {
    elements.into_iter().map(Element::text).collect()
}

fn names<'f>(elements: impl Iterator<Item = Element<'f>>) -> Vec<&'f str> {
    elements.map(Element::name).collect()
}

#[test]
fn a_path_leads_to_the_first_element_there() {
    let table = [
        ("Event", Some("pic_weixin")),
        ("Count", Some("9")), // not the one inside
        ("SendPicsInfo/Count", Some("3")),
        ("SendPicsInfo/PicList/item/Md5", Some("a")),
        ("SendPicsInfo", Some("")),
        ("SendPicsInfo/PicList", Some("")),
        ("event", None), // names have a case
        ("Md5", None),   // a path begins at the top
        ("SendPicsInfo/Md5", None),
        ("Event/Count", None),
        ("SendPicsInfo/Count/", None),
        ("/Event", None),
        ("", None),
    ];
    for (path, expected) in table {
        assert_eq!(pictures().get(path), expected, "{path}");
    }
}

#[test]
fn a_path_is_followed_through_every_sibling() {
    let mut fields = pictures();
    let place = fields.push(0, "SendPicsInfo");
    fields.push_text(place, "");
    let place = fields.push(1, "More");
    fields.push_text(place, "d");
    assert_eq!(fields.get("SendPicsInfo/More"), Some("d"));
    assert_eq!(fields.get("SendPicsInfo/Count"), Some("3"));
}

#[test]
fn a_list_is_every_element_at_its_path() {
    let fields = pictures();
    assert_eq!(texts(fields.all("SendPicsInfo/PicList/item/Md5")), ["a", "b", "c"]);
    assert_eq!(fields.all("SendPicsInfo/PicList/item").len(), 3);
    assert_eq!(texts(fields.all("Count")), ["9"]);
    assert!(fields.all("SendPicsInfo/PicList/nothing").is_empty());
    assert!(fields.all("").is_empty());
}

#[test]
fn an_element_is_read_from_where_it_is() {
    let fields = pictures();
    let list = fields.all("SendPicsInfo/PicList")[0];
    assert_eq!(list.get("item/Md5"), Some("a"));
    assert_eq!(texts(list.all("item/Md5")), ["a", "b"]);
    assert_eq!(list.get("Event"), None);
    assert_eq!(list.get("PicList"), None);
}

#[test]
fn children_are_those_directly_below_in_their_order() {
    let fields = pictures();
    assert_eq!(names(fields.children()), ["Event", "SendPicsInfo", "Count"]);
    let info = fields.element("SendPicsInfo").unwrap();
    assert_eq!(names(info.children()), ["Count", "PicList", "PicList"]);
    let last = fields.element("Count").unwrap();
    assert_eq!(names(last.children()), [""; 0]);
    assert_eq!(names(Fields::default().children()), [""; 0]);
}

#[test]
fn a_text_may_come_in_pieces_and_blanks_around_children_are_none() {
    let mut fields = Fields::default();
    let text = fields.push(0, "Content");
    fields.push_text(text, " a");
    fields.push_text(text, "b ");
    let blank = fields.push(0, "Blank");
    fields.push_text(blank, " \n");
    let parent = fields.push(0, "Parent");
    fields.push_text(parent, "\n ");
    let child = fields.push(1, "Child");
    fields.push_text(child, "c");
    fields.push_text(parent, "\n behind a child");
    assert_eq!(fields.get("Content"), Some(" ab "));
    assert_eq!(fields.get("Blank"), Some(" \n"));
    assert_eq!(fields.get("Parent"), Some(""));
    assert_eq!(fields.get("Parent/Child"), Some("c"));
}

#[test]
fn a_tree_is_shown_as_names_and_texts() {
    assert_eq!(
        format!("{:?}", pictures()),
        r#"{"Event": "pic_weixin", "SendPicsInfo": {"Count": "3", "PicList": {"item": {"Md5": "a"}, "item": {"Md5": "b"}}, "PicList": {"item": {"Md5": "c"}}}, "Count": "9"}"#
    );
}

#[test]
fn one_text_is_replaced_and_the_rest_stays() {
    let fields = pictures().with_text("Count", "many");
    assert_eq!(fields.get("Count"), Some("many"));
    assert_eq!(fields.get("SendPicsInfo/Count"), Some("3"), "only on top");
    assert_eq!(texts(fields.all("SendPicsInfo/PicList/item/Md5")), ["a", "b", "c"]);
    assert_eq!(pictures().with_text("Count", "9"), pictures());
    assert_eq!(pictures().with_text("Content", "none"), pictures());
}

#[test]
fn other_words_are_those_of_the_message_and_of_its_fields() {
    let message = |kind: &str, name: &str| {
        let mut fields = Fields::default();
        for (name, text) in [("MsgType", kind), ("MediaId", "M1"), (name, "ＡＢ")] {
            let place = fields.push(0, name);
            fields.push_text(place, text);
        }
        Message::read(fields).unwrap()
    };
    for (kind, name) in [("text", "Content"), ("voice", "Recognition")] {
        let said = message(kind, name);
        assert_eq!(said.normalized(), Some("AB"));
        let masked = said.with_words("Ａ*");
        assert_eq!((masked.words(), masked.normalized()), (Some("Ａ*"), Some("A*")), "{kind}");
        assert_eq!((masked.field(name), masked.field("MediaId")), (Some("Ａ*"), Some("M1")));
    }
    let image = message("image", "PicUrl");
    assert_eq!(image.with_words("x"), image);
}
