//! A child process from its start to its end: requests in, answers out.

use std::collections::HashMap;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wxbot_sdk::external::{Answer, AnswerError, MAX_ANSWER_BYTES};

use crate::config::Command;
use crate::error::CallError;
use crate::lines::{Line, Lines};
use crate::log_throttle::LogThrottle;
use crate::request::Request;
use crate::stderr::{self, LastLine};

/// Lines that wait for a process that does not read.
const UNREAD: usize = 64;
/// Requests in a row that nobody waits for any more, without a line from the process: it hangs.
const MAX_UNANSWERED: usize = 3;
/// Lines in a row that are no answers, before it is started again: it may print without end.
const MAX_GARBAGE: usize = 1000;
/// To end by itself, once its standard input is closed.
const GRACE: Duration = Duration::from_secs(2);
/// Between the end of a process and that of its output, whichever is noticed first.
const LAST_MOMENT: Duration = Duration::from_millis(200);

/// How it ended.
pub(crate) enum Ended {
    /// Nobody may ask any more.
    Closed,
    /// By itself, or it had to be.
    Failed {
        /// In words.
        why: String,
        /// Whether it has answered anything.
        answered: bool,
    },
}

impl Ended {
    pub(crate) fn failed(why: String) -> Self {
        Self::Failed { why, answered: false }
    }
}

/// A process that runs.
pub(crate) struct Child {
    log: Log,
    /// Ends the whole group, what the process has started among it. Before `child` is dropped, so
    /// that its id is still its own.
    _group: Group,
    child: tokio::process::Child,
    stdout: Lines<ChildStdout>,
    input: mpsc::Sender<Vec<u8>>,
    /// They end with it.
    _writer: JoinSet<()>,
    stderr: JoinSet<()>,
    last_line: LastLine,
    pending: HashMap<u64, mpsc::Sender<Result<Answer, CallError>>>,
    unanswered: usize,
    garbage: usize,
    garbage_log: LogThrottle,
    answered: bool,
}

struct Log {
    link: String,
    pid: u32,
}

impl Child {
    pub(crate) fn start(command: &Command, link: &str, number: usize) -> Result<Self, String> {
        let program = command.shown_program();
        let mut child = tokio::process::Command::new(&command.program)
            .args(&command.arguments)
            .env_clear()
            .envs(command.environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0) // Ctrl-C is for the bot, which answers what is open first
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("`{program}` can't be started: {error}"))?;
        let pid = child.id().unwrap_or_default();
        tracing::info!(link, number, pid, program, "started a process");
        let log = Log { link: link.to_owned(), pid };
        let (mut writer, mut stderr) = (JoinSet::new(), JoinSet::new());
        let last_line = LastLine::default();
        let (input, lines) = mpsc::channel(UNREAD);
        if let Some(stdin) = child.stdin.take() {
            writer.spawn(write(stdin, lines));
        }
        if let Some(stream) = child.stderr.take() {
            stderr.spawn(stderr::log(stream, log.link.clone(), pid, last_line.clone()));
        }
        let stdout = child.stdout.take().ok_or("its output can't be read")?;
        Ok(Self {
            log,
            _group: Group(pid),
            child,
            stdout: Lines::new(stdout, MAX_ANSWER_BYTES),
            input,
            _writer: writer,
            stderr,
            last_line,
            pending: HashMap::new(),
            unanswered: 0,
            garbage: 0,
            garbage_log: LogThrottle::new(),
            answered: false,
        })
    }

    /// Passes requests and answers on until it ends.
    pub(crate) async fn run(mut self, requests: &mut mpsc::Receiver<Request>) -> Ended {
        let why = loop {
            tokio::select! {
                line = self.stdout.next() => match line {
                    Ok(Some(line)) => self.answer(line),
                    Ok(None) => break self.why_silent().await,
                    Err(error) => break format!("its output can't be read: {error}"),
                },
                request = requests.recv() => match request {
                    None => return self.end().await,
                    Some(request) => self.ask(request),
                },
                status = self.child.wait() => {
                    self.read_last_words().await;
                    break in_words(status);
                }
            }
            if self.unanswered >= MAX_UNANSWERED {
                break format!("it did not answer {MAX_UNANSWERED} messages in a row");
            }
            if self.garbage >= MAX_GARBAGE {
                break format!("it wrote {MAX_GARBAGE} lines in a row that are no answers");
            }
        };
        let why = self.with_last_line(why).await;
        for (_, answers) in self.pending.drain() {
            let _ = answers.try_send(Err(CallError::Ended(why.clone())));
        }
        Ended::Failed { why, answered: self.answered }
    }

    /// Closes its standard input; a process that does not end then is killed.
    async fn end(self) -> Ended {
        let Self { log: Log { link, pid }, input, mut child, _group, _writer, .. } = self;
        drop(input);
        if timeout(GRACE, child.wait()).await.is_err() {
            tracing::warn!(link, pid, "the process did not end by itself: killed");
        }
        Ended::Closed
    }

    /// Often the reason is what it wrote last.
    async fn with_last_line(&mut self, why: String) -> String {
        let _ = timeout(LAST_MOMENT, self.stderr.join_next()).await;
        match self.last_line.get() {
            line if line.is_empty() => why,
            line => format!("{why}; its last line on stderr: {line}"),
        }
    }

    /// Usually it ended.
    async fn why_silent(&mut self) -> String {
        match timeout(LAST_MOMENT, self.child.wait()).await {
            Ok(status) => in_words(status),
            Err(_) => "it closed its standard output".to_owned(),
        }
    }

    /// What it has started may write without end.
    async fn read_last_words(&mut self) {
        let read = async {
            while let Ok(Some(line)) = self.stdout.next().await {
                self.answer(line);
            }
        };
        let _ = timeout(LAST_MOMENT, read).await;
    }

    fn ask(&mut self, Request { id, line, answers }: Request) {
        let before = self.pending.len();
        self.pending.retain(|_, answers| !answers.is_closed());
        self.unanswered += before - self.pending.len();
        match self.input.try_send(line) {
            Ok(()) => drop(self.pending.insert(id, answers)),
            Err(_) => drop(answers.try_send(Err(CallError::NotReading))),
        }
    }

    fn answer(&mut self, line: Line) {
        self.unanswered = 0;
        if line.is_cut {
            return self.no_answer(AnswerError::TooLong { most: MAX_ANSWER_BYTES });
        }
        match read(&line.text) {
            Err(error) => self.no_answer(error),
            Ok((id, answer)) => {
                self.garbage = 0;
                self.deliver(id, answer.map_err(CallError::NoAnswer));
            }
        }
    }

    fn deliver(&mut self, id: u64, answer: Result<Answer, CallError>) {
        self.answered |= answer.is_ok();
        let is_interim = answer.as_ref().is_ok_and(Answer::is_interim);
        let Some(answers) = self.pending.get(&id) else {
            let Log { link, pid } = &self.log;
            return tracing::debug!(link, pid, id, "an answer that nobody waits for");
        };
        let _ = answers.try_send(answer);
        if !is_interim {
            self.pending.remove(&id);
        }
    }

    /// Nobody knows which request it is for, unless there is one only.
    fn no_answer(&mut self, error: AnswerError) {
        let Log { link, pid } = &self.log;
        self.garbage += 1;
        if let Some(left_out) = self.garbage_log.begin_next() {
            tracing::warn!(link, pid, left_out, "the process wrote more lines that are no answers");
        }
        if self.garbage_log.has_room() {
            tracing::warn!(
                link, pid, %error,
                "the process wrote a line that is no answer; what it says otherwise belongs on stderr"
            );
        }
        if let (1, AnswerError::TooLong { .. }) = (self.pending.len(), &error) {
            for (_, answers) in self.pending.drain() {
                let _ = answers.try_send(Err(CallError::NoAnswer(error.clone())));
            }
        }
    }
}

/// The id, and what is answered to that request.
fn read(line: &[u8]) -> Result<(u64, Result<Answer, AnswerError>), AnswerError> {
    let problem = |problem: String| AnswerError::NotJson { bytes: line.len(), problem };
    let mut value: Value = serde_json::from_slice(line)
        .map_err(|error| problem(format!("column {}", error.column())))?;
    let id = value.as_object_mut().and_then(|object| object.remove("id"));
    let id = id.as_ref().and_then(Value::as_u64);
    let id = id.ok_or_else(|| {
        AnswerError::NotAnAnswer("expected an object with the `id` of the request".into())
    })?;
    Ok((id, Answer::from_value(value)))
}

fn in_words(status: io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => format!("the process ended ({status})"),
        Err(error) => format!("the process is lost: {error}"),
    }
}

/// One line after the other, until nobody sends any or nobody reads.
async fn write(mut stdin: ChildStdin, mut lines: mpsc::Receiver<Vec<u8>>) {
    while let Some(mut line) = lines.recv().await {
        line.push(b'\n');
        if stdin.write_all(&line).await.is_err() {
            return;
        }
    }
}

/// A process and all that it has started, ended when this is dropped.
struct Group(u32);

impl Drop for Group {
    fn drop(&mut self) {
        let id = i32::try_from(self.0).ok().and_then(Pid::from_raw);
        if let Some(id) = id {
            // Usually there is nobody left.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}
