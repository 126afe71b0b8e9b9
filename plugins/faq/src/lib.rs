//! Answers questions from a list, however they are worded.
//!
//! Questions and answers come from CSV, Markdown or TOML files, which are read again when they
//! change. What is near enough to a question is answered; what is less near is asked back:
//! 「您是不是想问：1… 2…」. What is near to none is passed.

mod config;
mod entry; // one question with its answer
mod file; // many of them
pub mod index; // finds the nearest
mod terms;
mod library; // reads the files again when they change
pub mod vectors; // finds what means the same
mod known; // those that were made
mod embedder; // has them made
mod search; // by both
mod knowledge; // what others look up in it

use std::sync::Arc;

use wxbot_sdk::directory::Directory;
use wxbot_sdk::knowledge::Knowledge;
use wxbot_sdk::prelude::*;

pub use crate::config::Config;
use crate::index::Found;
use crate::knowledge::Answers;
use crate::library::{Library, Loaded};
use crate::search::Search;

/// The plugin.
pub struct Faq {
    config: Config,
    search: Arc<Search>,
}

/// What was offered: questions. Their answers may change until one is chosen.
#[derive(Debug, Serialize, Deserialize)]
struct Offered(Vec<String>);

impl DialogState for Offered {}

impl Plugin for Faq {
    const NAME: &'static str = "faq";
    const SUMMARY: &'static str = "answers questions from a list, however they are worded";
    const DIALOGS: Option<Dialogs> = Some(Dialogs::DEFAULT);
    type Config = Config;

    fn build(mut config: Config, env: &BuildEnv) -> Result<Self, BuildError> {
        let entries = std::mem::take(&mut config.entries);
        if entries.is_empty() && config.files.is_empty() {
            return Err("a faq needs `files` or `entries`".into());
        }
        if config.suggest > config.answer {
            return Err("`suggest` is more than `answer`, so nothing would be suggested".into());
        }
        if let [from, to] = config.cosine
            && !(-1.0..to).contains(&from)
        {
            return Err(
                "`cosine` has to be two numbers, the smaller one first and no less than -1".into(),
            );
        }
        let files = config.files.iter().map(|file| env.path(file)).collect();
        let library = Library::open(entries, files, config.reload)?;
        Ok(Self { search: Arc::new(Search::new(library, config.cosine)), config })
    }
}

#[async_trait]
impl Handler for Faq {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let loaded = self.search.loaded(ctx.unix_now());
        let offered = ctx.dialog::<Offered>()?;
        if let (Some(Offered(questions)), Some(chosen)) = (&offered, ctx.chosen()) {
            return self.chosen(ctx, &loaded, questions.get(chosen));
        }
        let Some(asked) = ctx.message().normalized().map(str::to_owned) else {
            return Ok(Flow::Pass);
        };
        let found = self.search.nearest(&loaded, &asked, self.config.suggestions.max(2)).await;
        if found.is_without_vectors {
            ctx.count("without_vectors");
        }
        self.answer(ctx, &loaded, found.found, offered.as_ref())
    }

    fn knowledge(&self) -> Option<Arc<dyn Knowledge>> {
        Some(Arc::new(Answers::new(&self.search, self.config.suggest)))
    }

    fn connect(&self, chain: &Directory) -> Result<(), BuildError> {
        if let Some(id) = &self.config.embeddings {
            let source = chain.embeddings(id).map_err(|error| format!("`embeddings`: {error}"))?;
            self.search.use_embeddings(Arc::clone(source));
        }
        Ok(())
    }

    fn warnings(&self) -> Vec<String> {
        self.search.warnings()
    }

    async fn start(&self, ctx: &InstanceContext) -> Result<(), HandlerError> {
        self.search.keep_up(ctx);
        Ok(())
    }
}

register!(Faq);

impl Faq {
    /// Answers, asks back, or passes; what was offered before is over.
    fn answer(
        &self,
        ctx: &mut Context,
        loaded: &Loaded,
        mut found: Vec<Found>,
        offered: Option<&Offered>,
    ) -> Result<Flow, HandlerError> {
        found.retain(|found| found.score >= self.config.suggest);
        let Some(best) = found.first() else {
            ctx.count("missed");
            let nothing = &self.config.texts.nothing;
            return match offered {
                _ if !nothing.is_empty() => {
                    let nothing = nothing.render(&*ctx)?;
                    end(ctx, offered, nothing.into())
                }
                Some(_) => ctx.leave(),
                None => Ok(Flow::Pass),
            };
        };
        let next = found.get(1).map_or(0.0, |next| next.score);
        let is_sure = best.is_exact() || best.score - next >= self.config.lead;
        if best.score >= self.config.answer && is_sure {
            ctx.count("answered");
            let reply = loaded.entries[best.entry].reply.render(&*ctx)?;
            return end(ctx, offered, reply);
        }
        ctx.count("suggested");
        found.truncate(self.config.suggestions);
        let found = found.iter().map(|found| loaded.entries[found.entry].question.clone());
        let questions: Vec<_> = found.collect();
        let none = Some(self.config.texts.none.clone()).filter(|none| !none.is_empty());
        let labels: Vec<_> = questions.iter().cloned().chain(none).collect();
        let suggest = self.config.texts.suggest.render(&*ctx)?;
        ctx.choose(Offered(questions), &suggest, labels)
    }

    /// Answers what was chosen; behind the questions stands that it was none of them.
    fn chosen(
        &self,
        ctx: &mut Context,
        loaded: &Loaded,
        question: Option<&String>,
    ) -> Result<Flow, HandlerError> {
        let entry = question.and_then(|question| loaded.entry(question));
        match entry {
            Some(entry) => {
                ctx.count("chosen");
                ctx.done(entry.reply.render(&*ctx)?)
            }
            None => {
                ctx.count("missed");
                ctx.done(self.config.texts.other.render(&*ctx)?)
            }
        }
    }
}

/// Where nothing was offered, nothing has to be stored.
fn end(ctx: &mut Context, offered: Option<&Offered>, reply: Reply) -> Result<Flow, HandlerError> {
    match offered {
        Some(_) => ctx.done(reply),
        None => Ok(Flow::Reply(reply)),
    }
}

#[cfg(test)]
mod tests;
