//! The body that tells of an act: which elements, in which order, as the documents print them.

use crate::account::Format;
use crate::act::{Act, ScannedCode, in_16k};
use crate::element::{self, Element};

/// What stands first in every body.
pub(crate) struct Head<'h> {
    pub(crate) to: &'h str,
    pub(crate) from: &'h str,
    /// Unix seconds.
    pub(crate) create_time: u64,
}

/// The body of a message or of an event, without a seal.
pub(crate) fn write(head: &Head<'_>, about: &About, format: Format) -> String {
    let mut elements = vec![
        Element::text("ToUserName", head.to),
        Element::text("FromUserName", head.from),
        Element::number("CreateTime", head.create_time),
    ];
    match about {
        About::Message { kind, fields } => {
            elements.push(Element::text("MsgType", *kind));
            elements.extend_from_slice(fields);
        }
        About::Event { name, fields } => {
            elements.push(Element::text("MsgType", "event"));
            elements.push(Element::text("Event", name));
            elements.extend_from_slice(fields);
        }
    }
    match format {
        Format::Xml => element::to_xml(&elements),
        Format::Json => element::to_json(&elements),
    }
}

/// What is told, and how: messages have a MsgId among their fields, events have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// A message of this MsgType.
    Message { kind: &'static str, fields: Vec<Element> },
    /// An event.
    Event { name: String, fields: Vec<Element> },
}

impl About {
    pub(crate) fn event(name: impl Into<String>, fields: Vec<Element>) -> Self {
        Self::Event { name: name.into(), fields }
    }
}

/// The message or event that an act is; `Act::Raw` and the acts that depend on whether one
/// follows are none.
pub(crate) fn of(act: &Act, msg_id: u64) -> Option<About> {
    message(act, msg_id).or_else(|| event(act))
}

fn message(act: &Act, msg_id: u64) -> Option<About> {
    let text = |name: &str, text: &str| Element::text(name, text);
    let id = Element::number("MsgId", msg_id);
    let (kind, fields) = match act {
        Act::Text(content) => ("text", vec![text("Content", content), id]),
        Act::TextOnArticle { content, msg_data_id, idx } => {
            let data = Element::number("MsgDataId", msg_data_id);
            ("text", vec![text("Content", content), id, data, Element::number("Idx", idx)])
        }
        Act::MenuItem { content, id: item } => {
            let item = menu_item_id(item);
            ("text", vec![text("Content", content), id, item])
        }
        Act::Image { pic_url, media_id } => {
            ("image", vec![text("PicUrl", pic_url), id, text("MediaId", media_id)])
        }
        Act::Voice { media_id, format, recognition } => {
            let mut fields = vec![text("MediaId", media_id), text("Format", format), id];
            fields.extend(recognition.as_deref().map(|words| text("Recognition", words)));
            fields.push(text("MediaId16K", &in_16k(media_id)));
            ("voice", fields)
        }
        Act::Video { media_id, thumb_media_id } => ("video", video(media_id, thumb_media_id, id)),
        Act::ShortVideo { media_id, thumb_media_id } => {
            ("shortvideo", video(media_id, thumb_media_id, id))
        }
        Act::Location { latitude, longitude, scale, label } => {
            let mut fields = vec![degrees("Location_X", *latitude)];
            fields.push(degrees("Location_Y", *longitude));
            fields.extend([Element::number("Scale", scale), text("Label", label), id]);
            ("location", fields)
        }
        Act::Link { title, description, url } => {
            let description = text("Description", description);
            ("link", vec![text("Title", title), description, text("Url", url), id])
        }
        Act::File { title, key, md5, length } => {
            let mut fields = vec![text("Title", title), text("Description", "")];
            fields.extend([text("FileKey", key), text("FileMd5", md5)]);
            fields.extend([Element::number("FileTotalLen", length), id]);
            ("file", fields)
        }
        Act::MiniProgramPage { title, app_id, page_path, thumb_url, thumb_media_id } => {
            let mut fields = vec![id, text("Title", title), text("AppId", app_id)];
            fields.extend([text("PagePath", page_path), text("ThumbUrl", thumb_url)]);
            fields.push(text("ThumbMediaId", thumb_media_id));
            ("miniprogrampage", fields)
        }
        _ => return None,
    };
    Some(About::Message { kind, fields })
}

fn event(act: &Act) -> Option<About> {
    let key = |key: &str| Element::text("EventKey", key);
    let (name, fields) = match act {
        Act::Subscribe => ("subscribe", vec![key("")]),
        Act::Unsubscribe => ("unsubscribe", vec![key("")]),
        Act::Click(button) => ("CLICK", vec![key(button)]),
        Act::View { url, menu_id } => ("VIEW", with_menu_id(key(url), *menu_id)),
        Act::ViewMiniProgram { path, menu_id } => {
            ("view_miniprogram", with_menu_id(key(path), *menu_id))
        }
        Act::ScanCodePush(code) => ("scancode_push", scanned(code)),
        Act::ScanCodeWait(code) => ("scancode_waitmsg", scanned(code)),
        Act::Pictures { event, key: button, md5_sums } => {
            (event.as_str(), vec![key(button), pictures(md5_sums)])
        }
        Act::LocationSelect { key: button, latitude, longitude, scale, label, poi } => {
            let place = vec![
                Element::text("Location_X", latitude.to_string()),
                Element::text("Location_Y", longitude.to_string()),
                Element::text("Scale", scale.to_string()),
                Element::text("Label", label),
                Element::text("Poiname", poi),
            ];
            ("location_select", vec![key(button), Element::nested("SendLocationInfo", place)])
        }
        Act::ReportLocation { latitude, longitude, precision } => {
            let place =
                [("Latitude", latitude), ("Longitude", longitude), ("Precision", precision)];
            ("LOCATION", place.map(|(name, value)| degrees(name, *value)).to_vec())
        }
        Act::Pay { card_id } => ("user_pay_from_pay_cell", vec![Element::text("CardId", card_id)]),
        Act::Event { name, fields } => (name.as_str(), fields.clone()),
        _ => return None,
    };
    Some(About::event(name, fields))
}

/// Scanning a parametric code: one event for who follows, another for who does so by that.
pub(crate) fn scan(scene: &str, ticket: &str, follows: bool) -> About {
    let (name, key) = match follows {
        true => ("SCAN", scene.to_owned()),
        false => ("subscribe", format!("qrscene_{scene}")),
    };
    About::event(name, vec![Element::text("EventKey", key), Element::text("Ticket", ticket)])
}

/// An id of digits is printed as a number.
fn menu_item_id(id: &str) -> Element {
    match id.parse::<u64>() {
        Ok(_) => Element::number("bizmsgmenuid", id),
        Err(_) => Element::text("bizmsgmenuid", id),
    }
}

fn video(media_id: &str, thumb_media_id: &str, id: Element) -> Vec<Element> {
    vec![Element::text("MediaId", media_id), Element::text("ThumbMediaId", thumb_media_id), id]
}

fn degrees(name: &str, value: f64) -> Element {
    Element::number(name, format!("{value:.6}"))
}

fn with_menu_id(key: Element, menu_id: Option<u64>) -> Vec<Element> {
    let menu_id = menu_id.map(|id| Element::number("MenuId", id));
    std::iter::once(key).chain(menu_id).collect()
}

fn scanned(code: &ScannedCode) -> Vec<Element> {
    let ScannedCode { key, scan_type, result } = code;
    let info = vec![Element::text("ScanType", scan_type), Element::text("ScanResult", result)];
    vec![Element::text("EventKey", key), Element::nested("ScanCodeInfo", info)]
}

fn pictures(md5_sums: &[String]) -> Element {
    let item = |sum: &String| Element::nested("item", vec![Element::text("PicMd5Sum", sum)]);
    let list = Element::nested("PicList", md5_sums.iter().map(item).collect());
    Element::nested("SendPicsInfo", vec![Element::number("Count", md5_sums.len()), list])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The act's body is, byte for byte, the one of the protocol page with the same time and id.
    #[track_caller]
    fn check(act: Act, fixture: &str) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures");
        let expected = std::fs::read_to_string(format!("{folder}/{fixture}.xml")).unwrap();
        let expected: String = expected.lines().map(str::trim_start).collect();
        let fields = Element::read_xml(&expected).unwrap();
        let number = |name: &str| fields.child_text(name).map_or(0, |text| text.parse().unwrap());
        let (to, from) = ("gh_5f0c1d2e3a4b", "oTEST_7vQkR2mXw9ZsLbN4cYdEfG");
        let head = Head { to, from, create_time: number("CreateTime") };
        let about = of(&act, number("MsgId")).unwrap();
        assert_eq!(write(&head, &about, Format::Xml), expected);
    }

    const ADDRESS: &str = "杭州市示例路8号";

    #[test]
    fn messages_are_written_as_the_documents_print_them() {
        let text = |text: &str| text.to_owned();
        check(Act::menu_item("满意", "101"), "messages/text_from_menu");
        let content = text("这篇写得真好");
        let on_article = Act::TextOnArticle { content, msg_data_id: 2_650_001_234, idx: 1 };
        check(on_article, "messages/text_from_article");
        let pic_url = text("http://mmbiz.qpic.cn/mmbiz_jpg/EXAMPLE/0");
        check(Act::Image { pic_url, media_id: text("imgMEDIA_0001") }, "messages/image");
        let (media_id, format) = (text("voiMEDIA_0001"), text("amr"));
        let recognition = Some(String::new());
        check(Act::Voice { media_id, format, recognition }, "messages/voice");
        let (media_id, thumb_media_id) = (text("vidMEDIA_0001"), text("vidTHUMB_0001"));
        check(Act::Video { media_id, thumb_media_id }, "messages/video");
        let (media_id, thumb_media_id) = (text("svdMEDIA_0001"), text("svdTHUMB_0001"));
        check(Act::ShortVideo { media_id, thumb_media_id }, "messages/shortvideo");
        let (latitude, longitude, scale) = (30.274_15, 120.155_15, 16);
        let label = text(ADDRESS);
        check(Act::Location { latitude, longitude, scale, label }, "messages/location");
        let (title, description) = (text("示例标题"), text("示例摘要"));
        let url = text("https://example.com/a?b=1&c=2");
        check(Act::Link { title, description, url }, "messages/link");
        let (title, key) = (text("report.pdf"), text("FILEKEY_0001"));
        let md5 = text("0cc175b9c0f1b6a831c399e269772661");
        check(Act::File { title, key, md5, length: 20480 }, "messages/file");
        let page = Act::MiniProgramPage {
            title: text("示例卡片"),
            app_id: text("wx0123456789abcdef"),
            page_path: text("pages/index/index?id=7"),
            thumb_url: text("https://example.com/t.png"),
            thumb_media_id: text("mpTHUMB_0001"),
        };
        check(page, "messages/miniprogrampage");
    }

    #[test]
    fn events_are_written_as_the_documents_print_them() {
        check(Act::Subscribe, "events/subscribe");
        check(Act::Unsubscribe, "events/unsubscribe");
        check(Act::click("BTN_HELP"), "events/click");
        let menu_id = Some(421_234_567);
        check(Act::View { url: "https://example.com/home".into(), menu_id }, "events/view");
        let path = "pages/index/index".into();
        check(Act::ViewMiniProgram { path, menu_id }, "events/view_miniprogram");
        let code = |scan_type: &str, result: &str| ScannedCode {
            key: "BTN_SCAN".into(),
            scan_type: scan_type.into(),
            result: result.into(),
        };
        let web = code("qrcode", "https://example.com/item/9");
        check(Act::ScanCodeWait(web), "events/scancode_waitmsg");
        let barcode = code("barcode", "EAN_13,6901234567892");
        check(Act::ScanCodePush(barcode), "events/scancode_push");
        let pictures = Act::Pictures {
            event: "pic_photo_or_album".into(),
            key: "BTN_PIC".into(),
            md5_sums: vec![
                "92eb5ffee6ae2fec3ad71c777531578f".into(),
                "4a8a08f09d37b73795649038408b5f33".into(),
            ],
        };
        check(pictures, "events/pic_photo_or_album");
        let (latitude, longitude) = (30.27, 120.15);
        let (key, label, poi) = ("BTN_LOC".into(), ADDRESS.into(), String::new());
        let place = Act::LocationSelect { key, latitude, longitude, scale: 15, label, poi };
        check(place, "events/location_select");
        let (latitude, longitude, precision) = (30.274_15, 120.155_15, 65.0);
        check(Act::ReportLocation { latitude, longitude, precision }, "events/location");
    }

    #[test]
    fn scanning_is_another_event_for_who_follows_already() {
        let fixture = |name: &str| {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/events");
            std::fs::read_to_string(format!("{folder}/{name}.xml")).unwrap().trim().to_owned()
        };
        let body = |follows, create_time| {
            let (to, from) = ("gh_5f0c1d2e3a4b", "oTEST_7vQkR2mXw9ZsLbN4cYdEfG");
            let about = scan("shop-42", "gQTICKET0001", follows);
            write(&Head { to, from, create_time }, &about, Format::Xml)
        };
        assert_eq!(body(true, 1_735_690_003), fixture("scan"));
        assert_eq!(body(false, 1_735_690_001), fixture("subscribe_by_scan"));
    }

    #[test]
    fn json_has_the_same_names_and_numbers_as_numbers() {
        let head = Head { to: "gh_1", from: "o1", create_time: 1_714_037_059 };
        let about = of(&Act::text("hi"), 24_870_000_000_000_011).unwrap();
        let body: serde_json::Value =
            serde_json::from_str(&write(&head, &about, Format::Json)).unwrap();
        let expected = serde_json::json!({
            "ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1_714_037_059_u64,
            "MsgType": "text", "Content": "hi", "MsgId": 24_870_000_000_000_011_u64,
        });
        assert_eq!(body, expected);
    }
}
