//! `wxbot api`: one call of WeChat's API, with the account's token.

mod form;

use std::io::{IsTerminal, Read, stdout};
use std::path::Path;

use anyhow::{Context, Error, bail};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use wxbot_sdk::api::{ApiError, Call, Fetched, FileStream};

use super::account;
use super::input::{WrongInput, config};
use super::output::{print, write};
use crate::cli::{Api, ApiMethod, Cli};

/// Their answers are tokens, which are nobody's to see, and another call would spend the bot's.
const GIVE_TOKENS: [&str; 2] = ["/cgi-bin/token", "/cgi-bin/stable_token"];
/// What a token is called where an answer has one.
const TOKENS: [&str; 4] =
    ["access_token", "refresh_token", "authorizer_access_token", "component_access_token"];

/// Files of WeChat's end at 10 MB; whatever comes, a disk is not filled.
const MOST_BYTES: u64 = 1 << 30;
const STDOUT: [&str; 3] = ["-", "/dev/stdout", "/dev/fd/1"];

pub(crate) fn api(cli: &Cli, api: &Api) -> Result<(), Error> {
    let config = config(cli)?;
    let account = account::find(&config, api.account.as_deref())?;
    let call = call(api).map_err(WrongInput)?;
    let output = output(api).map_err(WrongInput)?;
    let runtime = account::runtime()?;
    let _on_it = runtime.enter();
    let client = account::api(&config, account)?;
    let located = |error| located(error, account.api_base.as_deref());
    runtime.block_on(async {
        if !api.files.is_empty() {
            let form = form::of(api).await.map_err(WrongInput)?;
            return show(client.send_form(call, form).await.map_err(located)?);
        }
        match client.fetch(call, MOST_BYTES).await.map_err(located)? {
            Fetched::Json(answer) => {
                show(answer)?;
                output.map_or(Ok(()), |path| {
                    bail!("the answer is JSON, so `{}` was not written", path.display())
                })
            }
            Fetched::File(file) => save(file, output).await,
        }
    })
}

/// Names the address of a simulator that can't be reached.
fn located(error: ApiError, api_base: Option<&str>) -> Error {
    let cause = match &error {
        ApiError::NoToken { cause, .. } => cause.as_ref(),
        error => error,
    };
    match (cause, api_base) {
        (ApiError::Unreachable { .. }, Some(api_base)) => {
            Error::new(error).context(format!("`api_base` is {api_base}; is `wxbot sim` running?"))
        }
        _ => error.into(),
    }
}

fn show(answer: Value) -> Result<(), Error> {
    print(&(serde_json::to_string_pretty(&without_tokens(answer))? + "\n"))
}

/// Where a file goes, if one comes.
fn output(api: &Api) -> Result<Option<&Path>, String> {
    let output = api.output.as_deref();
    if output.is_some_and(is_stdout) && stdout().is_terminal() {
        return Err("a file is not written to a terminal; name one, or lead it elsewhere".into());
    }
    Ok(output)
}

fn is_stdout(path: &Path) -> bool {
    STDOUT.iter().any(|name| path == Path::new(name))
}

async fn save(mut file: FileStream, output: Option<&Path>) -> Result<(), Error> {
    let kind = file.content_type.clone();
    let Some(path) = output else {
        let message = format!("the answer is a file ({kind}); say with --output where it goes");
        return Err(WrongInput(message).into());
    };
    if is_stdout(path) {
        while let Some(chunk) = file.chunk().await? {
            write(&chunk)?;
        }
        return Ok(());
    }
    let bytes = file.save(path).await.with_context(|| format!("`{}`", path.display()))?;
    print(&format!("{}: {bytes} bytes, {kind}\n", path.display()))
}

fn call(api: &Api) -> Result<Call, String> {
    let (path, query) = api.path.split_once('?').unwrap_or((&api.path, ""));
    if !path.starts_with('/') {
        return Err(format!("`{path}` is no path; write one like `/cgi-bin/menu/get`"));
    }
    if GIVE_TOKENS.contains(&path) {
        return Err(format!("`{path}` gives a token out, which is never shown; wxbot has one"));
    }
    let mut call = match api.method {
        ApiMethod::Get if api.body.is_some() => return Err("a GET has no JSON; use POST".into()),
        ApiMethod::Get if !api.files.is_empty() => return Err("a GET has no file; use POST".into()),
        ApiMethod::Get => Call::get(path),
        ApiMethod::Post if !api.files.is_empty() => Call::get(path),
        ApiMethod::Post => Call::post(path, body(api.body.as_deref())?),
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        call = call.with(decode(name), decode(value));
    }
    match call.query.iter().any(|(name, _)| name == "access_token") {
        true => Err("leave `access_token` out: wxbot brings it".into()),
        false => Ok(call),
    }
}

fn body(text: Option<&str>) -> Result<Value, String> {
    let mut read = String::new();
    let text = match text {
        None => "{}",
        Some("-") => {
            let all = std::io::stdin().lock().read_to_string(&mut read);
            all.map_err(|error| format!("standard input can't be read: {error}"))?;
            &read
        }
        Some(text) => text,
    };
    serde_json::from_str(text).map_err(|error| format!("the body is no JSON: {error}"))
}

/// The answer without a token in it.
fn without_tokens(answer: Value) -> Value {
    match answer {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| match TOKENS.contains(&&*name) {
                true => (name, "[redacted]".into()),
                false => (name, without_tokens(value)),
            });
            Value::Object(fields.collect())
        }
        Value::Array(items) => items.into_iter().map(without_tokens).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_in_an_answer_is_not_shown() {
        let answer = json!({
            "openid": "o1", "access_token": "SECRET",
            "list": [{ "refresh_token": "SECRET", "expires_in": 7200 }],
        });
        let shown = without_tokens(answer);
        assert!(!shown.to_string().contains("SECRET"), "{shown}");
        assert_eq!(
            (&shown["openid"], &shown["list"][0]["expires_in"]),
            (&json!("o1"), &json!(7200))
        );
    }
}
