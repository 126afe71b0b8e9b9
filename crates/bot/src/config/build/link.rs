//! From an entry of the chain to a link: its plugin is found, and makes an instance.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use wxbot_core::chain::LinkSpec;
use wxbot_core::chain::dialog::DialogRules;
use wxbot_core::chain::refusal::Refusal;
use wxbot_sdk::matcher::{Audiences, Matcher, MatcherError};
use wxbot_sdk::plugin::{BuildEnv, Registration};
use wxbot_sdk::settings::{Problem, nearest};

use crate::config::chain::LinkSettings;
use crate::config::data::Config;
use crate::config::findings::Findings;
use crate::config::misplaced;
use crate::config::table::Table;

/// The linked plugins.
pub(super) struct Plugins {
    by_name: HashMap<&'static str, &'static Registration>,
    /// Where `bot.toml` is.
    folder: PathBuf,
    /// The ids of all accounts.
    accounts: Vec<String>,
}

impl Plugins {
    /// All of them, for this configuration; two plugins of one name are an error.
    pub(super) fn linked(config: &Config, findings: &mut Findings) -> Self {
        let mut plugins: HashMap<&str, &Registration> = HashMap::new();
        for plugin in Registration::all() {
            if let Some(first) = plugins.insert(plugin.name, plugin) {
                let message = format!(
                    "two plugins are called `{}`: {} {} and {} {}; take one of them out of \
                     Cargo.toml",
                    plugin.name, first.package, first.version, plugin.package, plugin.version
                );
                findings.error(None, message);
            }
        }
        let folder = Path::new(config.name()).parent().unwrap_or(Path::new("")).to_owned();
        let accounts = config.accounts.iter().map(|account| account.id.clone()).collect();
        Self { by_name: plugins, folder, accounts }
    }

    /// Makes a link.
    pub(super) fn link(
        &self,
        link: &Table<LinkSettings>,
        audiences: &Audiences,
    ) -> Result<(Matcher, LinkSpec), Vec<Problem>> {
        let Some(plugin) = self.by_name.get(link.plugin.as_str()) else {
            let span = link.place_of("plugin");
            return Err(vec![Problem { span, message: self.not_linked(&link.plugin) }]);
        };
        let (when, refusal) = when_of(link, plugin, audiences)?;
        let dialog = || link.dialog.clone().unwrap_or_default();
        let dialogs = plugin.dialogs.map(|dialogs| DialogRules::new(dialogs, dialog()));
        let env = BuildEnv {
            id: link.id.clone(),
            timeout: link.timeout,
            folder: self.folder.clone(),
            audiences: audiences.clone(),
            accounts: self.accounts.clone(),
        };
        let handler = (plugin.build)(link.config.clone(), &env).map_err(|problems| {
            let hinted = |problem| misplaced::hinted_in_config(problem, link.config.entries());
            problems.into_iter().map(hinted).collect::<Vec<_>>()
        })?;
        let commands = plugin.commands.filter(|_| handler.takes_commands());
        let entry = LinkSpec {
            id: link.id.clone(),
            plugin: plugin.name,
            handler,
            computes_only: plugin.computes_only,
            timeout: link.timeout,
            on_error: link.on_error.clone(),
            cooldown: link.cooldown.clone(),
            dialogs,
            later: link.later.clone(),
            commands,
            help: link.help.clone(),
            refusal,
        };
        Ok((when, entry))
    }

    /// Whether it is there or not: what to do when it is not.
    fn not_linked(&self, name: &str) -> String {
        let mut names: Vec<_> = self.by_name.keys().copied().collect();
        names.sort_unstable();
        // A short name is soon near another one: `hello` is not `help`.
        let is_slip =
            |near: &&str| 3 * strsim::damerau_levenshtein(name, near) <= name.chars().count();
        let cure = match nearest(name, names.iter().copied()).filter(is_slip) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("add its crate, perhaps `cargo add wxbot-plugin-{name}`, and build again")
            }
        };
        let names = names.join(", ");
        format!("no plugin is called `{name}` (this bot has: {names}); {cure}")
    }
}

/// Which messages it is asked about. Where others than its audience are told so, it is asked about
/// theirs, too, and refuses them.
fn when_of(
    link: &Table<LinkSettings>,
    plugin: &Registration,
    audiences: &Audiences,
) -> Result<(Matcher, Option<Refusal>), Vec<Problem>> {
    let problem = |key: &str, message: String| vec![Problem { span: link.place_of(key), message }];
    let at_when = |error: MatcherError| problem("when", error.to_string());
    let mut when = link.when.clone();
    let Some(text) = link.refusal.clone() else {
        return Ok((Matcher::with_audiences(when, audiences).map_err(at_when)?, None));
    };
    let names = when.audience.take().unwrap_or_default();
    let matcher = Matcher::with_audiences(when, audiences).map_err(at_when)?;
    let commands = plugin.commands.filter(|_| !matcher.names_messages());
    if commands.is_none() && !matcher.names_messages() {
        let message = "`refusal` would answer everything: say in `when` which texts, events or keys \
                       are meant";
        return Err(problem("refusal", message.to_owned()));
    }
    let audiences = audiences.named(&names.0).map_err(at_when)?;
    Ok((matcher, Some(Refusal { audiences, text, commands })))
}
