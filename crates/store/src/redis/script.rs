//! The steps that must be one: Lua, which Redis and Valkey run with nothing in between.

use std::sync::OnceLock;

/// A text of Lua, sent once and called by its hash from then on.
pub(super) struct Script {
    pub(super) code: &'static str,
    hash: OnceLock<String>,
}

impl Script {
    const fn new(code: &'static str) -> Self {
        Self { code, hash: OnceLock::new() }
    }

    /// What Redis calls it.
    pub(super) fn hash(&self) -> &str {
        self.hash.get_or_init(|| redis::Script::new(self.code).get_hash().to_owned())
    }
}

/// `KEYS`: the value. `ARGV`: 1 if a value is expected, this value, the time to live in
/// milliseconds or 0 to forget it, the new value. Returns 1, or 0 and what is there.
pub(super) static SWAP: Script = Script::new(
    r"
local found = redis.call('GET', KEYS[1])
local expected = ARGV[1] == '1' and ARGV[2]
if found ~= expected then return {0, found} end
if ARGV[3] == '0' then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[3]) end
return {1}
",
);

/// Here and below `KEYS`: the hash of values by id, the sorted set of ids by due time.
/// `ARGV`: id, value, due, the most items there may be. Returns 0 if it is full.
pub(super) static PUSH: Script = Script::new(
    r"
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0
  and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1
",
);

/// `ARGV`: id, value, due. Returns whether it was there.
pub(super) static UPDATE: Script = Script::new(
    r"
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1
",
);

/// `ARGV`: now, the next due time, how many. Returns id, value and due time of each.
pub(super) static TAKE_DUE: Script = Script::new(
    r"
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local taken = {}
for i = 1, #due, 2 do
  redis.call('ZADD', KEYS[2], ARGV[2], due[i])
  taken[#taken + 1] = due[i]
  taken[#taken + 1] = redis.call('HGET', KEYS[1], due[i])
  taken[#taken + 1] = due[i + 1]
end
return taken
",
);

/// `ARGV`: id. Returns whether it was there.
pub(super) static REMOVE: Script = Script::new(
    r"
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
",
);

/// `ARGV`: how many to leave out, how many. Returns id, value and due time of each.
pub(super) static LIST: Script = Script::new(
    r"
local due = redis.call('ZRANGE', KEYS[2], ARGV[1], ARGV[1] + ARGV[2] - 1, 'WITHSCORES')
local listed = {}
for i = 1, #due, 2 do
  listed[#listed + 1] = due[i]
  listed[#listed + 1] = redis.call('HGET', KEYS[1], due[i])
  listed[#listed + 1] = due[i + 1]
end
return listed
",
);

/// `KEYS`: the value. Returns it and what is left of its time in milliseconds.
pub(super) static GET_WITH_TTL: Script =
    Script::new("return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}");
