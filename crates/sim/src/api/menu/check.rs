//! What makes a menu valid.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::api::json::text;
use crate::errcode::ApiError;

/// Fields of match rules that were abolished for privacy.
const ABOLISHED: &[&str] = &["sex", "country", "province", "city", "language"];
/// Domains in a conditional menu.
const MAX_DOMAINS: usize = 3;

/// One level of buttons: its limits, and the error codes of what is wrong.
struct Level {
    max_buttons: usize,
    max_name_bytes: usize,
    count: i64,
    kind: i64,
    name: i64,
    key: i64,
    url: i64,
    domain: i64,
}

const TOP: Level = Level {
    max_buttons: 3,
    max_name_bytes: 16,
    count: 40016,
    kind: 40017,
    name: 40018,
    key: 40019,
    url: 40020,
    domain: 40055,
};
const SUB: Level = Level {
    max_buttons: 5,
    max_name_bytes: 60,
    count: 40023,
    kind: 40024,
    name: 40025,
    key: 40026,
    url: 40027,
    domain: 40054,
};

/// Checks the buttons of a menu: three at most, with five below each.
pub(super) fn buttons(list: &Value, is_material: &dyn Fn(&str) -> bool) -> Result<(), ApiError> {
    for button in TOP.list(list)? {
        TOP.name(button)?;
        let below = button.get("sub_button").filter(|below| **below != Value::Array(Vec::new()));
        let Some(below) = below else {
            TOP.action(button, is_material)?;
            continue;
        };
        for button in SUB.list(below)? {
            SUB.name(button)?;
            if button["sub_button"].as_array().is_some_and(|below| !below.is_empty()) {
                return Err(ApiError::code(40022));
            }
            SUB.action(button, is_material)?;
        }
    }
    Ok(())
}

impl Level {
    fn list<'v>(&self, list: &'v Value) -> Result<&'v [Value], ApiError> {
        let list = list.as_array().filter(|list| (1..=self.max_buttons).contains(&list.len()));
        list.map(Vec::as_slice).ok_or(ApiError::code(self.count))
    }

    fn name(&self, button: &Value) -> Result<(), ApiError> {
        let name = text(button, "name").filter(|name| name.len() <= self.max_name_bytes);
        name.map(drop).ok_or(ApiError::code(self.name))
    }

    fn action(&self, button: &Value, is_material: &dyn Fn(&str) -> bool) -> Result<(), ApiError> {
        let media = || text(button, "media_id").filter(|media_id| is_material(media_id));
        match text(button, "type").ok_or(ApiError::code(self.kind))? {
            "click" | "scancode_push" | "scancode_waitmsg" | "pic_sysphoto"
            | "pic_photo_or_album" | "pic_weixin" | "location_select" => self.key(button),
            "view" => self.url(button),
            "miniprogram" => {
                self.url(button)?;
                text(button, "appid").ok_or(ApiError::code(40013))?;
                text(button, "pagepath").map(drop).ok_or(ApiError::code(40035))
            }
            "media_id" | "view_limited" => media().map(drop).ok_or(ApiError::code(40007)),
            "article_id" | "article_view_limited" => {
                text(button, "article_id").map(drop).ok_or(ApiError::code(53600))
            }
            _ => Err(ApiError::code(self.kind)),
        }
    }

    fn key(&self, button: &Value) -> Result<(), ApiError> {
        let key = text(button, "key").filter(|key| key.len() <= 128);
        key.map(drop).ok_or(ApiError::code(self.key))
    }

    fn url(&self, button: &Value) -> Result<(), ApiError> {
        let url = text(button, "url").filter(|url| url.len() <= 1024);
        let url = url.ok_or(ApiError::code(self.url))?;
        domain(url).map(drop).ok_or(ApiError::code(self.domain))
    }
}

/// Checks the rule of a conditional menu, and returns it with today's names.
pub(super) fn rule(rule: &Value) -> Result<Value, ApiError> {
    let is_set = |value: &Value| !value.is_null() && value != "";
    let fields = rule.as_object().ok_or(ApiError::code(65304))?;
    if fields.iter().any(|(name, value)| ABOLISHED.contains(&&**name) && is_set(value)) {
        return Err(ApiError::code(65320));
    }
    if !fields.values().any(is_set) {
        return Err(ApiError::code(65304));
    }
    let mut rule = rule.clone();
    if rule.get("tag_id").is_none() && rule.get("group_id").is_some() {
        rule["tag_id"] = rule["group_id"].clone(); // the field's former name
    }
    Ok(rule)
}

/// Checks that a conditional menu does not link to too many domains.
pub(super) fn domains(buttons: &Value) -> Result<(), ApiError> {
    let top = buttons.as_array().into_iter().flatten();
    let all = top.flat_map(|button| {
        let below = button["sub_button"].as_array().into_iter().flatten();
        std::iter::once(button).chain(below)
    });
    let domains: BTreeSet<_> = all.filter_map(|button| domain(text(button, "url")?)).collect();
    if domains.len() > MAX_DOMAINS { Err(ApiError::code(65316)) } else { Ok(()) }
}

fn domain(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or(url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(host).filter(|host| !host.is_empty())
}
