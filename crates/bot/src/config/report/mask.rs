//! The file as it may be shown: stars for every value that may be a secret, and for whatever could
//! not be read.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use toml::Spanned;
use wxbot_sdk::settings::{Entries, Settings, Value};

use super::public::{self, Kind};

/// A file, masked.
pub(super) struct Masked {
    /// Character for character as long as the file, but for comments, which are left out.
    pub(super) text: String,
    scalars: Vec<Scalar>,
}

/// A text, a number, a boolean or a date of the file.
pub(super) struct Scalar {
    span: Range<usize>,
    /// What it says, variables not filled in.
    pub(super) value: String,
    /// The same as it may be shown.
    pub(super) shown: String,
}

impl Masked {
    pub(super) fn new(file: &str) -> Self {
        let (settings, errors) = Settings::parse(file);
        let first_fault = errors.iter().filter_map(|error| Some(error.span.as_ref()?.start)).min();
        let mut pieces = Pieces {
            file,
            is_toml: errors.is_empty(),
            shown_until: first_fault.map_or(file.len(), |fault| end_of_line(file, fault)),
            known: Vec::new(),
            scalars: Vec::new(),
        };
        pieces.visit_entries(settings.entries(), &public::FILE);
        let text = pieces.joined();
        Self { text, scalars: pieces.scalars }
    }

    /// The value that stands exactly there.
    pub(super) fn scalar_at(&self, span: &Range<usize>) -> Option<&Scalar> {
        self.scalars.iter().find(|scalar| scalar.span == *span)
    }

    /// Every value of which something is hidden.
    pub(super) fn hidden(&self) -> impl Iterator<Item = &Scalar> {
        self.scalars.iter().filter(|scalar| scalar.shown != scalar.value)
    }
}

/// The keys and values of a file, as they may be shown.
struct Pieces<'f> {
    file: &'f str,
    /// Otherwise what looks like a name may be the second line of a secret.
    is_toml: bool,
    /// A value that begins later is hidden: it may belong to another key than the one read.
    shown_until: usize,
    known: Vec<(Range<usize>, String)>,
    scalars: Vec<Scalar>,
}

impl Pieces<'_> {
    fn visit_entries(&mut self, entries: &Entries, kind: &Kind) {
        for (key, value) in entries {
            self.show_names(key.span());
            self.visit(value, kind.of(key.get_ref()));
        }
    }

    /// In what is no TOML, a bracket without its end swallows the lines below. A fault is found
    /// there, if not at the end of the file.
    fn visit(&mut self, value: &Spanned<Value>, kind: &Kind) {
        let outside = self.shown_until;
        if !self.is_toml && self.is_in_brackets(value) {
            self.shown_until = outside.min(end_of_line(self.file, value.span().start));
        }
        self.visit_inside(value, kind);
        self.shown_until = outside;
    }

    fn visit_inside(&mut self, value: &Spanned<Value>, kind: &Kind) {
        let span = value.span();
        match value.get_ref() {
            Value::Table(entries) => {
                // The place of a `[table]` is its heading, which is made of names.
                if self.source(&span).starts_with('[') {
                    self.show_names(span);
                }
                self.visit_entries(entries, kind);
            }
            Value::List(items) => items.iter().for_each(|item| self.visit(item, kind)),
            Value::Bare(text) if is_no_secret(text) => self.add(span, text, &Kind::Public),
            Value::Text(text) | Value::Bare(text) => self.add(span, text, kind),
        }
    }

    /// Whether it is a `{ table }` or a `[list]`; those under headings are none.
    fn is_in_brackets(&self, value: &Spanned<Value>) -> bool {
        match value.get_ref() {
            Value::Table(_) => self.source(&value.span()).starts_with('{'),
            Value::List(items) => !items.iter().any(|item| {
                item.get_ref().as_table().is_some() && self.source(&item.span()).starts_with('[')
            }),
            Value::Text(_) | Value::Bare(_) => false,
        }
    }

    fn add(&mut self, span: Range<usize>, value: &str, kind: &Kind) {
        let source = self.source(&span);
        let inside = source.trim_matches(['"', '\'']);
        // One without its end goes on to what others must not see.
        let is_unended = !self.is_toml && inside.contains(['\n', '\r']);
        let is_hidden = is_unended || span.start > self.shown_until;
        let masked = masked(inside, if is_hidden { &Kind::Secret } else { kind });
        let all_hidden = !inside.is_empty() && masked.chars().all(|c| "*\n".contains(c));
        let (piece, shown) = match () {
            () if all_hidden => (stars(source), "***".into()),
            () if masked == inside => (source.to_owned(), value.to_owned()),
            () => (source.replacen(inside, &masked, 1), masked),
        };
        self.known.push((span.clone(), piece));
        self.scalars.push(Scalar { span, value: value.to_owned(), shown });
    }

    fn show_names(&mut self, span: Range<usize>) {
        if self.is_toml {
            let source = self.source(&span).to_owned();
            self.known.push((span, source));
        }
    }

    fn source(&self, span: &Range<usize>) -> &str {
        self.file.get(span.clone()).unwrap_or_default()
    }

    /// The pieces in their order, and what is between them.
    fn joined(&mut self) -> String {
        self.known.sort_by_key(|(span, _)| (span.start, span.end));
        let (mut text, mut at) = (String::new(), 0);
        for (span, piece) in &self.known {
            // A heading holds the keys in it.
            if span.start < at {
                continue;
            }
            text += &between(&self.file[at..span.start]);
            text += piece;
            at = span.end;
        }
        text + &between(&self.file[at..])
    }
}

/// Where the line ends in which this is.
fn end_of_line(file: &str, at: usize) -> usize {
    file.get(at..).and_then(|rest| rest.find(['\n', '\r'])).map_or(file.len(), |end| at + end)
}

/// What is of no key and no value: punctuation, comments, and what could not be read.
fn between(file: &str) -> String {
    static PARTS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?<comment>[ \t]*#.*)|(?<word>[\w-]+)|(?<mark>[\s=\[\]{},.＝【】［］｛｝，、。：“”‘’＂＇])|(?<other>.)")
            .expect("the pattern is right")
    });
    let mut shown = String::new();
    for part in PARTS.captures_iter(file) {
        let (whole, is) = (&part[0], |name| part.name(name).is_some());
        if is("mark") || is("word") && public::is_a_name(whole) {
            shown += whole;
        } else if !is("comment") {
            shown += &stars(whole);
        }
    }
    shown
}

/// A value with stars for what is hidden of it.
fn masked(value: &str, kind: &Kind) -> String {
    // The name of a variable is no secret; `$${` is none.
    static VARIABLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\$\$\{|(\$\{\w*\})").expect("the pattern is right"));
    let hidden = kind.hides(value);
    let variables = VARIABLE.captures_iter(value).filter_map(|found| found.get(1));
    let shown: Vec<_> = variables.map(|name| name.range()).collect();
    let hides = |(at, character): (usize, char)| {
        let inside = |ranges: &[Range<usize>]| ranges.iter().any(|range| range.contains(&at));
        match inside(&hidden) && !inside(&shown) && character != '\n' {
            true => '*',
            false => character,
        }
    };
    value.char_indices().map(hides).collect()
}

fn stars(text: &str) -> String {
    text.chars().map(|character| if character == '\n' { '\n' } else { '*' }).collect()
}

/// Nobody's secret is `true` or a number of three digits.
fn is_no_secret(bare: &str) -> bool {
    bare.len() <= 3 || matches!(bare, "true" | "false")
}
