//! What a push says: the elements of each message and event, in the order of the documents.

use serde_json::Value;

use crate::account::settings::Format;
use crate::act::{Act, ScannedCode, in_16k};
use crate::element::Element;

/// A message or an event. Messages have a MsgId among their fields, events have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PushContent {
    /// A message of this MsgType.
    Message { kind: &'static str, fields: Vec<Element> },
    /// An event.
    Event { name: String, fields: Vec<Element> },
}

impl PushContent {
    pub(crate) fn event(name: impl Into<String>, fields: Vec<Element>) -> Self {
        Self::Event { name: name.into(), fields }
    }

    /// The message or event of an act; none for `Act::Raw`, and for `Act::Scan`, whose scene only the
    /// account's QR codes tell.
    pub(crate) fn of(act: &Act, msg_id: u64, follows: bool) -> Option<Self> {
        message(act, msg_id).or_else(|| event(act, follows))
    }

    /// The end of a template message.
    pub(crate) fn template_sent(msg_id: u64, status: &str) -> Self {
        let fields = vec![Element::number("MsgID", msg_id), Element::text("Status", status)];
        Self::event("TEMPLATESENDJOBFINISH", fields)
    }

    /// The delivery of a subscription notice.
    pub(crate) fn notice_sent(template_id: &str, msg_id: u64, format: Format) -> Self {
        let fields = vec![
            Element::text("TemplateId", template_id),
            notice_number("MsgID", &msg_id.into(), format),
            notice_number("ErrorCode", &0.into(), format),
            Element::text("ErrorStatus", "success"),
        ];
        notice_event("sent", fields, format)
    }

    /// A follower's permission to send one subscription notice.
    pub(crate) fn notice_accepted(template_id: &str, format: Format) -> Self {
        let fields = vec![
            Element::text("TemplateId", template_id),
            Element::text("SubscribeStatusString", "accept"),
            notice_number("PopupScene", &2.into(), format),
        ];
        notice_event("popup", fields, format)
    }
}

/// An event of subscription notices: JSON has no wrapper around the list.
fn notice_event(kind: &str, fields: Vec<Element>, format: Format) -> PushContent {
    let list = Element::nested("List", fields);
    let content = match format {
        Format::Json => list,
        Format::Xml => {
            let capitalized = kind[..1].to_uppercase() + &kind[1..];
            Element::nested(format!("SubscribeMsg{capitalized}Event"), vec![list])
        }
    };
    PushContent::event(format!("subscribe_msg_{kind}_event"), vec![content])
}

/// Numbers of these events are strings in JSON.
fn notice_number(name: &str, value: &Value, format: Format) -> Element {
    match format {
        Format::Json => Element::text(name, value.to_string()),
        Format::Xml => Element::number(name, value),
    }
}

fn message(act: &Act, msg_id: u64) -> Option<PushContent> {
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
    Some(PushContent::Message { kind, fields })
}

fn event(act: &Act, follows: bool) -> Option<PushContent> {
    let key = |key: &str| Element::text("EventKey", key);
    let (name, fields) = match act {
        Act::Subscribe => ("subscribe", vec![key("")]),
        Act::Unsubscribe => ("unsubscribe", vec![key("")]),
        Act::ScanScene { scene, ticket } if follows => ("SCAN", scanned_parametric(scene, ticket)),
        Act::ScanScene { scene, ticket } => {
            ("subscribe", scanned_parametric(&format!("qrscene_{scene}"), ticket))
        }
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
    Some(PushContent::event(name, fields))
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

fn scanned_parametric(key: &str, ticket: &str) -> Vec<Element> {
    vec![Element::text("EventKey", key), Element::text("Ticket", ticket)]
}

fn pictures(md5_sums: &[String]) -> Element {
    let item = |sum: &String| Element::nested("item", vec![Element::text("PicMd5Sum", sum)]);
    let list = Element::nested("PicList", md5_sums.iter().map(item).collect());
    Element::nested("SendPicsInfo", vec![Element::number("Count", md5_sums.len()), list])
}
