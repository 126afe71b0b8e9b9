//! What is read, and what is refused.

use wxbot_sdk::fields::{MAX_BYTES, MAX_ELEMENTS, MAX_LEVELS};

use super::body::{Format, read};
use super::bounds::MAX_ATTRIBUTES;
use crate::receive::refusal::BodyError;

#[track_caller]
fn check(body: &str, path: &str, expected: &str) {
    let (fields, _) = read(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}"));
    assert_eq!(fields.get(path), Some(expected), "{body}");
}

#[track_caller]
fn check_refused(body: impl AsRef<[u8]>, expected: BodyError, why: &str) {
    let body = body.as_ref();
    let start = String::from_utf8_lossy(&body[..body.len().min(80)]);
    match (read(body), expected) {
        // The parsers word their errors themselves.
        (Err(BodyError::Xml(_)), BodyError::Xml(_)) => {}
        (Err(BodyError::Json(_)), BodyError::Json(_)) => {}
        (Err(error), expected) => assert_eq!(error, expected, "{why}: {start}"),
        (Ok(read), expected) => panic!("{why}: {start} is {read:?}, not {expected:?}"),
    }
}

#[test]
fn odd_bodies_are_read() {
    check("\u{feff}<xml><A>1</A></xml>", "A", "1");
    check("\u{feff}{\"A\":1}", "A", "1");
    check("\r\n <xml><A>1</A></xml>\n", "A", "1");
    check("<?xml version=\"1.0\" encoding=\"GBK\"?><!-- hi --><xml><A>1</A></xml>", "A", "1");
    check("<message><A>1</A></message>", "A", "1");
    check("<xml>\u{200b}<A>1</A>stray</xml>", "A", "1");
    check("<xml><A lang=\"zh\" lang=\"en\" broken>1</A></xml>", "A", "1");
    check("<xml><ns:A xmlns:ns=\"urn:x\">1</ns:A></xml>", "ns:A", "1");
    check("<xml><A/></xml>", "A", "");
    check("<xml><A>![CDATA[x]]></A></xml>", "A", "![CDATA[x]]>");
}

#[test]
fn odd_texts_come_as_they_are() {
    let table = [
        // in <A>, its text
        ("<![CDATA[a\0b\u{8}c\u{1f}\u{fffe}]]>", "a\0b\u{8}c\u{1f}\u{fffe}"),
        ("a\0b\u{8}c", "a\0b\u{8}c"),
        ("a&#0;b&#xD800;c&#x110000;d&#;e", "abcde"),
        ("&#x4f60;&#22909;&#10;", "你好\n"),
        ("a&#55357;&#56832;b&#xD83D;&#xde00;&#xd83d;&#56832;", "a😀b😀😀"),
        ("a&#xD83D;b&#xDE00;c&#xDE00;&#xD83D;&#xD83D;&#xDE00;", "abc😀"),
        ("a&#xD83D;<!-- -->&#xDE00;<![CDATA[]]>b&#xD83D;&#x41;&#xDE00;", "abA"),
        ("&lt;&gt;&amp;&apos;&quot;", "<>&'\""),
        ("&amp;lt;", "&lt;"),
        ("&nbsp;&boom;", "&nbsp;&boom;"),
        ("a?b=1&c=2&d", "a?b=1&c=2&d"),
        ("a & b && c;", "a & b && c;"),
    ];
    for (text, expected) in table {
        check(&format!("<xml><A>{text}</A></xml>"), "A", expected);
    }
}

#[test]
fn json_gives_the_fields_that_xml_gives() {
    let xml = "<xml><A>1</A><B><C>x</C><C/></B><B><C>true</C></B><D>-1.5</D><E></E></xml>";
    let json = r#"{"A":1,"B":[{"C":["x",null]},{"C":true}],"D":-1.5,"E":"","F":[]}"#;
    let show = |body: &str| format!("{:?}", read(body.as_bytes()).unwrap().0);
    assert_eq!(show(xml), show(json));
    assert_eq!(read(xml.as_bytes()).unwrap().1, Format::Xml);
    assert_eq!(read(json.as_bytes()).unwrap().1, Format::Json);
}

#[test]
fn json_numbers_and_escapes_are_kept() {
    check(r#"{"A":18446744073709551615}"#, "A", "18446744073709551615");
    check(r#"{"A":-9223372036854775808}"#, "A", "-9223372036854775808");
    check(r#"{"A":"\ud83d\ude00\u0000<\/"}"#, "A", "😀\0</");
    check(r#"{"A":[[1],[[2]]]}"#, "A", "1");
}

#[test]
fn what_is_no_message_is_refused() {
    use BodyError::{Empty, Forbidden, NeitherXmlNorJson, Twice, Utf8};
    let (xml, json) = (|| BodyError::Xml(String::new()), || BodyError::Json(String::new()));
    let bomb = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><xml><A>&b;</A></xml>";
    let table: &[(&[u8], BodyError, &str)] = &[
        (b"", Empty, "nothing"),
        (b" \r\n\t", Empty, "nothing but blanks"),
        ("\u{feff}".as_bytes(), Empty, "nothing but a BOM"),
        (b"hello", NeitherXmlNorJson, "a text"),
        (b"[1]", NeitherXmlNorJson, "JSON, but no object"),
        (b"null", NeitherXmlNorJson, "JSON, but no object"),
        (b"<xml><A>\xff</A></xml>", Utf8, "a byte that UTF-8 never has"),
        (b"<xml><A>\xc4\xe3\xba\xc3</A></xml>", Utf8, "GBK"),
        (b"\xff\xfe<\0x\0m\0l\0>\0", Utf8, "UTF-16"),
        (b"{\"A\":\"\xe4\xbd\"}", Utf8, "a character cut in two"),
        (b"<!DOCTYPE xml><xml/>", Forbidden("a DOCTYPE"), "a DTD"),
        (
            b"<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><xml><A>&a;</A></xml>",
            Forbidden("a DOCTYPE"),
            "an entity from outside",
        ),
        (bomb.as_bytes(), Forbidden("a DOCTYPE"), "a billion laughs"),
        (b"<xml><!DOCTYPE xml></xml>", Forbidden("a DOCTYPE"), "a DTD inside"),
        (b"<xml><?php 1 ?></xml>", Forbidden("a processing instruction"), "a PI inside"),
        (b"<?php 1 ?><xml/>", Forbidden("a processing instruction"), "a PI in front"),
        (b"<xml/><xml/>", Forbidden("a second root"), "two roots"),
        (b"<xml></xml><A>1</A>", Forbidden("a second root"), "an element behind the root"),
        (b"<!-- nothing -->", xml(), "a comment alone"),
        (b"<xml><A>1</A>", xml(), "the root is not closed"),
        (b"<xml><A>1</xml>", xml(), "an element is not closed"),
        (b"<xml><A>1</B></xml>", xml(), "closed under another name"),
        (b"<xml></xml></xml>", xml(), "closed twice"),
        (b"<xml><A><![CDATA[1]]</A></xml>", xml(), "CDATA that does not end"),
        (b"<xml><A", xml(), "cut off in a tag"),
        (b"<xml><!-- <A>1</A></xml>", xml(), "a comment that does not end"),
        (b"{", json(), "cut off"),
        (b"{\"A\":1} x", json(), "something behind the object"),
        (b"{\"A\":1}{\"A\":1}", json(), "two objects"),
        (b"{\"A\":1,}", json(), "a comma too much"),
        (b"{'A':1}", json(), "the wrong quotes"),
        (b"{\"A\":NaN}", json(), "no number of JSON"),
        (b"{\"A\":\"\n\",\"B\":\"\xe4\xbd\"}", Utf8, "a bad string before a character cut in two"),
        (b"{\"A\":\"\n\",}", json(), "a bad string before a comma too much"),
        (b"{\"A\":\"\n\"\n\0}", json(), "a NUL that is in no string"),
        (b"{\"A\":\"\n", json(), "cut off in a bad string"),
        (
            b"<xml><ToUserName>a</ToUserName><A/><ToUserName>b</ToUserName></xml>",
            Twice("ToUserName"),
            "two receivers",
        ),
        (b"<xml><MsgId/><MsgId/></xml>", Twice("MsgId"), "two ids, even if empty"),
        (br#"{"Content":"a","Content":"b"}"#, Twice("Content"), "a member twice"),
        (br#"{"Content":"a","Con\ud83dtent":"b"}"#, Twice("Content"), "twice once it is mended"),
        (br#"{"Encrypt":["a","b"]}"#, Twice("Encrypt"), "a list where one is meant"),
    ];
    for (body, expected, why) in table {
        check_refused(body, expected.clone(), why);
    }
}

#[test]
fn a_name_that_must_be_there_once_may_be_there_again_inside() {
    check("<xml><Event>x</Event><List><Event>y</Event></List></xml>", "List/Event", "y");
    check("<xml><List>1</List><List>2</List></xml>", "List", "1");
}

#[test]
fn the_limits_are_those_of_any_message() {
    let levels = || BodyError::TooMany { what: "levels", limit: MAX_LEVELS };
    let elements = || BodyError::TooMany { what: "elements", limit: MAX_ELEMENTS };
    let attributes =
        || BodyError::TooMany { what: "attributes in one element", limit: MAX_ATTRIBUTES };
    let nested = |levels: usize| "<a>".repeat(levels) + &"</a>".repeat(levels);
    // The object is the first level, and the `1` is the last.
    let objects = |levels: usize| "{\"a\":".repeat(levels - 1) + "1" + &"}".repeat(levels - 1);
    let many = |count: usize| format!("<xml>{}</xml>", "<a/>".repeat(count));
    let array = |count: usize| format!("{{\"a\":[{}0]}}", "0,".repeat(count - 1));
    let with = |count: usize| format!("<xml><a{}/></xml>", " b=\"1\"".repeat(count));

    for just_right in [nested(16), objects(16), many(1024), array(1024), with(16)] {
        assert!(read(just_right.as_bytes()).is_ok(), "{just_right}");
    }
    check_refused(nested(17), levels(), "17 levels");
    check_refused(objects(17), levels(), "17 levels");
    check_refused(objects(200), levels(), "deeper than any parser should follow");
    check_refused(nested(100_000), levels(), "deeper than any stack");
    check_refused(many(1025), elements(), "1025 elements");
    check_refused(array(1025), elements(), "1025 items");
    check_refused(with(17), attributes(), "17 attributes");
    let arrays = "{\"a\":".to_owned() + &"[".repeat(200) + &"]".repeat(200) + "}";
    check_refused(arrays, BodyError::Json(String::new()), "200 arrays in one another");
    let names = |length: usize| format!("{{\"{}\":[0{}]}}", "a".repeat(length), ",0".repeat(1023));
    assert!(read(names(1000).as_bytes()).is_ok(), "a long name, repeated");
    let bytes = BodyError::TooMany { what: "bytes", limit: MAX_BYTES };
    check_refused(names(1 << 19), bytes, "a name of half a mebibyte, 1024 times");
    let bad = |json: String| json.replacen("{\"a", "{\"\n\":\"\n\",\"a", 1);
    check_refused(bad(objects(17)), levels(), "17 levels behind a bad string");
    check_refused(bad(array(1024)), elements(), "1025 with a bad string");
}

#[test]
fn no_error_repeats_what_the_body_says() {
    for body in ["<xml><secret></xml>", "<xml><A>secret", "{\"A\":secret}", "{\"secret\":\"x"] {
        let error = read(body.as_bytes()).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
