//! What `wxbot run` logs: enough to see what happens, and not more because a stranger wants it.

use serde_json::Value;
use wxbot_tests::http;
use wxbot_tests::program::Ran;
use wxbot_tests::wechat::{Sender, text};

use super::in_mode;

/// The log lines with this message.
fn lines(ran: &Ran, message: &str) -> Vec<Value> {
    let lines = ran.stderr.lines().map(|line| serde_json::from_str(line).expect(line));
    lines.filter(|line: &Value| line["message"] == message).collect()
}

#[test]
fn refusals_of_one_cause_are_five_lines_and_a_count() {
    let serving = in_mode("plain").serve(&["run"]);
    let wrong = Sender { token: "wrong".into(), ..Sender::default() }.query();
    for _ in 0..200 {
        let refused = http::post(serving.endpoint, &format!("/wechat?{wrong}"), text("price"));
        assert_eq!(refused.status, 403);
    }
    let query = Sender::default().query();
    assert_eq!(http::post(serving.endpoint, &format!("/wechat?{query}"), "").status, 400);

    let ran = serving.stop().exits(0);
    let refused = lines(&ran, "refused a request");
    let of = |cause: &str| refused.iter().filter(|line| line["cause"] == cause).count();
    assert_eq!((of("signature"), of("not_understood")), (5, 1), "{refused:?}");
    let more = lines(&ran, "refused more requests");
    let more: Vec<_> = more.iter().map(|line| [&line["account"], &line["cause"]]).collect();
    assert_eq!(more, [["main", "signature"]]);
    assert_eq!(lines(&ran, "refused more requests")[0]["requests"], 195);
}
