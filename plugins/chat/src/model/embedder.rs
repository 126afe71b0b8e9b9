//! Embeddings: texts go out, vectors come back. For other entries of the chain.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};
use wxbot_sdk::embeddings::{Embeddings, EmbeddingsError, Vector};
use wxbot_sdk::instance::InstanceContext;

use super::backoff;
use super::destination::Destination;
use super::endpoint::{read, unreachable};
use super::failure::Failure;
use super::vectors::{self, Vectors};
use crate::config::{Api, Config};
use crate::limits::Limits;
use crate::wire::Wire;

const PATH: &str = "/embeddings";
/// Requests at once; further ones wait.
const CONCURRENCY: usize = 8;
/// An answer that is longer is none.
const MAX_BYTES: usize = 32 << 20;

/// A model that makes vectors.
pub(crate) struct Embedder {
    url: String,
    headers: HeaderMap,
    model: String,
    dimensions: Option<usize>,
    batch: usize,
    retries: u32,
    /// What the vectors had that came first; others are of another model.
    known_dimensions: OnceLock<usize>,
    /// All that the vectors depend on.
    space: String,
    permits: Semaphore,
    wire: Arc<dyn Wire>,
    limits: Arc<Limits>,
    /// Once the bot serves.
    instance: OnceLock<InstanceContext>,
}

impl Embedder {
    /// The one of the settings, if they name one.
    pub(crate) fn new(
        config: &Config,
        limits: &Arc<Limits>,
        wire: &Arc<dyn Wire>,
    ) -> Result<Option<Self>, String> {
        let Some(settings) = &config.embeddings else { return Ok(None) };
        let wrong = |error: String| format!("`embeddings`: {error}");
        settings.check().map_err(wrong)?;
        if settings.base_url.is_none() && config.api != Api::Openai {
            return Err("`embeddings` needs a `base_url` of its own: this API has none".into());
        }
        let (base_url, key) = (settings.base_url.as_deref(), settings.key.as_ref());
        let api = Destination::of(config).with_overrides(base_url, key, settings.headers.as_ref());
        let url = api.url(PATH).map_err(wrong)?;
        let dimensions = settings.dimensions;
        let space = format!("{url} {} {}", settings.model, dimensions.unwrap_or(0));
        Ok(Some(Self {
            headers: api.headers().map_err(wrong)?,
            url,
            model: settings.model.clone(),
            dimensions,
            batch: settings.batch,
            retries: config.retries,
            known_dimensions: OnceLock::new(),
            space,
            permits: Semaphore::new(CONCURRENCY),
            wire: Arc::clone(wire),
            limits: Arc::clone(limits),
            instance: OnceLock::new(),
        }))
    }

    /// From now on what it costs can be counted.
    pub(crate) fn start(&self, instance: &InstanceContext) {
        let _ = self.instance.set(instance.clone());
    }

    /// In time, with a permit. Who had to wait for one has had less time than the provider was
    /// promised, so that says nothing about the provider.
    async fn ask_in_time(
        &self,
        texts: &[String],
        within: Duration,
    ) -> Result<Vec<Vector>, Failure> {
        let deadline = Instant::now() + within;
        if let Ok(_permit) = self.permits.try_acquire() {
            let asked = timeout_at(deadline, self.ask(texts, deadline)).await;
            return asked.unwrap_or(Err(Failure::TimedOut));
        }
        let waiting = async {
            let _permit = self.permits.acquire().await;
            self.ask(texts, deadline).await
        };
        timeout_at(deadline, waiting).await.unwrap_or(Err(Failure::Crowded))
    }

    async fn ask(&self, texts: &[String], deadline: Instant) -> Result<Vec<Vector>, Failure> {
        if let Some(instance) = self.instance.get()
            && self.limits.is_used_up(&instance.store(), instance.unix_now()).await
        {
            return Err(Failure::UsedUp);
        }
        let mut tries = 0;
        loop {
            let failure = match self.try_once(texts).await {
                Ok(Vectors { all, tokens }) => {
                    self.pay(tokens);
                    return Ok(all);
                }
                Err(failure) => failure,
            };
            tracing::debug!(model = self.model, %failure, "no embeddings were made");
            let wait = failure.retry_after().unwrap_or_else(|| backoff(tries));
            let in_time = Instant::now() + wait < deadline;
            if tries == self.retries || !failure.may_pass() || !in_time {
                return Err(failure);
            }
            sleep(wait).await;
            tries += 1;
        }
    }

    async fn try_once(&self, texts: &[String]) -> Result<Vectors, Failure> {
        let response = self.wire.send(self.request(texts)?).await.map_err(unreachable)?;
        let (head, body) = response.into_parts();
        if head.status != StatusCode::OK {
            let body = read(body, 64 << 10).await.unwrap_or_default();
            return Err(Failure::of_status(head.status, &head.headers, &body));
        }
        let body = read(body, MAX_BYTES).await?;
        let expected = self.known_dimensions.get().copied().or(self.dimensions);
        let vectors = vectors::read(&body, texts.len(), expected)?;
        if let Some(first) = vectors.all.first() {
            let _ = self.known_dimensions.set(first.len());
        }
        Ok(vectors)
    }

    fn request(&self, texts: &[String]) -> Result<Request<Bytes>, Failure> {
        let mut body = json!({ "model": self.model, "input": texts });
        if let Some(dimensions) = self.dimensions {
            body["dimensions"] = dimensions.into();
        }
        let mut request = Request::post(&self.url);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&self.headers);
        }
        request.body(body.to_string().into()).map_err(|_| Failure::Unreadable)
    }

    /// Nobody waits for that.
    fn pay(&self, tokens: u64) {
        if let Some(instance) = self.instance.get() {
            let (limits, store, now) =
                (Arc::clone(&self.limits), instance.store(), instance.unix_now());
            instance.spawn(async move { limits.spend_in_total(&store, now, tokens).await });
        }
    }
}

#[async_trait]
impl Embeddings for Embedder {
    fn space(&self) -> &str {
        &self.space
    }

    fn batch(&self) -> usize {
        self.batch
    }

    async fn embed(
        &self,
        texts: &[String],
        within: Duration,
    ) -> Result<Vec<Vector>, EmbeddingsError> {
        self.ask_in_time(texts, within).await.map_err(|failure| {
            let why = failure.to_string();
            match failure {
                Failure::Crowded => EmbeddingsError::Crowded,
                _ if failure.is_of_the_text() => EmbeddingsError::Refused(why),
                _ if failure.may_be_of_the_text() => EmbeddingsError::Failed(why),
                _ => EmbeddingsError::Unavailable { why, after: failure.retry_after() },
            }
        })
    }
}
