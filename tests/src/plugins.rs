//! Plugins that misbehave on purpose, and some that help tests see what happened.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use wxbot_sdk::prelude::*;
use wxbot_sdk::reply::settings::{ReplyChoice, ReplyTemplate};
use wxbot_sdk::settings::duration;

/// `[chain.config]` of `trouble`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TroubleConfig {
    /// What it does to texts that begin with this.
    word: String,
    /// How long it waits or blocks.
    #[serde(with = "duration")]
    #[schemars(with = "String")]
    lasts: Duration,
    /// It waits or blocks until this gate is opened instead.
    until: Option<String>,
}

static OPEN_GATES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
static GATE_OPENED: Condvar = Condvar::new();

/// Lets everybody go on who waits or blocks at this gate.
pub fn open_gate(gate: &str) {
    OPEN_GATES.lock().expect("nobody panics in here").insert(gate.to_owned());
    GATE_OPENED.notify_all();
}

fn is_open(gate: &str) -> bool {
    OPEN_GATES.lock().expect("nobody panics in here").contains(gate)
}

impl TroubleConfig {
    async fn wait(&self) {
        let Some(gate) = &self.until else { return tokio::time::sleep(self.lasts).await };
        while !is_open(gate) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn block(&self) {
        let Some(gate) = &self.until else { return std::thread::sleep(self.lasts) };
        let gates = OPEN_GATES.lock().expect("nobody panics in here");
        let closed = |gates: &mut BTreeSet<String>| !gates.contains(gate);
        drop(GATE_OPENED.wait_while(gates, closed).expect("nobody panics in here"));
    }
}

impl Default for TroubleConfig {
    fn default() -> Self {
        Self { word: String::new(), lasts: Duration::from_secs(600), until: None }
    }
}

/// Panics, fails, waits or blocks when a text says so: `panic`, `fail`, `wait`, `block`.
pub struct Trouble {
    config: TroubleConfig,
}

impl Plugin for Trouble {
    const NAME: &'static str = "trouble";
    const SUMMARY: &'static str = "does what a text says: panic, fail, wait, block, stop";
    type Config = TroubleConfig;

    fn build(config: TroubleConfig, _env: &BuildEnv) -> Result<Self, BuildError> {
        if config.word == "never" {
            return Err("it does not want to".into());
        }
        Ok(Self { config })
    }
}

#[async_trait]
impl Handler for Trouble {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let words = ctx.text().and_then(|text| text.strip_prefix(&*self.config.word));
        match words.unwrap_or_default() {
            "panic" => panic!("as it was told"),
            "fail" => Err("as it was told".into()),
            "stop" => Ok(Flow::Stop),
            "wait" => {
                self.config.wait().await;
                Ok(Flow::reply("waited"))
            }
            "block" => {
                self.config.block();
                Ok(Flow::reply("blocked"))
            }
            _ => Ok(Flow::Pass),
        }
    }
}

register!(Trouble);

/// `[chain.config]` of `footer`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FooterConfig {
    /// Put behind every text.
    text: String,
    /// `fail` or `panic` instead.
    instead: Option<String>,
}

/// Puts something behind every text that leaves, in `after`.
pub struct Footer {
    config: FooterConfig,
}

impl Plugin for Footer {
    const NAME: &'static str = "footer";
    const SUMMARY: &'static str = "puts something behind every text";
    type Config = FooterConfig;

    fn build(config: FooterConfig, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self { config })
    }
}

#[async_trait]
impl Handler for Footer {
    async fn handle(&self, _ctx: &mut Context) -> Result<Flow, HandlerError> {
        Ok(Flow::Pass)
    }

    async fn after(&self, _ctx: &mut Context, reply: Reply) -> Result<Reply, HandlerError> {
        match (self.config.instead.as_deref(), reply) {
            (Some("fail"), _) => Err("as it was told".into()),
            (Some("panic"), _) => panic!("as it was told"),
            (_, Reply::Text(text)) => Ok(Reply::Text(format!("{text}{}", self.config.text))),
            (_, reply) => Ok(reply),
        }
    }
}

register!(Footer);

/// Counts a follower's messages in a session and everybody's in its store.
pub struct Counter;

/// How many messages of a follower there were.
#[derive(Default, Serialize, Deserialize)]
pub struct Count(u64);

impl SessionState for Count {}

/// `[chain.config]` of `counter`: nothing.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CounterConfig {}

impl Plugin for Counter {
    const NAME: &'static str = "counter";
    const SUMMARY: &'static str = "counts messages";
    type Config = CounterConfig;

    fn build(_config: CounterConfig, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for Counter {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let hour = Duration::from_secs(3600);
        let session = ctx.session::<Count>();
        let one_more = session.change(|count| {
            count.0 += 1;
            count.0
        });
        let own = one_more.await?;
        let all = 1 + ctx.store().get::<u64>("count").await?.unwrap_or(0);
        ctx.store().put("count", &all, hour).await?;
        Ok(Flow::reply(format!("{own} of {all}")))
    }
}

register!(Counter);

/// Replies with the reply that `[chain.config]` describes, to everything.
pub struct Says {
    reply: Reply,
}

/// `[chain.config]` of `says`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaysConfig {
    /// Any reply.
    reply: ReplyChoice,
}

impl Plugin for Says {
    const NAME: &'static str = "says";
    const SUMMARY: &'static str = "says the same to everything";
    type Config = SaysConfig;

    fn build(config: SaysConfig, _env: &BuildEnv) -> Result<Self, BuildError> {
        let reply = config.reply.replies().next().and_then(ReplyTemplate::as_plain);
        Ok(Self { reply: reply.cloned().ok_or("there is no reply")? })
    }
}

#[async_trait]
impl Handler for Says {
    async fn handle(&self, _ctx: &mut Context) -> Result<Flow, HandlerError> {
        Ok(Flow::Reply(self.reply.clone()))
    }
}

register!(Says);

/// Does what a text says, word by word: `after 8 hello` waits 8 s and replies `hello`; `later 8
/// hello` says at once that it takes long; `parts 3 hello` replies `hello 1`, `hello 2`, `hello 3`;
/// `bytes 5000` is a long text; `panic`; `block 2` blocks its thread; `draw 2` waits 2 s and replies
/// what nobody replied before; `first 8 hello` waits only the first time; anything else comes back.
pub struct Scripted {
    config: ScriptedConfig,
}

/// `[chain.config]` of `scripted`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScriptedConfig {
    /// A file that is given a line each time the plugin is asked: what was said.
    runs: Option<PathBuf>,
}

impl Scripted {
    /// One write at the file's end, so that lines of several processes do not mix.
    fn note(&self, said: &str) -> std::io::Result<()> {
        let Some(runs) = &self.config.runs else { return Ok(()) };
        let mut file = OpenOptions::new().create(true).append(true).open(runs)?;
        file.write_all(format!("{said}\n").as_bytes())
    }
}

/// Whether this process hears it for the first time.
fn is_first(said: &str) -> bool {
    static HEARD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    HEARD.lock().expect("nobody panics in here").insert(said.to_owned())
}

/// Another text each time, in whichever process.
fn draw() -> String {
    static DRAWN: AtomicU64 = AtomicU64::new(1);
    format!("{}.{}", std::process::id(), DRAWN.fetch_add(1, Ordering::Relaxed))
}

impl Plugin for Scripted {
    const NAME: &'static str = "scripted";
    const SUMMARY: &'static str = "does what a text says, word by word";
    type Config = ScriptedConfig;

    fn build(config: ScriptedConfig, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self { config })
    }
}

#[async_trait]
impl Handler for Scripted {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let said = ctx.text().or(ctx.message().event_key()).unwrap_or_default().to_owned();
        self.note(&said)?;
        let words: Vec<_> = said.splitn(3, ' ').collect();
        match words[..] {
            ["after", time, answer] => {
                tokio::time::sleep(Duration::from_secs_f64(time.parse()?)).await;
                Ok(Flow::reply(answer))
            }
            ["first", time, answer] => {
                if is_first(&said) {
                    tokio::time::sleep(Duration::from_secs_f64(time.parse()?)).await;
                }
                Ok(Flow::reply(answer))
            }
            ["draw", time, ..] => {
                let drawn = draw();
                tokio::time::sleep(Duration::from_secs_f64(time.parse()?)).await;
                Ok(Flow::reply(drawn))
            }
            ["silent", time] => {
                tokio::time::sleep(Duration::from_secs_f64(time.parse()?)).await;
                Ok(Flow::Pass)
            }
            ["later", time, answer] => {
                ctx.later("this takes long");
                tokio::time::sleep(Duration::from_secs_f64(time.parse()?)).await;
                Ok(Flow::reply(answer))
            }
            ["parts", count, answer] => {
                let parts = (1..=count.parse()?).map(|n: u32| format!("{answer} {n}"));
                Ok(Flow::Reply(Reply::several(parts)))
            }
            ["slowparts", count, answer] => {
                tokio::time::sleep(Duration::from_secs(30)).await;
                let parts = (1..=count.parse()?).map(|n: u32| format!("{answer} {n}"));
                Ok(Flow::Reply(Reply::several(parts)))
            }
            ["tell", openid, words] => match ctx.send_to(openid, words).await {
                Ok(sent) => Ok(Flow::reply(format!("sent {}", sent.messages))),
                Err(error) => Ok(Flow::reply(error.to_string())),
            },
            ["bytes", count] => Ok(Flow::reply("a".repeat(count.parse()?))),
            ["block", time] => {
                std::thread::sleep(Duration::from_secs_f64(time.parse()?));
                Ok(Flow::reply("blocked"))
            }
            ["panic", ..] => panic!("as it was told"),
            ["fail", ..] => Err("as it was told".into()),
            _ => Ok(Flow::reply(said)),
        }
    }
}

register!(Scripted);
