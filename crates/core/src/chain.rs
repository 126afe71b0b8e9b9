//! Stop 5, ask the plugins: the chain in the operator's order.

mod link;
mod guard;
mod cooldown;

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::metrics::Metrics;
use wxbot_sdk::context::Context;
use wxbot_sdk::matcher::Matcher;
use wxbot_sdk::matcher::set::MatcherSet;
use wxbot_sdk::plugin::Flow;
use wxbot_sdk::reply::Reply;

use crate::reply::limits;
use crate::trace::Trace;

pub use cooldown::Cooldown;
pub use guard::MOST_BLOCKED;
pub use link::{Entry, Link, OnError};

/// The links in the order of `bot.toml`.
pub struct Chain {
    links: Vec<Arc<Link>>,
    whens: MatcherSet,
}

/// What the chain made of a message.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What to say, part by part, already within WeChat's limits; empty when there is nothing.
    pub replies: Vec<Reply>,
    /// How it came to that.
    pub trace: Trace,
}

impl Chain {
    /// Puts the entries in a chain. `tasks` is the runtime on which plugins wait.
    pub fn new(entries: Vec<(Matcher, Entry)>, tasks: &Handle, metrics: &Metrics) -> Self {
        let (whens, links): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .map(|(when, entry)| (when, Arc::new(Link::new(entry, tasks.clone(), metrics))))
            .unzip();
        Self { links, whens: MatcherSet::new(whens) }
    }

    /// The links, in order.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().map(|link| &**link)
    }

    /// Asks those whose `when` holds from top to bottom, until one replies or stops.
    pub(crate) async fn ask(self: Arc<Self>, mut ctx: Context) -> Outcome {
        let mut trace = Trace::default();
        let places = self.whens.all(ctx.subject());
        for (asked, place) in places.iter().enumerate() {
            let link = &self.links[*place];
            match link.handle(&mut ctx, &mut trace).await {
                Flow::Pass => {}
                Flow::Stop => return Outcome { replies: Vec::new(), trace },
                Flow::Reply(reply) => {
                    let reply = self.after(&places[..=asked], &mut ctx, reply, &mut trace).await;
                    let replies = put_right(reply, link, &ctx, &mut trace);
                    return Outcome { replies, trace };
                }
            }
        }
        Outcome { replies: Vec::new(), trace }
    }

    /// Shows the reply to everybody who was asked, the last one first.
    async fn after(
        &self,
        asked: &[usize],
        ctx: &mut Context,
        mut reply: Reply,
        trace: &mut Trace,
    ) -> Reply {
        for place in asked.iter().rev() {
            reply = self.links[*place].after(ctx, reply, trace).await;
        }
        reply
    }
}

fn put_right(reply: Reply, link: &Link, ctx: &Context, trace: &mut Trace) -> Vec<Reply> {
    let (replies, correction) = limits::put_right(reply, ctx.content());
    if let Some(correction) = &correction {
        tracing::warn!(link = link.id(), plugin = link.plugin(), %correction, "put a reply right");
    }
    trace.correction = correction;
    replies
}
