//! An account's API that notes the notifications which are sent with it, and the drafts which are
//! published.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use wxbot_sdk::api::{Api, ApiCondition, ApiError, Call, Fetched, Form, JsConfig};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::notification::{NotificationKind, SentNotification};
use wxbot_sdk::publication::{Publication, SubmittedDraft};
use wxbot_sdk::store::record::{Record, encode};
use wxbot_sdk::store::{Store, keys};

/// An outcome comes within minutes, if at all.
const KEPT_FOR: Duration = Duration::from_secs(3600);
/// WeChat's review may take days.
const PUBLICATION_KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// Notes each notification once WeChat took it, so that its outcome can be told apart from others.
pub(crate) struct TrackedApi {
    account: Arc<str>,
    api: Arc<dyn Api>,
    store: Arc<dyn Store>,
    clock: Clock,
}

impl TrackedApi {
    pub(crate) fn new(
        account: &Arc<str>,
        api: Arc<dyn Api>,
        store: &Arc<dyn Store>,
        clock: Clock,
    ) -> Self {
        Self { account: Arc::clone(account), api, store: Arc::clone(store), clock }
    }

    /// A failing store is no reason to call the message unsent.
    async fn note<R: Record>(&self, key: &str, record: &R, time: Duration) {
        if let Err(error) = self.store.put(key, encode(record), time).await {
            let account = &*self.account;
            tracing::debug!(account, %error, "what was sent was not noted");
        }
    }

    async fn publish(&self, call: Call) -> Result<Value, ApiError> {
        let media_id = call.body.as_ref().and_then(|body| body["media_id"].as_str());
        let media_id = media_id.unwrap_or_default().to_owned();
        let reference = call.reference.clone();
        let draft = SubmittedDraft { media_id, reference, at: self.clock.seconds() };
        let answer = self.api.request(call).await?;
        if let Some(publish_id) = id(&answer, "publish_id") {
            let key = keys::publication(&self.account, publish_id);
            self.note(&key, &draft, PUBLICATION_KEPT_FOR).await;
        }
        Ok(answer)
    }

    fn sent(&self, kind: NotificationKind, call: &Call) -> SentNotification {
        let template_id = call.body.as_ref().and_then(|body| body["template_id"].as_str());
        SentNotification {
            kind,
            template_id: template_id.unwrap_or_default().to_owned(),
            reference: call.reference.clone(),
            at: self.clock.seconds(),
        }
    }
}

#[async_trait]
impl Api for TrackedApi {
    async fn request(&self, call: Call) -> Result<Value, ApiError> {
        if call.path == Publication::SUBMIT {
            return self.publish(call).await;
        }
        let Some(kind) = NotificationKind::of_path(&call.path) else {
            return self.api.request(call).await;
        };
        let sent = self.sent(kind, &call);
        let openid = call.openid().unwrap_or_default().to_owned();
        let answer = self.api.request(call).await?;
        let name = SentNotification::name(id(&answer, "msgid"), &sent.template_id);
        let key = keys::notification(&self.account, &openid, &name);
        self.note(&key, &sent, KEPT_FOR).await;
        Ok(answer)
    }

    async fn send_form(&self, call: Call, form: Form) -> Result<Value, ApiError> {
        self.api.send_form(call, form).await
    }

    async fn fetch(&self, call: Call, most_bytes: u64) -> Result<Fetched, ApiError> {
        self.api.fetch(call, most_bytes).await
    }

    fn app_id(&self) -> Result<&str, ApiError> {
        self.api.app_id()
    }

    async fn js_config(&self, url: &str) -> Result<JsConfig, ApiError> {
        self.api.js_config(url).await
    }

    async fn typing(&self, openid: &str) -> Result<(), ApiError> {
        self.api.typing(openid).await
    }

    fn condition(&self) -> ApiCondition {
        self.api.condition()
    }
}

fn id(answer: &Value, name: &str) -> Option<u64> {
    let id = answer.get(name)?;
    id.as_u64().or_else(|| id.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn a_notification_has_a_golden_file() {
        let sent = SentNotification {
            kind: NotificationKind::Template,
            template_id: "TPL".into(),
            reference: Some("order 42".into()),
            at: 1_735_689_600,
        };
        golden::check("notification.1.json", &sent);
    }

    #[test]
    fn a_published_draft_has_a_golden_file() {
        let reference = Some("week 42".into());
        let draft = SubmittedDraft { media_id: "DRAFT".into(), reference, at: 1_735_689_600 };
        golden::check("publication.1.json", &draft);
    }
}
