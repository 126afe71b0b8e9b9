//! Reads the whole file: every section, and everything that is wrong with any of them.

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_core::late::settings::{LateChanges, LateSettings};
use wxbot_sdk::settings::{Problem, Settings, Value, nearest};
use wxbot_store::Place;

use super::data::Config;
use super::findings::Findings;
use super::limits::LimitSettings;
use super::origin::Origin;
use super::table::Table;
use super::{
    account, audience, bounds, chain, environment, line_breaks, listeners, misplaced, no_toml,
    served_files,
};

const SECTIONS: [&str; 8] =
    ["server", "console", "store", "limits", "late", "account", "chain", "audience"];

/// What a file says, as far as it can be read, and what is wrong with it.
pub(super) fn read(
    name: &str,
    text: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> (Config, Vec<Problem>) {
    let (mut settings, faults) = Settings::parse(text);
    let mut config = empty(Origin::new(name, text));
    if !faults.is_empty() {
        return (config, no_toml::hinted(text, faults));
    }
    let (variables, unset) = environment::fill_in(settings.entries_mut(), variable);
    config.origin.set_variables(variables);
    let warnings = line_breaks::written_out(text, &settings);
    let mut file = File { settings, findings: Findings { errors: Vec::new(), warnings } };
    file.read_into(&mut config);
    config.origin.set_warnings(file.findings.warnings);
    (config, without_echoes(unset, file.findings.errors))
}

/// What an empty file would say.
fn empty(origin: Origin) -> Config {
    Config {
        server: Table::default(),
        console: Table::default(),
        store: Table::new(Place::Memory, Settings::default()),
        limits: Table::default(),
        late: Table::default(),
        accounts: Vec::new(),
        audiences: Table::default(),
        chain: Vec::new(),
        origin,
    }
}

/// A value that could not be filled in is one problem, not also a wrong value.
fn without_echoes(mut unset: Vec<Problem>, mut errors: Vec<Problem>) -> Vec<Problem> {
    let same_place = |one: &Problem, other: &Problem| {
        let (Some(one), Some(other)) = (&one.span, &other.span) else { return false };
        one.start < other.end && other.start < one.end
    };
    errors.retain(|error| !unset.iter().any(|other| same_place(error, other)));
    unset.extend(errors);
    unset
}

/// The sections that were not read yet, and what was found in the others.
struct File {
    settings: Settings,
    findings: Findings,
}

impl File {
    fn read_into(&mut self, config: &mut Config) {
        if !self.has_account() {
            let message = "there is no `[[account]]`: write one with at least a `token`";
            self.findings.error(None, message);
        }
        let all = self.settings.entries().clone();
        let unknown = self.settings.only(&SECTIONS);
        let hinted = |problem| misplaced::hinted_on_top(problem, &all);
        self.findings.errors.extend(unknown.into_iter().map(hinted));
        let (mut server, console) = (self.table("server"), self.table("console"));
        served_files::find_beside(config.name(), &mut server);
        (config.server, config.console) = listeners::read(server, console, &mut self.findings);
        config.store = self.store();
        config.limits = self.limits();
        config.late = self.late();
        let accounts = self.tables("account");
        let listen = config.server.listen;
        config.accounts = account::read(accounts, listen, &mut self.findings);
        let chain = self.tables("chain");
        let audiences = self.table("audience");
        config.audiences = audience::read(audiences, &mut self.findings);
        config.chain = chain::read(chain, &config.audiences, &mut self.findings);
    }

    /// One that is misspelt, or no list, is there, and an error of its own.
    fn has_account(&self) -> bool {
        let is_empty = |value: &Value| matches!(value, Value::List(items) if items.is_empty());
        let mut sections = self.settings.entries().iter();
        sections.any(|(name, value)| {
            nearest(name.get_ref(), ["account"]).is_some() && !is_empty(value.get_ref())
        })
    }

    fn store(&mut self) -> Table<Place> {
        let table = self.table("store");
        let settings: StoreSettings = self.findings.rest(table.clone()).unwrap_or_default();
        let mut store = Table::new(Place::Memory, table);
        let place = match Place::read(&settings.url) {
            Ok(place) => place,
            Err(error) => {
                self.findings.error(store.place_of("url"), error);
                return store;
            }
        };
        match settings.prefix.map(|prefix| place.clone().with_prefix(&prefix)).transpose() {
            Ok(prefixed) => *store = prefixed.unwrap_or(place),
            Err(error) => self.findings.error(store.place_of("prefix"), error),
        }
        store
    }

    fn late(&mut self) -> Table<LateSettings> {
        let table = self.table("late");
        bounds::check("late", table.entries(), &mut self.findings);
        let changes: LateChanges = self.findings.rest(table.clone()).unwrap_or_default();
        Table::new(changes.applied_to(&LateSettings::default()), table)
    }

    fn limits(&mut self) -> Table<LimitSettings> {
        let table = self.table("limits");
        bounds::check("limits", table.entries(), &mut self.findings);
        Table::new(self.findings.rest(table.clone()).unwrap_or_default(), table)
    }

    /// A `[table]`, empty when it is left out.
    fn table(&mut self, name: &str) -> Settings {
        let Some(value) = self.settings.take(name) else { return Settings::default() };
        let span = value.span();
        match value.into_inner() {
            Value::Table(entries) => Settings::new(entries, span),
            _ => {
                let message = format!("`{name}` is a table: write `[{name}]`");
                self.findings.error(Some(span), message);
                Settings::default()
            }
        }
    }

    /// Every table of a list such as `[[account]]`.
    fn tables(&mut self, name: &str) -> Vec<Settings> {
        let Some(value) = self.settings.take(name) else { return Vec::new() };
        let message = format!("`{name}` is a list of tables: write `[[{name}]]`");
        let span = value.span();
        let Value::List(items) = value.into_inner() else {
            self.findings.error(Some(span), message);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            let span = item.span();
            match item.into_inner() {
                Value::Table(entries) => tables.push(Settings::new(entries, span)),
                _ => self.findings.error(Some(span), &message),
            }
        }
        tables
    }
}

/// `[store]`: where what must outlive a message is kept.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StoreSettings {
    /// `memory:`, `file:DIR`, or `redis://HOST:PORT/DB` and its kin.
    url: String,
    /// What the keys of this deployment begin with.
    prefix: Option<String>,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self { url: "memory:".into(), prefix: None }
    }
}
