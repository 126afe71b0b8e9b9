//! Customer-service messages (客服消息, protocol section 7.3): what the account says to a follower
//! outside of a passive reply.

mod body;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use self::body::{article_body, links, menu_body, music_body, page_body, video_body};
use crate::call::Call;
use crate::reply::{Article, CustomOnly, Music, Reply, Video};
pub use crate::reply::{Choice, ChoiceMenu, MiniProgramPage};

const SEND: &str = "/cgi-bin/message/custom/send";
const TYPING: &str = "/cgi-bin/message/custom/typing";

/// A customer-service message. A follower who wrote may be sent five within 48 hours; one who
/// tapped a menu, followed or scanned, three within a minute.
///
/// ```
/// use wxbot_sdk::custom::CustomMessage;
///
/// let message = CustomMessage::text("here it is").from_kf("alice@demo_acct");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomMessage {
    /// What it says.
    pub content: CustomContent,
    /// Who it seems to come from, `name@account`; otherwise the account itself.
    pub kf_account: Option<String>,
}

/// What a customer-service message says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CustomContent {
    /// Text of 2048 bytes at most; `<a href>` works.
    Text(String),
    /// A picture, by its media id.
    Image {
        /// Uploaded, or received from a follower.
        media_id: String,
    },
    /// A voice message, by its media id.
    Voice {
        /// Uploaded, or received from a follower.
        media_id: String,
    },
    /// A video.
    Video {
        /// As in a passive reply.
        video: Video,
        /// The cover, by its media id; WeChat's page asks for it.
        thumb_media_id: Option<String>,
    },
    /// A piece of music.
    Music(Music),
    /// A card with a link. One is all that WeChat takes (45008).
    News(Article),
    /// A draft, by its media id; WeChat gives it up in favour of the next one.
    MpNews {
        /// Permanent.
        media_id: String,
    },
    /// A published article.
    MpNewsArticle {
        /// From the publishing.
        article_id: String,
    },
    /// A question with answers to tap. The tap comes back as a text with `bizmsgmenuid`.
    Menu(ChoiceMenu),
    /// A coupon.
    Card {
        /// From the creation of the coupon.
        card_id: String,
    },
    /// A page of a mini program that is linked to the account.
    MiniProgram(MiniProgramPage),
}

impl CustomMessage {
    /// A text.
    pub fn text(content: impl Into<String>) -> Self {
        CustomContent::Text(content.into()).into()
    }

    /// What one part of a reply would have said. A hand-over to a human can't be said this way. More
    /// cards than one become a text with their links, as one card is all that WeChat takes.
    pub fn from_reply(reply: &Reply) -> Option<Self> {
        let content = match reply.clone() {
            Reply::Text(text) => CustomContent::Text(text),
            Reply::Image { media_id } => CustomContent::Image { media_id },
            Reply::Voice { media_id } => CustomContent::Voice { media_id },
            Reply::Video(video) => CustomContent::Video { video, thumb_media_id: None },
            Reply::Music(music) => CustomContent::Music(music),
            Reply::News(mut articles) if articles.len() == 1 => {
                CustomContent::News(articles.remove(0))
            }
            Reply::News(articles) => CustomContent::Text(links(&articles)),
            Reply::Custom { content, .. } => content.into(),
            Reply::Transfer { .. } | Reply::Several(_) => return None,
        };
        Some(content.into())
    }

    /// As if from a customer-service account, `name@account`.
    #[must_use]
    pub fn from_kf(mut self, kf_account: impl Into<String>) -> Self {
        self.kf_account = Some(kf_account.into());
        self
    }

    /// The call that sends it.
    pub fn call(&self, openid: &str) -> Call {
        Call::post(SEND, self.body(openid))
    }

    /// The JSON of that call.
    pub fn body(&self, openid: &str) -> Value {
        let kind = self.content.kind();
        let mut body = json!({"touser": openid, "msgtype": kind, kind: self.content.body()});
        if let Some(kf_account) = &self.kf_account {
            body["customservice"] = json!({"kf_account": kf_account});
        }
        body
    }
}

impl From<CustomContent> for CustomMessage {
    fn from(content: CustomContent) -> Self {
        Self { content, kf_account: None }
    }
}

impl From<CustomOnly> for CustomContent {
    fn from(content: CustomOnly) -> Self {
        match content {
            CustomOnly::MiniProgram(page) => Self::MiniProgram(page),
            CustomOnly::Menu(menu) => Self::Menu(menu),
            CustomOnly::Article { article_id } => Self::MpNewsArticle { article_id },
            CustomOnly::MpNews { media_id } => Self::MpNews { media_id },
        }
    }
}

impl CustomContent {
    /// The msgtype on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image { .. } => "image",
            Self::Voice { .. } => "voice",
            Self::Video { .. } => "video",
            Self::Music(_) => "music",
            Self::News(_) => "news",
            Self::MpNews { .. } => "mpnews",
            Self::MpNewsArticle { .. } => "mpnewsarticle",
            Self::Menu(_) => "msgmenu",
            Self::Card { .. } => "wxcard",
            Self::MiniProgram(_) => "miniprogrampage",
        }
    }

    fn body(&self) -> Value {
        match self {
            Self::Text(content) => json!({"content": content}),
            Self::Image { media_id } | Self::Voice { media_id } | Self::MpNews { media_id } => {
                json!({"media_id": media_id})
            }
            Self::Video { video, thumb_media_id } => video_body(video, thumb_media_id.as_deref()),
            Self::Music(music) => music_body(music),
            Self::News(article) => json!({"articles": [article_body(article)]}),
            Self::MpNewsArticle { article_id } => json!({"article_id": article_id}),
            Self::Menu(menu) => menu_body(menu),
            Self::Card { card_id } => json!({"card_id": card_id}),
            Self::MiniProgram(page) => page_body(page),
        }
    }
}

/// Shows the follower that an answer is being typed. Needs an exchange in the last 30 s.
pub fn typing(openid: &str) -> Call {
    Call::post(TYPING, json!({"touser": openid, "command": "Typing"}))
}

/// Takes that back.
pub fn cancel_typing(openid: &str) -> Call {
    Call::post(TYPING, json!({"touser": openid, "command": "CancelTyping"}))
}
