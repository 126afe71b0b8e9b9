//! A person with a phone, as a test plays them.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha1::{Digest, Sha1};

use crate::act::Act;
use crate::body::Preamble;
use crate::content::PushContent;
use crate::delivery::{Delivery, schedule};
use crate::endpoint::Endpoint;
use crate::exchange::Exchange;
use crate::phone::Shown;
use crate::push::{Push, PushKind, ScheduledEvent};
use crate::simulation::Simulation;
use crate::world::World;
use crate::world::follower::{FollowerState, Platform};

/// A follower of the account, or somebody who could become one.
#[derive(Debug, Clone)]
pub struct Follower {
    pub(crate) simulation: Arc<Simulation>,
    openid: String,
}

/// Why an act is impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// There is no bot to tell.
    #[error("no endpoint is connected")]
    NotConnected,
    /// Only followers can chat.
    #[error("`{0}` does not follow the account")]
    NotFollowing(String),
    /// No code has that ticket, or it has expired.
    #[error("no QR code has the ticket `{0}`, or it has expired")]
    NoSuchCode(String),
}

impl Follower {
    pub(crate) fn new(simulation: Arc<Simulation>, openid: String) -> Self {
        simulation.with_world(|world| {
            world.follower(&openid); // listed from now on
        });
        Self { simulation, openid }
    }

    /// The id towards the account: 28 characters, the first an `o`.
    pub fn openid(&self) -> &str {
        &self.openid
    }

    /// Does something, and waits for all its deliveries. Concurrent acts are concurrent calls;
    /// dropping the future stops the deliveries.
    pub async fn does(&self, act: impl Into<Act>) -> Result<Exchange, ActError> {
        let (endpoint, push) = self.begin(act.into())?;
        Ok(Delivery { simulation: &self.simulation, endpoint: &*endpoint, push }.run().await)
    }

    /// What the phone shows, in order. Of very many things the first are dropped.
    pub fn phone(&self) -> Vec<Shown> {
        self.with_state(|state| state.phone.to_vec())
    }

    /// What the phone shows beyond its first `count` things, and how many things those are in all.
    pub fn phone_since(&self, count: u64) -> (Vec<Shown>, u64) {
        self.with_state(|state| (state.phone.since(count), state.phone.count()))
    }

    /// Whether they follow the account.
    pub fn follows(&self) -> bool {
        self.with_state(|state| state.follows)
    }

    /// Has them follow the account or not, without telling the bot.
    pub fn set_follows(&self, follows: bool) {
        self.with_state(|state| state.follows = follows);
    }

    /// Sets the phone's system, on which conditional menus may depend.
    pub fn set_platform(&self, platform: Platform) {
        self.with_state(|state| state.platform = platform);
    }

    /// Blocks the account's template messages.
    pub fn block_templates(&self) {
        self.with_state(|state| state.blocks_templates = true);
    }

    /// Accepts one more notice of a template, in an article; the bot is told by an event.
    pub fn accept_notice(&self, template_id: &str) {
        self.with_state(|state| {
            *state.subscriptions.entry(template_id.to_owned()).or_default() += 1;
        });
        let content = PushContent::notice_accepted(template_id, self.simulation.account.format);
        schedule(&self.simulation, ScheduledEvent { openid: self.openid.clone(), content });
    }

    /// The menu below the chat: its id, and its buttons as in `menu/get`.
    pub fn menu(&self) -> Option<(u64, Value)> {
        self.simulation.with_world(|world| {
            let follower = world.followers.get(&self.openid)?;
            let menu = world.menus.seen_by(follower)?;
            Some((menu.id, menu.buttons.clone()))
        })
    }

    /// The act of pressing the button of this name, on either level. None for buttons whose act
    /// needs more, such as those that scan.
    pub fn button(&self, name: &str) -> Option<Act> {
        let (id, buttons) = self.menu()?;
        let button = find_button(&buttons, name)?;
        let field = |name: &str| Some(button[name].as_str()?.to_owned());
        match button["type"].as_str()? {
            "click" => field("key").map(Act::Click),
            "view" => field("url").map(|url| Act::View { url, menu_id: Some(id) }),
            "miniprogram" => {
                field("pagepath").map(|path| Act::ViewMiniProgram { path, menu_id: Some(id) })
            }
            _ => None,
        }
    }

    fn with_state<T>(&self, access: impl FnOnce(&mut FollowerState) -> T) -> T {
        self.simulation.with_world(|world| access(world.follower(&self.openid)))
    }

    /// Applies everything that an act changes before the bot is told.
    fn begin(&self, act: Act) -> Result<(Arc<dyn Endpoint>, Push), ActError> {
        let (account, now) = (&self.simulation.account, self.simulation.clock.now_ms());
        let openid = &self.openid;
        self.simulation.with_world(|world| {
            let endpoint = world.endpoint.clone().ok_or(ActError::NotConnected)?;
            let follows = world.follower(openid).follows;
            if !follows && !is_open_to_anybody(&act) {
                return Err(ActError::NotFollowing(openid.clone()));
            }
            let msg_id = world.next_msg_id();
            let act = with_scene(act, world, now)?;
            let number = world.apply(openid, &act, now);
            let preamble =
                Preamble { to: &account.original_id, from: openid, create_time: now / 1000 };
            let push = match (&act, PushContent::of(&act, msg_id, follows)) {
                (Act::Raw(body), _) => Push::raw(openid, body),
                (_, content) => {
                    let content = content.expect("every other act is a message or an event");
                    Push::new(&preamble, &content, account.format)
                }
            };
            let msg_id = (push.kind == PushKind::Message).then_some(msg_id);
            Ok((endpoint, Push { act: Some(number), msg_id, ..push }))
        })
    }
}

/// Whether an act is possible without following the account.
fn is_open_to_anybody(act: &Act) -> bool {
    matches!(act, Act::Subscribe | Act::Scan { .. } | Act::ScanScene { .. } | Act::Raw(_))
}

/// Looks up the scene of a code that the account created.
fn with_scene(act: Act, world: &World, now: u64) -> Result<Act, ActError> {
    let Act::Scan { ticket } = act else { return Ok(act) };
    match world.qr_codes.scene(&ticket, now) {
        Some(scene) => Ok(Act::ScanScene { scene: scene.to_owned(), ticket }),
        None => Err(ActError::NoSuchCode(ticket)),
    }
}

fn find_button<'b>(buttons: &'b Value, name: &str) -> Option<&'b Value> {
    let mut all = buttons.as_array()?.iter();
    all.find_map(|button| match &button["sub_button"] {
        Value::Array(below) if !below.is_empty() => find_button(&button["sub_button"], name),
        _ => (button["name"] == name).then_some(button),
    })
}

/// Derives the openid of a name, always the same for one account. What looks like an openid is one.
pub(crate) fn openid_of(name: &str, app_id: &str) -> String {
    let is_openid = name.len() == 28
        && name.starts_with('o')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_openid {
        return name.to_owned();
    }
    let digest = Sha1::digest(format!("{app_id} {name}"));
    format!("o{}", URL_SAFE_NO_PAD.encode(digest))
}
