//! Clicks that nobody answers: a button that does nothing is what followers complain about.

use std::collections::BTreeSet;

use anyhow::Error;
use serde_json::json;
use tokio::runtime::Builder;
use wxbot_core::receive::envelope;
use wxbot_sdk::matcher::Subject;
use wxbot_sdk::message::Message;
use wxbot_sim::{Act, Follower};

use crate::assembly::PluginRuntime;
use crate::config::Components;
use crate::rehearsal::RehearsalSetup;

/// Warns of the keys of an account's menu that nobody in the chain answers.
pub(crate) fn warn(components: Components, account: &str) -> Result<(), Error> {
    for key in keys(components, account)? {
        eprintln!(
            "warning: nobody in the chain answers a click on `{key}`; a rule of `keywords` with \
             `event = \"CLICK\"` and `key = \"{key}\"` does"
        );
    }
    Ok(())
}

/// The keys that nobody answers. Whom nobody can know without asking the world outside, is taken to
/// answer; plugins that only compute are asked, in a rehearsal.
fn keys(mut components: Components, account: &str) -> Result<Vec<String>, Error> {
    let settings = components.config.accounts.iter().find(|one| one.id == account).cloned();
    let Some((settings, menu)) = settings.and_then(|one| Some((one.clone(), one.menu.clone()?)))
    else {
        return Ok(Vec::new());
    };
    let clicks = menu.actions().filter(|button| button.kind.as_deref() == Some("click"));
    let keys: BTreeSet<String> = clicks.filter_map(|button| button.key.clone()).collect();
    let may_be_answered = |key: &String| {
        let Some(click) = click(key) else { return true };
        let subject = Subject { message: &click, account, now: 0, tags: &[] };
        let mut others = components.chain.iter().filter(|(_, link)| !link.computes_only);
        others.any(|(when, _)| when.holds(subject))
    };
    let keys: Vec<_> = keys.into_iter().filter(|key| !may_be_answered(key)).collect();
    if keys.is_empty() {
        return Ok(keys);
    }
    components.chain.retain(|(_, link)| link.computes_only);
    let plugins = PluginRuntime::start(components.chain.len())?;
    let rehearsal =
        RehearsalSetup::new(components, vec![settings]).without_start().start(plugins.handle())?;
    let follower = rehearsal.accounts()[0].wechat.follower("menu");
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(unanswered(&follower, keys))
}

async fn unanswered(follower: &Follower, keys: Vec<String>) -> Result<Vec<String>, Error> {
    let mut unanswered = Vec::new();
    for key in keys {
        let exchange = follower.does(Act::click(&*key)).await?;
        if exchange.reply().is_none() {
            unanswered.push(key);
        }
    }
    Ok(unanswered)
}

/// A click as the chain sees it.
fn click(key: &str) -> Option<Message> {
    let click = json!({
        "ToUserName": "gh_menu", "FromUserName": "oMENU", "CreateTime": 1_700_000_000,
        "MsgType": "event", "Event": "CLICK", "EventKey": key,
    });
    let (fields, _) = envelope::read(click.to_string().as_bytes()).ok()?;
    Message::read(fields).ok()
}
