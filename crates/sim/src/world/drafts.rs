//! Drafts and publications (section 7.14).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::content::PushContent;
use crate::element::Element;

/// Drafts by media id, and publications by publish id.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    pub(crate) drafts: BTreeMap<String, Vec<Value>>,
    pub(crate) publications: BTreeMap<u64, Publication>,
    /// What becomes of the next ones: 0 is success.
    pub(crate) next_status: u64,
}

/// A draft that was published, or not.
#[derive(Debug, Clone)]
pub(crate) struct Publication {
    pub(crate) id: u64,
    pub(crate) article_id: String,
    pub(crate) articles: Vec<Value>,
    pub(crate) status: u64,
}

impl Publication {
    fn is_published(&self) -> bool {
        self.status == 0
    }

    /// Articles are named where their number helps.
    fn failed(&self) -> impl Iterator<Item = usize> {
        let is_told = matches!(self.status, 2 | 4);
        (1..=self.articles.len()).filter(move |_| is_told)
    }

    fn url(&self, idx: usize) -> String {
        format!("https://mp.weixin.qq.com/s/{}-{idx}", self.article_id)
    }

    /// The answer of `freepublish/get`.
    pub(crate) fn answer(&self) -> Value {
        let mut answer =
            json!({ "publish_id": self.id.to_string(), "publish_status": self.status });
        answer["fail_idx"] = self.failed().collect();
        if self.is_published() {
            let item = |idx| json!({ "idx": idx, "article_url": self.url(idx) });
            let items: Vec<_> = (1..=self.articles.len()).map(item).collect();
            answer["article_id"] = self.article_id.clone().into();
            answer["article_detail"] = json!({ "count": items.len(), "item": items });
        }
        answer
    }

    /// PUBLISHJOBFINISH (section 4.4).
    pub(crate) fn event(&self) -> PushContent {
        let mut fields = vec![
            Element::number("publish_id", self.id),
            Element::number("publish_status", self.status),
        ];
        if self.is_published() {
            let item = |idx| {
                let url = Element::text("article_url", self.url(idx));
                Element::nested("item", vec![Element::number("idx", idx), url])
            };
            let count = self.articles.len();
            let items = (1..=count).map(item);
            let detail = std::iter::once(Element::number("count", count)).chain(items).collect();
            fields.push(Element::text("article_id", &self.article_id));
            fields.push(Element::nested("article_detail", detail));
        }
        fields.extend(self.failed().map(|idx| Element::number("fail_idx", idx)));
        let info = Element::nested("PublishEventInfo", fields);
        PushContent::event("PUBLISHJOBFINISH", vec![info])
    }
}
