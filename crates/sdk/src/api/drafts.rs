//! Articles: drafts, and what becomes of them when they are published (protocol section 7.14).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::answer::{field, number, read, unclear};
use super::caller::Api;
use super::error::ApiError;
use super::file_content::FileContent;
use super::form::{FileName, Form};
use crate::call::Call;
use crate::publication::Publication;

const ADD: &str = "/cgi-bin/draft/add";
const GET: &str = "/cgi-bin/draft/get";
const UPDATE: &str = "/cgi-bin/draft/update";
const DELETE: &str = "/cgi-bin/draft/delete";
const COUNT: &str = "/cgi-bin/draft/count";
const LIST: &str = "/cgi-bin/draft/batchget";
const PICTURE: &str = "/cgi-bin/media/uploadimg";
const ARTICLE: &str = "/cgi-bin/freepublish/getarticle";
const PUBLISHED: &str = "/cgi-bin/freepublish/batchget";
/// WeChat lists so many at once.
const PAGE: u64 = 20;
const STATUS: &str = "/cgi-bin/freepublish/get";
const UNPUBLISH: &str = "/cgi-bin/freepublish/delete";

/// The account's drafts. From `ctx.api().drafts()`.
#[derive(Clone, Copy)]
pub struct Drafts<'a> {
    api: &'a dyn Api,
}

/// An article of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Article {
    /// Above it.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// Sums it up; WeChat takes the beginning of the content where it is empty.
    pub digest: String,
    /// HTML of less than 20,000 characters, with pictures of [`Drafts::add_picture`] only.
    pub content: String,
    /// Where the original is.
    pub content_source_url: String,
    /// The cover: permanent material.
    pub thumb_media_id: String,
}

/// A part of the drafts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DraftPage {
    /// How many there are in all.
    pub total_count: u64,
    /// 20 at most.
    #[serde(rename = "item")]
    pub items: Vec<DraftItem>,
}

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DraftItem {
    /// What [`Drafts::publish`] names it by.
    pub media_id: String,
    /// In Unix seconds.
    #[serde(default)]
    pub update_time: u64,
    /// Without their content.
    #[serde(rename = "content", deserialize_with = "news")]
    pub articles: Vec<Article>,
}

/// A part of what was published.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PublishedPage {
    /// How many there are in all.
    pub total_count: u64,
    /// 20 at most.
    #[serde(rename = "item")]
    pub items: Vec<PublishedItem>,
}

/// A publication in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PublishedItem {
    /// What messages and menus name it by.
    pub article_id: String,
    /// In Unix seconds.
    #[serde(default)]
    pub update_time: u64,
    /// Without their content.
    #[serde(rename = "content", deserialize_with = "news")]
    pub articles: Vec<Article>,
}

impl<'a> dyn Api + 'a {
    /// Articles, from the draft to publication.
    pub fn drafts(&self) -> Drafts<'_> {
        Drafts { api: self }
    }
}

impl Drafts<'_> {
    /// Adds a draft of one or more articles, and returns its media id.
    pub async fn add(&self, articles: &[Article]) -> Result<String, ApiError> {
        field(ADD, &self.api.post(ADD, json!({"articles": articles})).await?, "media_id")
    }

    /// The articles of a draft.
    pub async fn get(&self, media_id: &str) -> Result<Vec<Article>, ApiError> {
        let answer = self.api.post(GET, json!({"media_id": media_id})).await?;
        read(GET, &answer["news_item"])
    }

    /// Replaces one article of a draft, counted from 0.
    pub async fn update(
        &self,
        media_id: &str,
        index: usize,
        article: &Article,
    ) -> Result<(), ApiError> {
        let body = json!({"media_id": media_id, "index": index, "articles": article});
        self.api.post(UPDATE, body).await.map(drop)
    }

    /// Deletes a draft.
    pub async fn delete(&self, media_id: &str) -> Result<(), ApiError> {
        self.api.post(DELETE, json!({"media_id": media_id})).await.map(drop)
    }

    /// How many drafts there are.
    pub async fn count(&self) -> Result<u64, ApiError> {
        let answer = self.api.get(COUNT).await?;
        number(&answer, "total_count").ok_or_else(|| unclear(COUNT, "the answer has no count"))
    }

    /// The drafts behind the first `offset`, 20 at most.
    pub async fn list(&self, offset: u64) -> Result<DraftPage, ApiError> {
        read(LIST, &self.api.post(LIST, page(offset)).await?)
    }

    /// Puts a picture where the content of an article may show it, and returns its URL: JPEG or PNG
    /// of less than 1 MB. It counts as no material.
    pub async fn add_picture(
        &self,
        file: FileName,
        content: impl Into<FileContent>,
    ) -> Result<String, ApiError> {
        let form = Form::default().file("media", file, content.into());
        field(PICTURE, &self.api.send_form(Call::get(PICTURE), form).await?, "url")
    }

    /// Has WeChat publish a draft, and returns the `publish_id`. What becomes of it comes later as
    /// an event, of which [`Context::publication`](crate::context::Context::publication) says which
    /// draft it is about and what `reference` it was given here.
    pub async fn publish(&self, media_id: &str, reference: &str) -> Result<u64, ApiError> {
        let mut call = Call::post(Publication::SUBMIT, json!({"media_id": media_id}));
        call.reference = Some(reference.to_owned()).filter(|reference| !reference.is_empty());
        let answer = self.api.request(call).await?;
        let id = number(&answer, "publish_id");
        id.ok_or_else(|| unclear(Publication::SUBMIT, "the answer has no `publish_id`"))
    }

    /// What became of it so far.
    pub async fn publication(&self, publish_id: u64) -> Result<Publication, ApiError> {
        let answer = self.api.post(STATUS, json!({"publish_id": publish_id.to_string()})).await?;
        Publication::read(publish_id, &answer)
            .ok_or_else(|| unclear(STATUS, "the answer has no `publish_status`"))
    }

    /// What was published, 20 at most behind the first `offset`.
    pub async fn published(&self, offset: u64) -> Result<PublishedPage, ApiError> {
        read(PUBLISHED, &self.api.post(PUBLISHED, page(offset)).await?)
    }

    /// The articles of a publication.
    pub async fn published_articles(&self, article_id: &str) -> Result<Vec<Article>, ApiError> {
        let answer = self.api.post(ARTICLE, json!({"article_id": article_id})).await?;
        read(ARTICLE, &answer["news_item"])
    }

    /// Takes back one article of a publication, counted from 1, or with 0 all.
    pub async fn unpublish(&self, article_id: &str, index: u64) -> Result<(), ApiError> {
        let body: Value = json!({"article_id": article_id, "index": index});
        self.api.post(UNPUBLISH, body).await.map(drop)
    }
}

fn page(offset: u64) -> Value {
    json!({"offset": offset, "count": PAGE, "no_content": 1})
}

/// The articles of an item in a list.
fn news<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Article>, D::Error> {
    #[derive(Deserialize)]
    struct Content {
        news_item: Vec<Article>,
    }
    Content::deserialize(deserializer).map(|content| content.news_item)
}
