//! What one Rust file declares and imports, read without a parser: names and marks are enough.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

/// Names, joined by `::`.
pub(super) type Path = Vec<String>;

/// What a module declares, imports and mentions. Items under `#[cfg(test)]` are left out.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// `mod name;`: a file of its own.
    pub(super) files: Vec<String>,
    /// `mod name { … }`.
    pub(super) inline: BTreeMap<String, Source>,
    /// Items at the top level.
    pub(super) definitions: BTreeSet<String>,
    /// Names brought in by `use`, and what they stand for.
    pub(super) imports: BTreeMap<String, Path>,
    /// Modules imported with `::*`.
    pub(super) globs: Vec<Path>,
    /// Paths that are used: in imports, expressions, types and macros.
    pub(super) paths: BTreeSet<Path>,
}

/// Matches comments, literals and lifetimes, too, so that they are skipped; the group has the token.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let comment = r"//[^\n]*|/\*.*?\*/";
    let raw = r###"b?r(?:"[^"]*"|#".*?"#|##".*?"##)"###;
    let string = r#""(?:\\.|[^"\\])*""#;
    let character = r"'(?:\\.[^']*|[^\\'])'|'\w+";
    Regex::new(&format!(r"(?s){comment}|{raw}|{string}|{character}|(\w+|::|[^\s\w])")).unwrap()
});

const ITEMS: &[&str] =
    &["const", "enum", "fn", "macro_rules", "static", "struct", "trait", "type", "union"];

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let tokens = TOKEN.captures_iter(text).filter_map(|found| found.get(1));
        let tokens: Vec<&str> = tokens.map(|token| token.as_str()).collect();
        let mut source = Self::default();
        source.module(&tokens);
        source
    }

    fn module(&mut self, mut tokens: &[&str]) {
        let mut depth = 0;
        while let [token, rest @ ..] = tokens {
            tokens = match (*token, rest) {
                ("#", ["[", "cfg", "(", "test", ")", "]", item @ ..]) => behind_item(item),
                ("mod", [name, ";", rest @ ..]) => {
                    self.files.push((*name).to_owned());
                    rest
                }
                ("mod", [name, "{", body @ ..]) => {
                    let (body, rest) = body.split_at(end_of_group(body));
                    self.inline.entry((*name).to_owned()).or_default().module(body);
                    rest
                }
                ("use", [first, ..]) if *first != "<" => self.tree(rest, &[]),
                (item, ["!", name, ..] | [name, ..]) if depth == 0 && ITEMS.contains(&item) => {
                    self.definitions.insert((*name).to_owned());
                    rest
                }
                (name, ["::", ..]) if is_name(name) => self.path(tokens),
                (mark, _) => {
                    depth += i32::from(mark == "{") - i32::from(mark == "}");
                    rest
                }
            }
        }
    }

    /// Reads one tree of a `use`, and returns the tokens behind it.
    fn tree<'t, 's>(&mut self, tokens: &'t [&'s str], prefix: &[&str]) -> &'t [&'s str] {
        let path =
            |last: &[&str]| [prefix, last].concat().iter().map(ToString::to_string).collect();
        match tokens {
            ["*", rest @ ..] => {
                self.globs.push(path(&[]));
                rest
            }
            ["{", rest @ ..] => {
                let mut rest = rest;
                while !matches!(rest, ["}", ..] | []) {
                    rest = self.tree(rest, prefix);
                    rest = rest.strip_prefix(&[","]).unwrap_or(rest);
                }
                rest.get(1..).unwrap_or_default()
            }
            ["self", rest @ ..] if !prefix.is_empty() => self.import(path(&[]), rest),
            [name, "::", rest @ ..] => self.tree(rest, &[prefix, &[*name]].concat()),
            [name, rest @ ..] => self.import(path(&[*name]), rest),
            [] => tokens,
        }
    }

    fn import<'t, 's>(&mut self, path: Path, rest: &'t [&'s str]) -> &'t [&'s str] {
        let (name, rest) = match rest {
            ["as", name, rest @ ..] => ((*name).to_owned(), rest),
            _ => (path.last().cloned().unwrap_or_default(), rest),
        };
        self.imports.insert(name, path.clone());
        self.paths.insert(path);
        rest
    }

    /// Reads a path in the code, and returns the tokens behind it.
    fn path<'t, 's>(&mut self, tokens: &'t [&'s str]) -> &'t [&'s str] {
        let (mut path, mut rest) = (vec![tokens[0].to_owned()], &tokens[1..]);
        while let ["::", name, behind @ ..] = rest
            && is_name(name)
        {
            path.push((*name).to_owned());
            rest = behind;
        }
        self.paths.insert(path);
        rest.strip_prefix(&["::"]).unwrap_or(rest)
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The tokens behind an item: behind its `;`, or behind its block.
fn behind_item<'t, 's>(mut tokens: &'t [&'s str]) -> &'t [&'s str] {
    while let [token, rest @ ..] = tokens {
        tokens = match *token {
            ";" => return rest,
            "{" => return rest.get(end_of_group(rest) + 1..).unwrap_or_default(),
            "(" | "[" => rest.get(end_of_group(rest)..).unwrap_or_default(),
            _ => rest,
        };
    }
    tokens
}

/// The length of the group that was opened just before.
fn end_of_group(tokens: &[&str]) -> usize {
    let mut depth = 1;
    let end = tokens.iter().position(|token| {
        depth += match *token {
            "{" | "(" | "[" => 1,
            "}" | ")" | "]" => -1,
            _ => 0,
        };
        depth == 0
    });
    end.unwrap_or(tokens.len())
}
