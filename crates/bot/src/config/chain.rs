//! `[[chain]]`: from entries to links.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;
use wxbot_core::chain::cooldown::Cooldown;
use wxbot_core::chain::{LinkSpec, OnError};
use wxbot_sdk::matcher::{Matcher, When};
use wxbot_sdk::plugin::{BuildEnv, Registration};
use wxbot_sdk::settings::{Entries, Problem, Settings, Value, duration, nearest};

use super::Reader;

/// What every entry may say, whatever its plugin; `config` is the plugin's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntrySettings {
    plugin: String,
    id: Option<String>,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    when: When,
    #[serde(default = "two_minutes", with = "duration")]
    timeout: Duration,
    #[serde(default)]
    on_error: OnError,
    cooldown: Option<Cooldown>,
    later: Option<String>,
}

fn yes() -> bool {
    true
}

fn two_minutes() -> Duration {
    Duration::from_secs(120)
}

impl Reader {
    /// The chain; without any entry, `echo` alone.
    pub(super) fn chain(&mut self, file: &mut Settings) -> Vec<(Matcher, LinkSpec)> {
        let plugins = self.plugins();
        let mut tables = self.tables(file, "chain");
        if tables.is_empty() && plugins.contains_key("echo") {
            tables.push(echo_alone());
        }
        let mut ids = HashSet::new();
        let mut links = Vec::new();
        for table in tables {
            let place = table.clone();
            let Some((entry, config)) = self.entry(table) else { continue };
            let id = entry.id.clone().unwrap_or_else(|| entry.plugin.clone());
            if !ids.insert(id.clone()) {
                let message = format!("two entries have the id `{id}`: give one of them an `id`");
                self.problems.push(Problem::at(place.span_of("id"), message));
            }
            links.extend(self.link(entry, id, config, &plugins, &place));
        }
        links
    }

    fn entry(&mut self, mut table: Settings) -> Option<(EntrySettings, Settings)> {
        let span = table.span();
        let config = match table.take("config") {
            None => Settings::empty(span),
            Some(value) => {
                let at = value.span();
                match value.into_inner() {
                    Value::Table(config) => Settings::new(config, at),
                    _ => {
                        let message = "`config` is a table: write `[chain.config]`";
                        self.problems.push(Problem::at(at, message));
                        Settings::empty(span)
                    }
                }
            }
        };
        Some((self.rest(table)?, config))
    }

    fn link(
        &mut self,
        entry: EntrySettings,
        id: String,
        config: Settings,
        plugins: &HashMap<&str, &'static Registration>,
        place: &Settings,
    ) -> Option<(Matcher, LinkSpec)> {
        let at_when = |error| vec![Problem::at(place.span_of("when"), error)];
        let when = self.keep(Matcher::new(entry.when).map_err(at_when));
        let Some(plugin) = plugins.get(entry.plugin.as_str()) else {
            self.problems.push(not_linked(&entry.plugin, plugins, place.span_of("plugin")));
            return None;
        };
        for name in when.iter().flat_map(Matcher::unheard_of) {
            self.warnings.push(format!("entry `{id}`: WeChat has no {name}"));
        }
        if !entry.enabled {
            return None;
        }
        let handler = self.keep((plugin.build)(config, &BuildEnv { id: id.clone() }));
        let (when, handler) = (when?, handler?);
        let entry = LinkSpec {
            id,
            plugin: plugin.name,
            handler,
            computes_only: plugin.computes_only,
            timeout: entry.timeout,
            on_error: entry.on_error,
            cooldown: entry.cooldown,
            later: entry.later,
        };
        Some((when, entry))
    }

    /// The linked plugins by name; two of one name are a problem.
    fn plugins(&mut self) -> HashMap<&'static str, &'static Registration> {
        let mut plugins: HashMap<&str, &Registration> = HashMap::new();
        for plugin in Registration::all() {
            if let Some(first) = plugins.insert(plugin.name, plugin) {
                let message = format!(
                    "two plugins are called `{}`: {} {} and {} {}; take one of them out of \
                     Cargo.toml",
                    plugin.name, first.package, first.version, plugin.package, plugin.version
                );
                self.problems.push(Problem { span: None, message });
            }
        }
        plugins
    }
}

fn not_linked(
    name: &str,
    plugins: &HashMap<&str, &'static Registration>,
    span: Range<usize>,
) -> Problem {
    let mut names: Vec<_> = plugins.keys().copied().collect();
    names.sort_unstable();
    let cure = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("add its crate, perhaps `cargo add wxbot-plugin-{name}`, and build again"),
    };
    let names = names.join(", ");
    Problem::at(span, format!("no plugin is called `{name}` (this bot has: {names}); {cure}"))
}

fn echo_alone() -> Settings {
    let name = Spanned::new(0..0, "plugin".to_owned());
    let plugin = Spanned::new(0..0, Value::Text("echo".to_owned()));
    Settings::new(Entries::from([(name, plugin)]), 0..0)
}
