//! What a plugin answers with (protocol section 5).

pub mod settings;
mod part;
mod custom_only;
mod written;

pub use custom_only::{Choice, ChoiceMenu, CustomOnly, MiniProgramPage};
pub use part::{Article, Music, Video};

/// What to say to a message. WeChat takes one passive reply for each; of [`several`](Self::several)
/// the first goes there, and the others follow as customer-service messages, or wait for the
/// follower's next message where the account may not send any.
///
/// ```
/// use wxbot_sdk::prelude::*;
///
/// let text = Reply::text("hello");
/// let news = Reply::news([Article::new("title").url("https://example.com/")]);
/// let music: Reply = Music::new("https://example.com/a.mp3").title("song").into();
/// ```
///
/// With serde it is what a rule of `keywords` calls `reply`: a text, or a table with its kind; a list
/// is several.
///
/// ```
/// # use wxbot_sdk::prelude::*;
/// let reply: Reply = serde_json::from_str(r#"["here it is:", {"image": "MEDIA_ID"}]"#)?;
/// assert_eq!(reply, Reply::several([Reply::text("here it is:"), Reply::image("MEDIA_ID")]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Text; `<a href>` works, Markdown does not (section 5.1). What is beyond 2048 bytes becomes
    /// further replies.
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
    Video(Video),
    /// A piece of music.
    Music(Music),
    /// Cards with links: one for a message, up to eight for an event.
    News(Vec<Article>),
    /// Hands the follower to a human.
    Transfer {
        /// A certain one, `name@account`.
        kf_account: Option<String>,
    },
    /// What only a customer-service message says. Where none can be sent, followers see the other.
    Custom {
        /// Sent as a message of its own.
        content: CustomOnly,
        /// What a passive reply says in its place: one reply of the kinds above.
        otherwise: Box<Reply>,
    },
    /// Several replies, one after the other.
    Several(Vec<Reply>),
}

impl Reply {
    /// A text.
    pub fn text(content: impl Into<String>) -> Self {
        Self::Text(content.into())
    }

    /// A picture, by its media id.
    pub fn image(media_id: impl Into<String>) -> Self {
        Self::Image { media_id: media_id.into() }
    }

    /// A voice message, by its media id.
    pub fn voice(media_id: impl Into<String>) -> Self {
        Self::Voice { media_id: media_id.into() }
    }

    /// A video without title; see [`Video`] for one with.
    pub fn video(media_id: impl Into<String>) -> Self {
        Video::new(media_id).into()
    }

    /// A piece of music without title; see [`Music`] for one with.
    pub fn music(music_url: impl Into<String>) -> Self {
        Music::new(music_url).into()
    }

    /// Cards with links.
    pub fn news(articles: impl IntoIterator<Item = Article>) -> Self {
        Self::News(articles.into_iter().collect())
    }

    /// Hands the follower to any human who is on duty.
    pub fn transfer() -> Self {
        Self::Transfer { kf_account: None }
    }

    /// Hands the follower to a certain human, `name@account`.
    pub fn transfer_to(kf_account: impl Into<String>) -> Self {
        Self::Transfer { kf_account: Some(kf_account.into()) }
    }

    /// A page of a mini program, and what is said where no customer-service message can be sent.
    ///
    /// ```
    /// # use wxbot_sdk::prelude::*;
    /// use wxbot_sdk::reply::{ChoiceMenu, MiniProgramPage};
    ///
    /// let page = MiniProgramPage {
    ///     title: "Order tea".into(),
    ///     app_id: "wx0123456789abcdef".into(),
    ///     page_path: "pages/order".into(),
    ///     thumb_media_id: "MEDIA_ID".into(),
    /// };
    /// let card = Reply::mini_program(page, "Order at https://example.com/tea");
    /// let menu = ChoiceMenu::new("Are you content?").choice("1", "Yes").choice("2", "No");
    /// let asked = Reply::menu(menu, "Are you content? Write yes or no.");
    /// ```
    pub fn mini_program(page: MiniProgramPage, otherwise: impl Into<Self>) -> Self {
        Self::custom(CustomOnly::MiniProgram(page), otherwise)
    }

    /// A question with answers to tap; not for test accounts.
    pub fn menu(menu: ChoiceMenu, otherwise: impl Into<Self>) -> Self {
        Self::custom(CustomOnly::Menu(menu), otherwise)
    }

    /// A published article.
    pub fn article(article_id: impl Into<String>, otherwise: impl Into<Self>) -> Self {
        Self::custom(CustomOnly::Article { article_id: article_id.into() }, otherwise)
    }

    /// What only a customer-service message says, and what is said where none can be sent.
    pub fn custom(content: CustomOnly, otherwise: impl Into<Self>) -> Self {
        Self::Custom { content, otherwise: Box::new(otherwise.into()) }
    }

    /// Whether only a customer-service message says it.
    pub fn is_custom(&self) -> bool {
        matches!(self, Self::Custom { .. })
    }

    /// What a passive reply says of it.
    pub fn passive(&self) -> &Self {
        match self {
            Self::Custom { otherwise, .. } => otherwise.passive(),
            other => other,
        }
    }

    /// Several replies, one after the other.
    pub fn several<R: Into<Self>>(replies: impl IntoIterator<Item = R>) -> Self {
        Self::Several(replies.into_iter().map(Into::into).collect())
    }

    /// Its parts in order; a single reply is its only one.
    pub fn into_parts(self) -> Vec<Self> {
        match self {
            Self::Several(replies) => replies.into_iter().flat_map(Self::into_parts).collect(),
            single => vec![single],
        }
    }

    /// The same reply with every text in it passed through `change`.
    #[must_use]
    pub fn map_texts(&self, mut change: impl FnMut(&str) -> String) -> Self {
        let mut reply = self.clone();
        for text in reply.texts_mut() {
            *text = change(text);
        }
        reply
    }

    /// Every text in it.
    pub fn texts(&self) -> Vec<String> {
        self.clone().texts_mut().into_iter().map(std::mem::take).collect()
    }

    /// Bytes of a text; 0 for every other kind.
    pub fn text_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            _ => 0,
        }
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::Text(text) => vec![text],
            Self::Image { media_id } | Self::Voice { media_id } => vec![media_id],
            Self::Video(video) => video.texts_mut(),
            Self::Music(music) => music.texts_mut(),
            Self::News(articles) => articles.iter_mut().flat_map(Article::texts_mut).collect(),
            Self::Transfer { kf_account } => kf_account.iter_mut().collect(),
            Self::Custom { content, otherwise } => {
                content.texts_mut().into_iter().chain(otherwise.texts_mut()).collect()
            }
            Self::Several(replies) => replies.iter_mut().flat_map(Self::texts_mut).collect(),
        }
    }

    /// The MsgType on the wire, or the msgtype of a customer-service message; `several` is none.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image { .. } => "image",
            Self::Voice { .. } => "voice",
            Self::Video(_) => "video",
            Self::Music(_) => "music",
            Self::News(_) => "news",
            Self::Transfer { .. } => "transfer_customer_service",
            Self::Custom { content, .. } => content.kind(),
            Self::Several(_) => "several",
        }
    }
}

impl From<Video> for Reply {
    fn from(video: Video) -> Self {
        Self::Video(video)
    }
}

impl From<Music> for Reply {
    fn from(music: Music) -> Self {
        Self::Music(music)
    }
}

impl From<Article> for Reply {
    fn from(article: Article) -> Self {
        Self::News(vec![article])
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}
