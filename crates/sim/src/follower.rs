//! A person with a phone, who follows the account or does not.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha1::{Digest, Sha1};

use crate::account::{Account, Format};
use crate::act::Act;
use crate::allowance::Allowance;
use crate::body::{self, About, Head};
use crate::endpoint::Endpoint;
use crate::exchange::Exchange;
use crate::log::Log;
use crate::phone::Shown;
use crate::push::{Nature, Push};
use crate::wechat::WeChat;
use crate::world::World;

/// One follower of the account, or somebody who could become one.
#[derive(Debug, Clone)]
pub struct Follower {
    wechat: WeChat,
    openid: String,
}

/// Why an act did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// There is no bot to tell.
    #[error("no endpoint is connected")]
    NotConnected,
    /// Only followers see the chat.
    #[error("`{0}` does not follow the account")]
    NotFollowing(String),
    /// No code has that ticket, or it has expired.
    #[error("no QR code has the ticket `{0}`, or it has expired")]
    NoSuchCode(String),
}

impl Follower {
    pub(crate) fn new(wechat: WeChat, openid: String) -> Self {
        Self { wechat, openid }
    }

    /// The id towards the account: 28 characters, the first an `o`.
    pub fn openid(&self) -> &str {
        &self.openid
    }

    /// Whether the account is followed.
    pub fn follows(&self) -> bool {
        self.state(|state| state.follows)
    }

    /// Does something and waits for all deliveries of it. Several acts at once are several calls
    /// at once; an act that is dropped is delivered no more.
    pub async fn does(&self, act: impl Into<Act>) -> Result<Exchange, ActError> {
        let (endpoint, push) = self.begin(&act.into())?;
        Ok(self.wechat.deliver(&*endpoint, push).await)
    }

    /// What the phone shows, in order. The first of very many are forgotten.
    pub fn phone(&self) -> Vec<Shown> {
        self.state(|state| state.phone.to_vec())
    }

    /// What has come to the phone since it had shown this many things in all, and how many those
    /// are now.
    pub fn phone_since(&self, shown: u64) -> (Vec<Shown>, u64) {
        self.state(|state| (state.phone.since(shown), state.phone.count()))
    }

    /// Has the phone say that it is of this kind; menus may depend on it.
    pub fn uses(&self, platform: Platform) {
        self.state(|state| state.platform = platform);
    }

    pub(crate) fn wechat(&self) -> &WeChat {
        &self.wechat
    }

    /// Looks at what WeChat knows of this follower, or changes it.
    pub(crate) fn state<T>(&self, look: impl FnOnce(&mut FollowerState) -> T) -> T {
        self.wechat.world(|world| look(world.follower(&self.openid)))
    }

    /// Everything that an act changes before the bot hears of it.
    fn begin(&self, act: &Act) -> Result<(Arc<dyn Endpoint>, Push), ActError> {
        let now = self.wechat.clock().now_ms();
        let account = self.wechat.account();
        self.wechat.world(|world| {
            let endpoint = world.endpoint.clone().ok_or(ActError::NotConnected)?;
            let follows = world.follower(&self.openid).follows;
            if !follows && !may_follow(act) {
                return Err(ActError::NotFollowing(self.openid.clone()));
            }
            let msg_id = world.next_msg_id();
            let about = match act {
                Act::Scan { ticket } => {
                    let scene = world.codes.scene(ticket, now).map(str::to_owned);
                    let scene = scene.ok_or_else(|| ActError::NoSuchCode(ticket.clone()))?;
                    Some(body::scan(&scene, ticket, follows))
                }
                Act::ScanScene { scene, ticket } => Some(body::scan(scene, ticket, follows)),
                act => body::of(act, msg_id),
            };
            let number = world.acts(&self.openid, act, now);
            let to = &account.original_id;
            let head = Head { to, from: &self.openid, create_time: now / 1000 };
            let push = push(&head, act, about, account.format);
            let msg_id = (push.nature == Nature::Message).then_some(msg_id);
            Ok((endpoint, Push { act: Some(number), msg_id, ..push }))
        })
    }
}

/// What a non-follower may do.
fn may_follow(act: &Act) -> bool {
    matches!(act, Act::Subscribe | Act::Scan { .. } | Act::ScanScene { .. } | Act::Raw(_))
}

impl WeChat {
    /// Tells the bot of something that is no follower's act, where there is a bot.
    pub(crate) async fn tell(&self, openid: &str, about: About) {
        let Some(endpoint) = self.endpoint() else { return };
        let Account { original_id, format, .. } = self.account();
        let head = Head { to: original_id, from: openid, create_time: self.clock().now() };
        let body = body::write(&head, &about, *format);
        let (openid, nature) = (openid.to_owned(), about.nature());
        self.deliver(&*endpoint, Push { openid, act: None, msg_id: None, body, nature }).await;
    }
}

fn push(head: &Head<'_>, act: &Act, about: Option<About>, format: Format) -> Push {
    let (body, nature) = match (about, act) {
        (Some(about), _) => (body::write(head, &about, format), about.nature()),
        (None, Act::Raw(body)) => (body.clone(), Nature::of_raw(body)),
        (None, _) => (String::new(), Nature::Background),
    };
    Push { openid: head.from.to_owned(), act: None, msg_id: None, body, nature }
}

impl World {
    /// Counts the act and does to the follower what it does; its number.
    fn acts(&mut self, openid: &str, act: &Act, now: u64) -> u64 {
        for (media_id, kind) in act.media() {
            self.media.receive(&media_id, kind, now);
        }
        let follower = self.follower(openid);
        follower.acts += 1;
        follower.last_act = Some(now);
        match act {
            Act::Subscribe => follower.follow(now, "ADD_SCENE_SEARCH"),
            Act::Scan { .. } | Act::ScanScene { .. } if !follower.follows => {
                follower.follow(now, "ADD_SCENE_QR_CODE");
            }
            Act::Unsubscribe => follower.unfollow(),
            _ => {}
        }
        follower.allowance.open(act.opens(), now);
        follower.acts
    }
}

/// The phone's system, as menus know it (section 7.6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Platform {
    /// `client_platform_type` 1.
    #[default]
    Ios,
    /// `client_platform_type` 2.
    Android,
    /// `client_platform_type` 3.
    Other,
}

/// What WeChat knows of a follower.
#[derive(Debug)]
pub(crate) struct FollowerState {
    pub(crate) follows: bool,
    /// Unix seconds.
    pub(crate) subscribe_time: u64,
    pub(crate) subscribe_scene: &'static str,
    pub(crate) acts: u64,
    /// Unix milliseconds.
    pub(crate) last_act: Option<u64>,
    pub(crate) allowance: Allowance,
    /// Unix milliseconds; then it is over by itself.
    pub(crate) typing_until: u64,
    pub(crate) phone: Log<Shown>,
    pub(crate) platform: Platform,
    pub(crate) remark: String,
    /// In the order they were given.
    pub(crate) tags: Vec<u64>,
    pub(crate) refuses_templates: bool,
    /// How many notices may come, by template.
    pub(crate) subscriptions: BTreeMap<String, u32>,
    /// Template messages by the caller's id: the MsgID, and when it was sent.
    pub(crate) client_msg_ids: BTreeMap<String, (u64, u64)>,
}

impl FollowerState {
    /// Somebody who has followed for a while and said nothing lately.
    pub(crate) fn following_since(subscribe_time: u64) -> Self {
        Self {
            follows: true,
            subscribe_time,
            subscribe_scene: "ADD_SCENE_SEARCH",
            acts: 0,
            last_act: None,
            allowance: Allowance::default(),
            typing_until: 0,
            phone: Log::default(),
            platform: Platform::default(),
            remark: String::new(),
            tags: Vec::new(),
            refuses_templates: false,
            subscriptions: BTreeMap::new(),
            client_msg_ids: BTreeMap::new(),
        }
    }

    fn follow(&mut self, now: u64, scene: &'static str) {
        self.follows = true;
        self.subscribe_time = now / 1000;
        self.subscribe_scene = scene;
    }

    fn unfollow(&mut self) {
        self.follows = false;
        self.allowance = Allowance::default();
        self.subscriptions.clear();
        self.tags.clear();
    }
}

/// The openid of a name: made up, and always the same for one account. What looks like an openid
/// is one.
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

impl About {
    fn nature(&self) -> Nature {
        match self {
            Self::Message { .. } => Nature::Message,
            Self::Event { name, .. } => Nature::of_event(name),
        }
    }
}
