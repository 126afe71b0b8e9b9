//! Customer-service messages (客服消息, protocol section 7.3): what the account says to a follower
//! outside of a passive reply.

use serde_json::{Map, Value, json};

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

fn video_body(video: &Video, thumb_media_id: Option<&str>) -> Value {
    object([
        ("media_id", Some(video.media_id.as_str())),
        ("thumb_media_id", thumb_media_id),
        ("title", video.title.as_deref()),
        ("description", video.description.as_deref()),
    ])
}

fn music_body(music: &Music) -> Value {
    // Players take the one where the other is missing; WeChat's page asks for both.
    let better = music.hq_music_url.as_deref().unwrap_or(&music.music_url);
    object([
        ("title", music.title.as_deref()),
        ("description", music.description.as_deref()),
        ("musicurl", Some(music.music_url.as_str())),
        ("hqmusicurl", Some(better)),
        ("thumb_media_id", music.thumb_media_id.as_deref()),
    ])
}

fn article_body(article: &Article) -> Value {
    object([
        ("title", Some(article.title.as_str())),
        ("description", article.description.as_deref()),
        ("url", article.url.as_deref()),
        ("picurl", article.pic_url.as_deref()),
    ])
}

fn menu_body(menu: &ChoiceMenu) -> Value {
    let list =
        menu.choices.iter().map(|choice| json!({"id": choice.id, "content": choice.content}));
    let list: Vec<_> = list.collect();
    json!({"head_content": menu.head, "list": list, "tail_content": menu.tail})
}

fn page_body(page: &MiniProgramPage) -> Value {
    let MiniProgramPage { title, app_id, page_path, thumb_media_id } = page;
    json!({"title": title, "appid": app_id, "pagepath": page_path, "thumb_media_id": thumb_media_id})
}

/// What is not there is left out.
fn object<const N: usize>(fields: [(&str, Option<&str>); N]) -> Value {
    let there =
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    Value::Object(there.collect::<Map<_, _>>())
}

/// One line for each card.
fn links(articles: &[Article]) -> String {
    let lines: Vec<_> = articles.iter().map(link).collect();
    lines.join("\n")
}

fn link(article: &Article) -> String {
    match &article.url {
        Some(url) => format!(r#"<a href="{}">{}</a>"#, url.replace('"', "%22"), article.title),
        None => article.title.clone(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: impl Into<CustomMessage>, expected: &str) {
        let expected: Value = serde_json::from_str(expected).expect("the page's line is JSON");
        assert_eq!(message.into().body("oTEST_…"), expected);
    }

    fn video() -> Video {
        Video::new("M3").title("t").description("d")
    }

    fn music() -> Music {
        let music = Music::new("https://e.com/a.mp3").hq_music_url("https://e.com/b.mp3");
        music.title("t").description("d").thumb_media_id("M4")
    }

    fn article() -> Article {
        Article::new("t").description("d").url("https://e.com").pic_url("https://e.com/p.png")
    }

    fn choice(id: &str, content: &str) -> Choice {
        Choice { id: id.into(), content: content.into() }
    }

    #[test]
    fn every_kind_is_written_as_on_the_protocol_page() {
        use CustomContent::*;
        check(
            Text("你好".into()),
            r#"{"touser":"oTEST_…","msgtype":"text","text":{"content":"你好"}}"#,
        );
        check(
            Image { media_id: "M1".into() },
            r#"{"touser":"oTEST_…","msgtype":"image","image":{"media_id":"M1"}}"#,
        );
        check(
            Voice { media_id: "M2".into() },
            r#"{"touser":"oTEST_…","msgtype":"voice","voice":{"media_id":"M2"}}"#,
        );
        check(
            Video { video: video(), thumb_media_id: Some("M4".into()) },
            r#"{"touser":"oTEST_…","msgtype":"video","video":{"media_id":"M3","thumb_media_id":"M4","title":"t","description":"d"}}"#,
        );
        check(
            Music(music()),
            r#"{"touser":"oTEST_…","msgtype":"music","music":{"title":"t","description":"d","musicurl":"https://e.com/a.mp3","hqmusicurl":"https://e.com/b.mp3","thumb_media_id":"M4"}}"#,
        );
        check(
            News(article()),
            r#"{"touser":"oTEST_…","msgtype":"news","news":{"articles":[{"title":"t","description":"d","url":"https://e.com","picurl":"https://e.com/p.png"}]}}"#,
        );
        check(
            MpNews { media_id: "M5".into() },
            r#"{"touser":"oTEST_…","msgtype":"mpnews","mpnews":{"media_id":"M5"}}"#,
        );
        check(
            MpNewsArticle { article_id: "A1".into() },
            r#"{"touser":"oTEST_…","msgtype":"mpnewsarticle","mpnewsarticle":{"article_id":"A1"}}"#,
        );
        let choices = vec![choice("101", "满意"), choice("102", "不满意")];
        check(
            Menu(ChoiceMenu { head: "满意吗？".into(), choices, tail: "谢谢".into() }),
            r#"{"touser":"oTEST_…","msgtype":"msgmenu","msgmenu":{"head_content":"满意吗？","list":[{"id":"101","content":"满意"},{"id":"102","content":"不满意"}],"tail_content":"谢谢"}}"#,
        );
        check(
            Card { card_id: "pCARD…".into() },
            r#"{"touser":"oTEST_…","msgtype":"wxcard","wxcard":{"card_id":"pCARD…"}}"#,
        );
        let page = MiniProgramPage {
            title: "t".into(),
            app_id: "wx…".into(),
            page_path: "pages/index/index".into(),
            thumb_media_id: "M4".into(),
        };
        check(
            MiniProgram(page),
            r#"{"touser":"oTEST_…","msgtype":"miniprogrampage","miniprogrampage":{"title":"t","appid":"wx…","pagepath":"pages/index/index","thumb_media_id":"M4"}}"#,
        );
        check(
            CustomMessage::text("hi").from_kf("alice@demo_acct"),
            r#"{"touser":"oTEST_…","msgtype":"text","text":{"content":"hi"},"customservice":{"kf_account":"alice@demo_acct"}}"#,
        );
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let video = CustomMessage::from_reply(&Reply::video("M3"));
        check(
            video.expect("it can be sent"),
            r#"{"touser":"oTEST_…","msgtype":"video","video":{"media_id":"M3"}}"#,
        );
        let music = CustomMessage::from_reply(&Reply::music("https://e.com/a"));
        check(
            music.expect("it can be sent"),
            r#"{"touser":"oTEST_…","msgtype":"music","music":{"musicurl":"https://e.com/a","hqmusicurl":"https://e.com/a"}}"#,
        );
    }

    #[test]
    fn every_reply_can_be_sent_late_but_a_hand_over() {
        let replies = [
            Reply::text("hi"),
            Reply::image("M1"),
            Reply::voice("M2"),
            video().into(),
            music().into(),
            article().into(),
            Reply::menu(ChoiceMenu::new("满意吗？").choice("101", "满意"), "满意吗？"),
            Reply::article("A1", "https://e.com"),
        ];
        for reply in replies {
            let message = CustomMessage::from_reply(&reply).expect("it can be sent");
            assert_eq!(message.content.kind(), reply.kind());
        }
        assert_eq!(CustomMessage::from_reply(&Reply::transfer()), None);
    }

    #[test]
    fn several_cards_become_a_text_with_their_links() {
        let news = Reply::news([article().url("https://e.com/?q=\"x"), Article::new("no link")]);
        let message = CustomMessage::from_reply(&news).expect("it can be sent");
        let text = "<a href=\"https://e.com/?q=%22x\">t</a>\nno link";
        assert_eq!(message, CustomMessage::text(text));
    }

    #[test]
    fn typing_is_a_call_of_its_own() {
        let call = typing("o1");
        assert_eq!(call.path, "/cgi-bin/message/custom/typing");
        assert_eq!(call.body, Some(json!({"touser": "o1", "command": "Typing"})));
        assert_eq!(
            cancel_typing("o1").body,
            Some(json!({"touser": "o1", "command": "CancelTyping"}))
        );
    }
}
