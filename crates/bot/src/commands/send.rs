//! `wxbot send`: has the bot that runs say something to a follower first.

use anyhow::{Context, Error, bail};
use serde_json::{Value, json};

use super::account;
use super::console::{self, Answer};
use super::input::{WrongInput, config};
use super::output::print;
use crate::cli::{Cli, Send};

pub(crate) fn send(cli: &Cli, message: &Send) -> Result<(), Error> {
    let config = config(cli)?;
    let account = account::find(&config, message.account.as_deref())?;
    let reply = reply(message)?;
    let body = json!({ "account": account.id, "openid": message.openid, "reply": reply });
    let listen = config.console.listen;
    let answer = console::post(&config.console, "/send", &body.to_string());
    let answer = answer.with_context(|| {
        format!("the console at {listen} gave no answer, so nobody knows whether it was sent")
    })?;
    match answer {
        Some(answer) => report(&answer),
        None => bail!("no wxbot listens at {listen} (`[console] listen`); start it: it sends"),
    }
}

fn reply(message: &Send) -> Result<Value, WrongInput> {
    match (&message.json, &message.text) {
        (Some(json), _) => serde_json::from_str(json).map_err(|error| {
            WrongInput(format!(
                r#"`--json` takes a reply like {{"image": "MEDIA_ID"}}, got `{json}`: {error}"#
            ))
        }),
        (None, text) => Ok(text.clone().unwrap_or_default().into()),
    }
}

/// What is no JSON comes from whoever refused the request itself.
fn report(answer: &Answer) -> Result<(), Error> {
    let Ok(result) = serde_json::from_str::<Value>(&answer.body) else {
        bail!("the running bot says: {}", answer.body.trim());
    };
    let (sent, of) = (&result["sent"], &result["of"]);
    let message = result["message"].as_str().unwrap_or_default().to_owned();
    match result["outcome"].as_str() {
        Some("sent") => print(&format!("sent: {sent}\n")),
        Some("invalid") => Err(WrongInput(message).into()),
        _ if sent.as_u64() > Some(0) => bail!("only {sent} of {of} messages were sent: {message}"),
        _ => bail!("{message}"),
    }
}
