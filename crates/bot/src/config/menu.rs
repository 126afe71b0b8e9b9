//! `[account.menu]`: the menu below an account's chat, in WeChat's words (protocol section 7.6).

pub(super) mod rules;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The menu that everybody sees, and those for some followers instead.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// One to three.
    #[schemars(length(min = 1, max = 3))]
    pub button: Vec<Button>,
    /// The first one whose rule matches a follower is theirs.
    #[serde(default)]
    pub conditional: Vec<ConditionalMenu>,
}

/// A menu for some followers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionalMenu {
    /// Who sees it.
    pub matchrule: MatchRule,
    /// One to three.
    #[schemars(length(min = 1, max = 3))]
    pub button: Vec<Button>,
}

/// Who sees a conditional menu: all that is given holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchRule {
    /// The id of a tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_id: Option<String>,
    /// 1 iOS, 2 Android, 3 other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_platform_type: Option<String>,
}

/// A button: what it does, or the buttons below it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// What is on it.
    pub name: String,
    /// `click`, `view`, `miniprogram` …; none where there are buttons below.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What a click says to the bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The page that is opened; for a mini program by old phones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The mini program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagepath: Option<String>,
    /// What WeChat sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_id: Option<String>,
    /// The published article that WeChat sends or opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_id: Option<String>,
    /// One to five.
    #[schemars(length(max = 5))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_button: Vec<Button>,
}

impl Menu {
    /// Every button that does something, in all menus.
    pub fn actions(&self) -> impl Iterator<Item = &Button> {
        let conditional = self.conditional.iter().flat_map(|menu| &menu.button);
        self.button.iter().chain(conditional).flat_map(Button::actions)
    }
}

impl ConditionalMenu {
    /// The body of `menu/addconditional`.
    pub fn body(&self) -> Value {
        json!({ "button": self.button, "matchrule": self.matchrule })
    }
}

impl MatchRule {
    /// As it is shown: `tag_id 2, client_platform_type 1`.
    pub fn shown(&self) -> String {
        let keys = [("tag_id", &self.tag_id), ("client_platform_type", &self.client_platform_type)];
        let given = keys.into_iter().filter_map(|(key, value)| {
            let value = value.as_deref()?;
            Some(format!("{key} {value}"))
        });
        given.collect::<Vec<_>>().join(", ")
    }
}

impl Button {
    fn actions(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match self.sub_button.is_empty() {
            true => Box::new(std::iter::once(self)),
            false => Box::new(self.sub_button.iter()),
        }
    }
}
