//! The repository keeps its own rules: who depends on whom, what is linked, what is not named.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};
use wxbot_sdk::plugin::Registration;
use wxbot_tests as _;

/// The arrows between our crates (ARCHITECTURE: the map). They all end at the SDK and its derives,
/// or at WeChat's side, which knows nothing of ours.
const ARROWS: &[(&str, &[&str])] = &[
    ("wxbot-macros", &[]),
    ("wxbot-sdk", &["wxbot-macros"]),
    ("wxbot-build", &[]),
    ("wxbot-model-sim", &[]),
    ("wxbot-sim", &[]),
    ("wxbot-core", &["wxbot-sdk"]),
    ("wxbot-store", &["wxbot-sdk"]),
    ("wxbot-client", &["wxbot-sdk"]),
    ("wxbot-server", &["wxbot-core", "wxbot-sdk"]),
    ("wxbot-console", &["wxbot-core", "wxbot-sdk"]),
    (
        "wxbot",
        &[
            "wxbot-client",
            "wxbot-console",
            "wxbot-core",
            "wxbot-sdk",
            "wxbot-server",
            "wxbot-sim",
            "wxbot-store",
        ],
    ),
    (
        "wxbot-testkit",
        &[
            "wxbot",
            "wxbot-client",
            "wxbot-core",
            "wxbot-sdk",
            "wxbot-server",
            "wxbot-sim",
            "wxbot-store",
        ],
    ),
];

/// What the SDK must not bring to a plugin: ciphers, an XML reader, metrics, HTTP.
const TOO_HEAVY_FOR_THE_SDK: [&str; 7] =
    ["aes", "cbc", "quick-xml", "prometheus-client", "reqwest", "actix-web", "redb"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the root").to_owned()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(folder: &Path) -> Table {
    let path = folder.join("Cargo.toml");
    read(&path).parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folders in a folder of the root.
fn folders(name: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(name)).expect("the folder is there");
    let mut folders: Vec<_> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    folders.retain(|path| path.join("Cargo.toml").is_file());
    folders.sort();
    folders
}

fn members() -> Vec<PathBuf> {
    [folders("crates"), folders("plugins"), vec![root().join("tests")]].concat()
}

fn name_of(folder: &Path) -> &str {
    folder.file_name().and_then(|name| name.to_str()).expect("our names are text")
}

fn package(manifest: &Table) -> &str {
    manifest["package"]["name"].as_str().expect("a package has a name")
}

/// The dependencies of a kind, those for one target only among them.
fn dependencies(manifest: &Table, kind: &str) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let of_targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let tables = std::iter::once(manifest).chain(of_targets);
    let tables = tables.filter_map(|table| table.get(kind)?.as_table());
    tables.flat_map(|table| table.keys().cloned()).collect()
}

/// Files that git knows, or would take in.
fn files() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git can be run");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).expect("our file names are UTF-8");
    let files: Vec<_> = listed.split_terminator('\0').map(|name| root().join(name)).collect();
    assert!(files.len() > 100, "{files:?}");
    files.into_iter().filter(|path| path.is_file()).collect()
}

fn rust_files(below: &[&str]) -> Vec<PathBuf> {
    let mut files = files();
    files.retain(|path| {
        let inside = path.strip_prefix(root()).expect("it is in the root");
        below.iter().any(|folder| inside.starts_with(folder))
            && path.extension().is_some_and(|extension| extension == "rs")
    });
    files
}

#[test]
fn all_arrows_end_at_the_sdk() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for folder in folders("crates") {
        let manifest = manifest(&folder);
        let package = package(&manifest);
        if package == "wxbot-app" {
            continue;
        }
        let Some(allowed) = arrows.get(package) else { panic!("{package} has no arrows here") };
        let ours = dependencies(&manifest, "dependencies");
        let ours = ours.iter().filter(|name| name.starts_with("wxbot"));
        let others: Vec<_> = ours.filter(|name| !allowed.contains(&name.as_str())).collect();
        assert_eq!(others, [""; 0], "{package} depends on them");
        assert!(dependencies(&manifest, "build-dependencies").is_empty(), "{package} builds");
    }
}

#[test]
fn a_plugin_depends_on_the_sdk_alone_of_ours() {
    for folder in folders("plugins") {
        let ours = dependencies(&manifest(&folder), "dependencies");
        let ours: Vec<_> = ours.iter().filter(|name| name.starts_with("wxbot")).collect();
        assert_eq!(ours, ["wxbot-sdk"], "{}", folder.display());
    }
    let sdk = dependencies(&manifest(&root().join("crates/sdk")), "dependencies");
    let heavy = TOO_HEAVY_FOR_THE_SDK.iter().find(|name| sdk.contains(**name));
    assert_eq!(heavy, None, "wxbot-sdk depends on it");
}

/// What only one crate of each side may know: `sim` is the other side, WeChat's.
#[test]
fn one_crate_each_knows_the_web_the_api_and_the_cipher() {
    let only: &[(&str, &[&str])] = &[
        ("actix-web", &["wxbot-server", "wxbot-sim"]),
        ("actix-http", &["wxbot-server"]),
        ("aes", &["wxbot-core", "wxbot-sim"]),
        ("cbc", &["wxbot-core", "wxbot-sim"]),
        ("reqwest", &["wxbot-client", "wxbot-plugin-chat", "wxbot-plugin-webhook", "wxbot-sim"]),
        ("redis", &["wxbot-store"]),
    ];
    for folder in [folders("crates"), folders("plugins")].concat() {
        let manifest = manifest(&folder);
        let (package, dependencies) = (package(&manifest), dependencies(&manifest, "dependencies"));
        for (crate_, users) in only {
            let fine = !dependencies.contains(*crate_) || users.contains(&package);
            assert!(fine, "{package} depends on {crate_}");
        }
    }
    let ciphers = ["crates/core/src/receive/cipher.rs", "crates/sim/src/crypto.rs"];
    let ciphers = ciphers.map(|file| root().join(file));
    for file in rust_files(&["crates", "plugins"]).iter().filter(|file| !ciphers.contains(file)) {
        let text = read(file);
        let knows = ["aes::", "cbc::", "Aes256"].iter().find(|word| text.contains(*word));
        assert_eq!(knows, None, "{} knows the cipher", file.display());
    }
}

#[test]
fn every_plugin_of_the_repository_is_in_the_app_and_in_the_tests() {
    let plugins = folders("plugins");
    let mut packages = BTreeSet::new();
    for folder in &plugins {
        let manifest = manifest(folder);
        assert_eq!(package(&manifest), format!("wxbot-plugin-{}", name_of(folder)));
        packages.insert(package(&manifest).to_owned());
    }
    let app = dependencies(&manifest(&root().join("crates/app")), "dependencies");
    let linked: BTreeSet<_> =
        app.into_iter().filter(|name| name.starts_with("wxbot-plugin-")).collect();
    assert_eq!(linked, packages, "crates/app/Cargo.toml");

    let all = Registration::all();
    let registered = all.iter().filter(|plugin| plugin.package != "wxbot-tests");
    let registered: Vec<_> = registered.map(|plugin| (plugin.name, plugin.package)).collect();
    let expected: Vec<_> = plugins.iter().map(|folder| name_of(folder).to_owned()).collect();
    let expected: Vec<_> =
        expected.iter().map(|name| (name.clone(), format!("wxbot-plugin-{name}"))).collect();
    let expected: Vec<_> =
        expected.iter().map(|(name, package)| (name.as_str(), package.as_str())).collect();
    assert_eq!(registered, expected, "linked into tests/src/lib.rs, under the folder's name");
}

/// A plugin's first sentence is what `wxbot plugins` shows.
#[test]
fn every_plugin_says_what_it_is() {
    for plugin in Registration::all() {
        let summary = plugin.summary;
        assert!(summary.starts_with(char::is_lowercase), "{}: {summary}", plugin.name);
        assert!(!summary.ends_with('.') && summary.len() <= 80, "{}: {summary}", plugin.name);
        let schema = (plugin.schema)();
        let properties = schema.get("properties").and_then(|all| all.as_object());
        for (key, property) in properties.into_iter().flatten() {
            let described = property.get("description").is_some();
            assert!(described, "{}: `{key}` has no line of its own", plugin.name);
        }
    }
}

#[test]
fn every_crate_has_the_lints_and_the_version_of_the_workspace() {
    for folder in members() {
        let manifest = manifest(&folder);
        let inherited = |table: &Value| table.get("workspace").and_then(Value::as_bool);
        assert_eq!(manifest.get("lints").and_then(inherited), Some(true), "{}", folder.display());
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            let value = manifest["package"].get(key).and_then(inherited);
            assert_eq!(value, Some(true), "{key} in {}", folder.display());
        }
        assert!(manifest["package"]["description"].is_str(), "{}", folder.display());
    }
}

#[test]
fn every_version_is_chosen_once_for_the_workspace() {
    for folder in members() {
        let manifest = manifest(&folder);
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let table = manifest.get(kind).and_then(Value::as_table);
            for (name, dependency) in table.into_iter().flatten() {
                let inherited = dependency.get("workspace").and_then(Value::as_bool);
                assert_eq!(inherited, Some(true), "{name} in {}", folder.display());
            }
        }
    }
}

/// Two that we want nowhere: an h2 with an open advisory, and a C library.
#[test]
fn no_h2_and_no_openssl_are_built() {
    let lock: Table = read(&root().join("Cargo.lock")).parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let names: Vec<_> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    assert!(names.contains(&"actix-web"), "{names:?}");
    for unwanted in ["h2", "openssl-sys", "openssl", "native-tls", "actix-governor"] {
        assert!(!names.contains(&unwanted), "{unwanted} is in Cargo.lock");
    }
}

#[test]
fn every_file_says_first_what_it_is() {
    let mut silent = rust_files(&["crates", "plugins", "tests"]);
    silent.retain(|file| {
        let text = read(file);
        let mut lines = text.lines();
        let first = lines.find(|line| !line.starts_with("#!")).unwrap_or_default();
        let sentence = first.strip_prefix("//! ").unwrap_or_default();
        !(sentence.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || c == '`')
            || sentence.starts_with("wxbot"))
    });
    assert!(silent.is_empty(), "{silent:?}");
}

/// Where packages come from, and where this happens to be checked out, is nobody's business.
#[test]
fn no_file_names_a_registry_or_a_folder_of_this_machine() {
    let hosts = ["index.crates", "static.crates", "registry.npmjs", "pypi.org", "deb.debian"];
    let home = std::env::var("HOME").ok().filter(|home| home.len() > 1);
    let places = [Some(root().to_str().unwrap().to_owned()), home];
    for file in files() {
        // This file names the hosts that it looks for.
        if file.ends_with("tests/it/repository.rs") {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let host = hosts.iter().find(|host| text.contains(*host));
        assert_eq!(host, None, "{}", file.display());
        let place = places.iter().flatten().find(|place| names(&text, place));
        assert_eq!(place, None, "{}", file.display());
    }
}

/// Whether a text has this absolute path in it, not only a part of another path.
fn names(text: &str, path: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || "._-".contains(c);
    text.match_indices(path)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + path.len()..].starts_with(part))
}

/// Commands that the documents and CI rely on.
#[test]
fn what_ci_runs_is_there() {
    assert!(root().join(".ci/run").is_file());
    assert!(root().join(".deny.toml").is_file());
}
