//! What a menu must look like.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::api::Refused;
use crate::api::call::text;

/// Fields of match rules that were abolished for the followers' privacy.
const ABOLISHED: &[&str] = &["sex", "country", "province", "city", "language"];
/// Of conditional menus.
const DOMAINS: usize = 3;

/// One level of buttons: its limits, and the codes it is refused with.
struct Level {
    most: usize,
    name_bytes: usize,
    count: i64,
    kind: i64,
    name: i64,
    key: i64,
    url: i64,
    domain: i64,
}

const TOP: Level = Level {
    most: 3,
    name_bytes: 16,
    count: 40016,
    kind: 40017,
    name: 40018,
    key: 40019,
    url: 40020,
    domain: 40055,
};
const SUB: Level = Level {
    most: 5,
    name_bytes: 60,
    count: 40023,
    kind: 40024,
    name: 40025,
    key: 40026,
    url: 40027,
    domain: 40054,
};

/// Three buttons at most, with five below each at most.
pub(super) fn buttons(list: &Value, is_material: &dyn Fn(&str) -> bool) -> Result<(), Refused> {
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
                return Err(Refused::code(40022));
            }
            SUB.action(button, is_material)?;
        }
    }
    Ok(())
}

impl Level {
    fn list<'v>(&self, list: &'v Value) -> Result<&'v [Value], Refused> {
        let list = list.as_array().filter(|list| (1..=self.most).contains(&list.len()));
        list.map(Vec::as_slice).ok_or(Refused::code(self.count))
    }

    fn name(&self, button: &Value) -> Result<(), Refused> {
        let name = text(button, "name").filter(|name| name.len() <= self.name_bytes);
        name.map(drop).ok_or(Refused::code(self.name))
    }

    fn action(&self, button: &Value, is_material: &dyn Fn(&str) -> bool) -> Result<(), Refused> {
        let media = || text(button, "media_id").filter(|media_id| is_material(media_id));
        match text(button, "type").ok_or(Refused::code(self.kind))? {
            "click" | "scancode_push" | "scancode_waitmsg" | "pic_sysphoto"
            | "pic_photo_or_album" | "pic_weixin" | "location_select" => self.key(button),
            "view" => self.url(button),
            "miniprogram" => {
                self.url(button)?;
                text(button, "appid").ok_or(Refused::code(40013))?;
                text(button, "pagepath").map(drop).ok_or(Refused::code(40035))
            }
            "media_id" | "view_limited" => media().map(drop).ok_or(Refused::code(40007)),
            "article_id" | "article_view_limited" => {
                text(button, "article_id").map(drop).ok_or(Refused::code(53600))
            }
            _ => Err(Refused::code(self.kind)),
        }
    }

    fn key(&self, button: &Value) -> Result<(), Refused> {
        let key = text(button, "key").filter(|key| key.len() <= 128);
        key.map(drop).ok_or(Refused::code(self.key))
    }

    fn url(&self, button: &Value) -> Result<(), Refused> {
        let url = text(button, "url").filter(|url| url.len() <= 1024);
        let url = url.ok_or(Refused::code(self.url))?;
        domain(url).map(drop).ok_or(Refused::code(self.domain))
    }
}

/// The rule of a conditional menu.
pub(super) fn rule(rule: &Value) -> Result<Value, Refused> {
    let says = |value: &Value| !value.is_null() && value != "";
    let fields = rule.as_object().ok_or(Refused::code(65304))?;
    if fields.iter().any(|(name, value)| ABOLISHED.contains(&&**name) && says(value)) {
        return Err(Refused::code(65320));
    }
    if !fields.values().any(says) {
        return Err(Refused::code(65304));
    }
    let mut rule = rule.clone();
    if rule.get("tag_id").is_none() && rule.get("group_id").is_some() {
        rule["tag_id"] = rule["group_id"].clone(); // the older name
    }
    Ok(rule)
}

/// Conditional menus lead to few domains.
pub(super) fn domains(buttons: &Value) -> Result<(), Refused> {
    let top = buttons.as_array().into_iter().flatten();
    let all = top.flat_map(|button| {
        let below = button["sub_button"].as_array().into_iter().flatten();
        std::iter::once(button).chain(below)
    });
    let domains: BTreeSet<_> = all.filter_map(|button| domain(text(button, "url")?)).collect();
    if domains.len() > DOMAINS { Err(Refused::code(65316)) } else { Ok(()) }
}

fn domain(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or(url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(host).filter(|host| !host.is_empty())
}
