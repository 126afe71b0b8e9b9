//! Keeps out what should not come in, and what should not go out.
//!
//! Stands on top of the chain. Refuses messages by a block list, an allow list, flood control, a
//! length limit and sensitive words, and masks such words in what the links below reply. What it
//! refused is counted by rule. A hundred thousand words cost a message little more than one.

mod config;
mod list; // files with one entry per line
mod followers; // who is on a list
mod flood; // how often a follower may write
pub mod words; // what may not be said

use wxbot_sdk::prelude::*;
use wxbot_sdk::reply::CustomOnly;
use wxbot_sdk::template::TemplateError;

pub use crate::config::Config;
use crate::config::{Incoming, Outgoing};
use crate::flood::{Flood, Pace};
use crate::followers::Followers;
use crate::words::Words;

/// The plugin.
pub struct Guard {
    blocked: Followers,
    allowed: Followers,
    flood: Flood,
    words: Words,
    config: Config,
}

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Blocked,
    NotAllowed,
    Flood,
    /// Was told so before.
    StillFlood,
    TooLong,
}

impl Plugin for Guard {
    const NAME: &'static str = "guard";
    const SUMMARY: &'static str = "refuses by block list, flood, length and words; masks words";
    const COMPUTES_ONLY: bool = true;
    type Config = Config;

    fn build(config: Config, env: &BuildEnv) -> Result<Self, BuildError> {
        let words = list::with_files(&config.words, &config.word_files, env, list::line)?;
        Ok(Self {
            blocked: Followers::new(&config.block, &config.block_files, env)?,
            allowed: Followers::new(&config.allow, &config.allow_files, env)?,
            flood: Flood::new(config.flood.clone()),
            words: Words::new(&words, &config.except)?,
            config,
        })
    }
}

#[async_trait]
impl Handler for Guard {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let Some(refusal) = self.refusal(ctx) else { return Ok(self.listen(ctx)) };
        ctx.count(refusal.rule());
        let (texts, values) = (&self.config.texts, Values::new(ctx));
        let seconds = self.config.flood.pause.as_secs();
        let text = match refusal {
            Refusal::StillFlood => return Ok(Flow::Stop),
            Refusal::Blocked => texts.blocked.render(values),
            Refusal::NotAllowed => texts.not_allowed.render(values),
            Refusal::Flood => texts.flood.render(values.with("seconds", seconds)),
            Refusal::TooLong => texts.too_long.render(values.with("max", self.config.max_chars)),
        };
        Ok(said(text, ctx))
    }

    async fn after(&self, ctx: &mut Context, mut reply: Reply) -> Result<Reply, HandlerError> {
        if self.config.outgoing == Outgoing::Pass || self.words.is_empty() {
            return Ok(reply);
        }
        let mut has_changed = false;
        for text in shown_texts(&mut reply) {
            if let Some(masked) = self.words.mask(text, self.config.mask) {
                (*text, has_changed) = (masked, true);
            }
        }
        if has_changed {
            ctx.count("word_sent");
        }
        if self.config.outgoing == Outgoing::Replace && has_changed {
            match self.config.texts.replaced.render(&*ctx) {
                Ok(text) => return Ok(Reply::Text(text)),
                Err(error) => tracing::warn!(%error, "a reply was masked, not replaced"),
            }
        }
        Ok(reply)
    }
}

register!(Guard);

impl Guard {
    fn refusal(&self, ctx: &Context) -> Option<Refusal> {
        if self.blocked.include(ctx) {
            return Some(Refusal::Blocked);
        }
        if !self.allowed.is_empty() && !self.allowed.include(ctx) {
            return Some(Refusal::NotAllowed);
        }
        match self.flood.pace(ctx) {
            Pace::Fine => {}
            Pace::TooFast => return Some(Refusal::Flood),
            Pace::StillTooFast => return Some(Refusal::StillFlood),
        }
        let max = self.config.max_chars;
        let is_too_long = max > 0 && ctx.text().is_some_and(|text| text.chars().nth(max).is_some());
        is_too_long.then_some(Refusal::TooLong)
    }

    /// What becomes of the words of a message.
    fn listen(&self, ctx: &mut Context) -> Flow {
        let Some(words) = ctx.message().normalized() else { return Flow::Pass };
        if self.config.incoming == Incoming::Pass || !self.words.are_in(words) {
            return Flow::Pass;
        }
        ctx.count("word");
        match self.config.incoming {
            Incoming::Refuse => said(self.config.texts.word.render(&*ctx), ctx),
            Incoming::Transfer => Flow::Reply(Reply::transfer()),
            Incoming::Mask | Incoming::Pass => {
                let masked = ctx.text().and_then(|text| self.words.mask(text, self.config.mask));
                masked.inspect(|masked| ctx.replace_words(masked));
                Flow::Pass
            }
        }
    }
}

impl Refusal {
    /// The name under which it is counted.
    fn rule(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::NotAllowed => "not_allowed",
            Self::Flood | Self::StillFlood => "flood",
            Self::TooLong => "too_long",
        }
    }
}

/// An empty text says nothing. Nor does one that fails: `on_error` might let the message in.
fn said(text: Result<String, TemplateError>, ctx: &Context) -> Flow {
    match text {
        Ok(text) if !text.is_empty() && ctx.message().takes_reply() => Flow::reply(text),
        Ok(_) => Flow::Stop,
        Err(error) => {
            tracing::warn!(%error, "a message was refused without a word");
            Flow::Stop
        }
    }
}

/// The texts of a reply that a follower reads; ids and addresses are none.
fn shown_texts(reply: &mut Reply) -> Vec<&mut String> {
    match reply {
        Reply::Text(text) => vec![text],
        Reply::Video(video) => video.title.iter_mut().chain(&mut video.description).collect(),
        Reply::Music(music) => music.title.iter_mut().chain(&mut music.description).collect(),
        Reply::News(articles) => articles.iter_mut().flat_map(shown_texts_of_article).collect(),
        Reply::Custom { content, otherwise } => {
            shown_texts_of_custom(content).into_iter().chain(shown_texts(otherwise)).collect()
        }
        Reply::Several(replies) => replies.iter_mut().flat_map(shown_texts).collect(),
        Reply::Image { .. } | Reply::Voice { .. } | Reply::Transfer { .. } => Vec::new(),
    }
}

fn shown_texts_of_custom(content: &mut CustomOnly) -> Vec<&mut String> {
    match content {
        CustomOnly::MiniProgram(page) => vec![&mut page.title],
        CustomOnly::Menu(menu) => {
            let choices = menu.choices.iter_mut().map(|choice| &mut choice.content);
            [&mut menu.head].into_iter().chain(choices).chain([&mut menu.tail]).collect()
        }
        CustomOnly::Article { .. } | CustomOnly::MpNews { .. } => Vec::new(),
    }
}

fn shown_texts_of_article(article: &mut Article) -> impl Iterator<Item = &mut String> {
    std::iter::once(&mut article.title).chain(&mut article.description)
}

#[cfg(test)]
mod tests;
