//! The same over HTTP, on loopback: one request for each connection.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use http::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::mcp::FakeMcp;
use crate::model::FakeModel;
use crate::steps::Body;

/// What answers a request.
type Responder =
    Arc<dyn Fn(Request<Bytes>) -> BoxFuture<'static, io::Result<Response<Body>>> + Send + Sync>;

/// A model, or another fake, that serves until it is dropped.
#[derive(Debug)]
pub struct Served {
    address: SocketAddr,
    path: &'static str,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeModel {
    /// Serves on a free port, on a thread and in a time of its own.
    pub fn serve(&self) -> io::Result<Served> {
        let model = self.clone();
        let respond = move |request| {
            let model = model.clone();
            async move { model.respond(request).await }.boxed()
        };
        Served::new("/v1", Arc::new(respond))
    }
}

impl FakeMcp {
    /// Serves on a free port, on a thread of its own.
    pub fn serve(&self) -> io::Result<Served> {
        let mcp = self.clone();
        let respond = move |request| {
            let mcp = mcp.clone();
            async move { mcp.respond(&request).await }.boxed()
        };
        Served::new("/mcp", Arc::new(respond))
    }
}

impl Served {
    fn new(path: &'static str, respond: Responder) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        // Bound here, as whoever calls may stand in a runtime, where nobody may block on another.
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, respond) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { address, path, stop: Some(stop), thread: Some(thread) })
    }

    /// What a client is given as `base_url`, or `url`.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.path)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: std::net::TcpListener, respond: Responder) {
    let listener = TcpListener::from_std(listener).expect("it does not block, in a runtime");
    while let Ok((connection, _)) = listener.accept().await {
        let respond = Arc::clone(&respond);
        tokio::spawn(async move { drop(serve(connection, &respond).await) });
    }
}

async fn serve(mut connection: TcpStream, respond: &Responder) -> io::Result<()> {
    let request = read(&mut connection).await?;
    write(&mut connection, respond(request).await?).await
}

async fn read(connection: &mut TcpStream) -> io::Result<Request<Bytes>> {
    let mut bytes = Vec::new();
    loop {
        if connection.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(request) = whole_request(&bytes)? {
            return Ok(request);
        }
    }
}

/// The request, once all of it is there.
fn whole_request(bytes: &[u8]) -> io::Result<Option<Request<Bytes>>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let status = head.parse(bytes).map_err(io::Error::other)?;
    let httparse::Status::Complete(length) = status else { return Ok(None) };
    let mut request = Request::builder()
        .method(head.method.unwrap_or_default())
        .uri(head.path.unwrap_or_default());
    let mut expected = 0;
    for header in head.headers.iter() {
        request = request.header(header.name, header.value);
        if header.name.eq_ignore_ascii_case("content-length") {
            let value = std::str::from_utf8(header.value).map_err(io::Error::other)?;
            expected = value.parse().map_err(io::Error::other)?;
        }
    }
    let body = &bytes[length..];
    if body.len() < expected {
        return Ok(None);
    }
    request.body(Bytes::copy_from_slice(body)).map(Some).map_err(io::Error::other)
}

/// A body that breaks off leaves without its last chunk.
async fn write(connection: &mut TcpStream, response: Response<Body>) -> io::Result<()> {
    let (head, mut body) = response.into_parts();
    let mut text = format!("HTTP/1.1 {}\r\n", head.status);
    for (name, value) in &head.headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap_or_default()));
    }
    text.push_str("Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.write_all(text.as_bytes()).await?;
    while let Some(bytes) = body.next().await {
        let bytes = bytes?;
        connection.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).await?;
        connection.write_all(&bytes).await?;
        connection.write_all(b"\r\n").await?;
    }
    connection.write_all(b"0\r\n\r\n").await
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;

    use super::*;
    use crate::Script;

    const BODY: &str = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#;

    async fn in_process(model: &FakeModel) -> String {
        let request = Request::post("/v1/chat/completions").body(BODY.into()).unwrap();
        let body = model.respond(request).await.unwrap().into_body();
        let pieces: Vec<Bytes> = body.try_collect().await.unwrap();
        String::from_utf8(pieces.concat()).unwrap()
    }

    /// The whole answer, with its head and the lengths of its chunks.
    async fn over_http(model: &FakeModel) -> String {
        let served = model.serve().unwrap();
        let mut connection = TcpStream::connect(served.address).await.unwrap();
        let head = format!("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: {}", BODY.len());
        let request = format!("{head}\r\nHost: a\r\n\r\n{BODY}");
        // In two pieces, as networks deliver it.
        connection.write_all(&request.as_bytes()[..60]).await.unwrap();
        connection.write_all(&request.as_bytes()[60..]).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn http_has_the_bytes_that_are_asked_for_in_the_process() {
        let model = FakeModel::new(|asked| Script::text(format!("re {}", asked.question())));
        let (inside, answer) = (in_process(&model).await, over_http(&model).await);
        assert!(inside.contains("re h") && inside.ends_with("data: [DONE]\n\n"), "{inside}");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let (_, chunks) = answer.split_once("\r\n\r\n").unwrap();
        let data: String = chunks.split("\r\n").skip(1).step_by(2).collect();
        assert_eq!(data, inside);
        assert!(answer.ends_with("0\r\n\r\n"), "{answer}");
    }

    #[tokio::test]
    async fn what_is_cut_ends_without_its_last_chunk() {
        let model = FakeModel::new(|_| Script::text("half").cut());
        let answer = over_http(&model).await;
        assert!(answer.contains("half") && !answer.ends_with("0\r\n\r\n"), "{answer}");
    }
}
