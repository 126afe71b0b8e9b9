//! What becomes of a draft that is published (protocol sections 4.4 and 7.14).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::Event;
use crate::store::record::{Record, decode};
use crate::store::{Store, StoreError, keys};

/// What became of a draft that was published, as an event or WeChat's answer tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The answer to [`publish`](crate::api::Drafts::publish) had the same.
    pub publish_id: u64,
    /// In short.
    pub status: PublishStatus,
    /// Names what was published; only on success.
    pub article_id: Option<String>,
    /// Where the articles are, in their order.
    pub urls: Vec<String>,
    /// Which articles failed, counted from 1.
    pub failed: Vec<u64>,
    /// The call. Not known where another program made it or more than a week went by.
    pub submitted: Option<SubmittedDraft>,
}

/// How a publication stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublishStatus {
    /// It is there.
    Published,
    /// Not decided yet.
    Publishing,
    /// Somebody else's work.
    NotOriginal,
    /// Another failure.
    Failed,
    /// WeChat's review refused it.
    Refused,
    /// It was there, and all of it was deleted.
    Deleted,
    /// It was there, and all of it was banned.
    Banned,
}

/// A draft that was published with this bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmittedDraft {
    /// The draft.
    pub media_id: String,
    /// What the caller called it.
    pub reference: Option<String>,
    /// When, in Unix seconds.
    pub at: u64,
}

impl Record for SubmittedDraft {
    const NAME: &'static str = "publication";
    const VERSION: u32 = 1;
}

impl Publication {
    /// The path of the call that publishes.
    pub const SUBMIT: &'static str = "/cgi-bin/freepublish/submit";

    /// What an event says; most say nothing. The call is still to be [looked up](Self::look_up).
    pub fn of_event(event: &Event) -> Option<Self> {
        let Event::PublishJobFinish {
            publish_id,
            publish_status,
            article_id,
            articles,
            fail_idx,
            ..
        } = event
        else {
            return None;
        };
        Some(Self {
            publish_id: (*publish_id)?,
            status: PublishStatus::of_number((*publish_status)?),
            article_id: article_id.clone(),
            urls: articles.iter().map(|article| article.article_url.clone()).collect(),
            failed: fail_idx.clone(),
            submitted: None,
        })
    }

    /// What WeChat answers when it is asked.
    pub(crate) fn read(publish_id: u64, answer: &Value) -> Option<Self> {
        let articles = answer["article_detail"]["item"].as_array().map_or(&[][..], Vec::as_slice);
        let urls = articles.iter().filter_map(|article| article["article_url"].as_str());
        let failed = answer["fail_idx"].as_array().map_or(&[][..], Vec::as_slice);
        Some(Self {
            publish_id,
            status: PublishStatus::of_number(answer["publish_status"].as_u64()?),
            article_id: answer["article_id"].as_str().map(str::to_owned),
            urls: urls.map(str::to_owned).collect(),
            failed: failed.iter().filter_map(Value::as_u64).collect(),
            submitted: None,
        })
    }

    /// Finds the call, if this bot made it.
    pub async fn look_up(&mut self, store: &dyn Store, account: &str) -> Result<(), StoreError> {
        let found = store.get(&keys::publication(account, self.publish_id)).await?;
        self.submitted = found.and_then(|bytes| decode(&bytes).ok());
        Ok(())
    }
}

impl PublishStatus {
    /// A number that is new is a failure.
    fn of_number(number: u64) -> Self {
        match number {
            0 => Self::Published,
            1 => Self::Publishing,
            2 => Self::NotOriginal,
            4 => Self::Refused,
            5 => Self::Deleted,
            6 => Self::Banned,
            _ => Self::Failed,
        }
    }
}
