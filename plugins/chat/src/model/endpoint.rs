//! One model of one API: a request, and what comes back.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::completion::Completion;
use super::destination::Destination;
use super::failure::Failure;
use super::question::Question;
use super::sse::{Decoder, SentEvent};
use crate::config::{Api, Config};
use crate::wire::{Body, Wire};

/// An answer that is longer is none.
const MAX_BYTES: usize = 8 << 20;

/// A model, where it is, and what is known about it.
pub(crate) struct Endpoint {
    api: Api,
    url: String,
    headers: HeaderMap,
    model: String,
    /// Known from an earlier failure.
    wants_reasoning: AtomicBool,
}

/// What all requests have in common.
pub(crate) struct Options {
    wire: Arc<dyn Wire>,
    stream: bool,
    idle_timeout: Duration,
    fields: Map<String, Value>,
}

impl Options {
    pub(crate) fn new(config: &Config, wire: Arc<dyn Wire>) -> Self {
        let mut fields = Map::new();
        if let Some(temperature) = config.temperature {
            fields.insert("temperature".into(), temperature.into());
        }
        if let Some(max_tokens) = config.max_tokens {
            fields.insert("max_tokens".into(), max_tokens.into());
        }
        fields.extend(config.extra.clone());
        Self { wire, stream: config.stream, idle_timeout: config.idle_timeout, fields }
    }
}

impl Endpoint {
    pub(crate) fn new(
        api: Api,
        destination: &Destination<'_>,
        model: &str,
    ) -> Result<Self, String> {
        let url = destination.url(api.path())?;
        if model.is_empty() && api.needs_model() {
            return Err("`model` has to name one of the API's models".into());
        }
        let (headers, wants_reasoning) = (destination.headers()?, AtomicBool::new(false));
        Ok(Self { api, url, headers, model: model.to_owned(), wants_reasoning })
    }

    pub(crate) fn model(&self) -> &str {
        &self.model
    }

    /// Whether the question can be put in another way, after this failure; then it is.
    pub(crate) fn adapt(&self, failure: &Failure, question: &mut Question) -> bool {
        match failure {
            Failure::WantsReasoning => {
                self.wants_reasoning.store(true, Ordering::Relaxed);
                question.give_reasoning()
            }
            Failure::Forgotten(_) => question.leave_conversation(),
            Failure::TooLong(_) => question.forget(),
            Failure::Moderated => question.hide_pictures(),
            _ => false,
        }
    }

    /// Makes a question as this endpoint is known to want it.
    pub(crate) fn prepare(&self, question: &mut Question) {
        if self.wants_reasoning.load(Ordering::Relaxed) {
            question.give_reasoning();
        }
    }

    /// Asks, and puts together what comes, as far as it comes.
    pub(crate) async fn ask(
        &self,
        options: &Options,
        question: &Question,
        completion: &mut Completion,
    ) -> Result<(), Failure> {
        let request = self.request(options, question)?;
        let response = match options.stream {
            true => timeout(options.idle_timeout, options.wire.send(request)).await,
            false => Ok(options.wire.send(request).await),
        };
        let response = response.map_err(|_| Failure::Stalled)?.map_err(unreachable)?;
        let (head, body) = response.into_parts();
        if head.status != StatusCode::OK {
            let body = read(body, 64 << 10).await.unwrap_or_default();
            return Err(Failure::of_status(head.status, &head.headers, &body));
        }
        match is_stream(&head.headers) {
            true => self.stream(body, options.idle_timeout, completion).await?,
            false => {
                let event = SentEvent { data: read(body, MAX_BYTES).await?, ..Default::default() };
                self.api.read(&event, completion)?;
            }
        }
        if completion.is_one() { Ok(()) } else { Err(Failure::Unreadable) }
    }

    async fn stream(
        &self,
        mut body: Body,
        idle: Duration,
        completion: &mut Completion,
    ) -> Result<(), Failure> {
        let (mut decoder, mut length) = (Decoder::default(), 0);
        loop {
            let bytes = match timeout(idle, body.next()).await {
                Ok(Some(Ok(bytes))) => bytes,
                Ok(None) => break,
                // Who is done may hang up, or not, as they like.
                _ if completion.is_finished() => break,
                Ok(Some(Err(error))) => return Err(unreachable(error)),
                Err(_) => return Err(Failure::Stalled),
            };
            length += bytes.len();
            if length > MAX_BYTES {
                return Err(Failure::Unreadable);
            }
            for event in decoder.push(&bytes) {
                if event.data == b"[DONE]" {
                    return Ok(());
                }
                self.api.read(&event, completion)?;
            }
        }
        decoder.finish().map_or(Ok(()), |event| self.api.read(&event, completion))
    }

    fn request(&self, options: &Options, question: &Question) -> Result<Request<Bytes>, Failure> {
        let mut body = self.api.request(question, &self.model, options.stream);
        body.extend(options.fields.clone());
        let body = Bytes::from(Value::Object(body).to_string());
        let mut request = Request::post(&self.url);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&self.headers);
        }
        request.body(body).map_err(|_| Failure::Unreadable)
    }
}

/// Some answer whole though they were asked for a stream, and some leave out what it is.
fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    !kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("json"))
}

pub(super) async fn read(mut body: Body, most: usize) -> Result<Vec<u8>, Failure> {
    let mut all = Vec::new();
    while let Some(bytes) = body.next().await {
        all.extend(bytes.map_err(unreachable)?);
        if all.len() > most {
            return Err(Failure::Unreadable);
        }
    }
    Ok(all)
}

pub(super) fn unreachable(error: io::Error) -> Failure {
    Failure::Unreachable(error.to_string())
}
