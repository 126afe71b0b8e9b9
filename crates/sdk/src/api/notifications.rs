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
const SET_INDUSTRY: &str = "/cgi-bin/template/api_set_industry";
const GET_INDUSTRY: &str = "/cgi-bin/template/get_industry";

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
    /// The industry that it is for.
    #[serde(default)]
    pub primary_industry: String,
    /// The same, more closely.
    #[serde(default)]
    pub deputy_industry: String,
}

/// What the account is about, which decides the templates that it may add. The protocol page does not
/// say what an answer looks like: this is what other clients of WeChat's agree on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Industries {
    /// The first.
    pub primary_industry: Industry,
    /// The second.
    pub secondary_industry: Industry,
}

/// An industry of WeChat's list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Industry {
    /// For example IT科技.
    pub first_class: String,
    /// For example 互联网|电子商务.
    pub second_class: String,
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

    /// The account's two industries.
    pub async fn industries(&self) -> Result<Industries, ApiError> {
        read(GET_INDUSTRY, &self.api.get(GET_INDUSTRY).await?)
    }

    /// Says what the account is about, by two numbers of WeChat's list of industries. It may be said
    /// once a month.
    pub async fn set_industries(&self, first: u64, second: u64) -> Result<(), ApiError> {
        let [first, second] = [first, second].map(|id| id.to_string());
        let body = json!({"industry_id1": first, "industry_id2": second});
        self.api.post(SET_INDUSTRY, body).await.map(drop)
    }

    /// Takes a template out of the account.
    pub async fn delete_template(&self, template_id: &str) -> Result<(), ApiError> {
        self.api.post(DELETE, json!({"template_id": template_id})).await.map(drop)
    }
}
