//! Messages: a signed one in every mode the account takes, and those that have to be refused.

use std::time::Duration;

use wxbot_client::{Visit, VisitError};
use wxbot_sim::Mode;

use super::finding::Findings;
use super::response::{Fault, beginning, taken};
use super::visits::Visits;

/// What WeChat waits, less what the way takes.
const TOO_LATE: Duration = Duration::from_millis(4500);
const SLOW: Duration = Duration::from_secs(1);

pub(super) async fn check(visits: &Visits, findings: &mut Findings) {
    let mut slowest = Duration::ZERO;
    for mode in &visits.modes {
        let answer = visits.message(*mode).await;
        match answered(&answer) {
            Ok(visit) => {
                slowest = slowest.max(visit.took);
                let (chinese, english) = name(*mode);
                findings.good(
                    "message",
                    (&format!("{chinese}消息有回答"), &format!("a {english} message is answered")),
                );
            }
            Err(fault) => {
                let told = fault.told();
                let (chinese, english) = name(*mode);
                let seen = (
                    format!("{chinese}消息：{}", told.seen.0),
                    format!("{english}: {}", told.seen.1),
                );
                findings.fault("message", (&seen.0, &seen.1), told.meaning, told.cure);
            }
        }
    }
    if slowest > Duration::ZERO {
        time(slowest, findings);
    }
    forged(visits, findings).await;
}

/// A reply, or nothing to say; sealed or not.
fn answered(answer: &Result<Visit, VisitError>) -> Result<&Visit, Fault> {
    let visit = taken(answer)?;
    let body = &visit.body[..];
    let is_one = body.is_empty() || body == b"success" || body.starts_with(b"<xml>");
    match is_one {
        true => Ok(visit),
        false => Err(Fault::Changed(beginning(&String::from_utf8_lossy(body)))),
    }
}

fn name(mode: Mode) -> (&'static str, &'static str) {
    match mode {
        Mode::Plain => ("明文", "plain"),
        Mode::Compatible => ("兼容模式", "compatible"),
        Mode::Safe => ("安全模式", "safe"),
    }
}

fn time(took: Duration, findings: &mut Findings) {
    let milliseconds = took.as_millis();
    let seen =
        (&*format!("回答用了 {milliseconds} 毫秒"), &*format!("an answer takes {milliseconds} ms"));
    let cure = (
        "看 /metrics 里的耗时和代理日志，找出慢在哪里",
        "the metrics and the proxy's log tell where it is slow",
    );
    if took > TOO_LATE {
        let meaning = (
            "微信 5 秒就断开，用户会看到故障提示",
            "WeChat hangs up after 5 s, and followers see a failure",
        );
        findings.fault("time", seen, meaning, cure);
    } else if took > SLOW {
        let meaning =
            ("微信等 5 秒，留给插件的时间不多", "of WeChat's 5 s little is left for plugins");
        findings.warn("time", seen, meaning, cure);
    } else {
        findings.good("time", seen);
    }
}

async fn forged(visits: &Visits, findings: &mut Findings) {
    let mut is_safe = true;
    for mode in &visits.modes {
        if visits.forged_message(*mode).await.is_ok_and(|visit| visit.status == 200) {
            is_safe = false;
            findings.fault(
                "forged",
                ("签名错误的消息也被接受", "a message with a wrong signature is taken"),
                ("那里的程序不验证签名，任何人都能冒充粉丝", "what answers there verifies nothing"),
                ("让这个路径直接转到 wxbot", "have the path lead to wxbot"),
            );
        }
    }
    if visits.refuses_plain
        && visits.message(Mode::Plain).await.is_ok_and(|visit| visit.status == 200)
    {
        is_safe = false;
        findings.fault(
            "weaker",
            ("没有加密的消息也被接受", "a message that is not encrypted is taken"),
            (
                "运行中的 wxbot 的 mode 比这里的弱",
                "the wxbot that runs has a weaker `mode` than bot.toml",
            ),
            ("重启 wxbot，让它读新的 bot.toml", "restart wxbot, so that it reads bot.toml"),
        );
    }
    if is_safe {
        findings.good("forged", ("伪造的消息被拒绝", "forged messages are refused"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn an_answer_that_comes_after_wechat_hung_up_is_a_fault() {
        for (milliseconds, mark) in [(300, "✓"), (1500, "!"), (4600, "✗")] {
            let mut findings = Findings::new(Language::En);
            time(Duration::from_millis(milliseconds), &mut findings);
            assert!(findings.text().starts_with(mark), "{}", findings.text());
        }
    }
}
