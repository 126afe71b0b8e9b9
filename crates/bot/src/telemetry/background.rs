//! The way of a log line to stderr: handed over without waiting, written by a thread of its own.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use wxbot_core::metrics::Counter;

/// Bytes of lines that wait to be written. What comes when they are full is lost.
const CAPACITY: usize = 1 << 20;

/// Takes lines and never blocks, whatever becomes of where they are written to.
pub(super) struct BackgroundWriter {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Mutex<Queue>,
    /// Something waits, or something was written.
    changed: Condvar,
    lost: OnceLock<Counter>,
}

#[derive(Default)]
struct Queue {
    waiting: Lines,
    is_writing: bool,
    /// Lines lost so far.
    lost: u64,
    /// Somebody waited for a write in vain, and none has ended since.
    is_stuck: bool,
}

/// Whole lines, one after the other.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    count: u64,
}

impl BackgroundWriter {
    /// Starts the thread that writes. After lines were lost, it writes `lost_line` of their number.
    pub(super) fn start(
        out: impl Write + Send + 'static,
        lost_line: impl Fn(u64) -> String + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            changed: Condvar::new(),
            lost: OnceLock::new(),
        });
        let writer = Arc::clone(&shared);
        let thread = thread::Builder::new().name("wxbot-log".into());
        thread.spawn(move || writer.write_to(out, lost_line))?;
        Ok(Self { shared })
    }

    /// Hands a line over to be written, or loses it.
    pub(super) fn push(&self, line: &[u8]) {
        let mut queue = self.shared.lock();
        if queue.waiting.bytes.len() + line.len() > CAPACITY {
            return self.shared.lose(&mut queue, 1);
        }
        queue.waiting.bytes.extend_from_slice(line);
        queue.waiting.count += 1;
        self.shared.changed.notify_all();
    }

    /// Counts here how many lines are lost, those of before included.
    pub(super) fn count_losses(&self, counter: Counter) {
        let queue = self.shared.lock();
        counter.inc_by(queue.lost);
        let _ = self.shared.lost.set(counter);
    }

    /// Waits until everything is written, at most so long. Where somebody waited in vain and nothing
    /// was written since, nobody waits again.
    pub(super) fn flush(&self, limit: Duration) {
        let queue = self.shared.lock();
        let busy =
            |queue: &mut Queue| !queue.is_stuck && (queue.is_writing || queue.waiting.count > 0);
        let waited = self.shared.changed.wait_timeout_while(queue, limit, busy);
        let (mut queue, result) = waited.unwrap_or_else(PoisonError::into_inner);
        queue.is_stuck |= result.timed_out();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lose(&self, queue: &mut Queue, lines: u64) {
        queue.lost += lines;
        if let Some(counter) = self.lost.get() {
            counter.inc_by(lines);
        }
    }

    fn write_to(&self, mut out: impl Write, lost_line: impl Fn(u64) -> String) {
        let (mut batch, mut reported) = (Lines::default(), 0);
        loop {
            let lost = self.next(&mut batch);
            let written = out.write_all(&batch.bytes);
            if written.is_ok() && lost > reported {
                let line = lost_line(lost - reported);
                reported = out.write_all(line.as_bytes()).map_or(reported, |()| lost);
            }
            self.end_write(if written.is_ok() { 0 } else { batch.count });
        }
    }

    fn end_write(&self, lost: u64) {
        let mut queue = self.lock();
        self.lose(&mut queue, lost);
        (queue.is_writing, queue.is_stuck) = (false, false);
        self.changed.notify_all();
    }

    /// Waits for lines and takes them all; says how many were lost so far, all behind them.
    fn next(&self, batch: &mut Lines) -> u64 {
        batch.bytes.clear();
        batch.count = 0;
        let none = |queue: &mut Queue| queue.waiting.count == 0;
        let waited = self.changed.wait_while(self.lock(), none);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut queue.waiting, batch);
        queue.is_writing = true;
        queue.lost
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// For what only waits for another thread.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// Where lines are written to: nothing moves on while it is shut.
    #[derive(Clone, Default)]
    struct Gate(Arc<(Mutex<Behind>, Condvar)>);

    #[derive(Default)]
    struct Behind {
        is_shut: bool,
        is_broken: bool,
        text: String,
    }

    impl Gate {
        fn set(&self, change: impl FnOnce(&mut Behind)) {
            change(&mut self.0.0.lock().unwrap());
            self.0.1.notify_all();
        }

        fn text(&self) -> String {
            self.0.0.lock().unwrap().text.clone()
        }

        fn writer(&self) -> BackgroundWriter {
            BackgroundWriter::start(self.clone(), |lines| format!("{lines} lost\n")).unwrap()
        }
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let behind = self.0.0.lock().unwrap();
            let mut behind = self.0.1.wait_while(behind, |behind| behind.is_shut).unwrap();
            if behind.is_broken {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            behind.text.push_str(std::str::from_utf8(bytes).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_written_in_their_order_and_flush_waits_for_them() {
        let gate = Gate::default();
        let writer = gate.writer();
        let lines: Vec<_> = (0..1000).map(|n| format!("line {n}\n")).collect();
        lines.iter().for_each(|line| writer.push(line.as_bytes()));
        writer.flush(PATIENCE);
        assert_eq!(gate.text(), lines.concat());
    }

    #[test]
    fn what_hangs_loses_lines_and_says_how_many_when_it_goes_on() {
        let gate = Gate::default();
        gate.set(|behind| behind.is_shut = true);
        let (writer, lost) = (gate.writer(), Counter::default());
        let line = format!("{}\n", "x".repeat(1023));
        let (before, after) = (3 * CAPACITY / line.len(), 100);
        (0..before).for_each(|_| writer.push(line.as_bytes()));
        writer.count_losses(lost.clone());
        (0..after).for_each(|_| writer.push(line.as_bytes()));

        gate.set(|behind| behind.is_shut = false);
        writer.flush(PATIENCE);
        let text = gate.text();
        let written = text.lines().filter(|text| *text == line.trim_end()).count();
        let said = text.lines().filter_map(|line| line.strip_suffix(" lost"));
        let said: usize = said.map(|lost| lost.parse::<usize>().unwrap()).sum();
        assert_eq!((written + said, said as u64), (before + after, lost.get()));
        assert!(said >= before - 2 * CAPACITY / line.len() && text.ends_with(" lost\n"), "{said}");
        writer.push(b"next\n");
        writer.flush(PATIENCE);
        assert_eq!(gate.text(), format!("{text}next\n"), "it is said once");
    }

    #[test]
    fn flush_does_not_wait_for_ever_nor_twice() {
        let gate = Gate::default();
        gate.set(|behind| behind.is_shut = true);
        let writer = gate.writer();
        writer.push(b"line\n");
        writer.flush(Duration::from_millis(1));
        // It waited in vain, so this would take an hour only if it waited again.
        writer.flush(Duration::from_secs(3600));
        assert_eq!(gate.text(), "");
        gate.set(|behind| behind.is_shut = false);
        writer.push(b"next\n");
        let (deadline, all) = (Instant::now() + PATIENCE, "line\nnext\n");
        while gate.text() != all {
            assert!(Instant::now() < deadline, "{}", gate.text());
            thread::yield_now();
        }
    }

    #[test]
    fn what_can_not_be_written_is_lost_and_said_when_it_can() {
        let gate = Gate::default();
        gate.set(|behind| behind.is_broken = true);
        let (writer, lost) = (gate.writer(), Counter::default());
        writer.count_losses(lost.clone());
        writer.push(b"1\n");
        writer.flush(PATIENCE);
        writer.push(b"2\n");
        writer.flush(PATIENCE);
        assert_eq!(lost.get(), 2);
        gate.set(|behind| behind.is_broken = false);
        writer.push(b"3\n");
        writer.flush(PATIENCE);
        assert_eq!(gate.text(), "3\n2 lost\n");
    }
}
