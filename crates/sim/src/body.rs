//! The body of a push, as the documents print it.

use crate::account::settings::Format;
use crate::content::PushContent;
use crate::element::{self, Element};

/// What every body begins with.
pub(crate) struct Preamble<'p> {
    pub(crate) to: &'p str,
    pub(crate) from: &'p str,
    /// Unix seconds.
    pub(crate) create_time: u64,
}

/// Writes a body before encryption.
pub(crate) fn write(preamble: &Preamble<'_>, content: &PushContent, format: Format) -> String {
    let mut elements = vec![
        Element::text("ToUserName", preamble.to),
        Element::text("FromUserName", preamble.from),
        Element::number("CreateTime", preamble.create_time),
    ];
    match content {
        PushContent::Message { kind, fields } => {
            elements.push(Element::text("MsgType", *kind));
            elements.extend_from_slice(fields);
        }
        PushContent::Event { name, fields } => {
            elements.push(Element::text("MsgType", "event"));
            elements.push(Element::text("Event", name));
            elements.extend_from_slice(fields);
        }
    }
    match format {
        Format::Xml => element::write_xml(&elements),
        Format::Json => element::write_json(&elements),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Act, ScannedCode};

    /// The act's body is, byte for byte, the one of the protocol page with the same time and id.
    #[track_caller]
    fn check(act: Act, fixture: &str) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures");
        let expected = std::fs::read_to_string(format!("{folder}/{fixture}.xml")).unwrap();
        let expected: String = expected.lines().map(str::trim_start).collect();
        let fields = Element::read_xml(&expected).unwrap();
        let number = |name: &str| fields.child_text(name).map_or(0, |text| text.parse().unwrap());
        let (to, from) = ("gh_5f0c1d2e3a4b", "oTEST_7vQkR2mXw9ZsLbN4cYdEfG");
        let preamble = Preamble { to, from, create_time: number("CreateTime") };
        let content = PushContent::of(&act, number("MsgId"), true).unwrap();
        assert_eq!(write(&preamble, &content, Format::Xml), expected);
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
    fn scanning_is_another_event_for_a_follower() {
        let fixture = |name: &str| {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/events");
            std::fs::read_to_string(format!("{folder}/{name}.xml")).unwrap().trim().to_owned()
        };
        let body = |follows, create_time| {
            let (to, from) = ("gh_5f0c1d2e3a4b", "oTEST_7vQkR2mXw9ZsLbN4cYdEfG");
            let act = Act::ScanScene { scene: "shop-42".into(), ticket: "gQTICKET0001".into() };
            let content = PushContent::of(&act, 0, follows).unwrap();
            write(&Preamble { to, from, create_time }, &content, Format::Xml)
        };
        assert_eq!(body(true, 1_735_690_003), fixture("scan"));
        assert_eq!(body(false, 1_735_690_001), fixture("subscribe_by_scan"));
    }

    #[test]
    fn json_has_the_same_names_and_numbers_as_numbers() {
        let preamble = Preamble { to: "gh_1", from: "o1", create_time: 1_714_037_059 };
        let content = PushContent::of(&Act::text("hi"), 24_870_000_000_000_011, true).unwrap();
        let body: serde_json::Value =
            serde_json::from_str(&write(&preamble, &content, Format::Json)).unwrap();
        let expected = serde_json::json!({
            "ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1_714_037_059_u64,
            "MsgType": "text", "Content": "hi", "MsgId": 24_870_000_000_000_011_u64,
        });
        assert_eq!(body, expected);
    }
}
