//! A model that says what a test wants.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::sleep;

use crate::received::Received;
use crate::script::Script;
use crate::steps::{Body, body};

type Answering = dyn Fn(&Received) -> Script + Send + Sync;

/// A model's API. Clones are the same one.
#[derive(Clone)]
pub struct FakeModel {
    answering: Arc<Answering>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl FakeModel {
    /// Answers each request like this.
    pub fn new(answering: impl Fn(&Received) -> Script + Send + Sync + 'static) -> Self {
        Self { answering: Arc::new(answering), received: Arc::default() }
    }

    /// Answers one request. An error is a connection that could not be made.
    pub async fn respond(&self, request: Request<Bytes>) -> io::Result<Response<Body>> {
        let script = {
            let mut all = self.received.lock().unwrap_or_else(PoisonError::into_inner);
            let received = Received::read(all.len(), &request);
            let script = (self.answering)(&received);
            all.push(received);
            script.streaming(all.last().is_some_and(Received::wants_stream))
        };
        sleep(script.head_after).await;
        if script.unreachable {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let mut response = Response::builder().status(script.status);
        for (name, value) in &script.headers {
            response = response.header(name, value);
        }
        response.body(body(script)).map_err(io::Error::other)
    }

    /// Everything that was asked so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl std::fmt::Debug for FakeModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FakeModel").field("received", &self.received()).finish_non_exhaustive()
    }
}
