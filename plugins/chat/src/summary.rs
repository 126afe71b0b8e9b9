//! What a conversation was about, in place of its oldest turns: made by the model while nobody waits
//! for it.
//!
//! It is made of followers' words, so the model is told it as something that was said, never in the
//! system prompt.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;
use wxbot_sdk::context::Context;
use wxbot_sdk::template::Template;

use crate::config::{Config, History};
use crate::conversation::{Conversation, Turn};
use crate::limits::Limits;
use crate::model::question::Question;
use crate::model::{End, Models};
use crate::prompt::Instructions;

/// The longest summary, in characters.
const MOST: usize = 1000;

/// Makes summaries, one at a time for each follower.
pub(crate) struct Summaries {
    history: History,
    /// What the model is told to do.
    prompt: Template<Instructions>,
    models: Arc<Models>,
    limits: Arc<Limits>,
    /// Followers, each of an account.
    at_work: Arc<Mutex<HashSet<String>>>,
}

impl Summaries {
    pub(crate) fn new(config: &Config, models: &Arc<Models>, limits: &Arc<Limits>) -> Self {
        Self {
            history: config.history.clone(),
            prompt: config.texts.summarize.clone(),
            models: Arc::clone(models),
            limits: Arc::clone(limits),
            at_work: Arc::default(),
        }
    }

    /// Begins to sum up the oldest turns of a conversation that has too many.
    pub(crate) fn begin(&self, ctx: &Context, conversation: &Conversation) {
        let turns = conversation.oldest(&self.history);
        let follower = format!("{} {}", ctx.account(), ctx.openid());
        let mut at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.is_empty() || !at_work.insert(follower.clone()) {
            return;
        }
        let working = Working { at_work: Arc::clone(&self.at_work), follower };
        let (models, limits) = (Arc::clone(&self.models), Arc::clone(&self.limits));
        let Some(prompt) = self.prompt(ctx) else { return };
        let question = question(ctx, prompt, conversation.summary(), &turns);
        let (ctx, history) = (ctx.clone(), self.history.clone());
        tokio::spawn(async move {
            let _working = working;
            let summary = ask(&ctx, &models, &limits, question).await;
            Conversation::sum_up(&ctx, &turns, summary.as_deref(), &history).await;
        });
    }

    /// Without it nothing is summed up, and the oldest turns are dropped as they grow too many.
    fn prompt(&self, ctx: &Context) -> Option<String> {
        let warn = |error: &_| tracing::warn!(%error, "a conversation can't be summed up");
        self.prompt.render(ctx).inspect_err(warn).ok()
    }
}

/// A follower's summary is made, until this is dropped.
struct Working {
    at_work: Arc<Mutex<HashSet<String>>>,
    follower: String,
}

impl Drop for Working {
    fn drop(&mut self) {
        let mut at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        at_work.remove(&self.follower);
    }
}

async fn ask(
    ctx: &Context,
    models: &Models,
    limits: &Limits,
    mut question: Question,
) -> Option<String> {
    let deadline = models.deadline(Instant::now());
    match models.ask(&mut question, deadline).await {
        Ok(answer) => {
            limits.spend(ctx, answer.tokens).await;
            if answer.end != End::Stop {
                tracing::warn!("a summary broke off; the oldest turns are dropped instead");
                return None;
            }
            Some(answer.text.chars().take(MOST).collect())
        }
        Err(failure) => {
            tracing::warn!(%failure, "a conversation can't be summed up; its oldest turns are dropped");
            None
        }
    }
}

fn question(ctx: &Context, prompt: String, before: Option<&str>, turns: &[Turn]) -> Question {
    let mut question = Question::new(prompt, ctx.openid(), None);
    let said = turns.iter().map(|turn| format!("用户：{}\n助手：{}", turn.asked, turn.answered));
    let all: Vec<_> = before.map(str::to_owned).into_iter().chain(said).collect();
    question.said(&format!("<conversation>\n{}\n</conversation>", all.join("\n")), None);
    question
}
