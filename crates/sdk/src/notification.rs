//! Template messages (模板消息, protocol section 7.4) and subscription notifications (订阅通知, section
//! 7.5): what an account may tell a follower who has not written for long.

mod kind;
mod sent;
mod outcome;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

pub use kind::NotificationKind;
pub use outcome::{Fate, NotificationOutcome};
pub use sent::{Receipt, SentNotification};

use crate::call::Call;

/// A message whose words are those of a template, with values in them.
///
/// ```
/// use wxbot_sdk::notification::Notification;
///
/// let shipped = Notification::template("TPL_SHIPPED")
///     .value("thing1", "a pot of tea")
///     .value("time2", "2025-01-01 08:00")
///     .url("https://example.com/orders/42")
///     .reference("order 42");
/// ```
///
/// With serde it is what `POST /send` takes as `template` or `subscription`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// Which of the two it is.
    #[serde(skip)]
    pub kind: NotificationKind,
    /// The template, as WeChat's console names it.
    #[serde(rename = "id")]
    pub template_id: String,
    /// The values by the names of their fields: `thing1`, `time2`. WeChat goes by the name: a `thing`
    /// has 20 characters at most, a `number` is one (47003 names the field that is wrong).
    #[serde(default, deserialize_with = "values")]
    pub data: BTreeMap<String, String>,
    /// Where a tap leads.
    #[serde(default)]
    pub url: Option<String>,
    /// A page of a mini program where a tap leads, rather than to the URL.
    #[serde(default)]
    pub mini_program: Option<MiniProgramLink>,
    /// WeChat sends a template message once for each of these ids, of 32 characters at most, within
    /// 10 minutes. Subscription notifications have none.
    #[serde(default)]
    pub client_msg_id: Option<String>,
    /// What the sender calls it, for example the number of an order. WeChat does not see it; it comes
    /// back with the outcome.
    #[serde(default)]
    pub reference: Option<String>,
}

/// A page of a mini program that is linked to the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MiniProgramLink {
    /// The mini program's own app id.
    pub app_id: String,
    /// For example `pages/index?x=1`.
    pub page_path: String,
}

impl Notification {
    /// A template message without values yet.
    pub fn template(template_id: impl Into<String>) -> Self {
        Self { template_id: template_id.into(), ..Self::default() }
    }

    /// A subscription notification without values yet.
    pub fn subscription(template_id: impl Into<String>) -> Self {
        Self { kind: NotificationKind::Subscription, ..Self::template(template_id) }
    }

    /// With this value in a field of the template.
    #[must_use]
    pub fn value(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.data.insert(field.into(), value.into());
        self
    }

    /// A tap leads there.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// A tap leads to this page of a mini program.
    #[must_use]
    pub fn mini_program(mut self, app_id: impl Into<String>, page_path: impl Into<String>) -> Self {
        let (app_id, page_path) = (app_id.into(), page_path.into());
        self.mini_program = Some(MiniProgramLink { app_id, page_path });
        self
    }

    /// WeChat sends it once, even if it is asked for twice within 10 minutes.
    #[must_use]
    pub fn once(mut self, client_msg_id: impl Into<String>) -> Self {
        self.client_msg_id = Some(client_msg_id.into());
        self
    }

    /// What the sender calls it.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// The call that sends it.
    pub fn call(&self, openid: &str) -> Call {
        let call = Call::post(self.kind.path(), self.body(openid));
        Call { reference: self.reference.clone(), ..call }
    }

    fn body(&self, openid: &str) -> Value {
        let values = self.data.iter().map(|(name, value)| (name.clone(), json!({"value": value})));
        let data: Map<_, _> = values.collect();
        let mut body = json!({"touser": openid, "template_id": self.template_id, "data": data});
        if let Some(url) = &self.url {
            body[self.kind.url_field()] = json!(url);
        }
        if let Some(MiniProgramLink { app_id, page_path }) = &self.mini_program {
            body["miniprogram"] = json!({"appid": app_id, "pagepath": page_path});
        }
        if let (NotificationKind::Template, Some(id)) = (self.kind, &self.client_msg_id) {
            body["client_msg_id"] = json!(id);
        }
        body
    }
}

/// A value, or the way WeChat's pages write one.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a value is a text, or {\"value\": \"…\"}")]
enum Written {
    Text(String),
    Wrapped { value: String },
}

fn values<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let written = BTreeMap::<String, Written>::deserialize(from)?;
    let text = |written| match written {
        Written::Text(value) | Written::Wrapped { value } => value,
    };
    Ok(written.into_iter().map(|(name, value)| (name, text(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(notification: &Notification, path: &str, expected: &str) {
        let expected: Value = serde_json::from_str(expected).expect("the page's line is JSON");
        let call = notification.call("oTEST_…");
        assert_eq!((&*call.path, call.body), (path, Some(expected)));
    }

    #[test]
    fn both_are_written_as_on_the_protocol_page() {
        let template = Notification::template("TPL…")
            .url("https://e.com")
            .mini_program("wx…", "index?x=1")
            .once("once-000001")
            .value("thing1", "内容")
            .value("time2", "2025-01-01 08:00");
        check(
            &template,
            "/cgi-bin/message/template/send",
            r#"{"touser":"oTEST_…","template_id":"TPL…","url":"https://e.com","miniprogram":{"appid":"wx…","pagepath":"index?x=1"},"client_msg_id":"once-000001","data":{"thing1":{"value":"内容"},"time2":{"value":"2025-01-01 08:00"}}}"#,
        );
        let subscription = Notification::subscription("TPL…")
            .url("https://e.com/x")
            .mini_program("wx…", "pages/i")
            .value("thing1", "示例")
            .value("date2", "2025-01-01");
        check(
            &subscription.once("not for this kind"),
            "/cgi-bin/message/subscribe/bizsend",
            r#"{"touser":"oTEST_…","template_id":"TPL…","page":"https://e.com/x","miniprogram":{"appid":"wx…","pagepath":"pages/i"},"data":{"thing1":{"value":"示例"},"date2":{"value":"2025-01-01"}}}"#,
        );
    }

    #[test]
    fn a_reference_is_not_sent() {
        let call = Notification::template("TPL").reference("order 42").call("o1");
        assert_eq!(call.reference.as_deref(), Some("order 42"));
        assert!(!call.body.expect("it is a POST").to_string().contains("42"));
    }

    #[test]
    fn values_are_read_as_texts_and_as_wechat_writes_them() {
        let written =
            r##"{"id":"TPL","data":{"thing1":"tea","time2":{"value":"8:00","color":"#f00"}}}"##;
        let read: Notification = serde_json::from_str(written).expect("it is one");
        let expected = Notification::template("TPL").value("thing1", "tea").value("time2", "8:00");
        assert_eq!(read, expected);
        let wrong = r#"{"id":"TPL","data":{"thing1":["tea"]}}"#;
        let error = serde_json::from_str::<Notification>(wrong).unwrap_err().to_string();
        assert!(error.contains(r#"a value is a text, or {"value": "…"}"#), "{error}");
    }
}
