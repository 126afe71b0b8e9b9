//! What an assertion that fails shows: everything.

use std::fmt::{self, Display, Write};

use wxbot::rehearsal::{Asked, RehearsedAccount};
use wxbot_core::chain::trace::Hook;
use wxbot_sim::{Act, DeliveryRecord, Exchange, Outcome, Request, Response, Shown, Via, What};

use crate::exchange::in_words;
use crate::shared::{Person, Shared};

/// All that is known about what somebody did, beside what was expected of it.
pub(crate) fn report(
    who: &Person,
    act: &Act,
    exchange: &Exchange,
    expected: &dyn Display,
) -> String {
    let mut report = format!("{} {act}: expected {expected}\n", who.name);
    write(&mut report, who, exchange).expect("writing to memory does not fail");
    report
}

/// Who was asked.
pub(crate) fn trace(asked: Option<&Asked>) -> String {
    let mut trace = String::new();
    write_asked(&mut trace, asked).expect("writing to memory does not fail");
    trace
}

fn write(report: &mut String, who: &Person, exchange: &Exchange) -> fmt::Result {
    writeln!(report, "what came: {}", in_words(&exchange.verdict))?;
    for note in &exchange.notes {
        writeln!(report, "  less than was said: {note:?}")?;
    }
    write_asked(report, who.asked(exchange).as_ref())?;
    for (number, delivery) in exchange.deliveries.iter().enumerate() {
        let at = who.shared.seconds(delivery.sent_at);
        let took = delivery.took.as_secs_f64();
        writeln!(report, "\ndelivery {} at {at:.1} s, {took:.1} s", number + 1)?;
        write_delivery(report, who.account(), delivery)?;
    }
    writeln!(report, "\n{}'s phone:", who.name)?;
    for shown in who.phone.phone() {
        writeln!(report, "  {}", in_chat(&who.shared, &shown))?;
    }
    Ok(())
}

fn write_asked(report: &mut String, asked: Option<&Asked>) -> fmt::Result {
    let Some(asked) = asked else { return writeln!(report, "\nnobody was asked") };
    writeln!(report, "\nasked:")?;
    for step in &asked.trace.steps {
        let hook = match step.hook {
            Hook::Handle => "",
            Hook::After => " (after)",
        };
        writeln!(report, "  {}{hook}: {} in {:?}", step.link, step.decision(), step.took)?;
    }
    if let Some(correction) = &asked.trace.correction {
        writeln!(report, "  put right: {correction}")?;
    }
    for reply in &asked.replies {
        writeln!(report, "  to be said: {reply:?}")?;
    }
    Ok(())
}

fn write_delivery(
    report: &mut String,
    account: &RehearsedAccount,
    delivery: &DeliveryRecord,
) -> fmt::Result {
    let Request { method, query, body, .. } = &delivery.request;
    writeln!(report, "  {method} ?{query}")?;
    write_body(report, account, body)?;
    write_outcome(report, account, &delivery.outcome)?;
    match &delivery.double {
        Some(double) => write_outcome(report, account, double),
        None => Ok(()),
    }
}

fn write_outcome(
    report: &mut String,
    account: &RehearsedAccount,
    outcome: &Outcome,
) -> fmt::Result {
    match outcome {
        Outcome::TimedOut => writeln!(report, "  no answer within 5 seconds"),
        Outcome::Broken(broken) => writeln!(report, "  {broken}"),
        Outcome::Answered(Response { status, body, .. }) => {
            writeln!(report, "  answered with {status}")?;
            let refusal = account.endpoint.last_refusal();
            if let Some(refusal) = refusal.filter(|_| *status != 200) {
                writeln!(report, "  the last request was refused because: {refusal}")?;
            }
            write_body(report, account, body)
        }
    }
}

fn write_body(report: &mut String, account: &RehearsedAccount, body: &[u8]) -> fmt::Result {
    writeln!(report, "    {}", String::from_utf8_lossy(body))?;
    match account.wechat.account().unsealed(body) {
        Some(inside) => writeln!(report, "    in it: {inside}"),
        None => Ok(()),
    }
}

fn in_chat(shared: &Shared, shown: &Shown) -> String {
    let what = match &shown.what {
        What::Bubble(bubble) => bubble.to_string(),
        What::Notice(notice) => format!("({notice})"),
        What::Typing => "(typing)".into(),
        What::TypingEnded => "(no longer typing)".into(),
    };
    let via = match shown.via {
        Via::Passive => "",
        Via::Api => " (by the API)",
    };
    format!("{:6.1} s  {what}{via}", shared.seconds(shown.at))
}
