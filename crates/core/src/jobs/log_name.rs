//! What the log calls a job.

use wxbot_sdk::job::{is_schedule, name_of};

use super::listing::short_id;

/// The name of a schedule, which stands in the configuration. What was added once is named after
/// whatever it is about, openids too: the log has the id that `wxbot jobs` shows.
pub(super) fn log_name(id: &str) -> String {
    match is_schedule(id) {
        true => name_of(id).to_owned(),
        false => short_id(id),
    }
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::job::{id_of_once, id_of_schedule};

    use super::*;

    #[test]
    fn only_schedules_are_named() {
        assert_eq!(log_name(&id_of_schedule("weekly")), "weekly");
        let id = id_of_once("main/oVjE-nho01jw5B6cJb1cjVnyzB8o/7");
        assert_eq!(log_name(&id), short_id(&id));
        assert_eq!(log_name("what nobody wrote").len(), 12);
    }
}
