//! Tools of MCP servers, over real sockets.

use std::time::Duration;

use wxbot_model_sim::{FakeMcp, McpAnswer, McpCall, Served};

use super::*;

const MCP_KEY: &str = "mcp-canary0123456789";

/// A bot whose model calls the tool that it is asked for, and says what came of it.
struct Stage {
    bot: TestBot,
    model: FakeModel,
    _served: [Served; 2],
}

impl Stage {
    async fn new(mcp: &FakeMcp, config: &str) -> Self {
        let model = FakeModel::new(|asked| match &*asked.results() {
            [] => match asked.messages().pop() {
                Some((_, tool)) if tool != "hi" => Script::silent().call(&tool, r#"{"q":"茶"}"#),
                _ => Script::text("好"),
            },
            results => Script::text(results.join(" | ")),
        });
        let served = [model.serve().unwrap(), mcp.serve().unwrap()];
        let chain = format!(
            "[[chain]]\nplugin = 'chat'\n[chain.config]\nbase_url = '{}'\nmodel = 'm1'\n\
             limits = {{ per_minute = 0 }}\n{config}\n\
             [[chain.config.mcp]]\nurl = '{}'\nkey = '{MCP_KEY}'\nallow = ['find', 'a.b']\n",
            served[0].url(),
            served[1].url()
        );
        let bot = TestBot::setup(&chain).over_http().start().await.unwrap();
        Self { bot, model, _served: served }
    }

    async fn asks(&self, said: &str) -> String {
        let heard = self.bot.follower("alice").says(said).await;
        let text = heard.text().unwrap_or_default();
        text.strip_suffix(LABEL).unwrap_or(text).to_owned()
    }

    /// The tools of the last request.
    fn tools(&self) -> Vec<String> {
        self.model.received().last().map(Received::tools).unwrap_or_default()
    }

    /// Asks until the model has these tools, within a bound that only a fault reaches.
    async fn has(&self, tools: &[&str]) {
        for _ in 0..200 {
            self.asks("hi").await;
            if self.tools() == tools {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the model has {:?}", self.tools());
    }
}

fn shop() -> FakeMcp {
    FakeMcp::new(&["find", "delete", "a.b"], |call: &McpCall| {
        McpAnswer::Text(format!("{} {}", call.name, call.arguments["q"]))
    })
    .key(MCP_KEY)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_calls_the_tools_that_are_allowed() {
    for mcp in [shop(), shop().as_json()] {
        let stage = Stage::new(&mcp, "").await;
        assert_eq!(stage.asks("find").await, "find \"茶\"");
        assert_eq!(stage.tools(), ["find", "a_b"]);
        let function = &stage.model.received()[0].body["tools"][0]["function"];
        assert_eq!(function["description"], "does find");
        assert_eq!(function["parameters"]["properties"]["q"]["type"], "string");
        assert_eq!(stage.asks("a_b").await, "a.b \"茶\"", "a name that APIs do not take");
        let refused = "error: there is no such tool; there are: find, a_b";
        assert_eq!(stage.asks("delete").await, refused);
        for (entry, outcome, calls) in [("mcp", "ok", 2.0), ("unknown", "refused", 1.0)] {
            let name = format!(
                "wxbot_tool_calls_total{{link=\"chat\",plugin=\"chat\",entry=\"{entry}\",\
                 outcome=\"{outcome}\"}}"
            );
            assert_eq!(stage.bot.metric(&name), calls, "{entry}");
        }
        let names: Vec<_> = mcp.calls().into_iter().map(|call| call.name).collect();
        assert_eq!(names, ["find", "a.b"]);
        let count = |method: &str| mcp.methods().iter().filter(|one| *one == method).count();
        assert_eq!((count("initialize"), count("tools/list")), (1, 1), "once for all");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_with_a_call_is_told_the_model() {
    let elsewhere = shop();
    let served = elsewhere.serve().unwrap();
    let table = [
        (McpAnswer::Failed("no tea".into()), "error: no tea"),
        (McpAnswer::Error(-32602, "what tea?".into()), "error: what tea?"),
        (McpAnswer::Status(500), "error: the server gave no answer"),
        (McpAnswer::Cut, "error: the server gave no answer"),
        (McpAnswer::Redirect(served.url()), "error: the server gave no answer"),
        (McpAnswer::Text("x".repeat(2 << 20)), "error: the server gave no answer"),
    ];
    for (answer, expected) in table {
        for as_json in [false, true] {
            let given = answer.clone();
            let mcp = FakeMcp::new(&["find"], move |_| given.clone()).key(MCP_KEY);
            let mcp = if as_json { mcp.as_json() } else { mcp };
            let stage = Stage::new(&mcp, "").await;
            assert_eq!(stage.asks("find").await, expected, "json: {as_json}");
            assert_eq!(mcp.calls().len(), 1, "nothing is called twice: {expected}");
        }
    }
    assert_eq!(elsewhere.methods(), [""; 0], "no redirect is followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_result_is_cut() {
    let mcp = FakeMcp::new(&["find"], |_| McpAnswer::Text("茶".repeat(10_000))).key(MCP_KEY);
    let stage = Stage::new(&mcp, "").await;
    stage.asks("find").await;
    let result = stage.model.received()[1].results().remove(0);
    assert_eq!(result.chars().count(), 8001);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_hangs_ends_with_the_time_for_the_answer() {
    let mcp = FakeMcp::new(&["find"], |_| McpAnswer::Hang).key(MCP_KEY);
    let stage = Stage::new(&mcp, "timeout = '1s'").await;
    assert_eq!(stage.asks("find").await, Texts::default().sorry.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_changes_is_read_again() {
    let mcp = shop();
    let stage = Stage::new(&mcp, "").await;
    stage.has(&["find", "a_b"]).await;
    for _ in 0..200 {
        if mcp.listeners() > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    mcp.set_tools(&["delete", "a.b"]);
    stage.has(&["a_b"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_gone_is_found_again() {
    let mcp = shop();
    mcp.set_down(true);
    let stage = Stage::new(&mcp, "").await;
    assert_eq!(stage.asks("hi").await, "好", "answered without tools");
    let tried = mcp.methods().len();
    stage.asks("hi").await;
    assert_eq!(mcp.methods().len(), tried, "it is left alone for a moment");
    mcp.set_down(false);
    stage.has(&["find", "a_b"]).await;
    mcp.forget_sessions();
    assert_eq!(
        stage.asks("find").await,
        "find \"茶\"",
        "a session that is forgotten is begun anew"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_leaves_the_model_without_tools() {
    let mcp = shop().key("another");
    let stage = Stage::new(&mcp, "").await;
    assert_eq!(stage.asks("hi").await, "好");
    assert_eq!(stage.tools(), [""; 0]);
}
