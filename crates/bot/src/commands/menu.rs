//! `wxbot menu`: the menu of bot.toml, and the one that followers see.

mod live; // what WeChat has
mod diff;
mod import;
mod console_rules;
mod toml_text;
pub(super) mod unanswered;

use anyhow::{Context, Error};
use serde_json::{Value, json};
use wxbot_sdk::api::{Api, Call};

use self::live::LiveMenu;
use super::account;
use super::input::{WrongInput, components, config};
use super::output::print;
use crate::cli::{self, Cli, MenuAction};
use crate::config::menu::Menu;

const CREATE: &str = "/cgi-bin/menu/create";
const DELETE: &str = "/cgi-bin/menu/delete";
const ADD_CONDITIONAL: &str = "/cgi-bin/menu/addconditional";
const DELETE_CONDITIONAL: &str = "/cgi-bin/menu/delconditional";

pub(crate) fn menu(cli: &Cli, menu: &cli::Menu) -> Result<(), Error> {
    let config = config(cli)?;
    let settings = account::find(&config, menu.account.as_deref())?;
    let runtime = account::runtime()?;
    let _on_it = runtime.enter();
    let api = account::api(&config, settings)?;
    let wanted = || {
        let missing = format!("account `{}` has no `[account.menu]` in bot.toml", settings.id);
        let wanted = settings.menu.as_ref().ok_or(WrongInput(missing))?;
        unanswered::warn(components(cli)?, &settings.id)?;
        Ok::<_, Error>(wanted)
    };
    match menu.action {
        MenuAction::Plan => runtime.block_on(plan(&*api, wanted()?)),
        MenuAction::Apply => runtime.block_on(apply(&*api, wanted()?)),
        MenuAction::Import => print(&runtime.block_on(import::toml(&*api))?),
        MenuAction::Delete => {
            runtime.block_on(api.request(Call::get(DELETE)))?;
            eprintln!("deleted: followers see no menu any more");
            Ok(())
        }
    }
}

/// Prints the difference; nothing where there is none.
async fn plan(api: &dyn Api, wanted: &Menu) -> Result<(), Error> {
    let live = LiveMenu::fetch(api).await?;
    if live.menu.as_ref() == Some(wanted) {
        eprintln!("nothing to change: the live menu is that of bot.toml");
    }
    print(&diff::between(live.menu.as_ref(), wanted))
}

/// Makes the calls that are needed, and no others: each counts against a quota of the day.
async fn apply(api: &dyn Api, wanted: &Menu) -> Result<(), Error> {
    let live = LiveMenu::fetch(api).await?;
    if live.menu.as_ref() == Some(wanted) {
        eprintln!("nothing to change: the live menu is that of bot.toml");
        return Ok(());
    }
    if live.menu.as_ref().is_none_or(|menu| menu.button != wanted.button) {
        api.request(Call::post(CREATE, json!({ "button": wanted.button }))).await?;
    }
    let conditional = live.menu.as_ref().map(|menu| menu.conditional.as_slice());
    if conditional.unwrap_or_default() != wanted.conditional {
        replace_conditional(api, &live, wanted)
            .await
            .context("the conditional menus are not all there; run `wxbot menu apply` again")?;
    }
    print(&diff::between(live.menu.as_ref(), wanted))?;
    eprintln!("applied: followers see it within five minutes, or when they follow anew");
    Ok(())
}

/// There is no call that changes one. WeChat asks the newest first, so the last is added first.
async fn replace_conditional(api: &dyn Api, live: &LiveMenu, wanted: &Menu) -> Result<(), Error> {
    for id in &live.conditional_ids {
        let body: Value = json!({ "menuid": id });
        api.request(Call::post(DELETE_CONDITIONAL, body)).await?;
    }
    for menu in wanted.conditional.iter().rev() {
        api.request(Call::post(ADD_CONDITIONAL, menu.body())).await?;
    }
    Ok(())
}
