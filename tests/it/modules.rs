//! No crate has a circle of modules.
//!
//! The nodes are files. An arrow leads from a file to each file that defines a name it uses, in a
//! `use` or in a path; re-exports are followed. A `mod` declaration is no arrow.

#![allow(clippy::unwrap_used)] // an error here is a failed test

mod graph;
mod source;

use std::path::{Path, PathBuf};

use graph::Modules;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the root").to_owned()
}

/// The crates in a folder.
fn crates(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.join("Cargo.toml").is_file()).collect()
}

/// The modules of a crate, from `lib.rs` or `main.rs` on.
fn modules(crate_: &Path) -> Modules {
    Modules::read(&|module: &[String]| {
        let files = match module {
            [] => ["lib.rs".to_owned(), "main.rs".to_owned()],
            _ => [".rs", "/mod.rs"].map(|end| module.join("/") + end),
        };
        files.iter().find_map(|file| std::fs::read_to_string(crate_.join("src").join(file)).ok())
    })
}

#[test]
fn no_crate_has_a_circle() {
    let folders = ["crates", "plugins"].map(|folder| crates(&root().join(folder)));
    let mut wrong = Vec::new();
    for source in folders.iter().flatten() {
        let circles = modules(source).circles();
        let name = source.strip_prefix(root()).unwrap().to_str().unwrap();
        if !circles.is_empty() {
            wrong.push(format!("{name}:\n{}", circles.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A crate of these modules has circles of these arrows.
#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let modules = Modules::read(&|module: &[String]| {
        let path = module.join("::");
        files.iter().find(|(name, _)| *name == path).map(|(_, source)| (*source).to_owned())
    });
    assert_eq!(modules.circles(), expected, "{files:?}");
}

#[test]
fn a_circle_is_found_however_names_are_imported() {
    let ways = [
        "use crate::a::A;",
        "pub use crate::a::A as B;",
        "use crate::a::A as _; use other::B as _;",
        "use crate::{c::D, a::{self as x, A}};",
        "use super::a::A;",
        "use super::a; fn f() { a::A::new() }",
        "fn f() { crate::a::A::new() }",
        "fn f() { json!({ \"a\": super::a::A }) }",
        "mod inner { use super::super::a::A; }",
        "#[cfg(unix)] use crate::a::A;",
    ];
    for way in ways {
        let a = ("a", "use crate::b::C; pub struct A;");
        let b = format!("pub struct C; {way}");
        check(&[("", "mod a; mod b;"), a, ("b", &b)], &["a -> b: C", "b -> a: A"]);
    }
}

#[test]
fn a_parent_and_its_child_can_form_a_circle() {
    let child = ("a::b", "use super::A; pub struct B;");
    check(&[("", "mod a;"), ("a", "mod b; pub struct A;"), child], &[]);
    let circle = ["a -> a::b: B", "a::b -> a: A"];
    check(&[("", "mod a;"), ("a", "mod b; pub use b::B; pub struct A;"), child], &circle);
    check(&[("", "mod a;"), ("a", "mod b; pub use self::b::B; pub struct A;"), child], &circle);
    check(&[("", "mod a;"), ("a", "mod b; pub struct A(b::B);"), child], &circle);
}

#[test]
fn an_arrow_leads_to_the_file_that_defines_the_name() {
    let siblings = ("a", "mod b; mod c; pub use b::B; pub use c::*;");
    let from_sibling = ("a::b", "use super::C; pub struct B;");
    check(&[("", "mod a;"), siblings, from_sibling, ("a::c", "pub struct C;")], &[]);
    let both_ways = ("a::c", "use super::B; pub struct C;");
    let circle = ["a::b -> a::c: C", "a::c -> a::b: B"];
    check(&[("", "mod a;"), siblings, from_sibling, both_ways], &circle);
    let root = ("", "mod a; mod d; pub use a::A;");
    check(
        &[root, ("a", "use crate::d::D; pub struct A;"), ("d", "use crate::A;")],
        &["a -> d: D", "d -> a: A"],
    );
}

#[test]
fn comments_literals_tests_and_other_crates_do_not_count() {
    let harmless = [
        "// use crate::a::A;",
        "/* use crate::a::A; */",
        "const A: &str = \"use crate::a::A;\"; const B: char = '\"';",
        "const A: &str = r#\"\" use crate::a::A;\"#;",
        "#[cfg(test)] mod tests { use crate::a::A; }",
        "#[cfg(test)] use crate::a::{A};",
        "use other::a::A; fn f<'a>(x: &'a str) -> impl Sized + use<'a> { a::f(x) }",
        "use b::a::A;",
    ];
    for source in harmless {
        check(&[("", "mod a; mod b;"), ("a", "use crate::b::B;"), ("b", source)], &[]);
    }
}
