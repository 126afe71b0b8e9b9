//! The list, as other entries look things up in it.

use std::sync::Arc;

use async_trait::async_trait;
use wxbot_sdk::knowledge::{Knowledge, Passage};
use wxbot_sdk::matcher::normalize;
use wxbot_sdk::plugin::HandlerError;

use crate::search::Search;

/// Questions whose answers are texts.
pub(crate) struct Answers {
    search: Arc<Search>,
    /// How near a question has to be, from 0 to 1.
    least: f32,
}

impl Answers {
    pub(crate) fn new(search: &Arc<Search>, least: f32) -> Self {
        Self { search: Arc::clone(search), least }
    }
}

#[async_trait]
impl Knowledge for Answers {
    async fn search(
        &self,
        text: &str,
        most: usize,
        now: u64,
    ) -> Result<Vec<Passage>, HandlerError> {
        let loaded = self.search.loaded(now);
        let found = self.search.nearest(&loaded, &normalize(text), most).await.found;
        let near = found.iter().filter(|found| found.score >= self.least);
        let passages = near.filter_map(|found| {
            let entry = &loaded.entries[found.entry];
            Some(Passage { title: entry.question.clone(), text: entry.text()?.to_owned() })
        });
        Ok(passages.collect())
    }
}
