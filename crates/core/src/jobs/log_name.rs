//! What the log calls a job.

use sha1::{Digest, Sha1};
use wxbot_sdk::job::{is_schedule, name_of};

/// The name of a schedule, which stands in the configuration. What was added once is named after
/// whatever it is about, openids too: of that the log has a short hash, the same each time.
pub(super) fn log_name(id: &str) -> String {
    let name = name_of(id);
    if is_schedule(id) {
        return name.to_owned();
    }
    let hash = Sha1::digest(name);
    format!("once-{}", hex::encode(&hash[..4]))
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::job::{id_of_once, id_of_schedule};

    use super::*;

    #[test]
    fn only_schedules_are_named() {
        assert_eq!(log_name(&id_of_schedule("weekly")), "weekly");
        let hashed = log_name(&id_of_once("main/oVjE-nho01jw5B6cJb1cjVnyzB8o/7"));
        assert_eq!(hashed, log_name(&id_of_once("main/oVjE-nho01jw5B6cJb1cjVnyzB8o/7")));
        assert!(hashed.starts_with("once-") && hashed.len() == 13, "{hashed}");
        assert!(log_name("what nobody wrote").starts_with("once-"));
    }
}
