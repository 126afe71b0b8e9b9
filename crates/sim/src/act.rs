//! What a follower does with the phone (sections 3 and 4).

mod json;
mod display;

use serde::Deserialize;

use crate::element::Element;

/// One thing a follower does. `TryFrom` reads it from JSON: an object with one key
/// (`{"text": "hi"}`, `{"image": {"media_id": …, "pic_url": …}}`), a string where the name says it
/// all (`"subscribe"`), or an event by its name (`{"event": "CLICK", "key": "HELP"}`), in which every
/// further key is an element (`{"event": "card_pass_check", "CardId": "p1"}`).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Act {
    /// Sends a text.
    Text(String),
    /// Sends a text from an article of the account.
    TextOnArticle {
        /// The text.
        content: String,
        /// The article's data.
        msg_data_id: u64,
        /// The article's position in its push, from 1.
        idx: u32,
    },
    /// Taps an item of a menu message, or a `weixin://bizmsgmenu` link.
    MenuItem {
        /// The item's text, which is sent as the message.
        content: String,
        /// The item's id.
        id: String,
    },
    /// Sends a picture.
    Image {
        /// Where WeChat stores it.
        pic_url: String,
        /// Valid for three days.
        media_id: String,
    },
    /// Sends a voice message.
    Voice {
        /// Valid for three days.
        media_id: String,
        /// `amr` or `speex`.
        format: String,
        /// The transcript, if the account has speech recognition switched on.
        recognition: Option<String>,
    },
    /// Sends a video.
    Video {
        /// Valid for three days.
        media_id: String,
        /// Its thumbnail.
        thumb_media_id: String,
    },
    /// Sends a short video.
    ShortVideo {
        /// Valid for three days.
        media_id: String,
        /// Its picture.
        thumb_media_id: String,
    },
    /// Sends a location.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// The map's zoom level.
        scale: u32,
        /// The address.
        label: String,
    },
    /// Sends a link.
    Link {
        /// Its headline.
        title: String,
        /// Its summary.
        description: String,
        /// Where it leads.
        url: String,
    },
    /// Sends a file.
    File {
        /// Its name.
        title: String,
        /// WeChat's key for it.
        key: String,
        /// The MD5 of its bytes, in hex.
        md5: String,
        /// In bytes.
        length: u64,
    },
    /// Sends the card of a mini program.
    MiniProgramPage {
        /// Its headline.
        title: String,
        /// The mini program's app id.
        app_id: String,
        /// The page in it.
        page_path: String,
        /// Its picture.
        thumb_url: String,
        /// The same picture as media.
        thumb_media_id: String,
    },
    /// Follows the account. A current follower has unfollowed it in between.
    Subscribe,
    /// Unfollows it.
    Unsubscribe,
    /// Scans a parametric QR code that the account created: a `SCAN` by a follower, and by anybody
    /// else a `subscribe` with `qrscene_`.
    Scan {
        /// The ticket from `qrcode/create`.
        ticket: String,
    },
    /// Scans a code that the simulation does not know.
    ScanScene {
        /// The scene value.
        scene: String,
        /// Any ticket.
        ticket: String,
    },
    /// Presses a menu button of type `click`: its key.
    Click(String),
    /// Presses a button of type `view`.
    View {
        /// Where it leads.
        url: String,
        /// The menu it belongs to.
        menu_id: Option<u64>,
    },
    /// Presses a button of type `miniprogram`.
    ViewMiniProgram {
        /// The page in it.
        path: String,
        /// The menu it belongs to.
        menu_id: Option<u64>,
    },
    /// Presses a button of type `scancode_push` and scans.
    ScanCodePush(ScannedCode),
    /// The same with `scancode_waitmsg`.
    ScanCodeWait(ScannedCode),
    /// Presses a button of type `pic_…` and picks pictures, whose messages are acts of their own.
    Pictures {
        /// `pic_sysphoto`, `pic_photo_or_album` or `pic_weixin`.
        event: String,
        /// The button's key.
        key: String,
        /// One per picture.
        md5_sums: Vec<String>,
    },
    /// Presses a button of type `location_select`; the location's message is an act of its own.
    LocationSelect {
        /// The button's key.
        key: String,
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// The map's zoom level.
        scale: u32,
        /// The address.
        label: String,
        /// The place's name.
        poi: String,
    },
    /// Has WeChat report the phone's position to the account.
    ReportLocation {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// In metres.
        precision: f64,
    },
    /// Pays the account, which then may send customer-service messages for 48 hours.
    Pay {
        /// A field of `user_pay_from_pay_cell`.
        card_id: String,
    },
    /// Any other event.
    #[serde(skip)]
    Event {
        /// The text of the element `Event`.
        name: String,
        /// The elements behind `Event`.
        fields: Vec<Element>,
    },
    /// A whole body, encrypted and signed as it is.
    Raw(String),
}

/// What the phone's camera has read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ScannedCode {
    /// The button's key.
    pub key: String,
    /// `qrcode`, `barcode` …
    pub scan_type: String,
    /// Its content; of a barcode `EAN_13,6901234567892`.
    pub result: String,
}

impl Act {
    /// Sends a text.
    pub fn text(content: impl Into<String>) -> Self {
        Self::Text(content.into())
    }

    /// Sends a picture.
    pub fn image(media_id: impl Into<String>) -> Self {
        let media_id = media_id.into();
        Self::Image { pic_url: format!("http://mmbiz.qpic.cn/mmbiz_jpg/{media_id}/0"), media_id }
    }

    /// Sends a voice message in AMR, without a transcript.
    pub fn voice(media_id: impl Into<String>) -> Self {
        Self::Voice { media_id: media_id.into(), format: "amr".into(), recognition: None }
    }

    /// Presses a menu button of type `click`.
    pub fn click(key: impl Into<String>) -> Self {
        Self::Click(key.into())
    }

    /// Taps an item of a menu message.
    pub fn menu_item(content: impl Into<String>, id: impl Into<String>) -> Self {
        Self::MenuItem { content: content.into(), id: id.into() }
    }

    /// Scans a code that the account created.
    pub fn scan(ticket: impl Into<String>) -> Self {
        Self::Scan { ticket: ticket.into() }
    }

    /// Causes any event, with these elements behind `Event`.
    pub fn event(name: impl Into<String>, fields: Vec<Element>) -> Self {
        Self::Event { name: name.into(), fields }
    }
}

/// The MediaId of a voice message's 16 kHz version.
pub(crate) fn in_16k(media_id: &str) -> String {
    format!("{media_id}_16K")
}

impl From<&str> for Act {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}
