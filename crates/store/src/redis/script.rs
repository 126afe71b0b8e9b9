//! The steps that must be one: Lua, which Redis and Valkey run with nothing in between.

use std::sync::OnceLock;

/// A text of Lua, sent once and called by its hash from then on.
pub(super) struct Script {
    /// What is in front of the code.
    functions: &'static str,
    code: &'static str,
    whole: OnceLock<(String, String)>,
}

impl Script {
    const fn new(code: &'static str) -> Self {
        Self { functions: "", code, whole: OnceLock::new() }
    }

    const fn of_queue(code: &'static str) -> Self {
        Self { functions: QUEUE, code, whole: OnceLock::new() }
    }

    /// All of its text.
    pub(super) fn code(&self) -> &str {
        &self.whole().0
    }

    /// What Redis calls it.
    pub(super) fn hash(&self) -> &str {
        &self.whole().1
    }

    fn whole(&self) -> &(String, String) {
        self.whole.get_or_init(|| {
            let code = format!("{}{}", self.functions, self.code);
            let hash = redis::Script::new(&code).get_hash().to_owned();
            (code, hash)
        })
    }
}

/// `KEYS`: the values. `ARGV`, for each: 1 if a value is expected, this value, the time to live in
/// milliseconds or 0 to forget it, the new value. Returns, up to the first that is not as expected,
/// 1, or 0 and what is there. Who watches a value hears of it on the channel of its name, unless
/// nothing takes the place of nothing.
pub(super) static SWAP_ALL: Script = Script::new(
    r"
local done = {}
for i = 1, #KEYS do
  local is_expected, expected, ttl, new = unpack(ARGV, i * 4 - 3, i * 4)
  local found = redis.call('GET', KEYS[i])
  if found ~= (is_expected == '1' and expected) then
    done[i] = {0, found}
    break
  end
  if found or ttl ~= '0' then
    if ttl == '0' then redis.call('DEL', KEYS[i])
    else redis.call('SET', KEYS[i], new, 'PX', ttl) end
    redis.pcall('PUBLISH', KEYS[i], '')
  end
  done[i] = {1}
end
return done
",
);

/// Here and below `KEYS`: the hash of values by id, the sorted set of ids by due time, the hash of
/// fencing tokens by id, each with an `L` behind it if it is of a lease. Redis has no arguments but
/// texts, and no comparison of texts but by its locale.
const QUEUE: &str = r"
local items, due, tokens = KEYS[1], KEYS[2], KEYS[3]

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function write(id, value, at, token)
  if value then redis.call('HSET', items, id, value) end
  redis.call('ZADD', due, string.format('%.0f', at), id)
  redis.call('HSET', tokens, id, token)
end

local function remove(id)
  redis.call('ZREM', due, id)
  redis.call('HDEL', tokens, id)
  return redis.call('HDEL', items, id)
end

local function is_full(id, most)
  return redis.call('HEXISTS', items, id) == 0 and redis.call('HLEN', items) >= tonumber(most)
end

local function is_held(id, token)
  return redis.call('HGET', tokens, id) == token .. 'L'
end

local function is_last(id, token)
  return is_held(id, token) or redis.call('HGET', tokens, id) == token
end

local function is_after(id, other)
  for i = 1, math.min(#id, #other) do
    local a, b = id:byte(i), other:byte(i)
    if a ~= b then return a > b end
  end
  return #id > #other
end

local function listed(ids)
  local all = {}
  for _, id in ipairs(ids) do
    local at = redis.call('ZSCORE', due, id)
    all[#all + 1] = {id, redis.call('HGET', items, id), at, redis.call('HGET', tokens, id)}
  end
  return all
end
";

/// `ARGV`: id, value, due, token, the most items there may be. Returns 0 if it is full.
pub(super) static PUSH: Script = Script::of_queue(
    r"
if is_full(ARGV[1], ARGV[5]) then return 0 end
write(unpack(ARGV, 1, 4))
return 1
",
);

/// `ARGV`: id, value, due, token, the most items there may be. Returns 0 if it is full, and 2 if the
/// id is there.
pub(super) static PUSH_NEW: Script = Script::of_queue(
    r"
if redis.call('HEXISTS', items, ARGV[1]) == 1 then return 2 end
if is_full(ARGV[1], ARGV[5]) then return 0 end
write(unpack(ARGV, 1, 4))
return 1
",
);

/// `ARGV`: id, value, how long in milliseconds, token, the most items there may be. Returns 0 if it
/// is full.
pub(super) static PUSH_LEASED: Script = Script::of_queue(
    r"
if is_full(ARGV[1], ARGV[5]) then return 0 end
write(ARGV[1], ARGV[2], now() + ARGV[3], ARGV[4] .. 'L')
return 1
",
);

/// `ARGV`: id, value, due, token, the token it must have. Returns whether it had.
pub(super) static UPDATE_IF: Script = Script::of_queue(
    r"
if not is_last(ARGV[1], ARGV[5]) then return 0 end
write(unpack(ARGV, 1, 4))
return 1
",
);

/// `ARGV`: how long in milliseconds, how many, token. Returns id, value, due time and token of each,
/// as they are from now on.
pub(super) static LEASE_DUE: Script = Script::of_queue(
    r"
local ids = redis.call('ZRANGEBYSCORE', due, '-inf', now(), 'LIMIT', 0, ARGV[2])
local till = now() + ARGV[1]
for _, id in ipairs(ids) do write(id, nil, till, ARGV[3] .. 'L') end
return listed(ids)
",
);

/// `ARGV`: id, token, how long in milliseconds, a new value if there is one. Returns whether it is
/// held.
pub(super) static RENEW: Script = Script::of_queue(
    r"
if not is_held(ARGV[1], ARGV[2]) then return 0 end
write(ARGV[1], ARGV[4], now() + ARGV[3], ARGV[2] .. 'L')
return 1
",
);

/// `ARGV`: id. Returns whether it was there.
pub(super) static REMOVE: Script = Script::of_queue("return remove(ARGV[1])");

/// `ARGV`: id, the token it must have. Returns whether it had.
pub(super) static REMOVE_IF: Script = Script::of_queue(
    r"
if not is_last(ARGV[1], ARGV[2]) then return 0 end
return remove(ARGV[1])
",
);

/// `ARGV`: id. Returns id, value, due time and token, if it is there.
pub(super) static GET_ITEM: Script = Script::of_queue(
    r"
if redis.call('HEXISTS', items, ARGV[1]) == 0 then return {} end
return listed({ARGV[1]})
",
);

/// `ARGV`: how many; due time and id of the place after which they are, if it is not the start.
/// Returns id, value, due time and token of each. Of those that are due at once, the first behind
/// the place is found by halves.
pub(super) static LIST_AFTER: Script = Script::of_queue(
    r"
local first = 0
if ARGV[2] then
  first = redis.call('ZCOUNT', due, '-inf', '(' .. ARGV[2])
  local behind = redis.call('ZCOUNT', due, '-inf', ARGV[2])
  while first < behind do
    local middle = math.floor((first + behind) / 2)
    if is_after(redis.call('ZRANGE', due, middle, middle)[1], ARGV[3]) then behind = middle
    else first = middle + 1 end
  end
end
return listed(redis.call('ZRANGE', due, first, first + ARGV[1] - 1))
",
);

/// `KEYS`: the value. Returns it and what is left of its time in milliseconds.
pub(super) static GET_WITH_TTL: Script =
    Script::new("return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}");
