//! Menus: the default one and conditional ones, and who sees which (section 7.6).

mod check;

use serde_json::{Value, json};

use super::Refused;
use super::call::{Answer, Call, text};
use crate::act::Act;
use crate::follower::{Follower, FollowerState, Platform};
use crate::wechat::WeChat;

/// The menus there are.
#[derive(Debug, Default)]
pub(crate) struct Menus {
    default: Option<Menu>,
    /// The newest last.
    conditional: Vec<Menu>,
    count: u64,
}

#[derive(Debug, Clone)]
struct Menu {
    id: u64,
    buttons: Value,
    /// Of a conditional one.
    rule: Value,
}

impl Menus {
    /// What a follower sees: of the conditional menus that fit the newest, else the default one.
    fn seen_by(&self, follower: &FollowerState) -> Option<&Menu> {
        let mut conditional = self.conditional.iter().rev();
        conditional.find(|menu| fits(&menu.rule, follower)).or(self.default.as_ref())
    }

    fn next_id(&mut self) -> u64 {
        self.count += 1;
        421_000_000 + self.count
    }
}

/// With several tags, the one that was given last counts.
fn fits(rule: &Value, follower: &FollowerState) -> bool {
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

/// Ids are written as texts or as numbers.
fn id_text(object: &Value, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.menu_json()?;
    let buttons = call.checked(&body)?;
    let id = call.world.menus.next_id();
    call.world.menus.default = Some(Menu { id, buttons, rule: Value::Null });
    Ok(Answer::Done)
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let menus = &call.world.menus;
    let default = menus.default.as_ref().ok_or(Refused::code(46003))?;
    let mut answer = json!({ "menu": { "button": default.buttons, "menuid": default.id } });
    if !menus.conditional.is_empty() {
        let newest_first = menus.conditional.iter().rev();
        let all = newest_first.map(
            |menu| json!({ "button": menu.buttons, "matchrule": menu.rule, "menuid": menu.id }),
        );
        answer["conditionalmenu"] = all.collect();
    }
    Ok(Answer::Data(answer))
}

/// Of the default menu and of all others.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let menus = &mut call.world.menus;
    menus.default = None;
    menus.conditional.clear();
    Ok(Answer::Done)
}

pub(super) fn add_conditional(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.menu_json()?;
    if call.world.menus.default.is_none() {
        return Err(Refused::code(65303));
    }
    let rule = check::rule(&body["matchrule"])?;
    let buttons = call.checked(&body)?;
    check::domains(&buttons)?;
    let menus = &mut call.world.menus;
    let id = menus.next_id();
    menus.conditional.push(Menu { id, buttons, rule });
    Ok(Answer::Data(json!({ "menuid": id.to_string() })))
}

pub(super) fn delete_conditional(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.menu_json()?;
    let wanted = id_text(&body, "menuid").ok_or(Refused::code(40035))?;
    let menus = &mut call.world.menus.conditional;
    let found = menus.iter().position(|menu| menu.id.to_string() == wanted);
    menus.remove(found.ok_or(Refused::code(65301))?);
    Ok(Answer::Done)
}

pub(super) fn try_match(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.menu_json()?;
    let openid = text(&body, "user_id").ok_or(Refused::code(41009))?;
    call.following(openid)?;
    let menus = &call.world.menus;
    let menu = menus.seen_by(&call.world.followers[openid]).ok_or(Refused::code(46003))?;
    Ok(Answer::Data(json!({ "button": menu.buttons })))
}

/// The default menu in the console's own shape.
pub(super) fn current(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let Some(menu) = &call.world.menus.default else {
        return Ok(Answer::Data(json!({ "is_menu_open": 0 })));
    };
    let buttons = menu.buttons.as_array().into_iter().flatten().cloned().map(|mut button| {
        match button["sub_button"].take() {
            Value::Array(list) if !list.is_empty() => {
                button["sub_button"] = json!({ "list": list });
            }
            _ => drop(button.as_object_mut().and_then(|button| button.remove("sub_button"))),
        }
        button
    });
    let buttons: Vec<_> = buttons.collect();
    Ok(Answer::Data(json!({ "is_menu_open": 1, "selfmenu_info": { "button": buttons } })))
}

impl Call<'_> {
    /// Menus say 40033 to `\uXXXX`.
    fn menu_json(&self) -> Result<Value, Refused> {
        self.json().map_err(|refused| match refused.errcode {
            47002 => Refused::code(40033),
            _ => refused,
        })
    }

    /// The buttons, if they are a menu.
    fn checked(&self, body: &Value) -> Result<Value, Refused> {
        let is_material = |media_id: &str| self.world.media.find(media_id, self.now).is_some();
        check::buttons(&body["button"], &is_material)?;
        Ok(body["button"].clone())
    }
}

impl WeChat {
    /// The buttons of the default menu.
    pub fn menu(&self) -> Option<Value> {
        self.world(|world| world.menus.default.as_ref().map(|menu| menu.buttons.clone()))
    }
}

impl Follower {
    /// The buttons that this follower sees below the chat, as in `menu/get`, and the menu's id.
    pub fn menu(&self) -> Option<(u64, Value)> {
        self.wechat().world(|world| {
            let follower = world.followers.get(self.openid())?;
            let menu = world.menus.seen_by(follower)?;
            Some((menu.id, menu.buttons.clone()))
        })
    }

    /// What pressing the button of this name does, on either level. Buttons that do more than tell
    /// the bot, such as those that scan, have acts of their own.
    pub fn button(&self, name: &str) -> Option<Act> {
        let (id, buttons) = self.menu()?;
        let button = find(&buttons, name)?;
        let field = |name: &str| text(button, name).map(str::to_owned);
        match button["type"].as_str()? {
            "click" => field("key").map(Act::Click),
            "view" => field("url").map(|url| Act::View { url, menu_id: Some(id) }),
            "miniprogram" => {
                field("pagepath").map(|path| Act::ViewMiniProgram { path, menu_id: Some(id) })
            }
            _ => None,
        }
    }
}

fn find<'b>(buttons: &'b Value, name: &str) -> Option<&'b Value> {
    let mut all = buttons.as_array()?.iter();
    all.find_map(|button| match &button["sub_button"] {
        Value::Array(below) if !below.is_empty() => find(&button["sub_button"], name),
        _ => (button["name"] == name).then_some(button),
    })
}
