//! What WeChat refuses of a menu, each with its place: the counts, the lengths, and what each type
//! of button takes.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use wxbot_sdk::settings::{Entries, Value, nearest};

use crate::config::findings::Findings;
use crate::config::forms::Form;

/// Domains that a conditional menu may lead to (65316).
const MOST_DOMAINS: usize = 3;

/// Each type, and what a button of it has to have; it has nothing else.
const TYPES: [(&str, &[&str]); 13] = [
    ("click", &["key"]),
    ("view", &["url"]),
    ("miniprogram", &["url", "appid", "pagepath"]),
    ("scancode_push", &["key"]),
    ("scancode_waitmsg", &["key"]),
    ("pic_sysphoto", &["key"]),
    ("pic_photo_or_album", &["key"]),
    ("pic_weixin", &["key"]),
    ("location_select", &["key"]),
    ("media_id", &["media_id"]),
    ("view_limited", &["media_id"]),
    ("article_id", &["article_id"]),
    ("article_view_limited", &["article_id"]),
];

/// The top of a menu, or what is below a button.
struct Level {
    what: &'static str,
    most: usize,
    name_bytes: usize,
    /// Chinese characters that a phone shows.
    shown: usize,
}

const TOP: Level = Level { what: "a menu", most: 3, name_bytes: 16, shown: 4 };
const SUB: Level = Level { what: "`sub_button`", most: 5, name_bytes: 60, shown: 8 };

/// Checks the table of a menu whose values have the right types.
pub(crate) fn check(menu: &Entries, findings: &mut Findings) {
    TOP.buttons(menu, findings);
    for conditional in list(menu, "conditional") {
        let Some(entries) = conditional.get_ref().as_table() else { continue };
        TOP.buttons(entries, findings);
        check_rule(entries, conditional.span(), findings);
        check_domains(entries, findings);
    }
}

impl Level {
    fn buttons(&self, table: &Entries, findings: &mut Findings) {
        let key = if self.most == SUB.most { "sub_button" } else { "button" };
        let buttons = list(table, key);
        if !(1..=self.most).contains(&buttons.len()) {
            let span = table.get(key).map(Spanned::span);
            let (what, most, count) = (self.what, self.most, buttons.len());
            findings.error(span, format!("{what} has 1 to {most} buttons, not {count}"));
        }
        for button in buttons {
            if let Some(entries) = button.get_ref().as_table() {
                self.button(entries, button.span(), findings);
            }
        }
    }

    fn button(&self, button: &Entries, place: Range<usize>, findings: &mut Findings) {
        self.name(button, findings);
        if !button.contains_key("sub_button") {
            return action(button, place, findings);
        }
        let span = button.get("sub_button").map(Spanned::span);
        if self.most == SUB.most {
            return findings.error(span, "a button below another has none below it");
        }
        let extra = TYPES.iter().flat_map(|(_, keys)| *keys).chain(&["type"]);
        let extra: BTreeSet<_> = extra.filter(|key| button.contains_key(**key)).collect();
        for key in extra {
            let span = button.get(*key).map(Spanned::span);
            findings.error(span, format!("a button with `sub_button` has no `{key}`"));
        }
        SUB.buttons(button, findings);
    }

    fn name(&self, button: &Entries, findings: &mut Findings) {
        let Some((name, span)) = text(button, "name") else { return };
        let (most, bytes) = (self.name_bytes, name.len());
        if name.trim().is_empty() {
            findings.error(Some(span), "a button needs a `name`");
        } else if bytes > most {
            let message = format!(
                "`name` has {bytes} bytes; here WeChat takes {most}, which are {} Chinese characters",
                most / 3
            );
            findings.error(Some(span), message);
        } else if width(name) > 2 * self.shown {
            let shown = self.shown;
            let message = format!("phones show {shown} Chinese characters of a `name` here");
            findings.warn(Some(span), message);
        }
    }
}

/// In halves of a Chinese character.
fn width(name: &str) -> usize {
    name.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}

/// A button that does something: its type, and what that takes.
fn action(button: &Entries, place: Range<usize>, findings: &mut Findings) {
    let Some((kind, span)) = text(button, "type") else {
        return findings.error(Some(place), "a button needs a `type`, or a `sub_button`");
    };
    let Some((_, needed)) = TYPES.iter().find(|(name, _)| *name == kind) else {
        return findings.error(Some(span), unknown_type(kind));
    };
    for key in *needed {
        match text(button, key) {
            None => findings.error(Some(span.clone()), format!("a `{kind}` button needs `{key}`")),
            Some((value, span)) => {
                if let Some(fault) = fault(key, value) {
                    findings.error(Some(span), format!("`{key}` {fault}"));
                }
            }
        }
    }
    let others = TYPES.iter().flat_map(|(_, keys)| *keys).filter(|key| !needed.contains(key));
    for key in others.collect::<BTreeSet<_>>() {
        if let Some((_, span)) = text(button, key) {
            findings.error(Some(span), format!("a `{kind}` button has no `{key}`"));
        }
    }
}

fn unknown_type(kind: &str) -> String {
    let names = TYPES.iter().map(|(name, _)| *name);
    let known: Vec<_> = names.clone().map(|name| format!("`{name}`")).collect();
    let hint = nearest(kind, names).map(|near| format!("; did you mean `{near}`?"));
    format!("`{kind}` is no type of button ({}){}", known.join(", "), hint.unwrap_or_default())
}

/// What is wrong with a value, as the end of a sentence.
fn fault(key: &str, value: &str) -> Option<String> {
    let longest = |most: usize| {
        (value.len() > most).then(|| format!("has {} bytes; WeChat takes {most}", value.len()))
    };
    if value.is_empty() {
        return Some("is empty".to_owned());
    }
    match key {
        "key" => longest(128),
        "url" if domain(value).is_none() => Some("is no URL like `https://example.com`".to_owned()),
        "url" => longest(1024),
        "appid" => Form::AppId.fault(value),
        _ => None,
    }
}

fn check_rule(conditional: &Entries, place: Range<usize>, findings: &mut Findings) {
    let Some(rule) = conditional.get("matchrule") else { return };
    let Some(entries) = rule.get_ref().as_table() else { return };
    if entries.is_empty() {
        let span = if rule.span().is_empty() { place } else { rule.span() };
        findings.error(Some(span), "`matchrule` needs a `tag_id` or a `client_platform_type`");
    }
    if let Some((platform, span)) = text(entries, "client_platform_type")
        && !["1", "2", "3"].contains(&platform)
    {
        let message = "`client_platform_type` is \"1\" (iOS), \"2\" (Android) or \"3\" (other)";
        findings.error(Some(span), message);
    }
    if let Some((tag, span)) = text(entries, "tag_id")
        && tag.parse::<u32>().is_err()
    {
        findings.error(Some(span), "`tag_id` is the number of a tag, like \"101\"");
    }
}

fn check_domains(conditional: &Entries, findings: &mut Findings) {
    let top = list(conditional, "button").iter().filter_map(|button| button.get_ref().as_table());
    let all = top.flat_map(|button| {
        let below = list(button, "sub_button").iter().filter_map(|one| one.get_ref().as_table());
        std::iter::once(button).chain(below)
    });
    let mut domains = BTreeSet::new();
    for button in all {
        let Some((url, span)) = text(button, "url") else { continue };
        let is_new = domain(url).is_some_and(|domain| domains.insert(domain));
        if is_new && domains.len() == MOST_DOMAINS + 1 {
            let message = "a conditional menu leads to three domains at most; this is the fourth";
            findings.error(Some(span), message);
        }
    }
}

fn domain(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or(url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(host).filter(|host| !host.is_empty() && !host.contains(char::is_whitespace))
}

fn list<'e>(table: &'e Entries, key: &str) -> &'e [Spanned<Value>] {
    match table.get(key).map(Spanned::get_ref) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

fn text<'e>(table: &'e Entries, key: &str) -> Option<(&'e str, Range<usize>)> {
    let value = table.get(key)?;
    Some((value.get_ref().as_text()?, value.span()))
}
