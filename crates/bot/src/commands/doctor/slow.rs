//! An answer that takes long, as one of a plugin's may: does what is in front of the bot wait for it?

use std::time::Duration;

use super::finding::Findings;
use super::response::expect;
use super::visits::Visits;

pub(super) async fn check(visits: &Visits, wait: Duration, findings: &mut Findings) {
    if wait.is_zero() {
        return;
    }
    let shown = wait.as_millis();
    let (echostr, answer) = visits.late_handshake(wait).await;
    let fault = match expect(&answer, &echostr) {
        // Who knows nothing of waiting answers at once.
        Ok(()) if answer.is_ok_and(|visit| visit.took < wait) => return,
        Ok(()) => {
            return findings.good(
                "slow",
                (
                    &format!("{shown} 毫秒后的回答也能到达"),
                    &format!("an answer after {shown} ms arrives"),
                ),
            );
        }
        Err(fault) => fault.told(),
    };
    findings.fault(
        "slow",
        (
            &format!("{shown} 毫秒后的回答到不了：{}", fault.seen.0),
            &format!("an answer after {shown} ms does not arrive: {}", fault.seen.1),
        ),
        (
            "代理不够耐心：插件要想一会儿的回答会丢",
            "what is in front of the bot gives up: answers that take a plugin some seconds are lost",
        ),
        (
            "把代理等待后端的时间设为 7 秒以上（nginx 的 proxy_read_timeout 7s）",
            "have it wait for 7 s or more (nginx: proxy_read_timeout 7s)",
        ),
    );
}
