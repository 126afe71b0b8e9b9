//! One request over the network, and what is known of it when no answer comes back.

use std::error::Error;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, TryStreamExt};
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use reqwest::{Body, Client, RequestBuilder, Response, StatusCode};
use tokio::sync::Notify;
use tokio::time::timeout;
use wxbot_sdk::api::ContentError;

use crate::transport::{
    BodyReader, Cause, HttpRequest, HttpResponse, Method, OpenResponse, TransportError,
};

/// Sends a request to this URL and reads the whole answer, within the request's bounds. Any status
/// but 200 comes from a gateway, whose body says nothing: it is not read.
pub(super) async fn exchange(
    client: &Client,
    url: String,
    request: HttpRequest,
) -> Result<HttpResponse, TransportError> {
    let (bounds, watch) = (request.bounds, Watch::new(&request));
    let exchange = async {
        let response = answered(client, url, request, &watch).await?;
        read(response, bounds.answer_bytes).await
    };
    let answer = timeout(bounds.time, exchange).await;
    answer.unwrap_or(Err(Broken::TimedOut(bounds.time))).map_err(|broken| broken.known_by(&watch))
}

/// Sends a request to this URL and returns when the answer begins, within the request's bounds.
pub(super) async fn open(
    client: &Client,
    url: String,
    request: HttpRequest,
) -> Result<OpenResponse, TransportError> {
    let (bounds, watch) = (request.bounds, Watch::new(&request));
    let answer = timeout(bounds.time, answered(client, url, request, &watch)).await;
    let answer = answer.unwrap_or(Err(Broken::TimedOut(bounds.time)));
    let response = answer.map_err(|broken| broken.known_by(&watch))?;
    let (head, length) = (head(&response), response.content_length());
    let chunks = response.bytes_stream().map_err(|error| chain(error).into());
    Ok(OpenResponse { head, length, body: Box::pin(chunks) })
}

/// Sends a request and waits for the head of the answer, as long as something moves.
async fn answered(
    client: &Client,
    url: String,
    request: HttpRequest,
    watch: &Arc<Watch>,
) -> Result<Response, Broken> {
    let idle = request.bounds.idle;
    let mut sending = pin!(build(client, url, request, watch).await?.send());
    loop {
        tokio::select! {
            response = &mut sending => return response.map_err(Broken::Http),
            moved = timeout(idle, watch.moved.notified()) => {
                moved.map_err(|_| Broken::TimedOut(idle))?;
            }
        }
    }
}

async fn build(
    client: &Client,
    url: String,
    request: HttpRequest,
    watch: &Arc<Watch>,
) -> Result<RequestBuilder, Broken> {
    let builder = match request.method {
        Method::Get => client.get(url),
        Method::Post => client.post(url),
    };
    let builder = builder.query(&request.query);
    let Some(body) = request.body else { return Ok(builder) };
    let reader = body.open().await.map_err(Broken::Content)?;
    Ok(builder
        .header(CONTENT_TYPE, body.content_type.clone())
        .header(CONTENT_LENGTH, body.length())
        .body(watched(reader, body.length(), Arc::clone(watch))))
}

/// A body that notes how far the connection takes it to be written.
fn watched(reader: BodyReader, length: u64, watch: Arc<Watch>) -> Body {
    let chunks = stream::try_unfold((reader, 0), move |(mut reader, before)| {
        let watch = Arc::clone(&watch);
        async move {
            watch.reading.store(true, Ordering::Release);
            let chunk = reader.chunk().await.inspect_err(|error| watch.fails(error))?;
            watch.reading.store(false, Ordering::Release);
            let Some(chunk) = chunk else { return Ok(None) };
            let after = before + chunk.len() as u64;
            watch.left.fetch_or(after == length, Ordering::Release);
            watch.moved.notify_one();
            Ok::<_, ContentError>(Some((chunk, (reader, after))))
        }
    });
    Body::wrap_stream(chunks)
}

/// What is known of a request on its way out.
struct Watch {
    /// All of it.
    left: AtomicBool,
    /// What stands still is our own body.
    reading: AtomicBool,
    failure: Mutex<Option<ContentError>>,
    moved: Notify,
}

impl Watch {
    /// A GET has no body to watch, so it counts as sent; doing it twice does no harm.
    fn new(request: &HttpRequest) -> Arc<Self> {
        Arc::new(Self {
            left: AtomicBool::new(request.body.is_none()),
            reading: AtomicBool::new(false),
            failure: Mutex::default(),
            moved: Notify::new(),
        })
    }

    fn fails(&self, error: &ContentError) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
    }

    fn failure(&self) -> Option<ContentError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

async fn read(mut response: Response, most: u64) -> Result<HttpResponse, Broken> {
    let body = match response.status() {
        StatusCode::OK => body(&mut response, most).await?,
        _ => Bytes::new(),
    };
    Ok(HttpResponse { body, ..head(&response) })
}

fn head(response: &Response) -> HttpResponse {
    HttpResponse {
        status: response.status().as_u16(),
        content_type: header(response, CONTENT_TYPE),
        content_disposition: header(response, CONTENT_DISPOSITION),
        retry_after: retry_after(&header(response, RETRY_AFTER)),
        body: Bytes::new(),
    }
}

async fn body(response: &mut Response, most: u64) -> Result<Bytes, Broken> {
    if response.content_length().is_some_and(|length| length > most) {
        return Err(Broken::TooLong(most));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(Broken::Http)? {
        if (body.len() + chunk.len()) as u64 > most {
            return Err(Broken::TooLong(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn header(response: &Response, name: HeaderName) -> String {
    let value = response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    value.unwrap_or_default().into_owned()
}

/// In seconds. A date would need clocks that agree, so the caller's own backoff has to do.
fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(Duration::from_secs)
}

/// Why there is no answer.
enum Broken {
    Http(reqwest::Error),
    TimedOut(Duration),
    TooLong(u64),
    Content(ContentError),
}

impl Broken {
    /// WeChat can't have acted on a request that did not leave as a whole.
    fn known_by(self, watch: &Watch) -> TransportError {
        let left = watch.left.load(Ordering::Acquire);
        let reading = !left && watch.reading.load(Ordering::Acquire);
        let cause: Cause = match (self, watch.failure()) {
            (Self::Content(error), _) | (_, Some(error)) => return error.into(),
            (Self::TimedOut(time), _) if reading => return ContentError::Stalled(time).into(),
            (Self::Http(error), _) if error.is_connect() || error.is_builder() => {
                return TransportError::NotSent(chain(error).into());
            }
            (Self::Http(error), _) => chain(error).into(),
            (Self::TimedOut(time), _) => format!("no answer within {time:?}").into(),
            (Self::TooLong(most), _) => format!("the answer is longer than {most} bytes").into(),
        };
        if left { TransportError::Unclear(cause) } else { TransportError::NotSent(cause) }
    }
}

/// All causes in one line, as the first says nothing. The URL is dropped, as it holds the token.
pub(super) fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}
