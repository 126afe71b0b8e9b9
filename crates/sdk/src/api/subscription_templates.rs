//! The templates of subscription notifications (protocol section 7.5).
//!
//! The protocol page names these calls and not what they say: their fields are those that other
//! clients of WeChat's agree on.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::answer::{field, number, read};
use super::caller::Api;
use super::error::ApiError;
use crate::call::Call;

const CATEGORIES: &str = "/wxaapi/newtmpl/getcategory";
const TITLES: &str = "/wxaapi/newtmpl/getpubtemplatetitles";
const KEYWORDS: &str = "/wxaapi/newtmpl/getpubtemplatekeywords";
const ADD: &str = "/wxaapi/newtmpl/addtemplate";
const LIST: &str = "/wxaapi/newtmpl/gettemplate";
const DELETE: &str = "/wxaapi/newtmpl/deltemplate";
/// So many titles WeChat lists at once.
const PAGE: u64 = 30;

/// Picks templates out of WeChat's library, and keeps those of the account. From
/// `ctx.api().subscription_templates()`.
#[derive(Clone, Copy)]
pub struct SubscriptionTemplates<'a> {
    api: &'a dyn Api,
}

/// What the account is about, as it was chosen in WeChat's console.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Category {
    /// For [`SubscriptionTemplates::library`].
    pub id: u64,
    /// For example 公交.
    pub name: String,
}

/// Some of the library's titles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitlePage {
    /// How many there are in all.
    pub count: u64,
    /// 30 at most.
    pub titles: Vec<TemplateTitle>,
}

/// A template of the library, before its fields are chosen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TemplateTitle {
    /// For [`SubscriptionTemplates::keywords`] and [`add`](SubscriptionTemplates::add).
    #[serde(deserialize_with = "text_or_number")]
    pub tid: String,
    /// What followers read in bold.
    pub title: String,
    /// How long a subscription to it lasts.
    #[serde(rename = "type")]
    pub lasts: Lasts,
}

/// How long a subscription lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "u64")]
pub enum Lasts {
    /// For one notification.
    Once,
    /// Until it is taken back.
    Long,
    /// A number that is not known.
    Other(u64),
}

/// A field that a template of the library may have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TemplateKeyword {
    /// For [`SubscriptionTemplates::add`].
    pub kid: u64,
    /// What followers read before the value.
    pub name: String,
    /// A value.
    #[serde(default)]
    pub example: String,
    /// What values may be: `thing`, `number`, `date` …
    #[serde(default)]
    pub rule: String,
}

/// A template of the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SubscriptionTemplate {
    /// What a notification names it by.
    #[serde(rename = "priTmplId")]
    pub template_id: String,
    /// Shown in bold.
    pub title: String,
    /// The words, with a place such as `{{thing1.DATA}}` for each value.
    #[serde(default)]
    pub content: String,
    /// The same with values.
    #[serde(default)]
    pub example: String,
    /// How long a subscription to it lasts.
    #[serde(rename = "type")]
    pub lasts: Lasts,
}

impl From<u64> for Lasts {
    fn from(number: u64) -> Self {
        match number {
            2 => Self::Once,
            3 => Self::Long,
            other => Self::Other(other),
        }
    }
}

impl<'a> dyn Api + 'a {
    /// The templates of subscription notifications.
    pub fn subscription_templates(&self) -> SubscriptionTemplates<'_> {
        SubscriptionTemplates { api: self }
    }
}

impl SubscriptionTemplates<'_> {
    /// What the account is about: templates of the library are for categories.
    pub async fn categories(&self) -> Result<Vec<Category>, ApiError> {
        data(CATEGORIES, &self.api.get(CATEGORIES).await?)
    }

    /// The library's titles for these categories: 30 behind the first `offset`.
    pub async fn library(&self, categories: &[u64], offset: u64) -> Result<TitlePage, ApiError> {
        let ids: Vec<_> = categories.iter().map(u64::to_string).collect();
        let call = Call::get(TITLES)
            .with("ids", ids.join(","))
            .with("start", offset.to_string())
            .with("limit", PAGE.to_string());
        let answer = self.api.request(call).await?;
        let titles = data(TITLES, &answer)?;
        Ok(TitlePage { count: number(&answer, "count").unwrap_or_default(), titles })
    }

    /// The fields that a title may have.
    pub async fn keywords(&self, tid: &str) -> Result<Vec<TemplateKeyword>, ApiError> {
        data(KEYWORDS, &self.api.request(Call::get(KEYWORDS).with("tid", tid)).await?)
    }

    /// Adds a title with these of its fields, in this order, and returns the template's id. The scene
    /// says what it is for, in up to 15 characters.
    pub async fn add(&self, tid: &str, kids: &[u64], scene: &str) -> Result<String, ApiError> {
        let body = json!({"tid": tid, "kidList": kids, "sceneDesc": scene});
        field(ADD, &self.api.post(ADD, body).await?, "priTmplId")
    }

    /// The account's templates.
    pub async fn list(&self) -> Result<Vec<SubscriptionTemplate>, ApiError> {
        data(LIST, &self.api.get(LIST).await?)
    }

    /// Takes a template out of the account.
    pub async fn delete(&self, template_id: &str) -> Result<(), ApiError> {
        self.api.post(DELETE, json!({"priTmplId": template_id})).await.map(drop)
    }
}

/// What an answer is about; none where there is nothing.
fn data<T: serde::de::DeserializeOwned + Default>(
    path: &str,
    answer: &Value,
) -> Result<T, ApiError> {
    if answer["data"].is_null() { Ok(T::default()) } else { read(path, &answer["data"]) }
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(serde::de::Error::custom(format!("`tid` is {other}"))),
    }
}
