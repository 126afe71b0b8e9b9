//! What a plugin or a bot may be called: what Cargo takes as the name of a package.

use crate::commands::input::WrongInput;

/// What Rust or Cargo keep for themselves, or a bot depends on.
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "wxbot",
    "wxbot-build",
    "wxbot-testkit",
    "yield",
];
const PREFIX: &str = "wxbot-plugin-";

/// A plugin's name in `bot.toml`.
pub(super) struct PluginName {
    package: String,
}

impl PluginName {
    /// `weather` and `wxbot-plugin-weather` are the same plugin.
    pub(super) fn parse(text: &str) -> Result<Self, WrongInput> {
        let name = text.strip_prefix(PREFIX).unwrap_or(text);
        if !is_crate_name(name) {
            return Err(wrong(text, "is no crate name", &suggested(name, "weather")));
        }
        Ok(Self { package: format!("{PREFIX}{name}") })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.package[PREFIX.len()..]
    }

    pub(super) fn package(&self) -> &str {
        &self.package
    }

    /// Of the package in Rust: `wxbot_plugin_weather`.
    pub(super) fn library(&self) -> String {
        self.package.replace('-', "_")
    }

    /// For the struct, which has `Plugin` behind it: no word of Rust or of the prelude then.
    pub(super) fn in_camel_case(&self) -> String {
        let parts = self.as_str().split(['-', '_']);
        parts
            .map(|part| {
                part[..part.len().min(1)].to_uppercase() + part.get(1..).unwrap_or_default()
            })
            .collect()
    }
}

/// A bot's name, which is its program's.
pub(super) struct BotName(String);

impl BotName {
    pub(super) fn parse(text: &str) -> Result<Self, WrongInput> {
        if !is_crate_name(text) {
            return Err(wrong(text, "is no crate name", &suggested(text, "my-bot")));
        }
        if TAKEN.contains(&text.replace('_', "-").as_str()) {
            return Err(wrong(text, "is taken by Rust, Cargo or wxbot", &format!("my-{text}")));
        }
        Ok(Self(text.to_owned()))
    }

    pub(super) fn package(&self) -> &str {
        &self.0
    }
}

/// Cargo takes some more, and warns of most of them.
fn is_crate_name(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(is_allowed)
        && text.len() <= 64
}

fn wrong(text: &str, what: &str, right: &str) -> WrongInput {
    WrongInput(format!(
        "`{text}` {what}: use up to 64 lower-case letters, digits, `-` and `_`, a letter first, \
         such as `{right}`"
    ))
}

/// The nearest name that is one, or the fallback.
fn suggested(text: &str, fallback: &str) -> String {
    let words: Vec<_> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let name = words.join("-");
    let name = name.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    if is_crate_name(name) { name.to_owned() } else { fallback.to_owned() }
}
