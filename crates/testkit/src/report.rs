//! What an assertion that fails shows: everything.

use std::fmt::{self, Display, Write};

use wxbot_core::chain::trace::Hook;
use wxbot_sim::{DeliveryRecord, Exchange, Outcome, Request, Response, Shown, Verdict, Via, What};

use crate::bot::{Shared, Side};
use crate::heard::{Heard, message};
use crate::traces::Asked;

impl Heard {
    pub(crate) fn report(&self, expected: &dyn Display) -> String {
        let mut report = String::new();
        self.write(&mut report, expected).expect("writing to memory does not fail");
        report
    }

    fn write(&self, report: &mut String, expected: &dyn Display) -> fmt::Result {
        let (name, shared) = (&self.who.name, &self.who.shared);
        writeln!(report, "{name} {}: expected {expected}", self.act)?;
        writeln!(report, "what came: {}", in_words(&self.exchange.verdict))?;
        for note in &self.exchange.notes {
            writeln!(report, "  less than was said: {note:?}")?;
        }
        write_asked(report, self.asked().as_ref())?;
        for (place, delivery) in self.exchange.deliveries.iter().enumerate() {
            let at = shared.seconds(delivery.sent_at);
            let took = delivery.took.as_secs_f64();
            writeln!(report, "\ndelivery {} at {at:.1} s, {took:.1} s", place + 1)?;
            write_delivery(report, self.who.side(), delivery)?;
        }
        writeln!(report, "\n{name}'s phone:")?;
        for shown in self.who.phone() {
            writeln!(report, "  {}", shared.shown(&shown))?;
        }
        Ok(())
    }
}

fn write_asked(report: &mut String, asked: Option<&Asked>) -> fmt::Result {
    let Some(asked) = asked else { return writeln!(report, "\nnobody was asked") };
    writeln!(report, "\nasked:")?;
    for step in &asked.trace.steps {
        let hook = match step.hook {
            Hook::Handle => "",
            Hook::After => " (after)",
        };
        writeln!(report, "  {}{hook}: {} in {:?}", step.link, step.verdict, step.took)?;
    }
    if let Some(correction) = &asked.trace.correction {
        writeln!(report, "  put right: {correction}")?;
    }
    for reply in &asked.replies {
        writeln!(report, "  to be said: {reply:?}")?;
    }
    Ok(())
}

fn write_delivery(report: &mut String, side: &Side, delivery: &DeliveryRecord) -> fmt::Result {
    let Request { method, query, body, .. } = &delivery.request;
    writeln!(report, "  {method} ?{query}")?;
    write_body(report, side, body)?;
    write_outcome(report, side, &delivery.outcome)?;
    match &delivery.double {
        Some(double) => write_outcome(report, side, double),
        None => Ok(()),
    }
}

fn write_outcome(report: &mut String, side: &Side, outcome: &Outcome) -> fmt::Result {
    match outcome {
        Outcome::TimedOut => writeln!(report, "  no answer within 5 seconds"),
        Outcome::Broken(broken) => writeln!(report, "  {broken}"),
        Outcome::Answered(Response { status, body, .. }) => {
            writeln!(report, "  answered with {status}")?;
            let refusal = side.bridge.as_ref().and_then(|bridge| bridge.last_refusal());
            if let Some(refusal) = refusal.filter(|_| *status != 200) {
                writeln!(report, "  the last request was refused because: {refusal}")?;
            }
            write_body(report, side, body)
        }
    }
}

fn write_body(report: &mut String, side: &Side, body: &[u8]) -> fmt::Result {
    writeln!(report, "    {}", String::from_utf8_lossy(body))?;
    match side.wechat.account().unsealed(body) {
        Some(inside) => writeln!(report, "    in it: {inside}"),
        None => Ok(()),
    }
}

/// How an exchange ended, without a name.
pub(crate) fn in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Reply(shown) => shown.bubble().map(ToString::to_string).unwrap_or_default(),
        Verdict::Silence => "(nothing)".into(),
        Verdict::Notice(cause) => format!("(WeChat's notice: {cause})"),
        Verdict::Nowhere(wxbot_sim::Unseen::Reply(bubble)) => {
            format!("(nowhere to be seen: {bubble})")
        }
        Verdict::Nowhere(wxbot_sim::Unseen::Failure(cause)) => format!("(it failed: {cause})"),
    }
}

impl Shared {
    /// Seconds since the start.
    pub(crate) fn seconds(&self, unix_ms: u64) -> f64 {
        unix_ms.saturating_sub(self.started) as f64 / 1000.0
    }

    fn shown(&self, shown: &Shown) -> String {
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
        format!("{:6.1} s  {what}{via}", self.seconds(shown.at))
    }

    /// What the chain made of what was delivered.
    pub(crate) fn asked(&self, side: &Side, exchange: &Exchange) -> Option<Asked> {
        let body = &exchange.deliveries.first()?.request.body;
        let inside = side.wechat.account().unsealed(body);
        let message = message(inside.as_ref().map_or(body, |inside| inside.as_bytes()))?;
        self.traces.of(&side.account, &message)
    }
}
