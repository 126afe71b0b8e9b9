//! What Redis throws away when its memory is full.

use super::request::Request;
use super::servers::Wire;

/// Warns where that may be anything: a late answer has no time to live, and would be lost without a
/// word. Of a cluster one master is asked. Whoever may not ask learns nothing.
pub(super) async fn warn(mut wire: Wire, store: String) {
    let request = Request::without_key("INFO").with("memory").at(Some(0));
    let Ok(answer) = wire.ask(&request.short(), request.slot).await else { return };
    let Ok(memory) = redis::from_redis_value::<String>(answer) else { return };
    if let Some(policy) = evicting_policy(&memory) {
        tracing::warn!(
            store,
            policy,
            "Redis may throw away late answers when its memory is full: set `maxmemory-policy` to \
             `noeviction` or `volatile-ttl`"
        );
    }
}

/// The policy of `INFO memory`, if by it any key may go.
fn evicting_policy(memory: &str) -> Option<&str> {
    let value = |name: &str| {
        let mut lines = memory.lines().filter_map(|line| line.trim_end().split_once(':'));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let is_bounded = value("maxmemory")? != "0";
    value("maxmemory_policy").filter(|policy| is_bounded && policy.starts_with("allkeys-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_by_which_any_key_may_go_is_found() {
        let check = |most: &str, policy: &str, expected: Option<&str>| {
            let info = format!("# Memory\r\nmaxmemory:{most}\r\nmaxmemory_policy:{policy}\r\n");
            assert_eq!(evicting_policy(&info), expected, "{info}");
        };
        check("1000000", "allkeys-lru", Some("allkeys-lru"));
        check("0", "allkeys-lru", None);
        check("1000000", "noeviction", None);
        check("1000000", "volatile-lru", None);
        assert_eq!(evicting_policy("# Memory\r\n"), None);
    }
}
