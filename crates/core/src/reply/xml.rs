//! Replies as XML: values in CDATA, and nothing in them that XML 1.0 forbids (section 5.1).

use std::borrow::Cow;

use wxbot_sdk::message::Message;
use wxbot_sdk::reply::{Article, Music, Reply, Video};

/// Room for the elements around a text, with both ids.
const MARKUP_BYTES: usize = 320;

/// The passive reply to `message`, with To and From swapped. `now` is in Unix seconds.
pub(crate) fn write(reply: &Reply, message: &Message, now: u64) -> String {
    let reply = reply.passive();
    let mut writer = Writer::with_capacity(MARKUP_BYTES + reply.text_bytes());
    writer.text("ToUserName", &message.openid);
    writer.text("FromUserName", &message.to);
    writer.number("CreateTime", &now.to_string());
    writer.text("MsgType", reply.kind());
    writer.reply(reply);
    writer.finish()
}

/// Writes elements one after another into `<xml>…</xml>`.
pub(crate) struct Writer {
    xml: String,
}

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        let mut xml = String::with_capacity(bytes);
        xml.push_str("<xml>");
        Self { xml }
    }

    pub(crate) fn finish(mut self) -> String {
        self.xml.push_str("</xml>");
        self.xml
    }

    /// An element whose value is text.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.element(name, |writer| {
            writer.xml.push_str("<![CDATA[");
            writer.cdata(value);
            writer.xml.push_str("]]>");
        });
    }

    /// An element whose value is digits.
    pub(crate) fn number(&mut self, name: &str, digits: &str) {
        self.element(name, |writer| writer.xml.push_str(digits));
    }

    /// An element that is left out when there is nothing in it.
    fn optional(&mut self, name: &str, value: Option<&String>) {
        if let Some(value) = value.filter(|value| !value.chars().all(is_forbidden)) {
            self.text(name, value);
        }
    }

    fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        for part in ["<", name, ">"] {
            self.xml.push_str(part);
        }
        inside(self);
        for part in ["</", name, ">"] {
            self.xml.push_str(part);
        }
    }

    /// `]]>` would end the section, so it is split over two; forbidden characters go first, or
    /// taking one out could make a `]]>`.
    fn cdata(&mut self, value: &str) {
        let value = allowed(value);
        if !value.as_bytes().contains(&b']') {
            return self.xml.push_str(&value);
        }
        let mut pieces = value.split("]]>");
        self.xml.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            self.xml.push_str("]]]]><![CDATA[>");
            self.xml.push_str(piece);
        }
    }

    fn reply(&mut self, reply: &Reply) {
        match reply {
            Reply::Text(content) => self.text("Content", content),
            Reply::Image { media_id } => {
                self.element("Image", |writer| writer.text("MediaId", media_id));
            }
            Reply::Voice { media_id } => {
                self.element("Voice", |writer| writer.text("MediaId", media_id));
            }
            Reply::Video(video) => self.element("Video", |writer| writer.video(video)),
            Reply::Music(music) => self.element("Music", |writer| writer.music(music)),
            Reply::News(articles) => self.news(articles),
            // It has been taken apart before: one passive reply for each message (section 5). Of
            // what only a customer-service message says, this is what stands in its place.
            Reply::Several(_) | Reply::Custom { .. } | Reply::Transfer { kf_account: None } => {}
            Reply::Transfer { kf_account: Some(kf_account) } => {
                self.element("TransInfo", |writer| writer.text("KfAccount", kf_account));
            }
        }
    }

    fn video(&mut self, video: &Video) {
        self.text("MediaId", &video.media_id);
        self.optional("Title", video.title.as_ref());
        self.optional("Description", video.description.as_ref());
    }

    fn music(&mut self, music: &Music) {
        self.optional("Title", music.title.as_ref());
        self.optional("Description", music.description.as_ref());
        self.text("MusicUrl", &music.music_url);
        self.optional("HQMusicUrl", music.hq_music_url.as_ref());
        self.optional("ThumbMediaId", music.thumb_media_id.as_ref());
    }

    fn news(&mut self, articles: &[Article]) {
        self.number("ArticleCount", &articles.len().to_string());
        self.element("Articles", |writer| {
            for article in articles {
                writer.element("item", |writer| writer.article(article));
            }
        });
    }

    /// All four are there, as the protocol's table asks.
    fn article(&mut self, article: &Article) {
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        self.text("Title", &article.title);
        self.text("Description", &or_empty(&article.description));
        self.text("PicUrl", &or_empty(&article.pic_url));
        self.text("Url", &or_empty(&article.url));
    }
}

/// The text without what XML 1.0 forbids.
pub(super) fn allowed(text: &str) -> Cow<'_, str> {
    // Nearly all texts have none of the bytes that a forbidden character begins with.
    let suspect = |odd, byte: u8| odd | (byte < b' ') | (byte == 0xef);
    if text.bytes().fold(false, suspect) && text.chars().any(is_forbidden) {
        text.chars().filter(|character| !is_forbidden(*character)).collect()
    } else {
        text.into()
    }
}

/// What XML 1.0 has no way to write, not even as a number.
pub(super) fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        other => other < ' ',
    }
}
