//! The texts of `[late]`, filled in for a message.

use wxbot_sdk::context::Context;
use wxbot_sdk::template::variables::Variables;
use wxbot_sdk::template::{Template, Values};

use super::settings::LateSettings;
use crate::reply::limits::{TEXT_BYTES, first_part};

/// The longest text that stands beside an answer.
const HINT_BYTES: usize = TEXT_BYTES / 4;

/// What is said to a follower whose answer is late, besides the answer. A text that quotes a message
/// may be long: it is cut to what WeChat takes.
pub(crate) struct LateTexts<'s> {
    settings: &'s LateSettings,
    ctx: Context,
}

impl<'s> LateTexts<'s> {
    /// `ctx` is that of the message which is answered now.
    pub(crate) fn new(settings: &'s LateSettings, ctx: Context) -> Self {
        Self { settings, ctx }
    }

    /// In place of the answer.
    pub(crate) fn notice(&self) -> String {
        let word = Some(("word", &*self.settings.word));
        first_part(self.never_blank("notice", |late| &late.notice, word), TEXT_BYTES)
    }

    /// Behind an answer when there is more.
    pub(crate) fn more(&self) -> String {
        let word = Some(("word", &*self.settings.word));
        first_part(self.fill_in("more", |late| &late.more, word), HINT_BYTES)
    }

    /// In front of the answer to an earlier message.
    pub(crate) fn label(&self, question: &str) -> String {
        let question = Some(("question", question));
        first_part(self.fill_in("label", |late| &late.label, question), HINT_BYTES)
    }

    /// For the pull keyword when the plugins had no answer.
    pub(crate) fn nothing(&self) -> String {
        first_part(self.never_blank("nothing", |late| &late.nothing, None), TEXT_BYTES)
    }

    /// When too many messages of the follower wait already; blank for nothing.
    pub(crate) fn busy(&self) -> String {
        first_part(self.fill_in("busy", |late| &late.busy, None), TEXT_BYTES)
    }

    /// What must be said is said by the default where a template comes to nothing.
    fn never_blank<V: Variables>(
        &self,
        key: &'static str,
        text: impl Fn(&LateSettings) -> &Template<V>,
        own: Option<(&'static str, &str)>,
    ) -> String {
        let filled = self.fill_in(key, &text, own);
        if filled.trim().is_empty() { self.default_of(text, own) } else { filled }
    }

    /// A template that fails must not cost the follower the answer: the default text is said then.
    fn fill_in<V: Variables>(
        &self,
        key: &'static str,
        text: impl Fn(&LateSettings) -> &Template<V>,
        own: Option<(&'static str, &str)>,
    ) -> String {
        text(self.settings).render(self.values(own)).unwrap_or_else(|error| {
            tracing::warn!(key, %error, "a text of `[late]` failed: saying the default");
            self.default_of(text, own)
        })
    }

    fn default_of<V: Variables>(
        &self,
        text: impl Fn(&LateSettings) -> &Template<V>,
        own: Option<(&'static str, &str)>,
    ) -> String {
        text(&LateSettings::default()).render(self.values(own)).unwrap_or_default()
    }

    fn values(&self, own: Option<(&'static str, &str)>) -> Values<'_> {
        let common = Values::new(&self.ctx);
        own.into_iter().fold(common, |values, (name, value)| values.with(name, value))
    }
}
