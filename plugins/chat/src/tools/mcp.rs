//! Servers of the Model Context Protocol: their tools, as far as the operator allows them.
//!
//! A server is connected to with the first message, and again, with backoff, when it was gone. Nothing
//! is called a second time: nobody knows what the first call did.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use reqwest::Client;
use rmcp::ServiceExt;
use rmcp::handler::client::ClientHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, ContentBlock,
    Implementation, Tool,
};
use rmcp::service::{NotificationContext, RoleClient, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::config::McpServer;
use crate::model::call::ToolSchema;
use crate::wire::Http;

/// The longest that a message waits for a server to say which tools it has.
const TIMEOUT: Duration = Duration::from_secs(5);
/// After a failure; twice that after the next.
const BACKOFF: Duration = Duration::from_secs(1);
const MOST_BACKOFF: Duration = Duration::from_secs(60);
/// Of one message of a server, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// Of what the model is told about a tool.
const MOST_DESCRIPTION: usize = 2000;
const MOST_SCHEMA: usize = 16 << 10;
/// The longest name that APIs take.
const MOST_NAME: usize = 64;

/// All of them.
pub(crate) struct Servers(Vec<Arc<Server>>);

/// One server, and what is known about it.
struct Server {
    url: String,
    allow: Vec<String>,
    client: Client,
    link: Mutex<Link>,
    /// Set when it says that its tools changed.
    is_stale: Arc<AtomicBool>,
}

#[derive(Default)]
struct Link {
    running: Option<RunningService<RoleClient, Listener>>,
    tools: Vec<ToolSchema>,
    failures: u32,
    not_before: Option<Instant>,
}

/// Hears what a server says by itself.
struct Listener(Arc<AtomicBool>);

/// A tool that the model may call.
pub(crate) struct ServerTool {
    pub(super) schema: ToolSchema,
    /// What the server calls it.
    name: String,
    server: Arc<Server>,
}

impl Servers {
    pub(crate) fn new(servers: &[McpServer]) -> Result<Self, String> {
        let servers = servers.iter().map(|server| Server::new(server).map(Arc::new));
        Ok(Self(servers.collect::<Result<_, _>>()?))
    }

    /// What they have now; a server in trouble has none. Of two tools with one name the first counts.
    pub(super) async fn tools(&self) -> Vec<ServerTool> {
        let all = join_all(self.0.iter().map(|server| server.tools())).await;
        let mut tools: Vec<ServerTool> = Vec::new();
        for (server, schema) in self.0.iter().zip(all).flat_map(|(server, schemas)| {
            schemas.into_iter().map(move |schema| (Arc::clone(server), schema))
        }) {
            let name = schema.name;
            let schema = ToolSchema { name: plain(&name), ..schema };
            if tools.iter().all(|tool| tool.schema.name != schema.name) {
                tools.push(ServerTool { schema, name, server });
            }
        }
        tools
    }
}

impl ServerTool {
    /// Calls it; an error is what the model is told.
    pub(super) async fn call(&self, arguments: Map<String, Value>) -> Result<String, String> {
        self.server.call(self.name.clone(), arguments).await
    }
}

impl Server {
    fn new(settings: &McpServer) -> Result<Self, String> {
        let McpServer { url, key, allow } = settings;
        if !(url.starts_with("http://") || url.starts_with("https://"))
            || url.parse::<http::Uri>().is_err()
        {
            return Err("`mcp`: `url` has to be a URL like `https://example.com/mcp`".into());
        }
        if allow.is_empty() {
            return Err(
                "`mcp`: nothing of this server is allowed; name its tools in `allow`".into()
            );
        }
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            let value = HeaderValue::try_from(format!("Bearer {}", key.expose_secret()));
            let mut value =
                value.map_err(|_| "`mcp`: `key` has a character in it that no key has")?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let client = Http::of(Http::builder(headers))?.into_client();
        let (link, is_stale) = (Mutex::default(), Arc::default());
        Ok(Self { url: url.clone(), allow: allow.clone(), client, link, is_stale })
    }

    /// The tools that are allowed, by what the server calls them.
    async fn tools(&self) -> Vec<ToolSchema> {
        let mut link = self.link.lock().await;
        if link.not_before.is_some_and(|at| Instant::now() < at) {
            return Vec::new();
        }
        let refreshed = timeout(TIMEOUT, self.refresh(&mut link)).await;
        match refreshed.unwrap_or_else(|_| Err("it took too long".into())) {
            Ok(()) => (link.failures, link.not_before) = (0, None),
            Err(error) => {
                let backoff = BACKOFF * 2_u32.saturating_pow(link.failures.min(6));
                let failures = link.failures + 1;
                let not_before = Some(Instant::now() + backoff.min(MOST_BACKOFF));
                *link = Link { failures, not_before, ..Link::default() };
                tracing::warn!(error, "an MCP server can't be used; answering without its tools");
            }
        }
        link.tools.clone()
    }

    /// Connects, if need be, and asks for the tools, if they may have changed.
    async fn refresh(&self, link: &mut Link) -> Result<(), String> {
        let running = match link.running.take().filter(|running| !running.is_transport_closed()) {
            Some(running) => running,
            None => {
                self.is_stale.store(true, Ordering::Relaxed);
                self.connect().await?
            }
        };
        if self.is_stale.swap(false, Ordering::Relaxed) {
            let tools = running.list_all_tools().await.map_err(|error| why(&error))?;
            let allowed =
                tools.into_iter().filter(|tool| self.allow.iter().any(|name| *name == tool.name));
            link.tools = allowed.filter_map(schema).collect();
            self.note_missing(&link.tools);
        }
        link.running = Some(running);
        Ok(())
    }

    async fn connect(&self) -> Result<RunningService<RoleClient, Listener>, String> {
        let settings = StreamableHttpClientTransportConfig::with_uri(self.url.as_str())
            .max_sse_event_size(MOST_BYTES)
            .max_json_response_size(MOST_BYTES);
        let transport = StreamableHttpClientTransport::with_client(self.client.clone(), settings);
        let listener = Listener(Arc::clone(&self.is_stale));
        let running = listener.serve(transport).await;
        // What it says may quote the URL, which may have a key in it.
        running.map_err(|_| "no connection, or no MCP server is there".into())
    }

    fn note_missing(&self, tools: &[ToolSchema]) {
        for name in &self.allow {
            if tools.iter().all(|tool| tool.name != *name) {
                tracing::warn!(tool = name, "an MCP server has no such tool");
            }
        }
    }

    async fn call(&self, name: String, arguments: Map<String, Value>) -> Result<String, String> {
        let peer = self.link.lock().await.running.as_ref().map(|running| running.peer().clone());
        let peer = peer.ok_or("the server is gone")?;
        let params = CallToolRequestParams::new(name).with_arguments(arguments);
        match peer.call_tool(params).await {
            Ok(result) => told(result),
            Err(error) => Err(why(&error)),
        }
    }
}

impl ClientHandler for Listener {
    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn get_info(&self) -> ClientConfig {
        let wxbot = Implementation::new("wxbot", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), wxbot)
    }
}

/// What the model is told of a tool; one that would fill its memory is left out.
fn schema(tool: Tool) -> Option<ToolSchema> {
    let parameters = Value::Object(Map::clone(&tool.input_schema));
    if parameters.to_string().len() > MOST_SCHEMA {
        tracing::warn!(tool = &*tool.name, "the schema of an MCP server's tool is too long");
        return None;
    }
    let description = tool.description.unwrap_or_default().chars().take(MOST_DESCRIPTION).collect();
    Some(ToolSchema { name: tool.name.into_owned(), description, parameters })
}

/// As APIs take names: letters, digits, `_` and `-`.
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    name.chars().map(plain).take(MOST_NAME).collect()
}

/// A result in words; of anything else, that there is something.
fn told(result: CallToolResult) -> Result<String, String> {
    let words = result.content.iter().map(|block| match block {
        ContentBlock::Text(text) => text.text.clone(),
        _ => "(something that is no text)".into(),
    });
    let text = words.collect::<Vec<_>>().join("\n");
    if result.is_error == Some(true) { Err(text) } else { Ok(text) }
}

/// What the server says is told; what the transport says may have the URL in it.
fn why(error: &ServiceError) -> String {
    match error {
        ServiceError::McpError(error) => error.message.to_string(),
        _ => "the server gave no answer".into(),
    }
}
