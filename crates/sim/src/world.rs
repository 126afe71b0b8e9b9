//! Everything the simulation remembers, behind one lock.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::endpoint::Endpoint;
use crate::exchange::Exchange;
use crate::faults::Faults;
use crate::follower::FollowerState;
use crate::log::Log;
use crate::media::Media;

pub(crate) struct World {
    pub(crate) rng: StdRng,
    pub(crate) endpoint: Option<Arc<dyn Endpoint>>,
    pub(crate) followers: BTreeMap<String, FollowerState>,
    pub(crate) exchanges: Log<Exchange>,
    pub(crate) faults: Faults,
    pub(crate) media: Media,
    /// Unix seconds.
    began: u64,
    msg_id: u64,
}

impl World {
    pub(crate) fn new(seed: u64, began: u64) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            endpoint: None,
            followers: BTreeMap::new(),
            exchanges: Log::default(),
            faults: Faults::default(),
            media: Media::default(),
            began,
            msg_id: 24_870_000_000_000_000,
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

    /// The scene of a code that the account made and that is still good.
    pub(crate) fn scene(&self, _ticket: &str, _now: u64) -> Option<String> {
        None
    }
}
