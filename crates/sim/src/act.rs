//! What a follower does with the phone, of which WeChat tells the bot (sections 3 and 4).

mod json;
mod words;

use serde::Deserialize;

use crate::element::Element;

/// One thing a follower does. In JSON it is an object with one key: `{"text": "hi"}`,
/// `{"click": "HELP"}`, `{"location": {"latitude": 30.27, …}}`; without anything more to say it
/// is a word: `"subscribe"`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Act {
    /// Writes something.
    Text(String),
    /// Writes something below an article of the account.
    TextOnArticle {
        /// What is written.
        content: String,
        /// The article's data.
        msg_data_id: u64,
        /// Its place among several, from 1.
        idx: u32,
    },
    /// Taps an item of a menu message, or a `weixin://bizmsgmenu` link.
    MenuItem {
        /// The item's text, which is sent.
        content: String,
        /// The item's id, which goes along.
        id: String,
    },
    /// Sends a picture.
    Image {
        /// Where WeChat keeps it.
        pic_url: String,
        /// Good for three days.
        media_id: String,
    },
    /// Sends a voice message.
    Voice {
        /// Good for three days.
        media_id: String,
        /// `amr` or `speex`.
        format: String,
        /// What WeChat understood, where the account has that switched on.
        recognition: Option<String>,
    },
    /// Sends a video.
    Video {
        /// Good for three days.
        media_id: String,
        /// Its picture.
        thumb_media_id: String,
    },
    /// Sends a short video.
    ShortVideo {
        /// Good for three days.
        media_id: String,
        /// Its picture.
        thumb_media_id: String,
    },
    /// Sends a place.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// Of the map.
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
        /// By which WeChat knows it.
        key: String,
        /// Of its bytes, in hex.
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
        /// The same as media.
        thumb_media_id: String,
    },
    /// Follows the account. Who does already has unfollowed it in between.
    Subscribe,
    /// Unfollows it.
    Unsubscribe,
    /// Scans a parametric QR code that the account made: a `subscribe` with `qrscene_` by who
    /// does not follow yet, and a `SCAN` by who does.
    Scan {
        /// The ticket that `qrcode/create` answered with.
        ticket: String,
    },
    /// The same for a code that the simulation does not know.
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
        /// The menu it is in.
        menu_id: Option<u64>,
    },
    /// Presses a button of type `miniprogram`.
    ViewMiniProgram {
        /// The page in it.
        path: String,
        /// The menu it is in.
        menu_id: Option<u64>,
    },
    /// Presses a button of type `scancode_push` and scans.
    ScanCodePush(ScannedCode),
    /// The same with `scancode_waitmsg`.
    ScanCodeWait(ScannedCode),
    /// Presses a button of type `pic_…` and sends pictures, which follow as acts of their own.
    Pictures {
        /// `pic_sysphoto`, `pic_photo_or_album` or `pic_weixin`.
        event: String,
        /// The button's key.
        key: String,
        /// One for each picture.
        md5_sums: Vec<String>,
    },
    /// Presses a button of type `location_select`; the place follows as an act of its own.
    LocationSelect {
        /// The button's key.
        key: String,
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// Of the map.
        scale: u32,
        /// The address.
        label: String,
        /// The place's name.
        poi: String,
    },
    /// Lets WeChat tell the account where the phone is.
    ReportLocation {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// In metres.
        precision: f64,
    },
    /// Pays the account; the last 48 hours count for customer-service messages.
    Pay {
        /// Fields of `user_pay_from_pay_cell`.
        card_id: String,
    },
    /// Any other event, with these elements behind `Event`.
    #[serde(skip)]
    Event {
        /// As in the element `Event`.
        name: String,
        /// What follows.
        fields: Vec<Element>,
    },
    /// A whole body, sealed and signed as it is.
    Raw(String),
}

/// What the phone's camera read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ScannedCode {
    /// The button's key.
    pub key: String,
    /// `qrcode`, `barcode` …
    pub scan_type: String,
    /// What it says; a barcode is `EAN_13,6901234567892`.
    pub result: String,
}

impl Act {
    /// Writes something.
    pub fn text(content: impl Into<String>) -> Self {
        Self::Text(content.into())
    }

    /// Sends a picture.
    pub fn image(media_id: impl Into<String>) -> Self {
        let media_id = media_id.into();
        Self::Image { pic_url: format!("http://mmbiz.qpic.cn/mmbiz_jpg/{media_id}/0"), media_id }
    }

    /// Sends a voice message in AMR that WeChat does not put into words.
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

    /// Scans a code that the account made.
    pub fn scan(ticket: impl Into<String>) -> Self {
        Self::Scan { ticket: ticket.into() }
    }

    /// Any event, with these elements behind `Event`.
    pub fn event(name: impl Into<String>, fields: Vec<Element>) -> Self {
        Self::Event { name: name.into(), fields }
    }

    /// What it opens for customer-service messages (section 7.3).
    pub(crate) fn opens(&self) -> Opens {
        match self {
            Self::Text(_)
            | Self::TextOnArticle { .. }
            | Self::Image { .. }
            | Self::Voice { .. }
            | Self::Video { .. }
            | Self::ShortVideo { .. }
            | Self::Location { .. }
            | Self::Link { .. }
            | Self::File { .. }
            | Self::MiniProgramPage { .. } => Opens::Message,
            Self::MenuItem { .. } | Self::Click(_) => Opens::Touch,
            Self::ScanCodePush(_) | Self::ScanCodeWait(_) => Opens::Touch,
            Self::Subscribe | Self::Scan { .. } | Self::ScanScene { .. } => Opens::Touch,
            Self::Pay { .. } => Opens::Payment,
            _ => Opens::Nothing,
        }
    }

    /// Media that comes with it, by MediaId, and its type.
    pub(crate) fn media(&self) -> Vec<(String, &'static str)> {
        match self {
            Self::Image { media_id, .. } => vec![(media_id.clone(), "image")],
            Self::Voice { media_id, .. } => {
                vec![(media_id.clone(), "voice"), (in_16k(media_id), "voice")]
            }
            Self::Video { media_id, thumb_media_id }
            | Self::ShortVideo { media_id, thumb_media_id } => {
                vec![(media_id.clone(), "video"), (thumb_media_id.clone(), "thumb")]
            }
            Self::MiniProgramPage { thumb_media_id, .. } => vec![(thumb_media_id.clone(), "thumb")],
            _ => Vec::new(),
        }
    }
}

/// The MediaId of the same voice message at 16 kHz.
pub(crate) fn in_16k(media_id: &str) -> String {
    format!("{media_id}_16K")
}

impl From<&str> for Act {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

/// How many customer-service messages an act allows, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opens {
    /// 5 within 48 hours.
    Message,
    /// 3 within a minute: menu buttons, menu items, following, scanning.
    Touch,
    /// Any number within 48 hours.
    Payment,
    /// None.
    Nothing,
}
