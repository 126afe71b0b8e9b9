//! Hands followers to human customer service, and is silent while a human has them.
//!
//! Stands above the links that answer. By a word, after failures, or when a link below replies with
//! a transfer, the follower is handed over; outside of business hours, or when nobody is online,
//! that is said instead. A word, the end of the session or time brings the bot back.

mod config;
mod state; // who has the follower
mod desk; // whether somebody is there

use wxbot_sdk::custom::CustomMessage;
use wxbot_sdk::matcher::{Matcher, When, keyword_of};
use wxbot_sdk::prelude::*;
use wxbot_sdk::settings::OneOrMany;
use wxbot_sdk::template::TemplateError;

pub use crate::config::Config;
use crate::desk::Desk;
use crate::state::{Phase, State};

/// The plugin.
pub struct Transfer {
    phrases: Option<Matcher>,
    desk: Desk,
    config: Config,
}

impl Plugin for Transfer {
    const NAME: &'static str = "transfer";
    const SUMMARY: &'static str = "hands followers to human customer service";
    type Config = Config;

    fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        let phrases = (!config.phrases.is_empty()).then(|| OneOrMany(config.phrases.clone()));
        let phrases = phrases.map(|phrases| {
            Matcher::new(When { contains: Some(phrases), ignore_case: true, ..When::default() })
        });
        Ok(Self {
            phrases: phrases.transpose()?,
            desk: Desk::new(config.hours.as_ref(), config.check_online)?,
            config,
        })
    }
}

#[async_trait]
impl Handler for Transfer {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        if let Some(event) = ctx.event() {
            if let Some(phase) = self.phase_after(event, ctx.unix_now()) {
                State::set(ctx, phase).await;
            }
            return Ok(Flow::Pass);
        }
        let state = State::read(ctx).await;
        match state.phase(ctx.unix_now()) {
            Phase::Bot => self.listen(ctx, state.failures).await,
            _ if is_one_of(&self.config.back, ctx) => {
                State::set(ctx, Phase::Bot).await;
                self.desk.close(ctx, &state).await;
                ctx.count("back");
                Ok(said(self.config.texts.back.render(&*ctx)?))
            }
            // What is said while the follower waits is for the human, too.
            Phase::Waiting { .. } => Ok(Flow::Reply(self.transfer())),
            Phase::Human { kf_account, .. } => {
                let until = ctx.unix_now() + self.config.silence.as_secs();
                State::set(ctx, Phase::Human { until, kf_account }).await;
                Ok(Flow::Stop)
            }
        }
    }

    async fn after(&self, ctx: &mut Context, reply: Reply) -> Result<Reply, HandlerError> {
        let is_transfer = matches!(reply, Reply::Transfer { .. });
        // Only an answer to what was written says whether the bot still manages.
        let counts = self.config.failures > 0 && ctx.event().is_none();
        if !is_transfer && !counts {
            return Ok(reply);
        }
        let state = State::read(ctx).await;
        if !matches!(state.phase(ctx.unix_now()), Phase::Bot) {
            return Ok(reply);
        }
        match self.is_failure(&reply) {
            _ if is_transfer => Ok(self.hand_over(ctx, reply).await?),
            true if state.failures >= self.config.failures => {
                let transfer = self.transfer();
                Ok(self.hand_over(ctx, transfer).await?)
            }
            true => Ok(reply),
            false => {
                State::count_failures(ctx, |_| 0).await;
                Ok(reply)
            }
        }
    }
}

register!(Transfer);

impl Transfer {
    /// What customer service did with the follower.
    fn phase_after(&self, event: &Event, now: u64) -> Option<Phase> {
        let until = now + self.config.silence.as_secs();
        match event {
            Event::KfCreateSession { kf_account } => {
                Some(Phase::Human { until, kf_account: kf_account.clone() })
            }
            Event::KfSwitchSession { to_kf_account, .. } => {
                Some(Phase::Human { until, kf_account: to_kf_account.clone() })
            }
            Event::KfCloseSession { .. } => Some(Phase::Bot),
            _ => None,
        }
    }

    /// Hands over who asks for it, or got no answer so often.
    async fn listen(&self, ctx: &mut Context, failures: u32) -> Result<Flow, HandlerError> {
        let has_phrase = self.phrases.as_ref().is_some_and(|one| one.holds(ctx.subject()));
        let is_asked_for = has_phrase || is_one_of(&self.config.words, ctx);
        let has_failed = self.config.failures > 0 && failures >= self.config.failures;
        if is_asked_for || has_failed {
            let transfer = self.transfer();
            return Ok(Flow::Reply(self.hand_over(ctx, transfer).await?));
        }
        if self.config.failures > 0 && ctx.text().is_some() {
            // An answer that is none takes it back.
            State::count_failures(ctx, |failures| failures + 1).await;
        }
        Ok(Flow::Pass)
    }

    /// The transfer, or what is said where nobody is there.
    async fn hand_over(&self, ctx: &mut Context, transfer: Reply) -> Result<Reply, TemplateError> {
        let texts = &self.config.texts;
        State::count_failures(ctx, |_| 0).await;
        if !self.desk.is_open(ctx) {
            ctx.count("closed");
            let values = Values::new(ctx).with("hours", self.desk.hours());
            return texts.closed.render(values).map(Reply::Text);
        }
        if self.desk.is_empty(ctx).await {
            ctx.count("nobody");
            return texts.nobody.render(&*ctx).map(Reply::Text);
        }
        let until = ctx.unix_now() + self.config.wait.as_secs();
        State::set(ctx, Phase::Waiting { until }).await;
        ctx.count("transferred");
        if !texts.transferring.is_empty() {
            self.announce(ctx).await;
        }
        Ok(transfer)
    }

    /// A transfer says nothing itself.
    async fn announce(&self, ctx: &Context) {
        let text = match self.config.texts.transferring.render(ctx) {
            Ok(text) => text,
            Err(error) => {
                return tracing::warn!(%error, "the follower was not told of the transfer");
            }
        };
        if let Err(error) = ctx.api().send(ctx.openid(), &CustomMessage::text(text)).await {
            tracing::debug!(%error, "the follower was not told of the transfer");
        }
    }

    fn transfer(&self) -> Reply {
        Reply::Transfer { kf_account: self.config.kf_account.clone() }
    }

    fn is_failure(&self, reply: &Reply) -> bool {
        let texts = reply.texts();
        self.config.failure_texts.iter().any(|part| texts.iter().any(|text| text.contains(part)))
    }
}

/// Whether a message is one of these words, perhaps in the brackets in which it was named.
fn is_one_of(words: &[String], ctx: &Context) -> bool {
    let Some(text) = ctx.text() else { return false };
    let said = keyword_of(text).to_lowercase();
    words.iter().any(|word| keyword_of(word).to_lowercase() == said)
}

/// An empty text says nothing.
fn said(text: String) -> Flow {
    if text.is_empty() { Flow::Stop } else { Flow::reply(text) }
}

#[cfg(test)]
mod tests;
