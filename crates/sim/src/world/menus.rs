//! Menus: the default one and conditional ones, and who sees which (section 7.6).

use serde_json::Value;

use super::follower::{FollowerState, Platform};
use crate::errcode::ApiError;

/// The account's menus.
#[derive(Debug, Default)]
pub(crate) struct Menus {
    pub(crate) default: Option<Menu>,
    /// In the order of their creation.
    pub(crate) conditional: Vec<Menu>,
    count: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Menu {
    pub(crate) id: u64,
    pub(crate) buttons: Value,
    /// Who sees it; null for the default menu.
    pub(crate) rule: Value,
}

impl Menus {
    pub(crate) fn set_default(&mut self, buttons: Value) {
        let id = self.next_id();
        self.default = Some(Menu { id, buttons, rule: Value::Null });
    }

    /// Adds a conditional menu and returns its id.
    pub(crate) fn add_conditional(&mut self, buttons: Value, rule: Value) -> u64 {
        let id = self.next_id();
        self.conditional.push(Menu { id, buttons, rule });
        id
    }

    pub(crate) fn remove_conditional(&mut self, id: &str) -> Result<(), ApiError> {
        let found = self.conditional.iter().position(|menu| menu.id.to_string() == id);
        self.conditional.remove(found.ok_or(ApiError::code(65301))?);
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.default = None;
        self.conditional.clear();
    }

    /// The menu that a follower sees: the newest conditional one that matches, or the default one.
    pub(crate) fn seen_by(&self, follower: &FollowerState) -> Option<&Menu> {
        let mut conditional = self.conditional.iter().rev();
        conditional.find(|menu| matches(&menu.rule, follower)).or(self.default.as_ref())
    }

    fn next_id(&mut self) -> u64 {
        self.count += 1;
        421_000_000 + self.count
    }
}

/// Of several tags, the latest counts.
fn matches(rule: &Value, follower: &FollowerState) -> bool {
    let platform = match follower.platform {
        Platform::Ios => "1",
        Platform::Android => "2",
        Platform::Other => "3",
    };
    let tag = follower.tags.last().map(u64::to_string);
    let holds = |name: &str, value: Option<&str>| match id_text(rule, name) {
        None => true,
        Some(wanted) => value == Some(&*wanted),
    };
    holds("tag_id", tag.as_deref()) && holds("client_platform_type", Some(platform))
}

/// An id, written as a string or as a number.
pub(crate) fn id_text(object: &Value, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
