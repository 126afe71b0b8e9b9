//! What is no TOML, with what is right where we know it.

use std::ops::Range;

use wxbot_sdk::settings::{Problem, parse_duration};

const QUOTES: &str = "“ ” ‘ ’ are no quotes in TOML: write \"";
const NAMES: &str = "quote names with other than A-Z a-z 0-9 _ -: [audience.\"员工\"]";
const JSON: &str = "this looks like JSON, and has to be TOML: `wxbot init` writes one";
const WEB_PAGE: &str = "this looks like a web page, and has to be TOML: download the file itself";
const YAML: &str = "this looks like YAML, and has to be TOML: `wxbot init` writes one";
const CR: &str = "its lines end with CR alone: save it with LF or CRLF";

/// What the parser's message begins with, and what was probably meant.
const SLIPS: [(&str, &str); 3] = [
    (
        "invalid basic string",
        "close it with \"; several lines stand in \"\"\", or have \\n for each end",
    ),
    ("missing escaped value", "write a regex in single quotes: '^\\d+$'"),
    ("invalid boolean", LOWER_CASE),
];
const LOWER_CASE: &str = "`true` and `false` are written in lower case";
const OPEN_LIST: &str = "a `[` above is not closed: write its `]`";

/// What a Chinese keyboard writes, and what was meant.
const FULL_WIDTH: [(char, char); 14] = [
    ('＝', '='),
    ('：', '='),
    ('【', '['),
    ('】', ']'),
    ('［', '['),
    ('］', ']'),
    ('｛', '{'),
    ('｝', '}'),
    ('，', ','),
    ('、', ','),
    ('。', '.'),
    ('＂', '"'),
    ('＇', '\''),
    ('＃', '#'),
];

/// What nobody sees, and what to do about it.
const INVISIBLE: [(char, &str, &str); 4] = [
    ('\u{3000}', "full-width space", "write an ordinary one"),
    ('\u{a0}', "no-break space", "write an ordinary one"),
    ('\u{200b}', "zero-width space", "delete it"),
    ('\u{feff}', "byte order mark", "delete it"),
];

/// The first problem of each line, and a hint at what an input method, a word processor or another
/// format made of it. One slip makes several.
pub(super) fn hinted(text: &str, problems: Vec<Problem>) -> Vec<Problem> {
    if let Some(format) = other_format(text) {
        let first = problems.into_iter().take(1);
        return first.map(|problem| with_hint(problem, format)).collect();
    }
    let mut last = None;
    let mut of_each_line = Vec::new();
    for problem in problems {
        let line = line_of(text, &problem);
        if line.is_some() && line == last {
            continue;
        }
        let found = line.clone().and_then(|line| {
            let line = &text[line];
            let is_open = || is_open_list(text, &problem, line).then(|| OPEN_LIST.to_owned());
            hint(line).or_else(|| slip(&problem.message, line)).or_else(is_open)
        });
        of_each_line.push(match found {
            Some(hint) => with_hint(problem, &hint),
            None => problem,
        });
        last = line;
    }
    of_each_line
}

fn with_hint(problem: Problem, hint: &str) -> Problem {
    Problem { message: format!("{}; hint: {hint}", problem.message), ..problem }
}

fn line_of(text: &str, problem: &Problem) -> Option<Range<usize>> {
    let at = problem.span.as_ref()?.start.min(text.len());
    let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    Some(start..start + line.len())
}

fn other_format(text: &str) -> Option<&'static str> {
    let begin = text.trim_start_matches('\u{feff}').trim_start();
    let is_said = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    let first = begin.lines().find(is_said).unwrap_or_default();
    match () {
        () if begin.starts_with('{') => Some(JSON),
        () if begin.starts_with('<') => Some(WEB_PAGE),
        () if first.trim_end().ends_with(':') || first.starts_with("---") => Some(YAML),
        () if text.contains('\r') && !text.contains('\n') => Some(CR),
        () => None,
    }
}

fn hint(line: &str) -> Option<String> {
    let bare = outside_of_quotes(line);
    if bare.contains(['“', '”', '‘', '’']) {
        return Some(QUOTES.to_owned());
    }
    let of = |c: char| full_width(c).or(invisible(c));
    let names = bare.split('=').next().unwrap_or_default();
    let is_odd = |c: char| c.is_alphanumeric() && !c.is_ascii();
    bare.chars().find_map(of).or_else(|| names.contains(is_odd).then(|| NAMES.to_owned()))
}

fn slip(message: &str, line: &str) -> Option<String> {
    let value = line.split_once('=').map(|(_, value)| value.split('#').next().unwrap_or_default());
    let value = value.unwrap_or_default().trim();
    let is_boolean = ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word));
    if message.starts_with("string values must be quoted") && parse_duration(value).is_ok() {
        return Some(format!("write it in quotes: \"{value}\""));
    }
    if message.starts_with("string values must be quoted") && is_boolean {
        return Some(LOWER_CASE.to_owned());
    }
    let known = SLIPS.into_iter().find(|(begin, _)| message.starts_with(begin));
    known.map(|(_, hint)| hint.to_owned())
}

/// Whether a line that can't be an item, a key or a heading, is read as one.
fn is_open_list(text: &str, problem: &Problem, line: &str) -> bool {
    let at = problem.span.as_ref().map_or(0, |span| span.start.min(text.len()));
    let begins_line = text[..at].trim_end_matches([' ', '\t']).ends_with('\n');
    let name = line.trim_start().trim_start_matches('[');
    let is_heading = line.trim_start().starts_with('[');
    problem.message.starts_with("missing comma between array elements")
        && begins_line
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && (is_heading || outside_of_quotes(line).contains('='))
}

fn full_width(c: char) -> Option<String> {
    let (_, meant) = FULL_WIDTH.into_iter().find(|(wide, _)| *wide == c)?;
    Some(format!("`{c}` is full-width: write `{meant}`"))
}

fn invisible(c: char) -> Option<String> {
    let (_, name, cure) = INVISIBLE.into_iter().find(|(hidden, ..)| *hidden == c)?;
    Some(format!("there is a {name} (U+{:04X}): {cure}", u32::from(c)))
}

/// A line without its strings and its comment.
fn outside_of_quotes(line: &str) -> String {
    let (mut bare, mut open) = (String::new(), None);
    for c in line.chars() {
        match (open, c) {
            (Some(quote), _) if c == quote => open = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => open = Some(c),
            (None, '#') => break,
            (None, _) => bare.push(c),
        }
    }
    bare
}
