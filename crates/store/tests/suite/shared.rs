//! The `redis-server` that the tests of the suite share, each with a prefix of its own.

use std::sync::{LazyLock, Mutex, OnceLock};
use std::time::Duration;

use redis::Client;
use wxbot_tests::redis::Server;

static SHARED: LazyLock<Mutex<Option<Server>>> =
    LazyLock::new(|| Mutex::new(Some(Server::start(&[]))));
static STARTED: OnceLock<u16> = OnceLock::new();

/// Its URL.
pub(crate) fn url() -> String {
    let port = STARTED.get_or_init(|| SHARED.lock().unwrap().as_ref().unwrap().port);
    format!("redis://127.0.0.1:{port}/0")
}

pub(crate) fn stop() {
    if STARTED.get().is_some() {
        drop(SHARED.lock().unwrap().take());
    }
}

/// Takes time away from all values behind a prefix, and from what is due at a time of our age.
pub(crate) fn shorten(prefix: &str, time: Duration) {
    let script = r"
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, left - ARGV[2]) end
  if redis.call('TYPE', key).ok == 'zset' then
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', key, 1e12, '(9007199254740992')) do
      redis.call('ZINCRBY', key, -ARGV[2], id)
    end
  end
end";
    let mut connection = Client::open(url()).unwrap().get_connection().unwrap();
    let mut shorten = redis::cmd("EVAL");
    shorten.arg(script).arg(0).arg(prefix).arg(time.as_millis() as u64);
    shorten.exec(&mut connection).unwrap();
}
