//! `wxbot say`: a follower says it, along the whole road, without a port being opened.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Error, anyhow};
use tokio::runtime::Builder;
use tokio::time::Instant;
use wxbot_core::delivery::{event_message, text_message};
use wxbot_core::fields::Fields;
use wxbot_core::refusal::Refusal;
use wxbot_core::road::{Answer, Bot, Door, Post};
use wxbot_core::trace::{Hook, Observer, Seen, Trace};

use super::{WrongInput, config, print};
use crate::assembly::Assembly;
use crate::cli::{Cli, Say};

pub(crate) fn say(cli: &Cli, say: &Say) -> Result<(), Error> {
    let (_, config) = config(cli)?;
    let assembly = Assembly::new(config)?;
    let door = door(&assembly.bot, say.account.as_deref())?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let message = message(say, &door.account().original_id, now)?;
    if say.trace {
        assembly.bot.observe(Arc::new(PrintsTraces));
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(deliver(&assembly.bot, &door, &message, now));
    match answer.map_err(|refusal| anyhow!("the bot refused the message: {refusal}"))? {
        Answer::Reply(body) => print(&format!("{}\n", shown(&door.account().open_reply(&body)?))),
        Answer::Success => {
            eprintln!("(no reply: WeChat gets `success`)");
            Ok(())
        }
        Answer::HungUp => {
            eprintln!("(no reply in time: WeChat would ask again)");
            Ok(())
        }
    }
}

async fn deliver(
    bot: &Arc<Bot>,
    door: &Arc<Door>,
    message: &str,
    now: u64,
) -> Result<Answer, Refusal> {
    let nonce = rand::random::<u32>().to_string();
    let delivery = door.account().deliver(message, now, &nonce, rand::random());
    let body = async move { Ok(delivery.body.into()) };
    let post = Post { query: &delivery.query, body, arrived: Instant::now(), now };
    bot.answer(door, post).await
}

fn door(bot: &Bot, account: Option<&str>) -> Result<Arc<Door>, WrongInput> {
    let mut doors = bot.doors().iter();
    let found = doors.find(|door| account.is_none_or(|id| door.account().id == id));
    found.cloned().ok_or_else(|| {
        let ids: Vec<_> = bot.doors().iter().map(|door| door.account().id.as_str()).collect();
        let account = account.unwrap_or_default();
        WrongInput(format!("no account is called `{account}` (there are: {})", ids.join(", ")))
    })
}

/// The body as WeChat would write it.
fn message(say: &Say, original_id: &Option<String>, now: u64) -> Result<String, Error> {
    if let Some(file) = &say.xml {
        return read(file);
    }
    let to = original_id.as_deref().unwrap_or("gh_wxbot_say");
    Ok(match (&say.text, &say.event) {
        (Some(text), _) => text_message(to, &say.openid, now, text),
        (None, event) => {
            let event = event.as_deref().unwrap_or_default();
            let key = say.key.as_deref().unwrap_or_default();
            event_message(to, &say.openid, now, event, key)
        }
    })
}

fn read(file: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let read = match file.to_str() {
        Some("-") => std::io::stdin().read_to_string(&mut text),
        _ => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    let wrong = |error| WrongInput(format!("`{}` can't be read: {error}", file.display()));
    read.map_err(wrong)?;
    Ok(text)
}

/// What the follower would see.
fn shown(reply: &Fields) -> String {
    let get = |path: &str| reply.get(path).unwrap_or_default();
    match get("MsgType") {
        "text" => get("Content").to_owned(),
        "image" => format!("[image {}]", get("Image/MediaId")),
        "voice" => format!("[voice {}]", get("Voice/MediaId")),
        "video" => format!("[video {}] {}", get("Video/MediaId"), get("Video/Title")),
        "music" => format!("[music {}] {}", get("Music/MusicUrl"), get("Music/Title")),
        "news" => {
            let articles = reply.all("Articles/item").into_iter();
            let line = |article: wxbot_core::fields::Element<'_>| {
                let get = |name: &str| article.get(name).unwrap_or_default().to_owned();
                format!("[article] {} {}", get("Title"), get("Url"))
            };
            articles.map(line).collect::<Vec<_>>().join("\n")
        }
        other => format!("[{other}]"),
    }
}

struct PrintsTraces;

impl Observer for PrintsTraces {
    fn saw(&self, seen: &Seen<'_>) {
        print_trace(seen.trace);
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
        eprintln!("{:16} {hook:8} {took:>10}  {}", step.link, step.verdict);
    }
    if let Some(correction) = &trace.correction {
        eprintln!("put right: {correction}");
    }
}
