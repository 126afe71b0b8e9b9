//! Stop 5, ask the plugins: the chain in the operator's order.

mod link;
mod link_spec;
mod guard;
mod failure_log;
mod asked; // a link by another link
pub mod cooldown;
pub mod dialog;
pub mod refusal;
pub mod trace;

use std::sync::Arc;

use tokio::runtime::Handle;
use wxbot_sdk::context::{Context, Entries};
use wxbot_sdk::directory::Directory;
use wxbot_sdk::matcher::Matcher;
use wxbot_sdk::matcher::set::MatcherSet;
use wxbot_sdk::plugin::Flow;
use wxbot_sdk::reply::Reply;

use self::asked::AskedEntries;
use self::trace::Trace;
use crate::dialogs::MessageDialogs;
use crate::log_throttle::SumUp;
use crate::reply::limits;

pub use guard::MAX_BLOCKED;
pub(crate) use guard::may_block;
pub use link::Link;
pub use link_spec::{LinkSpec, OnError};

/// The links in the order of `bot.toml`.
pub struct Chain {
    links: Arc<[Link]>,
    whens: MatcherSet,
    has_dialogs: bool,
    asks_for_tags: bool,
    /// What followers can know of; `None` where that is nothing.
    directory: Option<Arc<Directory>>,
    /// For links that ask others.
    entries: Arc<dyn Entries>,
}

/// What these entries have for followers, and for each other.
pub fn directory(specs: &[(Matcher, LinkSpec)]) -> Directory {
    Directory::new(specs.iter().map(|(when, spec)| spec.in_directory(when)))
}

/// What the chain made of a message.
#[derive(Debug, Default)]
pub(crate) struct ChainOutcome {
    /// What to say, part by part, already within WeChat's limits; empty when there is nothing.
    pub(crate) replies: Vec<Reply>,
    /// How it came to that.
    pub(crate) trace: Trace,
}

impl Chain {
    /// Puts the links in a chain. `tasks` is the runtime on which plugins wait.
    pub fn new(specs: Vec<(Matcher, LinkSpec)>, tasks: &Handle) -> Self {
        let directory = directory(&specs);
        let directory = (!directory.is_empty()).then(|| Arc::new(directory));
        let asks_for_tags =
            specs.iter().any(|(when, spec)| when.asks_for_tags() || spec.asks_for_tags());
        let (whens, specs): (Vec<_>, Vec<_>) = specs.into_iter().unzip();
        let links = specs.into_iter().enumerate();
        let links = links.map(|(place, spec)| Link::new(place, spec, tasks.clone()));
        let links: Arc<[_]> = links.collect();
        let has_dialogs = links.iter().any(Link::has_dialogs);
        let entries = Arc::new(AskedEntries(Arc::clone(&links)));
        let whens = MatcherSet::new(whens);
        Self { links, whens, has_dialogs, asks_for_tags, directory, entries }
    }

    /// The links, in order.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter()
    }

    /// Whether any link asks followers questions.
    pub(crate) fn has_dialogs(&self) -> bool {
        self.has_dialogs
    }

    /// Whether it can't be said whom the links are for without the followers' tags.
    pub(crate) fn asks_for_tags(&self) -> bool {
        self.asks_for_tags
    }

    /// Asks every link whose `when` holds from top to bottom, until one replies or stops.
    pub(crate) async fn ask(
        &self,
        mut ctx: Context,
        dialogs: Option<MessageDialogs<'_>>,
    ) -> ChainOutcome {
        if let Some(directory) = &self.directory {
            ctx.set_directory(directory);
            ctx.set_entries(&self.entries);
        }
        let places = self.whens.all(ctx.subject());
        match dialogs {
            Some(dialogs) if !dialogs.is_empty() => {
                let places = self.places_in_dialog(places, &ctx, &dialogs);
                Box::pin(self.ask_at(places.into_iter(), ctx, Some(dialogs))).await
            }
            dialogs => self.ask_at(places, ctx, dialogs).await,
        }
    }

    /// A question that is open may be answered, whatever words or event `when` asks for; and what
    /// does not answer it passes by the link that asked, unless it is an event that `when` names: that
    /// begins anew.
    fn places_in_dialog(
        &self,
        places: impl Iterator<Item = usize>,
        ctx: &Context,
        dialogs: &MessageDialogs<'_>,
    ) -> Vec<usize> {
        let mut places: Vec<_> = places.collect();
        for (place, link) in self.links.iter().enumerate().filter(|(_, link)| link.has_dialogs()) {
            let Some(has_part) = dialogs.has_part(link.id(), ctx.message()) else { continue };
            let when = self.whens.get(place);
            let may = has_part && when.holds_for_answer(ctx.subject());
            match (may, places.binary_search(&place)) {
                (true, Err(at)) => places.insert(at, place),
                (false, Ok(at)) if !when.names_events() => drop(places.remove(at)),
                _ => {}
            }
        }
        places
    }

    async fn ask_at(
        &self,
        places: impl Iterator<Item = usize>,
        mut ctx: Context,
        mut dialogs: Option<MessageDialogs<'_>>,
    ) -> ChainOutcome {
        let mut trace = Trace::default();
        for place in places {
            let link = &self.links[place];
            match link.handle(&mut ctx, dialogs.as_mut(), &mut trace).await {
                Flow::Pass => {}
                Flow::Stop => break,
                Flow::Reply(reply) => {
                    let reply = self.after(&mut ctx, reply, &mut trace).await;
                    let replies = self.within_limits(place, reply, &ctx, &mut trace);
                    return ChainOutcome { replies, trace };
                }
            }
        }
        ChainOutcome { replies: Vec::new(), trace }
    }

    /// Shows the reply to every link that was asked, the last one first.
    async fn after(&self, ctx: &mut Context, mut reply: Reply, trace: &mut Trace) -> Reply {
        for asked in (0..trace.steps.len()).rev() {
            let step = &trace.steps[asked];
            let (link, was_asked) = (&self.links[step.place], step.verdict.was_asked());
            if was_asked && link.has_after() {
                reply = link.after(ctx, reply, trace).await;
            }
        }
        reply
    }

    fn within_limits(
        &self,
        place: usize,
        reply: Reply,
        ctx: &Context,
        trace: &mut Trace,
    ) -> Vec<Reply> {
        let (replies, correction) = limits::fit(reply, ctx.content());
        if let Some(correction) = &correction {
            let link = &self.links[place];
            let (link, plugin) = (link.id(), link.plugin());
            tracing::warn!(link, plugin, %correction, "a reply was beyond WeChat's limits");
        }
        trace.correction = correction;
        replies
    }
}

impl SumUp for Chain {
    fn sum_up(&self) {
        self.links().for_each(Link::sum_up_failures);
    }
}
