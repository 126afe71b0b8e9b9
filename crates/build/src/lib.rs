//! wxbot-build: the build script that links plugins by name.
//!
//! A crate that is only listed in `Cargo.toml` is silently not linked. So the build script of a
//! bot is one line, and writes a `use` for every plugin among the dependencies:
//!
//! ```ignore
//! fn main() {
//!     wxbot_build::link_plugins();
//! }
//! ```
//!
//! A plugin is a dependency whose package is called `wxbot-plugin-…`, and whatever the bot's
//! `Cargo.toml` lists under another name:
//!
//! ```toml
//! [package.metadata.wxbot]
//! plugins = ["my-company-greeter"]
//! ```

use std::path::Path;
use std::{env, fs};

use toml::{Table, Value};

/// Writes `wxbot_plugins.rs`, which `wxbot::main!` includes. To be called from `build.rs`.
///
/// # Panics
///
/// Where it can't do its work, with a text for whoever builds: Cargo shows it.
pub fn link_plugins() {
    let of_cargo = |name: &str| env::var(name).unwrap_or_else(|_| panic!("Cargo sets {name}"));
    let manifest = Path::new(&of_cargo("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let text = fs::read_to_string(&manifest)
        .unwrap_or_else(|error| panic!("{} can't be read: {error}", manifest.display()));
    let uses = uses(&text).unwrap_or_else(|error| panic!("{}: {error}", manifest.display()));
    let target = Path::new(&of_cargo("OUT_DIR")).join("wxbot_plugins.rs");
    fs::write(&target, uses)
        .unwrap_or_else(|error| panic!("{} can't be written: {error}", target.display()));
}

/// The `use` lines for the plugins of a manifest.
fn uses(manifest: &str) -> Result<String, String> {
    let manifest: Table = manifest.parse().map_err(|error| format!("{error}"))?;
    let named = named_plugins(&manifest)?;
    let mut found = Vec::new();
    let mut lines = String::new();
    for (condition, dependencies) in dependency_tables(&manifest) {
        for (key, dependency) in dependencies {
            let package = dependency.get("package").and_then(Value::as_str).unwrap_or(key);
            if !package.starts_with("wxbot-plugin-") && !named.contains(&package) {
                continue;
            }
            found.push(package);
            let conditions = condition.iter().cloned().chain(feature(&manifest, key, dependency));
            for condition in conditions {
                lines.push_str(&format!("#[cfg({condition})]\n"));
            }
            lines.push_str(&format!("use {} as _;\n", key.replace('-', "_")));
        }
    }
    match named.iter().find(|name| !found.contains(name)) {
        Some(missing) => Err(format!(
            "[package.metadata.wxbot] plugins names `{missing}`, which is no dependency; \
             `cargo add {missing}` or take it out"
        )),
        None => Ok(lines),
    }
}

fn named_plugins(manifest: &Table) -> Result<Vec<&str>, String> {
    let wxbot = manifest.get("package").and_then(|package| package.get("metadata")?.get("wxbot"));
    let Some(plugins) = wxbot.and_then(|wxbot| wxbot.get("plugins")) else {
        return Ok(Vec::new());
    };
    let names = plugins.as_array().map(|list| list.iter().map(Value::as_str).collect());
    names
        .flatten()
        .ok_or_else(|| "[package.metadata.wxbot] plugins is a list of package names".to_owned())
}

/// `[dependencies]`, and those of `[target.'cfg(…)']` with their condition.
fn dependency_tables(manifest: &Table) -> Vec<(Option<String>, &Table)> {
    let mut tables = Vec::new();
    tables.extend(manifest.get("dependencies").and_then(Value::as_table).map(|all| (None, all)));
    let targets = manifest.get("target").and_then(Value::as_table);
    for (target, table) in targets.into_iter().flatten() {
        let condition = target.strip_prefix("cfg(").and_then(|rest| rest.strip_suffix(')'));
        let dependencies = table.get("dependencies").and_then(Value::as_table);
        if let (Some(condition), Some(dependencies)) = (condition, dependencies) {
            tables.push((Some(condition.to_owned()), dependencies));
        }
    }
    tables
}

/// The condition under which an optional dependency is there.
fn feature(manifest: &Table, key: &str, dependency: &Value) -> Option<String> {
    if dependency.get("optional").and_then(Value::as_bool) != Some(true) {
        return None;
    }
    let wanted = format!("dep:{key}");
    let features = manifest.get("features").and_then(Value::as_table);
    let asks = |list: &Value| {
        list.as_array().is_some_and(|list| list.iter().any(|one| one.as_str() == Some(&wanted)))
    };
    let mut names: Vec<_> = features
        .into_iter()
        .flatten()
        .filter(|(_, list)| asks(list))
        .map(|(name, _)| format!("feature = \"{name}\""))
        .collect();
    if names.is_empty() {
        names.push(format!("feature = \"{key}\""));
    }
    Some(format!("any({})", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(manifest: &str, expected: &str) {
        assert_eq!(uses(manifest).unwrap(), expected);
    }

    #[test]
    fn plugins_are_known_by_their_package() {
        check(
            "[dependencies]\nserde = '1'\nwxbot-plugin-echo.workspace = true\n",
            "use wxbot_plugin_echo as _;\n",
        );
    }

    #[test]
    fn a_renamed_plugin_is_used_by_its_new_name() {
        check(
            "[dependencies]\nsay = { package = 'wxbot-plugin-echo', version = '1' }\n",
            "use say as _;\n",
        );
    }

    #[test]
    fn a_plugin_of_another_name_is_listed() {
        check(
            "[package.metadata.wxbot]\nplugins = ['greeter']\n[dependencies]\ngreeter = '1'\n",
            "use greeter as _;\n",
        );
    }

    #[test]
    fn a_listed_plugin_that_is_no_dependency_is_an_error() {
        let error = uses("[package.metadata.wxbot]\nplugins = ['greeter']\n").unwrap_err();
        assert!(error.contains("`cargo add greeter`"), "{error}");
    }

    #[test]
    fn an_optional_plugin_is_used_with_its_feature() {
        check(
            "[dependencies]\nwxbot-plugin-a = { version = '1', optional = true }\n",
            "#[cfg(any(feature = \"wxbot-plugin-a\"))]\nuse wxbot_plugin_a as _;\n",
        );
        check(
            "[features]\nall = ['dep:wxbot-plugin-a']\n\
             [dependencies]\nwxbot-plugin-a = { version = '1', optional = true }\n",
            "#[cfg(any(feature = \"all\"))]\nuse wxbot_plugin_a as _;\n",
        );
    }

    #[test]
    fn a_plugin_for_one_target_is_used_there() {
        check(
            "[target.'cfg(unix)'.dependencies]\nwxbot-plugin-a = '1'\n",
            "#[cfg(unix)]\nuse wxbot_plugin_a as _;\n",
        );
    }
}
