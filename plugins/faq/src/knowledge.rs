//! The list, as other entries look things up in it.

use std::sync::Arc;

use async_trait::async_trait;
use wxbot_sdk::knowledge::{Knowledge, Passage};
use wxbot_sdk::matcher::normalize;
use wxbot_sdk::plugin::HandlerError;

use crate::library::Library;

/// Questions whose answers are texts.
pub(crate) struct Answers {
    library: Arc<Library>,
    /// How near a question has to be, from 0 to 1.
    least: f32,
}

impl Answers {
    pub(crate) fn new(library: &Arc<Library>, least: f32) -> Self {
        Self { library: Arc::clone(library), least }
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
        self.library.refresh(now);
        let loaded = self.library.loaded();
        let found = loaded.index.search(&normalize(text), most);
        let near = found.iter().filter(|found| found.score >= self.least);
        let passages = near.filter_map(|found| {
            let entry = &loaded.entries[found.entry];
            Some(Passage { title: entry.question.clone(), text: entry.text()?.to_owned() })
        });
        Ok(passages.collect())
    }
}
