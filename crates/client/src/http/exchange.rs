//! One request over the network, and what is known of it when no answer comes back.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use reqwest::{Body, Client, RequestBuilder, Response, StatusCode};
use tokio::time::timeout;

use crate::transport::{Cause, HttpRequest, HttpResponse, Method, TransportError};

/// Sends a request to this URL and reads the whole answer, within the request's bounds. Any status
/// but 200 comes from a gateway, whose body says nothing: it is not read.
pub(super) async fn exchange(
    client: &Client,
    url: String,
    request: HttpRequest,
) -> Result<HttpResponse, TransportError> {
    let bounds = request.bounds;
    // A GET has no body to watch, so it counts as sent; doing it twice does no harm.
    let left = Arc::new(AtomicBool::new(request.body.is_none()));
    let exchange = async {
        let response = build(client, url, request, &left).send().await.map_err(Broken::Http)?;
        read(response, bounds.answer_bytes).await
    };
    match timeout(bounds.time, exchange).await {
        Ok(answer) => answer.map_err(|broken| broken.known_by(&left)),
        Err(_) => Err(Broken::TimedOut(bounds.time).known_by(&left)),
    }
}

fn build(
    client: &Client,
    url: String,
    request: HttpRequest,
    left: &Arc<AtomicBool>,
) -> RequestBuilder {
    let builder = match request.method {
        Method::Get => client.get(url),
        Method::Post => client.post(url),
    };
    let builder = builder.query(&request.query);
    let Some(body) = request.body else { return builder };
    builder
        .header(CONTENT_TYPE, body.content_type)
        .header(CONTENT_LENGTH, body.bytes.len())
        .body(watched(body.bytes, Arc::clone(left)))
}

/// A body that notes when the connection takes it to be written.
fn watched(bytes: Bytes, left: Arc<AtomicBool>) -> Body {
    Body::wrap_stream(stream::once(async move {
        left.store(true, Ordering::Release);
        Ok::<_, Infallible>(bytes)
    }))
}

async fn read(mut response: Response, most: usize) -> Result<HttpResponse, Broken> {
    let body = match response.status() {
        StatusCode::OK => body(&mut response, most).await?,
        _ => Bytes::new(),
    };
    Ok(HttpResponse {
        status: response.status().as_u16(),
        content_type: header(&response, CONTENT_TYPE),
        content_disposition: header(&response, CONTENT_DISPOSITION),
        retry_after: retry_after(&header(&response, RETRY_AFTER)),
        body,
    })
}

async fn body(response: &mut Response, most: usize) -> Result<Bytes, Broken> {
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(Broken::TooLong(most));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(Broken::Http)? {
        if body.len() + chunk.len() > most {
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
    TooLong(usize),
}

impl Broken {
    /// WeChat can't have acted on a request that did not leave as a whole.
    fn known_by(self, left: &AtomicBool) -> TransportError {
        let never_left = match &self {
            Self::Http(error) => error.is_connect() || error.is_builder(),
            Self::TimedOut(_) | Self::TooLong(_) => false,
        };
        let sent = left.load(Ordering::Acquire) && !never_left;
        let cause = self.cause();
        if sent { TransportError::Unclear(cause) } else { TransportError::NotSent(cause) }
    }

    fn cause(self) -> Cause {
        match self {
            Self::Http(error) => chain(error).into(),
            Self::TimedOut(time) => format!("no answer within {time:?}").into(),
            Self::TooLong(most) => format!("the answer is longer than {most} bytes").into(),
        }
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
