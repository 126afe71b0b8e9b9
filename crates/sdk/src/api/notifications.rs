//! Notifications and their templates (protocol sections 7.4 and 7.5).

use serde::Deserialize;
use serde_json::json;

use super::answer::{field, number, read};
use super::caller::Api;
use super::error::ApiError;
use crate::notification::{Notification, Receipt};

const LIST: &str = "/cgi-bin/template/get_all_private_template";
const ADD: &str = "/cgi-bin/template/api_add_template";
const DELETE: &str = "/cgi-bin/template/del_private_template";

/// Sends notifications, and keeps the account's templates. From
/// `ctx.api().notifications()`.
#[derive(Clone, Copy)]
pub struct Notifications<'a> {
    api: &'a dyn Api,
}

/// A template of the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Template {
    /// What a notification names it by.
    pub template_id: String,
    /// Shown in bold.
    pub title: String,
    /// The words, with a place such as `{{thing1.DATA}}` for each value.
    #[serde(default)]
    pub content: String,
    /// The same with values.
    #[serde(default)]
    pub example: String,
}

impl<'a> dyn Api + 'a {
    /// Template messages and subscription notifications.
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications { api: self }
    }
}

impl Notifications<'_> {
    /// Sends one. That WeChat took it does not say that it arrived: the event about that comes
    /// later, and [`Context::notifications`](crate::context::Context::notifications) says of it what
    /// was sent.
    pub async fn send(
        &self,
        openid: &str,
        notification: &Notification,
    ) -> Result<Receipt, ApiError> {
        let answer = self.api.request(notification.call(openid)).await?;
        Ok(Receipt { kind: notification.kind, msg_id: number(&answer, "msgid") })
    }

    /// The templates for template messages.
    pub async fn templates(&self) -> Result<Vec<Template>, ApiError> {
        let answer = self.api.get(LIST).await?;
        read(LIST, &answer["template_list"])
    }

    /// Adds a template of WeChat's library, with these of its fields, and returns its id.
    pub async fn add_template(&self, short_id: &str, fields: &[&str]) -> Result<String, ApiError> {
        let body = json!({"template_id_short": short_id, "keyword_name_list": fields});
        field(ADD, &self.api.post(ADD, body).await?, "template_id")
    }

    /// Takes a template out of the account.
    pub async fn delete_template(&self, template_id: &str) -> Result<(), ApiError> {
        self.api.post(DELETE, json!({"template_id": template_id})).await.map(drop)
    }
}
