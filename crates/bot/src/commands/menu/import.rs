//! `wxbot menu import`: what the account has, as lines for bot.toml.

use anyhow::Error;
use serde_json::Value;
use wxbot_sdk::api::{Api, Call};

use super::console_rules::{self, Rules};
use super::live::{LiveMenu, text};
use super::toml_text::{comment, quoted};
use crate::config::menu::{Button, Menu};

const CONSOLE_MENU: &str = "/cgi-bin/get_current_selfmenu_info";
const AUTO_REPLIES: &str = "/cgi-bin/get_current_autoreply_info";

/// The live menu, or else the console's, and the auto-replies that the server configuration
/// switches off.
pub(super) async fn toml(api: &dyn Api) -> Result<String, Error> {
    let mut rules = Rules::default();
    let menu = match LiveMenu::fetch(api).await {
        Ok(LiveMenu { menu: Some(menu), .. }) => Some(menu),
        // An account that may not make menus by the API may have one of the console's.
        Ok(_) | Err(_) => {
            let answer = api.request(Call::get(CONSOLE_MENU)).await?;
            console_menu(&answer["selfmenu_info"], &mut rules)
        }
    };
    let replies = api.request(Call::get(AUTO_REPLIES)).await?;
    let mut toml = String::new();
    if let Some(menu) = menu {
        toml += &comment("Below your [[account]]:");
        toml += &menu_toml(&menu);
    }
    toml += &rules.with_auto_replies(&replies).toml();
    if toml.is_empty() {
        eprintln!("there is no menu and no auto-reply to import");
    }
    Ok(toml)
}

/// The console's menu. Its buttons may say something themselves; here a rule of `keywords` does.
fn console_menu(menu: &Value, rules: &mut Rules) -> Option<Menu> {
    let list = menu["button"].as_array()?;
    let button: Vec<_> = list.iter().map(|button| console_button(button, rules)).collect();
    (!button.is_empty()).then_some(Menu { button, conditional: Vec::new() })
}

fn console_button(button: &Value, rules: &mut Rules) -> Button {
    let name = text(&button["name"]).unwrap_or_default();
    if let Some(below) = button["sub_button"]["list"].as_array().filter(|list| !list.is_empty()) {
        let sub_button = below.iter().map(|button| console_button(button, rules)).collect();
        return Button { name, sub_button, ..Button::default() };
    }
    match console_rules::reply_of(button) {
        Some(reply) => {
            let key = rules.answer_click(&name, reply);
            Button { name, kind: Some("click".into()), key: Some(key), ..Button::default() }
        }
        None => super::live::buttons(&Value::Array(vec![button.clone()])).remove(0),
    }
}

fn menu_toml(menu: &Menu) -> String {
    let mut toml = String::new();
    menu.button.iter().for_each(|button| write(button, "account.menu.button", &mut toml));
    for conditional in &menu.conditional {
        let rule = [
            ("tag_id", &conditional.matchrule.tag_id),
            ("client_platform_type", &conditional.matchrule.client_platform_type),
        ];
        let rule = rule.iter().filter_map(|(key, value)| {
            let value = value.as_deref()?;
            Some(format!("{key} = {}", quoted(value)))
        });
        let rule = rule.collect::<Vec<_>>().join(", ");
        toml += &format!("\n[[account.menu.conditional]]\nmatchrule = {{ {rule} }}\n");
        for button in &conditional.button {
            write(button, "account.menu.conditional.button", &mut toml);
        }
    }
    toml
}

fn write(button: &Button, table: &str, toml: &mut String) {
    let Button { name, kind, key, url, appid, pagepath, media_id, article_id, .. } = button;
    *toml += &format!("\n[[{table}]]\nname = {}\n", quoted(name));
    for (setting, value) in [
        ("type", kind),
        ("key", key),
        ("url", url),
        ("appid", appid),
        ("pagepath", pagepath),
        ("media_id", media_id),
        ("article_id", article_id),
    ] {
        if let Some(value) = value {
            *toml += &format!("{setting} = {}\n", quoted(value));
        }
    }
    let below = format!("{table}.sub_button");
    button.sub_button.iter().for_each(|button| write(button, &below, toml));
}
