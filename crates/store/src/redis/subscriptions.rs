//! Publish and subscribe: one connection on which an instance hears of all it watches. It is made
//! when something is watched, and again when it breaks; what is watched is then told of a change,
//! since one may have been missed.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::{PubSubSink, PubSubStream};
use redis::{Msg, RedisError};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::{Instant, error::Elapsed, sleep_until, timeout};
use wxbot_sdk::store::{Watch, WatchEvent, Watchers};

use super::address::Address;
use super::servers::{PATIENCE, listen};

/// A connection on which nothing comes is asked so often whether it is there.
const PING: Duration = Duration::from_secs(5);
/// Between two tries to connect: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Changes of what is watched that are asked for at once.
const BATCH: usize = 1000;

/// What is watched, and the task that hears of it.
pub(super) struct Subscriptions {
    watchers: Watchers,
    requests: UnboundedSender<Request>,
}

enum Request {
    /// Something is watched, or not any more.
    Changed(String),
    /// Answered when what was asked for before is done, or can't be.
    Done(oneshot::Sender<()>),
}

impl Subscriptions {
    pub(super) fn start(runtime: &Runtime, address: Address) -> Self {
        let (requests, asked) = unbounded_channel();
        let events = requests.clone();
        let watchers = Watchers::telling(move |event| {
            let (WatchEvent::Watched(channel) | WatchEvent::Unwatched(channel)) = event;
            // The task ends with the process.
            let _ = events.send(Request::Changed(channel));
        });
        let task = Task { address, watchers: watchers.clone(), asked };
        runtime.spawn(task.run());
        Self { watchers, requests }
    }

    /// Returns when Redis knows that the channel is listened to, or can't be asked.
    pub(super) async fn watch(&self, channel: &str) -> Watch {
        let watch = self.watchers.watch(channel);
        let (done, is_done) = oneshot::channel();
        if self.requests.send(Request::Done(done)).is_ok() {
            let _ = is_done.await;
        }
        watch
    }
}

struct Task {
    address: Address,
    watchers: Watchers,
    asked: UnboundedReceiver<Request>,
}

/// Why nothing is heard any more.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Redis(#[from] RedisError),
    #[error("no answer")]
    Late(#[from] Elapsed),
    #[error("the connection was closed")]
    Closed,
}

/// A connection, and the channels it listens to.
struct Listening {
    sink: PubSubSink,
    stream: PubSubStream,
    channels: HashSet<String>,
}

impl Task {
    async fn run(mut self) {
        let (mut pause, mut has_missed) = (FIRST_PAUSE, false);
        loop {
            // Until something is watched, there is nothing to hear.
            while self.watchers.is_empty() {
                let Some(request) = self.asked.recv().await else { return };
                self.answer(request);
            }
            match self.listen(&mut pause, has_missed).await {
                Ok(()) => return,
                Err(trouble) => tracing::debug!(%trouble, "hears of no changes"),
            }
            self.rest(Instant::now() + pause).await;
            (pause, has_missed) = ((pause * 2).min(LONGEST_PAUSE), true);
        }
    }

    /// Nobody waits for what can't be done now.
    fn answer(&self, request: Request) {
        if let Request::Done(done) = request {
            let _ = done.send(());
        }
    }

    async fn rest(&mut self, until: Instant) {
        loop {
            tokio::select! {
                () = sleep_until(until) => return,
                request = self.asked.recv() => match request {
                    Some(request) => self.answer(request),
                    None => return,
                },
            }
        }
    }

    /// Listens until there is trouble, or nobody asks any more.
    async fn listen(&mut self, pause: &mut Duration, has_missed: bool) -> Result<(), Trouble> {
        let (sink, stream) = timeout(PATIENCE, listen(&self.address)).await??.split();
        let mut listening = Listening { sink, stream, channels: HashSet::new() };
        listening.listen_to(self.watchers.keys(), &self.watchers).await?;
        *pause = FIRST_PAUSE;
        if has_missed {
            self.watchers.notify_all();
        }
        loop {
            tokio::select! {
                message = timeout(PING, listening.stream.next()) => match message {
                    Ok(message) => self.hear(&message.ok_or(Trouble::Closed)?),
                    Err(_) => timeout(PATIENCE, listening.sink.ping::<()>()).await??,
                },
                request = self.asked.recv() => match request {
                    Some(request) => self.change(&mut listening, request).await?,
                    None => return Ok(()),
                },
            }
        }
    }

    fn hear(&self, message: &Msg) {
        self.watchers.notify(message.get_channel_name());
    }

    /// Does all that is asked for now, in one round trip.
    async fn change(&mut self, listening: &mut Listening, first: Request) -> Result<(), Trouble> {
        let mut changed = Vec::new();
        let mut waiting = Vec::new();
        let mut next = Some(first);
        while let Some(request) = next.take() {
            match request {
                Request::Changed(channel) => changed.push(channel),
                Request::Done(done) => waiting.push(done),
            }
            next = (changed.len() < BATCH).then(|| self.asked.try_recv().ok()).flatten();
        }
        let done = listening.listen_to(changed, &self.watchers).await;
        for waiting in waiting {
            // Whoever asked may have gone meanwhile.
            let _ = waiting.send(());
        }
        done
    }
}

impl Listening {
    /// Listens to those of the channels that are watched, and to the others no more.
    async fn listen_to(
        &mut self,
        channels: Vec<String>,
        watchers: &Watchers,
    ) -> Result<(), Trouble> {
        let (mut more, mut fewer) = (Vec::new(), Vec::new());
        for channel in channels {
            match watchers.is_watched(&channel) {
                true if self.channels.insert(channel.clone()) => more.push(channel),
                false if self.channels.remove(&channel) => fewer.push(channel),
                _ => {}
            }
        }
        if !more.is_empty() {
            timeout(PATIENCE, self.sink.subscribe(&more)).await??;
        }
        if !fewer.is_empty() {
            timeout(PATIENCE, self.sink.unsubscribe(&fewer)).await??;
        }
        Ok(())
    }
}
