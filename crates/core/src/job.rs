//! Stop 5, ask the plugins: the work on one message, from its turn in the line to what came of it.

mod conclusion;

use std::sync::Arc;
use std::task::Poll;

use futures_util::poll;
use tokio::time::{Instant, sleep};

use crate::current;
use crate::late::{Kept, LateSettings};
use crate::order::{Follower, Full, Turn};
use crate::peers::{Claim, Peers};
use crate::repeat::Key;
use wxbot_sdk::context::{Context, Incoming, ReplyWindow};
use wxbot_sdk::message::Message;
use wxbot_sdk::reply::Reply;

use crate::reply::xml;
use crate::road::{Bot, Door};
use crate::trace::Seen;
use crate::window::Window;
use crate::work::{Said, Work};

/// Everything that the work on one message needs. Each of its deliveries has one.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) bot: Arc<Bot>,
    pub(crate) door: Arc<Door>,
    pub(crate) work: Arc<Work>,
    pub(crate) incoming: Arc<Incoming>,
}

/// What came of the work.
enum Outcome {
    /// The answer, part by part; empty when there is nothing to say.
    Answer(Vec<Reply>),
    /// The follower asked for what waits.
    Pull(Vec<Kept>),
}

/// Whether the outcome counts.
#[derive(Debug, PartialEq, Eq)]
enum Concluded {
    Yes,
    /// Another instance took this one for dead, and works on the message now.
    Lost,
}

impl Job {
    pub(crate) fn new(
        bot: &Arc<Bot>,
        door: &Arc<Door>,
        work: Arc<Work>,
        message: Message,
        now: u64,
    ) -> Self {
        let incoming = Arc::new(Incoming {
            message,
            account: Arc::clone(door.name()),
            api: Arc::clone(door.api()),
            store: Arc::clone(bot.store()),
            received_at: now,
        });
        Self { bot: Arc::clone(bot), door: Arc::clone(door), work, incoming }
    }

    /// For work that somebody had promised, and that is begun anew.
    pub(crate) fn again(bot: &Arc<Bot>, door: &Arc<Door>, key: Key, message: Message) -> Self {
        let began = Instant::now();
        let work = Arc::new(Work::new(key, began, Window::open(began, &door.account().late)));
        Self::new(bot, door, work, message, bot.clock().seconds())
    }

    /// Does the work anew.
    pub(crate) async fn run_again(&self) -> Vec<Reply> {
        let _front = match self.bot.order().enter(self.follower()) {
            Ok(turn) => Some(turn.wait().await),
            Err(Full) => None,
        };
        current::scope(&self.incoming, self.bot.ask(self.context())).await
    }

    /// Begins the work. What only computes is done here and now; what has to wait goes on as a
    /// task of its own, which nothing cancels: not the end of the window, not a closed connection.
    pub(crate) async fn begin(&self) {
        let message = &self.incoming.message;
        let turn = match self.bot.order().enter(self.follower()) {
            Ok(turn) => turn,
            Err(Full) => return self.turn_away(),
        };
        let mut work = Box::pin(current::scope(&self.incoming, self.clone().run(turn)));
        if let Poll::Ready(()) = poll!(work.as_mut()) {
            return;
        }
        self.bot.tasks().spawn(work);
        if !message.takes_reply() {
            self.work.decide(Said::Nothing);
        } else if self.door.access().is_open() {
            self.bot.tasks().spawn(self.clone().find_out());
        }
    }

    async fn run(self, turn: Turn) {
        let _unfinished = Unfinished(&self);
        let _front = turn.wait().await;
        let Some(peers) = self.bot.peers() else {
            let outcome = self.outcome().await;
            self.conclude(outcome).await;
            return;
        };
        // In a box of its own: most bots are alone, and their futures stay small.
        Box::pin(self.run_among(peers)).await;
    }

    /// Where instances share the work, one of them does it and all give its answer.
    async fn run_among(&self, peers: &Peers) {
        loop {
            if let Claim::Said(said) = peers.claim(self.work.key).await {
                self.work.decided_elsewhere(said);
                return self.remember();
            }
            let turn = peers.turn(self.follower(), self.work.key).await;
            let outcome = self.outcome().await;
            let concluded = self.conclude(outcome).await;
            turn.give_back().await;
            if concluded == Concluded::Yes {
                return;
            }
        }
    }

    async fn outcome(&self) -> Outcome {
        match self.pull().await {
            Some(waiting) => Outcome::Pull(waiting),
            None => Outcome::Answer(self.bot.ask(self.context()).await),
        }
    }

    /// The word that stands in the notice: when something waits, that is the answer.
    async fn pull(&self) -> Option<Vec<Kept>> {
        let said = self.incoming.message.text()?.trim();
        if said != self.late_settings().word {
            return None;
        }
        Some(self.waiting().await).filter(|waiting| !waiting.is_empty())
    }

    async fn waiting(&self) -> Vec<Kept> {
        let late = self.bot.late();
        if late.nothing_waits() {
            return Vec::new();
        }
        Box::pin(late.waiting(self.account(), self.openid())).await
    }

    fn context(&self) -> Context {
        Context::new(Arc::clone(&self.incoming), Arc::clone(&self.work) as Arc<dyn ReplyWindow>)
    }

    /// Too many messages of the follower wait: this one is not worked on, and says so.
    fn turn_away(&self) {
        tracing::warn!(account = self.account(), "too many messages of a follower wait");
        self.door.metrics().turned_away();
        let busy = &*self.late_settings().busy;
        let said = match busy.is_empty() || !self.incoming.message.takes_reply() {
            true => Said::Nothing,
            false => self.xml(&Reply::text(busy)),
        };
        self.settle(said);
    }

    /// Halfway through the window there is time to ask WeChat whether an answer could follow.
    async fn find_out(self) {
        sleep(self.late_settings().window / 2).await;
        if self.work.said().is_none() {
            self.door.access().find_out(self.openid()).await;
        }
    }

    /// Decides what is said, and remembers that for the repeats that still come.
    fn settle(&self, said: Said) {
        self.work.decide(said);
        self.remember();
    }

    fn remember(&self) {
        if let Some(said) = self.work.said() {
            self.door.ledger().answered(self.work.key, said.clone());
        }
    }

    /// The passive reply as it goes over the wire, but for its envelope.
    pub(crate) fn xml(&self, reply: &Reply) -> Said {
        Said::Reply(xml::write(reply, &self.incoming.message, self.incoming.received_at).into())
    }

    pub(crate) fn late_settings(&self) -> &LateSettings {
        &self.door.account().late
    }

    fn follower(&self) -> Follower<'_> {
        Follower { account: self.account(), openid: self.openid() }
    }

    pub(crate) fn account(&self) -> &str {
        &self.incoming.account
    }

    pub(crate) fn openid(&self) -> &str {
        &self.incoming.message.openid
    }
}

/// Work that ends without a conclusion, as by a defect of ours, leaves nobody waiting.
struct Unfinished<'j>(&'j Job);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if self.0.door.ledger().is_running(self.0.work.key) {
            self.0.settle(Said::Nothing);
        }
    }
}

impl Bot {
    /// Asks the chain, and shows what came of it to whoever observes.
    async fn ask(&self, ctx: Context) -> Vec<Reply> {
        let incoming = Arc::clone(ctx.incoming());
        let outcome = Arc::clone(self.chain()).ask(ctx).await;
        if let Some(observer) = self.observer() {
            observer.saw(&Seen {
                account: &incoming.account,
                message: &incoming.message,
                replies: &outcome.replies,
                trace: &outcome.trace,
            });
        }
        outcome.replies
    }
}
