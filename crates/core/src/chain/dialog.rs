//! `dialog`: how an entry's conversations with followers go.

use std::borrow::Cow;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use wxbot_sdk::clock::millis;
use wxbot_sdk::context::Context;
use wxbot_sdk::dialog::{DialogChange, Dialogs};
use wxbot_sdk::matcher::keyword_of;
use wxbot_sdk::plugin::Flow;
use wxbot_sdk::settings::{DurationText, OneOrMany, duration};
use wxbot_sdk::template::Template;

use crate::dialogs::{MessageDialogs, OpenDialog};

/// `dialog = { ttl = "30m", tries = 3, … }`: what differs from how the plugin has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DialogSettings {
    /// How long a question waits for its answer.
    #[serde(deserialize_with = "some_duration")]
    #[schemars(with = "Option<DurationText>", extend("default" = "30m"))]
    ttl: Option<Duration>,
    /// So many answers that are none end the dialog.
    #[schemars(extend("default" = Dialogs::DEFAULT.tries))]
    tries: Option<u32>,
    /// Words that end it.
    #[schemars(extend("default" = Dialogs::DEFAULT.cancel))]
    cancel: Option<OneOrMany>,
    /// Said then.
    #[schemars(extend("default" = Dialogs::DEFAULT.cancelled))]
    cancelled: Option<Template>,
    /// Said after the last try.
    #[schemars(extend("default" = Dialogs::DEFAULT.given_up))]
    given_up: Option<Template>,
    /// Said when the plugin can't go on with what an older version began.
    #[schemars(extend("default" = Dialogs::DEFAULT.outdated))]
    outdated: Option<Template>,
    /// Whether choices can be tapped.
    #[schemars(extend("default" = Dialogs::DEFAULT.links))]
    links: Option<bool>,
}

/// How the dialogs of one entry go.
#[derive(Debug, Clone)]
pub struct DialogRules {
    ttl: Duration,
    tries: u32,
    /// Normalised, in lower case.
    cancel: Vec<String>,
    cancelled: Template,
    given_up: Template,
    outdated: Template,
    pub(super) links: bool,
}

impl DialogRules {
    /// As the plugin has it, but for what the entry says.
    pub fn new(plugin: Dialogs, entry: DialogSettings) -> Self {
        let cancel = match entry.cancel {
            Some(OneOrMany(words)) => words,
            None => plugin.cancel.iter().map(|word| (*word).to_owned()).collect(),
        };
        let or = |text: Option<Template>, otherwise: &str| text.unwrap_or(otherwise.into());
        Self {
            ttl: entry.ttl.unwrap_or(plugin.ttl),
            tries: entry.tries.unwrap_or(plugin.tries),
            cancel: cancel.iter().map(|word| word_of(word).into_owned()).collect(),
            cancelled: or(entry.cancelled, plugin.cancelled),
            given_up: or(entry.given_up, plugin.given_up),
            outdated: or(entry.outdated, plugin.outdated),
            links: entry.links.unwrap_or(plugin.links),
        }
    }

    /// What is said to a word that ends the dialog.
    pub(super) fn cancels(&self, ctx: &Context) -> Option<Result<Flow, String>> {
        let word = word_of(ctx.text()?);
        let cancels = self.cancel.iter().any(|cancel| *cancel == word);
        cancels.then(|| said(&self.cancelled, ctx))
    }

    /// Does what the plugin wants done with its dialog, and says what comes of the message.
    pub(super) async fn carry_out(
        &self,
        change: DialogChange,
        flow: Flow,
        ctx: &Context,
        dialogs: &mut MessageDialogs<'_>,
    ) -> Result<Flow, String> {
        let (open, flow) = match change {
            DialogChange::Close => (None, flow),
            DialogChange::Outdated => (None, said(&self.outdated, ctx)?),
            // It changed its mind.
            DialogChange::Ask(_) | DialogChange::Again if !matches!(flow, Flow::Reply(_)) => {
                return Ok(flow);
            }
            DialogChange::Ask(_) if !ctx.message().takes_reply() => {
                return Err("WeChat shows no reply to this event, so it asks nothing".into());
            }
            DialogChange::Ask(question) => {
                let (asked_at, until) = self.times(dialogs.now());
                let link = ctx.link().to_owned();
                (Some(OpenDialog { link, question, tries: 0, asked_at, until }), flow)
            }
            DialogChange::Again => match dialogs.open(ctx.link()).cloned() {
                Some(open) if open.tries + 1 < self.tries => {
                    let (asked_at, until) = self.times(dialogs.now());
                    (Some(OpenDialog { tries: open.tries + 1, asked_at, until, ..open }), flow)
                }
                _ => (None, said(&self.given_up, ctx)?),
            },
        };
        dialogs.step(ctx, open, flow).await
    }

    fn times(&self, now: u64) -> (u64, u64) {
        let ttl = millis(self.ttl);
        (now, now.saturating_add(ttl))
    }
}

fn some_duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    duration::deserialize(from).map(Some)
}

fn said(text: &Template, ctx: &Context) -> Result<Flow, String> {
    text.render(ctx).map(Flow::reply).map_err(|error| error.to_string())
}

fn word_of(text: &str) -> Cow<'_, str> {
    let word = keyword_of(text);
    match word.chars().any(char::is_uppercase) {
        true => word.to_lowercase().into(),
        false => word,
    }
}
