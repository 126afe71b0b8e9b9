//! The account's menus (section 7.6).

mod check;

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::json::text;
use crate::errcode::ApiError;
use crate::world::menus::id_text;

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = menu_json(call)?;
    let buttons = checked_buttons(call, &body)?;
    call.world.menus.set_default(buttons);
    Ok(Answer::Done)
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let menus = &call.world.menus;
    let default = menus.default.as_ref().ok_or(ApiError::code(46003))?;
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

/// Deletes the conditional menus, too.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.world.menus.clear();
    Ok(Answer::Done)
}

pub(super) fn add_conditional(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = menu_json(call)?;
    if call.world.menus.default.is_none() {
        return Err(ApiError::code(65303));
    }
    let rule = check::rule(&body["matchrule"])?;
    let buttons = checked_buttons(call, &body)?;
    check::domains(&buttons)?;
    let id = call.world.menus.add_conditional(buttons, rule);
    Ok(Answer::Data(json!({ "menuid": id.to_string() })))
}

pub(super) fn delete_conditional(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = menu_json(call)?;
    let id = id_text(&body, "menuid").ok_or(ApiError::code(40035))?;
    call.world.menus.remove_conditional(&id)?;
    Ok(Answer::Done)
}

pub(super) fn try_match(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = menu_json(call)?;
    let openid = text(&body, "user_id").ok_or(ApiError::code(41009))?;
    call.following(openid)?;
    let menus = &call.world.menus;
    let menu = menus.seen_by(&call.world.followers[openid]).ok_or(ApiError::code(46003))?;
    Ok(Answer::Data(json!({ "button": menu.buttons })))
}

/// The default menu in another shape, the console's own; without one, the console's menu.
pub(super) fn current(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let Some(menu) = &call.world.menus.default else {
        return Ok(Answer::Data(match &call.world.console_menu {
            Some(menu) => json!({ "is_menu_open": 1, "selfmenu_info": menu }),
            None => json!({ "is_menu_open": 0 }),
        }));
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

/// The auto-replies of the console.
pub(super) fn auto_replies(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let none = json!({ "is_add_friend_reply_open": 0, "is_autoreply_open": 0 });
    Ok(Answer::Data(call.world.console_replies.clone().unwrap_or(none)))
}

/// Menus refuse `\uXXXX` with a code of their own, 40033.
fn menu_json(call: &Call<'_>) -> Result<Value, ApiError> {
    call.json().map_err(|error| match error.errcode {
        47002 => ApiError::code(40033),
        _ => error,
    })
}

/// The buttons of a valid menu.
fn checked_buttons(call: &Call<'_>, body: &Value) -> Result<Value, ApiError> {
    let is_material = |media_id: &str| call.world.media.find(media_id, call.now).is_some();
    check::buttons(&body["button"], &is_material)?;
    Ok(body["button"].clone())
}
