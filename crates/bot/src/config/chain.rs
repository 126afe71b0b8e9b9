//! `[[chain]]`: which plugins are asked, when, and with what settings.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_core::chain::OnError;
use wxbot_core::chain::cooldown::Cooldown;
use wxbot_core::chain::dialog::DialogSettings;
use wxbot_sdk::matcher::{Audiences, Matcher, MatcherError, When};
use wxbot_sdk::plugin::Registration;
use wxbot_sdk::settings::{DurationText, Settings, Value, duration};
use wxbot_sdk::template::Template;

use super::findings::Findings;
use super::table::Table;
use super::{audience, bounds, misplaced};

/// One `[[chain]]` entry.
#[derive(Debug, Clone)]
pub struct LinkSettings {
    /// Unique in the chain.
    pub id: String,
    /// The plugin's name; it need not be linked.
    pub plugin: String,
    /// Whether it is asked at all.
    pub enabled: bool,
    /// Which messages it is asked about.
    pub when: When,
    /// The longest it may take for one message.
    pub timeout: Duration,
    /// What follows when it does not answer properly.
    pub on_error: OnError,
    /// How often it may answer.
    pub cooldown: Option<Cooldown>,
    /// How its conversations with followers go.
    pub dialog: Option<DialogSettings>,
    /// Said before it is asked, as it takes long.
    pub later: Option<Template>,
    /// What followers read of it in help; empty where it is not listed.
    pub help: Option<String>,
    /// Said to whoever is not of the audience in `when`.
    pub refusal: Option<Template>,
    /// `[chain.config]`, which only the plugin can read.
    pub config: Settings,
}

/// What every entry may say, whatever its plugin.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EntrySettings {
    /// The plugin's name.
    plugin: String,
    /// Unique in the chain. Default: the plugin's name.
    id: Option<String>,
    /// Whether it is asked at all.
    #[serde(default = "yes")]
    enabled: bool,
    /// Which messages it is asked about.
    #[serde(default)]
    when: When,
    /// The longest it may take for one message.
    #[serde(default = "two_minutes", with = "duration")]
    #[schemars(with = "DurationText")]
    timeout: Duration,
    /// What follows after an error, a panic or a timeout.
    #[serde(default)]
    #[schemars(extend("default" = "pass"))]
    on_error: OnError,
    /// How often it may answer.
    cooldown: Option<Cooldown>,
    /// How its conversations with followers go, where its plugin asks questions.
    dialog: Option<DialogSettings>,
    /// Said at once, before it is asked, as it takes long.
    later: Option<Template>,
    /// What followers read of it in help; `""` where it is not listed.
    help: Option<String>,
    /// Said to whoever is not of the audience in `when`.
    refusal: Option<Template>,
}

fn yes() -> bool {
    true
}

fn two_minutes() -> Duration {
    Duration::from_secs(120)
}

/// Reads every `[[chain]]`; without any, there is `echo` alone.
pub(super) fn read(
    tables: Vec<Settings>,
    audiences: &Table<Audiences>,
    findings: &mut Findings,
) -> Vec<Table<LinkSettings>> {
    if tables.is_empty() {
        return echo_alone();
    }
    let mut links: Vec<Table<LinkSettings>> = Vec::new();
    for table in tables {
        let Some(link) = read_one(table, audiences, findings) else { continue };
        if links.iter().any(|other| other.id == link.id) {
            let id = &link.id;
            let message = format!("two entries have the id `{id}`: give one of them an `id`");
            findings.error(link.place_of("id"), message);
        }
        links.push(link);
    }
    links
}

fn read_one(
    table: Settings,
    audiences: &Table<Audiences>,
    findings: &mut Findings,
) -> Option<Table<LinkSettings>> {
    let mut entry = table.clone();
    let config = config_of(&mut entry, findings);
    let (entry, errors) = entry.read_rest::<EntrySettings>();
    let hinted = |problem| misplaced::hinted_in_entry(problem, table.entries());
    findings.errors.extend(errors.into_iter().map(hinted));
    let entry = entry?;
    let link = LinkSettings {
        id: entry.id.unwrap_or_else(|| entry.plugin.clone()),
        plugin: entry.plugin,
        enabled: entry.enabled,
        when: entry.when,
        timeout: entry.timeout,
        on_error: entry.on_error,
        cooldown: entry.cooldown,
        dialog: entry.dialog,
        later: entry.later,
        help: entry.help,
        refusal: entry.refusal,
        config,
    };
    let mut link = Table::new(link, table);
    check_when(&mut link, audiences, findings);
    check_refusal(&mut link, findings);
    bounds::check("chain", link.entries(), findings);
    if let Some(cooldown) = link.table_at("cooldown") {
        bounds::check("cooldown", cooldown, findings);
    }
    if let Some(dialog) = link.table_at("dialog") {
        bounds::check("dialog", dialog, findings);
    }
    Some(link)
}

/// One that can't be used is an error, and left out; one that no message has is not.
fn check_when(
    link: &mut Table<LinkSettings>,
    audiences: &Table<Audiences>,
    findings: &mut Findings,
) {
    let named = link.table_at("when");
    if named.is_some_and(|when| !audience::check_names(when, audiences, findings)) {
        link.when = When::default();
        link.refusal = None;
        return;
    }
    let place = link.place_of("when");
    match Matcher::with_audiences(link.when.clone(), audiences) {
        Ok(matcher) => {
            for name in matcher.unheard_of() {
                findings.warn(place.clone(), format!("entry `{}`: WeChat has no {name}", link.id));
            }
        }
        Err(error) => {
            // An audience that is there and wrong is an error there.
            if !matches!(error, MatcherError::Audience(_)) {
                findings.error(place, error);
            }
            link.when = When::default();
            link.refusal = None;
        }
    }
}

/// It is said to whoever is not of the audience.
fn check_refusal(link: &mut Table<LinkSettings>, findings: &mut Findings) {
    if link.refusal.is_some() && link.when.audience.is_none() {
        let message =
            "`refusal` is for whoever is not of the `audience` in `when`, and there is none";
        findings.error(link.place_of("refusal"), message);
        link.refusal = None;
    }
}

/// Takes `[chain.config]` out; it may be left out.
fn config_of(entry: &mut Settings, findings: &mut Findings) -> Settings {
    let Some(value) = entry.take("config") else { return Settings::empty(entry.span()) };
    let span = value.span();
    match value.into_inner() {
        Value::Table(entries) => Settings::new(entries, span),
        _ => {
            findings.error(Some(span), "`config` is a table: write `[chain.config]`");
            Settings::empty(entry.span())
        }
    }
}

/// What an empty chain stands for, where `echo` is linked.
fn echo_alone() -> Vec<Table<LinkSettings>> {
    let echo = Registration::all().into_iter().find(|plugin| plugin.name == "echo");
    let link = |echo: &Registration| LinkSettings {
        id: echo.name.to_owned(),
        plugin: echo.name.to_owned(),
        enabled: true,
        when: When::default(),
        timeout: two_minutes(),
        on_error: OnError::default(),
        cooldown: None,
        dialog: None,
        later: None,
        help: None,
        refusal: None,
        config: Settings::default(),
    };
    echo.into_iter().map(|echo| Table::new(link(echo), Settings::default())).collect()
}
