//! A server of the Model Context Protocol over streamable HTTP, as far as a client of tools sees it.

use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{iter, unfold};
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::steps::Body;

/// A tool that is called.
#[derive(Debug, Clone, PartialEq)]
pub struct McpCall {
    /// How many came before it.
    pub number: usize,
    /// The tool.
    pub name: String,
    /// What for.
    pub arguments: Value,
}

/// What comes of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum McpAnswer {
    /// A result in words.
    Text(String),
    /// The tool failed, and says why.
    Failed(String),
    /// An error of the protocol.
    Error(i64, String),
    /// A redirect to there.
    Redirect(String),
    /// This status, and no word.
    Status(u16),
    /// Nothing comes.
    Hang,
    /// The connection breaks.
    Cut,
}

type Answering = dyn Fn(&McpCall) -> McpAnswer + Send + Sync;

/// A server with tools. Clones are the same one.
#[derive(Clone)]
pub struct FakeMcp {
    answering: Arc<Answering>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    tools: Vec<Value>,
    key: Option<String>,
    as_json: bool,
    is_down: bool,
    /// Of the sessions that count.
    epoch: usize,
    methods: Vec<String>,
    calls: Vec<McpCall>,
    listeners: Vec<UnboundedSender<String>>,
}

impl FakeMcp {
    /// One with these tools, each of which takes any object and answers like this.
    pub fn new(
        tools: &[&str],
        answering: impl Fn(&McpCall) -> McpAnswer + Send + Sync + 'static,
    ) -> Self {
        let fake = Self { answering: Arc::new(answering), state: Arc::default() };
        fake.set_tools(tools);
        fake
    }

    /// Wants this key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.state().key = Some(key.to_owned());
        self
    }

    /// Answers with JSON instead of server-sent events.
    #[must_use]
    pub fn as_json(self) -> Self {
        self.state().as_json = true;
        self
    }

    /// Has other tools from now on, and tells who listens.
    pub fn set_tools(&self, names: &[&str]) {
        let tool = |name: &&str| {
            json!({
                "name": name,
                "description": format!("does {name}"),
                "inputSchema": { "type": "object", "properties": { "q": { "type": "string" } } },
            })
        };
        let mut state = self.state();
        state.tools = names.iter().map(tool).collect();
        let changed = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
        state.listeners.retain(|listener| listener.send(event(&changed)).is_ok());
    }

    /// Answers nothing but 503, or is there again.
    pub fn set_down(&self, is_down: bool) {
        self.forget_sessions();
        self.state().is_down = is_down;
    }

    /// Forgets every session.
    pub fn forget_sessions(&self) {
        let mut state = self.state();
        state.epoch += 1;
        state.listeners.clear();
    }

    /// What was called so far.
    pub fn calls(&self) -> Vec<McpCall> {
        self.state().calls.clone()
    }

    /// The method of every request so far.
    pub fn methods(&self) -> Vec<String> {
        self.state().methods.clone()
    }

    /// How many wait for news.
    pub fn listeners(&self) -> usize {
        self.state().listeners.len()
    }

    /// Answers one request.
    pub async fn respond(&self, request: &Request<Bytes>) -> io::Result<Response<Body>> {
        let session = self.state().session();
        if self.state().is_down {
            return empty(StatusCode::SERVICE_UNAVAILABLE);
        }
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let wanted = self.state().key.as_ref().map(|key| format!("Bearer {key}"));
        if wanted.is_some() && header("authorization") != wanted.as_deref() {
            return empty(StatusCode::UNAUTHORIZED);
        }
        let is_known = header("mcp-session-id").is_none_or(|named| named == session);
        match *request.method() {
            _ if !is_known => empty(StatusCode::NOT_FOUND),
            Method::GET => self.listen(),
            Method::POST => self.post(request.body(), &session).await,
            _ => empty(StatusCode::OK),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// News, as long as the session lasts.
    fn listen(&self) -> io::Result<Response<Body>> {
        let (sender, receiver) = unbounded_channel::<String>();
        self.state().listeners.push(sender);
        let news = unfold(receiver, |mut receiver| async move {
            let text = receiver.recv().await?;
            Some((Ok(Bytes::from(text)), receiver))
        });
        let first = iter([Ok(Bytes::from(": listening\n\n"))]);
        let head = Response::builder().header("Content-Type", "text/event-stream");
        head.body(first.chain(news).boxed()).map_err(io::Error::other)
    }

    async fn post(&self, body: &Bytes, session: &str) -> io::Result<Response<Body>> {
        let message: Value = serde_json::from_slice(body).unwrap_or_default();
        let method = message["method"].as_str().unwrap_or_default();
        self.state().methods.push(method.to_owned());
        if message.get("id").is_none() {
            return empty(StatusCode::ACCEPTED);
        }
        let outcome = match method {
            "initialize" => Ok(json!({
                "protocolVersion": message["params"]["protocolVersion"],
                "capabilities": { "tools": { "listChanged": true } },
                "serverInfo": { "name": "fake", "version": "1" },
            })),
            "tools/list" => Ok(json!({ "tools": self.state().tools })),
            "tools/call" => match self.call(&message["params"]) {
                McpAnswer::Text(text) => Ok(result(&text, false)),
                McpAnswer::Failed(text) => Ok(result(&text, true)),
                McpAnswer::Error(code, message) => Err(json!({ "code": code, "message": message })),
                McpAnswer::Redirect(url) => return redirect(&url),
                McpAnswer::Status(status) => {
                    return empty(StatusCode::from_u16(status).map_err(io::Error::other)?);
                }
                McpAnswer::Hang => pending().await,
                McpAnswer::Cut => return Err(io::ErrorKind::ConnectionReset.into()),
            },
            _ => Err(json!({ "code": -32601, "message": "there is no such method" })),
        };
        let mut answer = json!({ "jsonrpc": "2.0", "id": message["id"] });
        match outcome {
            Ok(result) => answer["result"] = result,
            Err(error) => answer["error"] = error,
        }
        self.answer(&answer, session)
    }

    fn call(&self, params: &Value) -> McpAnswer {
        let call = {
            let mut state = self.state();
            let name = params["name"].as_str().unwrap_or_default().to_owned();
            let arguments = params["arguments"].clone();
            let call = McpCall { number: state.calls.len(), name, arguments };
            state.calls.push(call.clone());
            call
        };
        (self.answering)(&call)
    }

    fn answer(&self, answer: &Value, session: &str) -> io::Result<Response<Body>> {
        let (kind, text) = match self.state().as_json {
            true => ("application/json", answer.to_string()),
            false => ("text/event-stream", event(answer)),
        };
        let head =
            Response::builder().header("Content-Type", kind).header("Mcp-Session-Id", session);
        head.body(iter([Ok(Bytes::from(text))]).boxed()).map_err(io::Error::other)
    }
}

impl State {
    fn session(&self) -> String {
        format!("session-{}", self.epoch)
    }
}

impl std::fmt::Debug for FakeMcp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FakeMcp").field("calls", &self.calls()).finish_non_exhaustive()
    }
}

fn result(text: &str, is_error: bool) -> Value {
    json!({ "content": [{ "type": "text", "text": text }], "isError": is_error })
}

fn event(message: &Value) -> String {
    format!("event: message\ndata: {message}\n\n")
}

fn empty(status: StatusCode) -> io::Result<Response<Body>> {
    Response::builder().status(status).body(iter([]).boxed()).map_err(io::Error::other)
}

fn redirect(url: &str) -> io::Result<Response<Body>> {
    let head = Response::builder().status(StatusCode::TEMPORARY_REDIRECT).header("Location", url);
    head.body(iter([]).boxed()).map_err(io::Error::other)
}
