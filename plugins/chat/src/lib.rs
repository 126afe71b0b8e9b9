//! Answers with a language model.
//!
//! Any API that speaks OpenAI's chat completions is asked, or an app of Dify's or Coze's, with what was
//! said before by the same follower. An answer may take as long as it likes: what WeChat does not wait for
//! follows later. What leaves is plain text, as WeChat shows no Markdown.

mod config;
mod prompt; // what the model is told first
mod knowledge; // what other entries know about the question
mod conversation; // what was said before
mod summary; // what was said before that
mod limits; // how much a follower, and everybody, may ask
mod picture; // what a follower shows
mod model; // the question goes out, an answer comes back
mod tools; // what may be done for the follower first
mod steps; // until there is an answer
mod wire;
mod public_web;
mod answer; // and is made fit for WeChat
mod thinking;
mod plain;
mod illustration; // with its pictures

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wxbot_sdk::directory::Directory;
use wxbot_sdk::embeddings::Embeddings;
use wxbot_sdk::matcher::{Matcher, When};
use wxbot_sdk::prelude::*;
use wxbot_sdk::settings::OneOrMany;
use wxbot_sdk::template::TemplateError;

use crate::answer::{Marks, Shown};
pub use crate::config::Config;
use crate::config::{Api, Errors, Over, Texts};
use crate::conversation::{Conversation, Picture, Turn};
use crate::limits::Limits;
use crate::model::embedder::Embedder;
use crate::model::failure::Failure;
use crate::model::question::Question;
use crate::model::{Answer, Models};
use crate::prompt::Prompt;
use crate::public_web::PublicWeb;
use crate::steps::Ended;
use crate::summary::Summaries;
use crate::tools::{Servers, Toolbox};
pub use crate::wire::{Body, Wire};

/// The plugin.
pub struct Chat {
    config: Config,
    prompt: Prompt,
    reset: Option<Matcher>,
    limits: Arc<Limits>,
    models: Arc<Models>,
    summaries: Summaries,
    servers: Servers,
    /// For other entries.
    embedder: Option<Arc<Embedder>>,
    /// For pictures in answers.
    web: Arc<dyn Wire>,
    /// Of the entry.
    timeout: Duration,
}

/// A question, with a picture if there is one.
type Asked = (String, Option<Picture>);

impl Plugin for Chat {
    const NAME: &'static str = "chat";
    const SUMMARY: &'static str = "answers with a language model";
    type Config = Config;

    fn build(config: Config, env: &BuildEnv) -> Result<Self, BuildError> {
        let wire = wire::Http::new(config.proxy.as_ref())?;
        let web = PublicWeb::new()?;
        Self::with_wires(config, env, Arc::new(wire), Arc::new(web))
    }
}

impl Chat {
    /// Asks its models, and fetches pictures, by a wire of the caller's own; for tests.
    pub fn with_wire(
        config: Config,
        env: &BuildEnv,
        wire: Arc<dyn Wire>,
    ) -> Result<Self, BuildError> {
        Self::with_wires(config, env, Arc::clone(&wire), wire)
    }

    fn with_wires(
        config: Config,
        env: &BuildEnv,
        wire: Arc<dyn Wire>,
        web: Arc<dyn Wire>,
    ) -> Result<Self, BuildError> {
        if config.vision && config.api != Api::Openai {
            return Err("`vision` needs `api = \"openai\"`".into());
        }
        if !config.knowledge.is_empty() && config.api != Api::Openai {
            return Err("`knowledge` needs `api = \"openai\"`".into());
        }
        let has_tools = !config.tools.is_empty() || !config.mcp.is_empty();
        if has_tools && config.api != Api::Openai {
            return Err("`tools` and `mcp` need `api = \"openai\"`".into());
        }
        if config.history.over == Over::Summarize && config.api == Api::Dify {
            return Err(
                "`history.over` has no use with `api = \"dify\"`: Dify remembers itself".into()
            );
        }
        let limits = Arc::new(Limits::new(config.limits.clone()));
        let models = Arc::new(Models::new(&config, env.timeout, Arc::clone(&wire))?);
        let embedder = Embedder::new(&config, &limits, &wire)?.map(Arc::new);
        Ok(Self {
            prompt: Prompt::new(config.prompt.clone()),
            reset: reset_words(&config.reset_words)?,
            summaries: Summaries::new(&config, &models, &limits),
            limits,
            models,
            servers: Servers::new(&config.mcp)?,
            embedder,
            web,
            timeout: env.timeout,
            config,
        })
    }
}

#[async_trait]
impl Handler for Chat {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        if self.reset.as_ref().is_some_and(|words| words.holds(ctx.subject())) {
            Conversation::forget(ctx).await;
            return said(&self.texts().reset, ctx);
        }
        let began = Instant::now();
        let Some((asked, picture)) = self.asked(ctx)? else { return self.unheard(ctx) };
        let conversation = Conversation::read(ctx).await;
        if let Some(answer) = conversation.answer_to(ctx.message()) {
            let marks = Marks::new(self.texts(), ctx);
            let (shown, pictures) = self.shown(ctx, answer, &marks, began).await;
            return Ok(reply(&shown, &marks, pictures));
        }
        if let Some(text) = self.limits.refusal(ctx, self.texts()).await {
            return said(text, ctx);
        }
        let turn = Turn::new(ctx.message(), asked, picture);
        self.answer(ctx, conversation, turn, began).await
    }

    fn embeddings(&self) -> Option<Arc<dyn Embeddings>> {
        Some(Arc::clone(self.embedder.as_ref()?) as _)
    }

    async fn start(&self, ctx: &InstanceContext) -> Result<(), HandlerError> {
        if let Some(embedder) = &self.embedder {
            embedder.start(ctx);
        }
        Ok(())
    }

    fn connect(&self, chain: &Directory) -> Result<(), BuildError> {
        let Config { knowledge, tools, .. } = &self.config;
        let known = chain.require_knowledge(knowledge);
        known.map_err(|error| format!("`knowledge`: {error}"))?;
        let known = chain.require_commands(tools);
        Ok(known.map_err(|error| format!("`tools`: {error}"))?)
    }
}

register!(Chat);

impl Chat {
    fn texts(&self) -> &Texts {
        &self.config.texts
    }

    /// What the follower wants to know.
    fn asked(&self, ctx: &Context) -> Result<Option<Asked>, TemplateError> {
        if let Content::Image { pic_url, media_id } = ctx.content() {
            if !self.config.vision {
                return Ok(None);
            }
            let picture = Picture { media_id: media_id.clone(), url: pic_url.clone() };
            return Ok(Some((self.texts().look.render(ctx)?, Some(picture))));
        }
        let text = ctx.text().map(str::trim).filter(|text| !text.is_empty());
        Ok(text.map(|text| (text.to_owned(), None)))
    }

    /// A voice message without words is answered; what else is no question is passed.
    fn unheard(&self, ctx: &Context) -> Result<Flow, HandlerError> {
        match ctx.content() {
            Content::Voice { .. } => said(&self.texts().unheard, ctx),
            _ => Ok(Flow::Pass),
        }
    }

    async fn answer(
        &self,
        ctx: &mut Context,
        mut conversation: Conversation,
        turn: Turn,
        began: Instant,
    ) -> Result<Flow, HandlerError> {
        conversation.trim(&self.config.history);
        let question = self.question(ctx, &conversation, &turn).await?;
        let deadline = self.models.deadline(began);
        let tools = Toolbox::new(ctx, &self.config.tools, &self.servers).await;
        let outcome = steps::take(&self.models, question, tools, self.config.steps, deadline).await;
        outcome.called.into_iter().for_each(|call| ctx.note_tool_call(call));
        self.limits.spend(ctx, outcome.tokens).await;
        let answer = match outcome.ended {
            Ok(Ended::Answered(answer)) => answer,
            Ok(Ended::Transferred(reply)) => return Ok(Flow::Reply(reply)),
            Err(failure) => return self.failed(failure, ctx),
        };
        let Answer { text, end, conversation: name, .. } = answer;
        let marks = Marks::new(self.texts(), ctx);
        let text = answer::marked(text, end, &marks);
        let (shown, pictures) = self.shown(ctx, &text, &marks, began).await;
        let attached = outcome.attached.into_iter().chain(pictures);
        let reply = reply(&shown, &marks, attached.collect());
        // What was not seen was not said: 「继续」 goes on behind the cut.
        let turn = turn.answered(if shown.is_cut { shown.text } else { text });
        let history = &self.config.history;
        let kept = Conversation::add(ctx, turn, name, history).await;
        if let Some(kept) = kept.filter(|_| history.over == Over::Summarize) {
            self.summaries.begin(ctx, &kept);
        }
        Ok(reply)
    }

    async fn question(
        &self,
        ctx: &Context,
        before: &Conversation,
        turn: &Turn,
    ) -> Result<Question, TemplateError> {
        let prompt = self.prompt.for_message(ctx)?;
        let reference = knowledge::reference(ctx, &self.config, &turn.asked).await?;
        let system = [prompt].into_iter().chain(reference).collect::<Vec<_>>().join("\n\n");
        let mut question = Question::new(system, ctx.openid(), before.name.clone());
        if let Some(summary) = before.summary() {
            question.said(&format!("{}\n{summary}", self.texts().summary.render(ctx)?), None);
            question.answered("好的。");
        }
        let seen = before.turns().iter().rposition(|turn| turn.picture.is_some());
        let seen = seen.filter(|_| self.config.vision && turn.picture.is_none());
        for (place, earlier) in before.turns().iter().enumerate() {
            let picture = earlier.picture.as_ref().filter(|_| Some(place) == seen);
            question.said(&earlier.asked, picture::url(ctx, picture).await);
            question.answered(&earlier.answered);
        }
        question.said(&turn.asked, picture::url(ctx, turn.picture.as_ref()).await);
        Ok(question)
    }

    /// What the follower sees of an answer, and its pictures; they take no more than half of the time
    /// that is left.
    async fn shown(
        &self,
        ctx: &Context,
        answer: &str,
        marks: &Marks,
        began: Instant,
    ) -> (Shown, Vec<Reply>) {
        let left = self.timeout.saturating_sub(began.elapsed()) / 2;
        let pictures = match self.config.send_pictures {
            true => illustration::fetch(ctx, &*self.web, answer, left).await,
            false => Vec::new(),
        };
        let (urls, replies): (Vec<_>, _) =
            pictures.into_iter().map(|picture| (picture.url, picture.reply)).unzip();
        (answer::shown(answer, &urls, self.config.max_bytes, marks), replies)
    }

    /// What the follower sees of a failure.
    fn failed(&self, failure: Failure, ctx: &Context) -> Result<Flow, HandlerError> {
        let texts = self.texts();
        match (self.config.errors, &failure) {
            (_, Failure::Moderated) if !texts.refused.is_empty() => said(&texts.refused, ctx),
            (Errors::Hint, _) => said(&texts.sorry, ctx),
            (Errors::Show, _) => {
                Ok(Flow::reply(format!("{}\n({failure})", texts.sorry.render(ctx)?)))
            }
            (Errors::Hide, _) => Err(failure.into()),
        }
    }
}

/// With what tools have for the follower.
fn reply(shown: &Shown, marks: &Marks, attached: Vec<Reply>) -> Flow {
    let text = Reply::text(shown.labelled(marks));
    match attached.is_empty() {
        true => Flow::Reply(text),
        false => Flow::Reply(Reply::Several([text].into_iter().chain(attached).collect())),
    }
}

/// An empty text says nothing.
fn said(text: &Template, ctx: &Context) -> Result<Flow, HandlerError> {
    let text = text.render(ctx)?;
    Ok(if text.is_empty() { Flow::Stop } else { Flow::reply(text) })
}

fn reset_words(words: &[String]) -> Result<Option<Matcher>, BuildError> {
    if words.is_empty() {
        return Ok(None);
    }
    let full = Some(OneOrMany(words.to_vec()));
    Ok(Some(Matcher::new(When { full, ignore_case: true, ..When::default() })?))
}

#[cfg(test)]
mod tests;
