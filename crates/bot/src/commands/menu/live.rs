//! The menu that followers see, as WeChat's API has it.

use serde_json::Value;
use wxbot_sdk::api::{Api, ApiError, Call};

use crate::config::menu::{Button, ConditionalMenu, MatchRule, Menu};

const GET: &str = "/cgi-bin/menu/get";
/// WeChat's way to say that there is none.
const NO_MENU: i64 = 46003;

/// What there is; ids are those of the conditional menus.
#[derive(Debug, Default)]
pub(super) struct LiveMenu {
    pub(super) menu: Option<Menu>,
    pub(super) conditional_ids: Vec<String>,
}

impl LiveMenu {
    /// Asks WeChat.
    pub(super) async fn fetch(api: &dyn Api) -> Result<Self, ApiError> {
        match api.request(Call::get(GET)).await {
            Ok(answer) => Ok(Self::read(&answer)),
            Err(error) if error.code() == Some(NO_MENU) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Of the conditional menus the newest first, which WeChat asks first: ids rise.
    fn read(answer: &Value) -> Self {
        let button = buttons(&answer["menu"]["button"]);
        if button.is_empty() {
            return Self::default();
        }
        let conditional = answer["conditionalmenu"].as_array().into_iter().flatten();
        let mut conditional: Vec<_> = conditional
            .map(|menu| {
                let matchrule = rule(&menu["matchrule"]);
                let id = text(&menu["menuid"]).unwrap_or_default();
                (id, ConditionalMenu { matchrule, button: buttons(&menu["button"]) })
            })
            .collect();
        conditional.sort_by_key(|(id, _)| std::cmp::Reverse(id.parse::<u64>().unwrap_or(0)));
        let (conditional_ids, conditional) = conditional.into_iter().unzip();
        Self { menu: Some(Menu { button, conditional }), conditional_ids }
    }
}

/// Buttons in either of WeChat's shapes, without what is empty in them.
pub(super) fn buttons(list: &Value) -> Vec<Button> {
    let list = list.as_array().or(list["list"].as_array());
    list.into_iter().flatten().map(button).collect()
}

fn button(button: &Value) -> Button {
    let sub_button = buttons(&button["sub_button"]);
    let is_leaf = sub_button.is_empty();
    let field = |name: &str| text(&button[name]).filter(|_| is_leaf);
    Button {
        name: text(&button["name"]).unwrap_or_default(),
        kind: field("type"),
        key: field("key"),
        url: field("url"),
        appid: field("appid"),
        pagepath: field("pagepath"),
        media_id: field("media_id"),
        article_id: field("article_id"),
        sub_button,
    }
}

/// `group_id` is the former name of `tag_id`.
fn rule(rule: &Value) -> MatchRule {
    MatchRule {
        tag_id: text(&rule["tag_id"]).or_else(|| text(&rule["group_id"])),
        client_platform_type: text(&rule["client_platform_type"]),
    }
}

/// A text or a number that is not empty.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
