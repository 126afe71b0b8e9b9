//! What every fixture is read into: one snapshot each, in the folders of `tests/snapshots`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use insta::{Settings, assert_debug_snapshot};

use super::{fixtures, read};

/// `.config/insta.yaml` says how to accept a change.
#[test]
fn every_fixture_is_read_into_its_snapshot() {
    for fixture in fixtures() {
        let (folder, file) = fixture.name.split_once('/').expect("a fixture is in a folder");
        let mut settings = Settings::clone_current();
        settings.set_snapshot_path(snapshots().join(folder));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| assert_debug_snapshot!(file, read(&fixture.body).content));
    }
}

#[test]
fn every_snapshot_has_its_fixture() {
    let expected: BTreeSet<String> = fixtures().into_iter().map(|fixture| fixture.name).collect();
    let mut found = BTreeSet::new();
    for folder in ["messages", "events"] {
        for entry in fs::read_dir(snapshots().join(folder)).expect("the snapshots are there") {
            let file = entry.expect("a folder can be listed").file_name();
            let name = file.to_str().expect("it is ASCII");
            let name = name.strip_suffix(".snap").unwrap_or_else(|| panic!("{name} is pending"));
            found.insert(format!("{folder}/{name}"));
        }
    }
    assert_eq!(found, expected);
}

/// A test must fail on a difference, not record it.
#[test]
fn a_value_that_differs_fails_and_writes_nothing() {
    let update = env::var("INSTA_UPDATE").unwrap_or_default();
    if !update.is_empty() && update != "no" {
        return;
    }
    let folder = tempfile::tempdir().expect("there is a folder for what is temporary");
    fs::write(folder.path().join("known.snap"), "---\nsource: a\n---\n1\n").expect("it is empty");
    for name in ["known", "new"] {
        let differs = || {
            let mut settings = Settings::clone_current();
            settings.set_snapshot_path(folder.path());
            settings.set_prepend_module_to_snapshot(false);
            settings.bind(|| assert_debug_snapshot!(name, 2));
        };
        assert!(std::panic::catch_unwind(differs).is_err(), "{name}");
    }
    let files = fs::read_dir(folder.path()).expect("it is there").count();
    assert_eq!(files, 1, "nothing was written");
}

fn snapshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots")
}
