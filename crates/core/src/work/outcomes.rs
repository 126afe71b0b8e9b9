//! What events say of template messages and subscription notifications: it is counted and logged,
//! with the call that it is about (protocol sections 4.4 and 4.5).

use wxbot_sdk::notification::{Fate, NotificationOutcome};
use wxbot_sdk::redact::Short;

use super::job::Job;
use crate::journal::JournalEvent;

/// Counts and logs what an event says of notifications. The chain does not wait for that.
pub(super) fn note(job: &Job) {
    let Some(event) = job.message().event() else { return };
    let outcomes = NotificationOutcome::of_event(event);
    if outcomes.is_empty() {
        return;
    }
    let account = &**job.account.id();
    for &NotificationOutcome { kind, fate, .. } in &outcomes {
        job.engine.journal.record(JournalEvent::Notified { account, kind, fate });
    }
    job.engine.tasks.spawn(log(job.clone(), outcomes));
}

/// One line for each, with the call that it is about.
async fn log(job: Job, outcomes: Vec<NotificationOutcome>) {
    let (account, openid) = (&**job.account.id(), job.openid());
    for mut outcome in outcomes {
        if let Err(error) = outcome.look_up(&*job.engine.store, account, openid).await {
            tracing::debug!(account, %error, "which notification an event is about is not known");
        }
        write(account, openid, &outcome);
    }
}

/// What did not arrive surprises; what did is one of many.
fn write(account: &str, openid: &str, outcome: &NotificationOutcome) {
    let NotificationOutcome { kind, fate, status, template_id, msg_id, sent } = outcome;
    let (kind, openid) = (kind.as_str(), Short(openid));
    let reference = sent.as_ref().and_then(|sent| sent.reference.as_deref());
    let template_id = sent.as_ref().map(|sent| &sent.template_id).or(template_id.as_ref());
    match fate {
        Fate::Blocked | Fate::Failed => tracing::info!(
            account, %openid, kind, template_id, msg_id, reference, status,
            "a notification did not arrive"
        ),
        fate => tracing::debug!(
            account, %openid, kind, template_id, msg_id, reference, status,
            fate = fate.as_str(), "a notification has an outcome"
        ),
    }
}
