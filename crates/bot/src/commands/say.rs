//! `wxbot say`: a follower says it, WeChat delivers it, and what the follower sees is printed.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, anyhow, bail};
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;
use wxbot_core::bot::Bot;
use wxbot_core::chain::trace::{Hook, Trace};
use wxbot_core::journal::{JournalEvent, Observer};
use wxbot_core::receive::envelope;
use wxbot_sdk::message::Message;
use wxbot_sdk::store::StoreError;
use wxbot_sdk::tool_call::ToolCall;
use wxbot_sim::{
    Act, Cause, Clock, Element, Exchange, Follower, Format, HttpEndpoint, OnError, Options, Shown,
    Unseen, Verdict, WeChat,
};

use super::input::{WrongInput, components, config};
use super::output::print;
use crate::assembly::PluginRuntime;
use crate::cli::{Cli, Say};
use crate::config::{AccountSettings, Components, Config, Table};
use crate::rehearsal::{Console, Rehearsal, RehearsalSetup, RehearsedAccount};

/// How often to look for a late answer.
const LOOK: Duration = Duration::from_millis(50);
/// Plugins may be given longer, but nobody waits so long at a terminal.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

pub(crate) fn say(cli: &Cli, say: &Say) -> Result<(), Error> {
    hint_at_scene(say);
    match &say.over_http {
        None => in_process(say, components(cli)?),
        Some(url) => over_http(say, &config(cli)?, url.clone()),
    }
}

/// A scene is told as WeChat sends it: without the prefix it is no key of a subscription.
fn hint_at_scene(say: &Say) {
    let is_subscription =
        say.event.as_deref().is_some_and(|event| event.eq_ignore_ascii_case("subscribe"));
    let key = say.key.as_deref().filter(|key| !key.is_empty() && !key.starts_with("qrscene_"));
    if let Some(key) = key.filter(|_| is_subscription) {
        eprintln!("(for the scene of a QR code, write `--key qrscene_{key}`, as WeChat sends it)");
    }
}

/// What is said, by whom, to whom.
struct Said {
    act: Act,
    openid: String,
    /// Where the account does not know its own.
    original_id: String,
    format: Format,
}

impl Said {
    fn of(say: &Say) -> Result<Self, WrongInput> {
        let (openid, original_id) = (say.openid.clone(), "gh_wxbot_say".to_owned());
        let act = match (&say.xml, &say.text, &say.event) {
            (Some(file), ..) => return Ok(Self::from_body(read(file)?, openid, original_id)),
            (None, Some(text), _) => Act::text(text),
            (None, None, event) => {
                let key = Element::text("EventKey", say.key.as_deref().unwrap_or_default());
                Act::event(event.as_deref().unwrap_or_default(), vec![key])
            }
        };
        Ok(Self { act, openid, original_id, format: Format::Xml })
    }

    fn console(&self) -> Console {
        let (format, original_id) = (self.format, self.original_id.clone());
        Console { format, original_id, ..Console::default() }
    }

    /// A body names both sides itself. One that the bot can't read is for it to refuse.
    fn from_body(body: String, openid: String, original_id: String) -> Self {
        let read = envelope::read(body.as_bytes()).ok();
        let format = match &read {
            Some((_, envelope::Format::Json)) => Format::Json,
            _ => Format::Xml,
        };
        let message = read.and_then(|(fields, _)| Message::read(fields).ok());
        let (from, to) = message.map(|message| (message.openid, message.to)).unwrap_or_default();
        let or = |name: String, other: String| if name.is_empty() { other } else { name };
        let (openid, original_id) = (or(from, openid), or(to, original_id));
        Self { act: Act::Raw(body), openid, original_id, format }
    }
}

fn account<'a>(
    accounts: &'a [Table<AccountSettings>],
    id: Option<&str>,
) -> Result<&'a Table<AccountSettings>, WrongInput> {
    let found = accounts.iter().find(|account| id.is_none_or(|id| account.id == id));
    found.ok_or_else(|| {
        let ids: Vec<_> = accounts.iter().map(|account| account.id.as_str()).collect();
        let id = id.unwrap_or_default();
        WrongInput(format!("no account is called `{id}` (there are: {})", ids.join(", ")))
    })
}

/// A refusal is the end: nothing is asked three times.
fn options() -> Options {
    Options { on_error: OnError::GivenUp, seed: rand::random(), ..Options::default() }
}

fn in_process(say: &Say, components: Components) -> Result<(), Error> {
    let settings = account(&components.config.accounts, say.account.as_deref())?.clone();
    let said = Said::of(say)?;
    let callback = entry_with_callback(&components.config);
    let plugins = PluginRuntime::start(components.chain.len())?;
    let setup = RehearsalSetup::new(components, vec![settings]).without_start();
    let setup = setup.console(said.console()).options(options());
    let rehearsal = setup.start(plugins.handle()).map_err(wrong_account)?;
    if say.trace {
        rehearsal.bot().journal().observe(Arc::new(PrintsTraces));
    }
    let account = &rehearsal.accounts()[0];
    let follower = account.wechat.follower_called(&said.openid);
    runtime()?.block_on(async {
        let exchange = follower.does(said.act).await?;
        match account.endpoint.last_refusal() {
            Some(refusal) => bail!("the bot refused the message: {refusal}"),
            None => show(exchange)?,
        }
        show_late(&rehearsal, account, &follower, callback).await
    })
}

/// An entry whose answers may be posted to the console of the bot that runs.
fn entry_with_callback(config: &Config) -> Option<String> {
    let entry = config.chain.iter().find(|entry| {
        let has_callback = |key: &str| entry.config.entries().contains_key(key);
        entry.enabled && has_callback("callback")
    });
    entry.map(|entry| entry.id.clone())
}

fn wrong_account(error: impl Into<Error>) -> WrongInput {
    WrongInput(format!("{:#}", error.into()))
}

/// What the follower sees when the answer was not ready in time: it comes by itself, or they ask
/// for it. Nobody can post one here, as an entry with a callback may expect.
async fn show_late(
    rehearsal: &Rehearsal,
    account: &RehearsedAccount,
    follower: &Follower,
    callback: Option<String>,
) -> Result<(), Error> {
    let bot = rehearsal.bot();
    let runtime = bot.accounts().iter().find(|runtime| runtime.account().id == account.id);
    let runtime = runtime.context("the bot has no such account")?;
    let late = async || count_late(bot, &account.id, follower.openid()).await;
    if late().await? == (0, 0) {
        return Ok(());
    }
    eprintln!("(more follows)");
    if let Some(id) = callback {
        eprintln!(
            "(an answer to the `callback` of entry `{id}` comes to the bot that runs, not here: \
             `wxbot say --over-http` talks to that one)"
        );
    }
    let (began, (_, mut shown)) = (Instant::now(), follower.phone_since(0));
    while began.elapsed() < PATIENCE {
        let (late, waiting) = late().await?;
        let (news, count) = follower.phone_since(shown);
        shown = count;
        for bubble in news.iter().filter_map(Shown::bubble) {
            print(&format!("{bubble}\n"))?;
        }
        match (late, waiting) {
            (0, 0) => return Ok(()),
            (0, _) => drop(follower.does(Act::text(&*runtime.account().late.word)).await?),
            _ => sleep(LOOK).await,
        }
    }
    bail!("the answer did not come within {} minutes", PATIENCE.as_secs() / 60)
}

/// How many answers are on their way, and how many wait for the follower's next message.
async fn count_late(bot: &Bot, account: &str, openid: &str) -> Result<(usize, usize), StoreError> {
    Ok((bot.outbox().count().await?, bot.outbox().count_waiting(account, openid).await))
}

fn over_http(say: &Say, config: &Config, url: Option<String>) -> Result<(), Error> {
    let settings = account(&config.accounts, say.account.as_deref())?;
    let said = Said::of(say)?;
    let url = url.unwrap_or_else(|| at(config, settings));
    let account = said.console().mirror(settings);
    let wechat = WeChat::with(account, Clock::real(), options()).map_err(wrong_account)?;
    wechat.connect(Arc::new(HttpEndpoint::new(&*url)?));
    let follower = wechat.follower_called(&said.openid);
    let exchange = runtime()?.block_on(follower.does(said.act))?;
    match exchange.failure() {
        Some(Cause::Status(status)) => {
            bail!("the bot at {url} answered with status {status}; its log says why")
        }
        Some(Cause::Broken(broken)) => bail!("the bot at {url} can't be reached: {broken}"),
        _ => show(exchange),
    }
}

/// Where the bot of this configuration listens, seen from this machine.
pub(super) fn at(config: &Config, account: &AccountSettings) -> String {
    let mut listen = config.server.listen;
    if listen.ip().is_unspecified() {
        listen.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{listen}{}", account.path)
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn show(exchange: Exchange) -> Result<(), Error> {
    match exchange.verdict {
        Verdict::Reply(shown) => {
            print(&format!("{}\n", shown.bubble().map(ToString::to_string).unwrap_or_default()))
        }
        Verdict::Silence => {
            eprintln!("(no reply: WeChat gets `success`)");
            Ok(())
        }
        Verdict::Nowhere(Unseen::Reply(bubble)) => {
            eprintln!("(nobody would see this reply: {bubble})");
            Ok(())
        }
        Verdict::Notice(cause) | Verdict::Nowhere(Unseen::Failure(cause)) => {
            Err(anyhow!(cause).context("WeChat makes nothing of the answer"))
        }
    }
}

fn read(file: &Path) -> Result<String, WrongInput> {
    let mut text = String::new();
    let read = match file.to_str() {
        Some("-") => std::io::stdin().read_to_string(&mut text),
        _ => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    let wrong = |error| WrongInput(format!("`{}` can't be read: {error}", file.display()));
    read.map(|_| text).map_err(wrong)
}

struct PrintsTraces;

impl Observer for PrintsTraces {
    fn observe(&self, event: &JournalEvent<'_>) {
        if let JournalEvent::Asked { trace, .. } = event {
            print_trace(trace);
        }
    }
}

fn print_trace(trace: &Trace) {
    eprintln!("{:16} {:8} {:>10}  DECISION", "LINK", "ASKED TO", "TOOK");
    for step in &trace.steps {
        let hook = match step.hook {
            Hook::Handle => "handle",
            Hook::After => "look",
        };
        let took = format!("{:?}", step.took);
        eprintln!("{:16} {hook:8} {took:>10}  {}", step.link, step.decision());
        for ToolCall { owner, outcome, took } in &step.noted.tool_calls {
            let took = format!("{took:?}");
            eprintln!("{:16} {:8} {took:>10}  {owner}: {}", "", "tool", outcome.as_str());
        }
    }
    if let Some(correction) = &trace.correction {
        eprintln!("put right: {correction}");
    }
}
