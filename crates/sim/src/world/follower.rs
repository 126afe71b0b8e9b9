//! What WeChat knows of a follower, and what their phone shows.

use std::collections::BTreeMap;

use super::allowance::{Allowance, Interaction};
use crate::act::Act;
use crate::bubble::Bubble;
use crate::history::History;
use crate::phone::{Shown, Via, What};

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

/// A person with a phone, who may follow the account.
#[derive(Debug)]
pub(crate) struct FollowerState {
    pub(crate) follows: bool,
    /// Unix seconds.
    pub(crate) subscribe_time: u64,
    pub(crate) subscribe_scene: &'static str,
    /// Of the code that was scanned to follow; empty where there was none.
    pub(crate) qr_scene: String,
    /// How many acts there were.
    acts: u64,
    /// Unix milliseconds.
    pub(crate) last_act: Option<u64>,
    pub(crate) allowance: Allowance,
    /// When the typing indicator ends by itself, in Unix milliseconds.
    pub(crate) typing_until: u64,
    pub(crate) phone: History<Shown>,
    pub(crate) platform: Platform,
    pub(crate) remark: String,
    /// In the order in which they were given.
    pub(crate) tags: Vec<u64>,
    pub(crate) blocks_templates: bool,
    /// How many notices may be sent, by template.
    pub(crate) subscriptions: BTreeMap<String, u32>,
    /// Template messages by `client_msg_id`: the MsgID, and when it was sent.
    pub(crate) client_msg_ids: BTreeMap<String, (u64, u64)>,
}

impl FollowerState {
    /// A follower since then, without any acts.
    pub(crate) fn since(subscribe_time: u64) -> Self {
        Self {
            follows: true,
            subscribe_time,
            subscribe_scene: "ADD_SCENE_SEARCH",
            qr_scene: String::new(),
            acts: 0,
            last_act: None,
            allowance: Allowance::default(),
            typing_until: 0,
            phone: History::default(),
            platform: Platform::default(),
            remark: String::new(),
            tags: Vec::new(),
            blocks_templates: false,
            subscriptions: BTreeMap::new(),
            client_msg_ids: BTreeMap::new(),
        }
    }

    /// Applies what an act changes, and returns the act's number.
    pub(crate) fn apply(&mut self, act: &Act, now: u64) -> u64 {
        self.acts += 1;
        self.last_act = Some(now);
        match act {
            Act::Subscribe => self.follow(now, "ADD_SCENE_SEARCH"),
            Act::Scan { .. } if !self.follows => self.follow(now, "ADD_SCENE_QR_CODE"),
            Act::ScanScene { scene, .. } if !self.follows => {
                self.follow(now, "ADD_SCENE_QR_CODE");
                self.qr_scene.clone_from(scene);
            }
            Act::Unsubscribe => self.unfollow(),
            _ => {}
        }
        self.allowance.extend(Interaction::from(act), now);
        self.acts
    }

    /// Shows a message that was sent through the API, which ends the typing indicator.
    pub(crate) fn receive(&mut self, bubble: Bubble, now: u64) {
        self.typing_until = 0;
        self.show_from_api(What::Bubble(bubble), now);
    }

    pub(crate) fn start_typing(&mut self, until: u64, now: u64) {
        self.typing_until = until;
        self.show_from_api(What::Typing, now);
    }

    pub(crate) fn cancel_typing(&mut self, now: u64) {
        if now < self.typing_until {
            self.typing_until = 0;
            self.show_from_api(What::TypingEnded, now);
        }
    }

    fn show_from_api(&mut self, what: What, at: u64) {
        self.phone.push(Shown { at, what, via: Via::Api, answers: None });
    }

    fn follow(&mut self, now: u64, scene: &'static str) {
        self.follows = true;
        self.subscribe_time = now / 1000;
        self.subscribe_scene = scene;
        self.qr_scene.clear();
    }

    fn unfollow(&mut self) {
        self.follows = false;
        self.allowance = Allowance::default();
        self.subscriptions.clear();
        self.tags.clear();
    }
}
