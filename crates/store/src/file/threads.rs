//! The threads of a file store: one reads, one writes, and one looks after callers when these hang.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::Builder;
use std::time::Duration;

use wxbot_sdk::clock::Clock;

use super::database::Holder;
use super::reader::{Read, Reader};
use super::worker::{WorkQueue, Worker};
use super::writer::{Write, Writer};
use crate::condition::{Condition, Part};

/// How often to check whether a caller has waited too long: a fraction of how long it may.
const LOOKS: u32 = 8;

/// Ends them when dropped, after what waits is done; a thread that hangs is left behind.
pub(super) struct Threads {
    pub(super) reader: Worker<Read>,
    pub(super) writer: Worker<Write>,
    reads: Arc<WorkQueue<Read>>,
    writes: Arc<WorkQueue<Write>>,
    /// Dropped, it ends the thread that looks.
    _watchdog: Sender<()>,
}

impl Threads {
    pub(super) fn start(
        database: Holder,
        condition: &Arc<Condition>,
        clock: Clock,
        patience: Duration,
    ) -> io::Result<Self> {
        let database = Arc::new(database);
        let reads = queue(Part::Reads, condition, patience);
        let writes = queue(Part::Writes, condition, patience);
        let reader = Reader { database: Arc::clone(&database), condition: Arc::clone(condition) };
        spawn("wxbot-read", &reads, |reads| reader.run(reads))?;
        let writer = Writer { database, condition: Arc::clone(condition), clock };
        spawn("wxbot-write", &writes, |writes| writer.run(writes))?;
        let _watchdog = watch(&reads, &writes, patience / LOOKS)?;
        let (reader, writer) = (Worker::new(Arc::clone(&reads)), Worker::new(Arc::clone(&writes)));
        Ok(Self { reader, writer, reads, writes, _watchdog })
    }
}

fn queue<J>(part: Part, condition: &Arc<Condition>, patience: Duration) -> Arc<WorkQueue<J>> {
    Arc::new(WorkQueue::new(part, Arc::clone(condition), patience))
}

/// `run` takes what holds the database along, and has dropped it when the thread says it ends.
fn spawn<J: Send + 'static>(
    name: &str,
    queue: &Arc<WorkQueue<J>>,
    run: impl FnOnce(&WorkQueue<J>) + Send + 'static,
) -> io::Result<()> {
    let queue = Arc::clone(queue);
    let thread = move || {
        run(&queue);
        queue.end();
    };
    Builder::new().name(name.into()).spawn(thread).map(drop)
}

fn watch(
    reads: &Arc<WorkQueue<Read>>,
    writes: &Arc<WorkQueue<Write>>,
    pause: Duration,
) -> io::Result<Sender<()>> {
    let (reads, writes) = (Arc::clone(reads), Arc::clone(writes));
    let (watchdog, ended) = mpsc::channel::<()>();
    let thread = move || {
        while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(pause) {
            reads.give_up_on_late();
            writes.give_up_on_late();
        }
    };
    Builder::new().name("wxbot-watch".into()).spawn(thread)?;
    Ok(watchdog)
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.reads.close();
        self.writes.close();
        if !(self.reads.wait_for_end() & self.writes.wait_for_end()) {
            tracing::error!("the store is left behind while the disk hangs");
        }
    }
}
