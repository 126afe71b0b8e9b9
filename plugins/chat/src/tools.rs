//! Tools: what the model may have done for the follower before it answers.

mod command; // of another entry of the chain
#[cfg(feature = "mcp")]
mod mcp; // of a server
#[cfg(not(feature = "mcp"))]
mod without_mcp;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};
use wxbot_sdk::context::{AskError, Context};
use wxbot_sdk::plugin::Flow;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::tool_call::{ToolCall, ToolOutcome, ToolOwner};

use self::command::CommandTool;
#[cfg(feature = "mcp")]
use self::mcp::ServerTool;
#[cfg(feature = "mcp")]
pub(crate) use self::mcp::Servers;
#[cfg(not(feature = "mcp"))]
use self::without_mcp::ServerTool;
#[cfg(not(feature = "mcp"))]
pub(crate) use self::without_mcp::Servers;
use crate::model::call::{Call, ToolSchema};

/// The longest that a tool may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest result that the model is told, in characters.
const MOST_RESULT: usize = 8000;
/// Replies that are no text and go out below the answer.
const MOST_ATTACHED: usize = 2;

/// The tools of one message: those that its follower may use.
pub(crate) struct Toolbox<'c> {
    ctx: &'c Context,
    commands: Vec<CommandTool>,
    of_servers: Vec<ServerTool>,
    /// What tools answered that the model can't put into words.
    attached: Vec<Reply>,
    called: Vec<ToolCall>,
}

/// What came of a call.
pub(crate) enum Done {
    /// What the model is told.
    Result(String),
    /// Another reply than the model's: the follower is handed over to a human.
    Transfer(Reply),
}

impl<'c> Toolbox<'c> {
    /// The commands of these entries, and what servers have. A message without words has no commands,
    /// as a command is words.
    pub(crate) async fn new(ctx: &'c Context, entries: &[String], servers: &Servers) -> Self {
        let has_commands = !entries.is_empty() && ctx.text().is_some();
        let commands = if has_commands { command::tools(ctx, entries) } else { Vec::new() };
        let mut of_servers = servers.tools().await;
        let is_command = |name: &str| commands.iter().any(|tool| tool.schema.name == name);
        of_servers.retain(|tool| !is_command(&tool.schema.name));
        Self { ctx, commands, of_servers, attached: Vec::new(), called: Vec::new() }
    }

    /// What the model is told of them.
    pub(crate) fn schemas(&self) -> Arc<[ToolSchema]> {
        self.all().cloned().collect()
    }

    /// Does what the model wants; what goes wrong is a result, too.
    pub(crate) async fn run(&mut self, call: &Call, deadline: Instant) -> Done {
        let began = Instant::now();
        let deadline = deadline.min(began + TIMEOUT);
        let done = timeout_at(deadline, self.try_run(call)).await;
        let done = done.unwrap_or_else(|_| Err(AskError::TimedOut("it took too long".into())));
        self.note(&call.name, &done, began.elapsed());
        match done {
            Ok(flow) => self.told(flow),
            Err(error) => Done::Result(bounded(&format!("error: {error}"))),
        }
    }

    /// What else the follower gets, below the answer, and what was called.
    pub(crate) fn into_parts(self) -> (Vec<Reply>, Vec<ToolCall>) {
        (self.attached, self.called)
    }

    fn note(&mut self, name: &str, done: &Result<Flow, AskError>, took: Duration) {
        let owner = self.owner(name);
        let outcome = match done {
            Ok(_) => ToolOutcome::Ok,
            Err(AskError::Refused(_)) => ToolOutcome::Refused,
            Err(AskError::Failed(_)) => ToolOutcome::Failed,
            Err(AskError::TimedOut(_)) => ToolOutcome::TimedOut,
        };
        tracing::debug!(tool = %owner, outcome = outcome.as_str(), "the model called a tool");
        self.called.push(ToolCall { owner, outcome, took });
    }

    fn owner(&self, name: &str) -> ToolOwner {
        if let Some(tool) = self.commands.iter().find(|tool| tool.schema.name == name) {
            return tool.owner();
        }
        let tool = self.of_servers.iter().find(|tool| tool.schema.name == name);
        tool.map_or(ToolOwner::Nobody, |tool| ToolOwner::Mcp(tool.schema.name.clone()))
    }

    async fn try_run(&self, call: &Call) -> Result<Flow, AskError> {
        let name = &call.name;
        let given = arguments(&call.arguments).map_err(AskError::Failed)?;
        if let Some(tool) = self.commands.iter().find(|tool| tool.schema.name == *name) {
            let line = tool.line(&given).map_err(AskError::Failed)?;
            return self.ctx.ask_entry(&tool.entry, &line).await;
        }
        let tool = self.of_servers.iter().find(|tool| tool.schema.name == *name);
        let tool = tool.ok_or_else(|| AskError::Refused(self.unknown()))?;
        tool.call(given).await.map(Flow::reply).map_err(AskError::Failed)
    }

    fn unknown(&self) -> String {
        let names: Vec<_> = self.all().map(|schema| &*schema.name).collect();
        format!("there is no such tool; there are: {}", names.join(", "))
    }

    fn all(&self) -> impl Iterator<Item = &ToolSchema> {
        let commands = self.commands.iter().map(|tool| &tool.schema);
        commands.chain(self.of_servers.iter().map(|tool| &tool.schema))
    }

    fn told(&mut self, flow: Flow) -> Done {
        match flow {
            Flow::Reply(reply @ Reply::Transfer { .. }) => Done::Transfer(reply),
            Flow::Reply(reply) => Done::Result(bounded(&self.in_words(reply))),
            Flow::Pass | Flow::Stop => Done::Result("done, without a word".into()),
        }
    }

    /// A reply that has no words goes to the follower, and the model knows.
    fn in_words(&mut self, reply: Reply) -> String {
        match reply {
            Reply::Text(text) => text,
            Reply::Several(replies) => {
                let all: Vec<_> = replies.into_iter().map(|reply| self.in_words(reply)).collect();
                all.join("\n")
            }
            Reply::Transfer { .. } => "this can't be done here".into(),
            other if self.attached.len() < MOST_ATTACHED => {
                let kind = other.kind();
                self.attached.push(other);
                format!("the follower gets this ({kind}) below your answer")
            }
            other => format!("too much for one answer: {}", other.kind()),
        }
    }
}

/// An empty text is no arguments, as models have it.
fn arguments(written: &str) -> Result<Map<String, Value>, String> {
    if written.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(written)
        .map_err(|error| format!("the arguments are no JSON object: {error}"))
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(MOST_RESULT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
