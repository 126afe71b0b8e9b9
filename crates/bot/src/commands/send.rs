//! `wxbot send`: has the bot that runs say something to a follower first.

use anyhow::{Context, Error, bail};
use serde_json::{Value, json};

use super::account;
use super::console::{self, Answer};
use super::input::{WrongInput, config};
use super::output::print;
use crate::cli::{Cli, NotificationArgs, Send};

pub(crate) fn send(cli: &Cli, message: &Send) -> Result<(), Error> {
    let config = config(cli)?;
    let account = account::find(&config, message.account.as_deref())?;
    let mut body = json!({ "account": account.id, "openid": message.openid });
    if let Some(reply) = reply(message)? {
        body["reply"] = reply;
    }
    if let Some((kind, notification)) = notification(&message.notification)? {
        body[kind] = notification;
    }
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

fn reply(message: &Send) -> Result<Option<Value>, WrongInput> {
    match (&message.json, &message.text) {
        (Some(json), _) => read("--json", r#"a reply like {"image": "MEDIA_ID"}"#, json).map(Some),
        (None, text) => Ok(text.clone().map(Value::from)),
    }
}

/// Under which key of the request it goes.
fn notification(named: &NotificationArgs) -> Result<Option<(&'static str, Value)>, WrongInput> {
    let NotificationArgs { template, subscription, data, url, reference } = named;
    let (kind, id) = match (template, subscription) {
        (Some(id), _) => ("template", id),
        (None, Some(id)) => ("subscription", id),
        (None, None) => return Ok(None),
    };
    let mut notification = json!({ "id": id, "url": url, "reference": reference });
    if let Some(data) = data {
        notification["data"] = read("--data", r#"values like {"thing1": "tea"}"#, data)?;
    }
    Ok(Some((kind, notification)))
}

fn read(option: &str, example: &str, json: &str) -> Result<Value, WrongInput> {
    let wrong = |error| WrongInput(format!("`{option}` takes {example}, got `{json}`: {error}"));
    serde_json::from_str(json).map_err(wrong)
}

/// What is no JSON comes from whoever refused the request itself.
fn report(answer: &Answer) -> Result<(), Error> {
    let Ok(result) = serde_json::from_str::<Value>(&answer.body) else {
        bail!("the running bot says: {}", answer.body.trim());
    };
    let (sent, of) = (&result["sent"], &result["of"]);
    let message = result["message"].as_str().unwrap_or_default().to_owned();
    match result["outcome"].as_str() {
        Some("sent") => match result["as"].as_str() {
            Some("template") => print(&format!("sent: {sent}, as a template message\n")),
            Some(kind) => print(&format!("sent: {sent}, as a {kind} notification\n")),
            None => print(&format!("sent: {sent}\n")),
        },
        Some("invalid") => Err(WrongInput(message).into()),
        _ if sent.as_u64() > Some(0) => bail!("only {sent} of {of} messages were sent: {message}"),
        _ => bail!("{message}"),
    }
}
