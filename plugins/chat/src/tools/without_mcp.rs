//! In place of servers, where this program was built without them.

use serde_json::{Map, Value};

use crate::config::McpServer;
use crate::model::call::ToolSchema;

/// None.
pub(crate) struct Servers;

/// There is none.
pub(crate) struct ServerTool {
    pub(super) schema: ToolSchema,
}

impl Servers {
    pub(crate) fn new(servers: &[McpServer]) -> Result<Self, String> {
        let missing = "`mcp`: this program was built without it; build it with `--features mcp`";
        if servers.is_empty() { Ok(Self) } else { Err(missing.into()) }
    }

    pub(super) async fn tools(&self) -> Vec<ServerTool> {
        Vec::new()
    }
}

impl ServerTool {
    pub(super) async fn call(&self, _arguments: Map<String, Value>) -> Result<String, String> {
        Err("there is no server".into())
    }
}
