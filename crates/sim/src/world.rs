//! Everything that the simulation remembers.

pub(crate) mod follower;
pub(crate) mod allowance;
pub(crate) mod tokens;
pub(crate) mod quotas;
pub(crate) mod menus;
pub(crate) mod media;
pub(crate) mod tags;
pub(crate) mod qr_codes;
pub(crate) mod web_pages;
pub(crate) mod drafts;
pub(crate) mod notice_templates;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use drafts::Drafts;
use follower::FollowerState;
use media::MediaLibrary;
use menus::Menus;
use notice_templates::NoticeTemplate;
use qr_codes::QrCodes;
use quotas::Quotas;
use tags::Tags;
use tokens::Tokens;
use web_pages::WebPages;

use crate::account::Fresh;
use crate::act::Act;
use crate::api_call::ApiCall;
use crate::endpoint::Endpoint;
use crate::exchange::Exchange;
use crate::faults::Faults;
use crate::history::History;

pub(crate) struct World {
    pub(crate) rng: StdRng,
    pub(crate) endpoint: Option<Arc<dyn Endpoint>>,
    pub(crate) followers: BTreeMap<String, FollowerState>,
    pub(crate) exchanges: History<Exchange>,
    pub(crate) faults: Faults,
    pub(crate) calls: History<ApiCall>,
    pub(crate) tokens: Tokens,
    /// The addresses that may ask for tokens; none means all.
    pub(crate) ip_whitelist: Option<Vec<IpAddr>>,
    pub(crate) quotas: Quotas,
    pub(crate) menus: Menus,
    pub(crate) media: MediaLibrary,
    pub(crate) tags: Tags,
    pub(crate) qr_codes: QrCodes,
    pub(crate) web_pages: WebPages,
    pub(crate) drafts: Drafts,
    /// Data, when it was shortened (Unix seconds) and for how long (seconds), by short key.
    pub(crate) short_keys: BTreeMap<String, (String, u64, u64)>,
    /// The menu and the auto-replies that were made in the console, as the API shows them.
    pub(crate) console_menu: Option<Value>,
    pub(crate) console_replies: Option<Value>,
    /// Humans of customer service who are online, `name@account`.
    pub(crate) online_kf: Vec<String>,
    /// Titles of templates, by id.
    pub(crate) templates: BTreeMap<String, String>,
    /// Of subscription notifications, by id.
    pub(crate) notice_templates: BTreeMap<String, NoticeTemplate>,
    /// The account's, by the numbers of WeChat's list.
    pub(crate) industries: Option<(u64, u64)>,
    /// Ids of published articles.
    pub(crate) articles: BTreeSet<String>,
    /// Unix seconds.
    started: u64,
    msg_id: u64,
    nonce: u64,
}

/// Nonces have ten digits.
const NONCES: u64 = 1_000_000_000;

impl World {
    /// `started` is in Unix milliseconds.
    pub(crate) fn new(seed: u64, started: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        // A bot may remember the nonces and MsgIds of an earlier run.
        let nonce = (rng.random_range(0..NONCES) + started) % NONCES;
        Self {
            rng,
            endpoint: None,
            followers: BTreeMap::new(),
            exchanges: History::default(),
            faults: Faults::default(),
            calls: History::default(),
            tokens: Tokens::default(),
            ip_whitelist: None,
            quotas: Quotas::default(),
            menus: Menus::default(),
            media: MediaLibrary::default(),
            tags: Tags::default(),
            qr_codes: QrCodes::default(),
            web_pages: WebPages::default(),
            drafts: Drafts::default(),
            short_keys: BTreeMap::new(),
            console_menu: None,
            console_replies: None,
            online_kf: Vec::new(),
            templates: BTreeMap::new(),
            notice_templates: BTreeMap::new(),
            industries: None,
            articles: BTreeSet::new(),
            started: started / 1000,
            msg_id: 24_870_000_000_000_000 + started * 1000,
            nonce,
        }
    }

    /// A person by openid; somebody new has been a follower for a day.
    pub(crate) fn follower(&mut self, openid: &str) -> &mut FollowerState {
        let since = self.started.saturating_sub(86_400);
        let entry = self.followers.entry(openid.to_owned());
        entry.or_insert_with(|| FollowerState::since(since))
    }

    /// Applies everything that an act changes, and returns the act's number.
    pub(crate) fn apply(&mut self, openid: &str, act: &Act, now: u64) -> u64 {
        self.media.receive(act, now);
        self.follower(openid).apply(act, now)
    }

    /// `timestamp` is in Unix seconds.
    pub(crate) fn fresh(&mut self, timestamp: u64) -> Fresh {
        let nonce = self.next_nonce().to_string();
        Fresh { timestamp, nonce, random: self.rng.random() }
    }

    /// 64 bits, rising in uneven steps.
    pub(crate) fn next_msg_id(&mut self) -> u64 {
        self.msg_id += self.rng.random_range(1..100);
        self.msg_id
    }

    /// Looks random but never repeats, as a bot may remember nonces.
    fn next_nonce(&mut self) -> u64 {
        // The factor is coprime to the number of nonces.
        self.nonce = (self.nonce + 736_338_717) % NONCES;
        NONCES + self.nonce
    }

    /// Letters, digits, `_` and `-`, as in tokens and ids.
    pub(crate) fn random_text(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        let one = |_| char::from(ALPHABET[self.rng.random_range(0..ALPHABET.len())]);
        (0..length).map(one).collect()
    }

    /// WeChat's id of an API call.
    pub(crate) fn next_rid(&mut self) -> String {
        let parts: [u32; 3] = self.rng.random();
        let [one, two, three] = parts;
        format!("{one:08x}-{two:08x}-{three:08x}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Of a hundred thousand random ones, two would be the same.
    #[test]
    fn no_nonce_comes_twice() {
        let mut world = World::new(0, 0);
        let nonces: HashSet<_> = (0..100_000).map(|_| world.next_nonce()).collect();
        assert_eq!(nonces.len(), 100_000);
        assert!(nonces.iter().all(|nonce| nonce.to_string().len() == 10));
    }
}
