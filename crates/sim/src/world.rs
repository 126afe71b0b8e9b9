//! Everything the simulation remembers, behind one lock.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::api::{ApiCall, Codes, Media, Menus, Quotas, Tags, Templates, Tokens};
use crate::endpoint::Endpoint;
use crate::exchange::Exchange;
use crate::faults::Faults;
use crate::follower::FollowerState;
use crate::log::Log;

pub(crate) struct World {
    pub(crate) rng: StdRng,
    pub(crate) endpoint: Option<Arc<dyn Endpoint>>,
    pub(crate) followers: BTreeMap<String, FollowerState>,
    pub(crate) exchanges: Log<Exchange>,
    pub(crate) faults: Faults,
    pub(crate) calls: Log<ApiCall>,
    pub(crate) tokens: Tokens,
    /// Who may ask for tokens; nothing means everybody.
    pub(crate) ip_whitelist: Option<Vec<IpAddr>>,
    pub(crate) quotas: Quotas,
    pub(crate) menus: Menus,
    pub(crate) media: Media,
    pub(crate) tags: Tags,
    pub(crate) codes: Codes,
    pub(crate) templates: Templates,
    /// Ids of published articles.
    pub(crate) articles: BTreeSet<String>,
    /// Unix seconds.
    began: u64,
    msg_id: u64,
    nonce: u64,
}

/// Nonces have ten digits.
const NONCES: u64 = 1_000_000_000;

impl World {
    /// `began` is in Unix milliseconds.
    pub(crate) fn new(seed: u64, began: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        // A bot may remember the nonces and MsgIds of the run before.
        let nonce = (rng.random_range(0..NONCES) + began) % NONCES;
        Self {
            rng,
            endpoint: None,
            followers: BTreeMap::new(),
            exchanges: Log::default(),
            faults: Faults::default(),
            calls: Log::default(),
            tokens: Tokens::default(),
            ip_whitelist: None,
            quotas: Quotas::default(),
            menus: Menus::default(),
            media: Media::default(),
            tags: Tags::default(),
            codes: Codes::default(),
            templates: Templates::default(),
            articles: BTreeSet::new(),
            began: began / 1000,
            msg_id: 24_870_000_000_000_000 + began * 1000,
            nonce,
        }
    }

    /// What is known of somebody; who is not known yet has followed for a day.
    pub(crate) fn follower(&mut self, openid: &str) -> &mut FollowerState {
        let since = self.began.saturating_sub(86_400);
        self.followers
            .entry(openid.to_owned())
            .or_insert_with(|| FollowerState::following_since(since))
    }

    /// 64 bits, rising, not one by one.
    pub(crate) fn next_msg_id(&mut self) -> u64 {
        self.msg_id += self.rng.random_range(1..100);
        self.msg_id
    }

    /// Looks random, and comes once: a bot may remember those that it has seen.
    pub(crate) fn next_nonce(&mut self) -> u64 {
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

    /// What WeChat knows a call by.
    pub(crate) fn rid(&mut self) -> String {
        let parts: [u32; 3] = self.rng.random();
        let [one, two, three] = parts;
        format!("{one:08x}-{two:08x}-{three:08x}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// With random ones, two of a hundred thousand in one second were the same.
    #[test]
    fn no_nonce_comes_twice() {
        let mut world = World::new(0, 0);
        let nonces: HashSet<_> = (0..100_000).map(|_| world.next_nonce()).collect();
        assert_eq!(nonces.len(), 100_000);
        assert!(nonces.iter().all(|nonce| nonce.to_string().len() == 10));
    }
}
