//! Pictures in an answer: fetched from the public web and put on WeChat's servers, as WeChat shows no
//! others.
//!
//! A model may have been talked into any URL, so nothing else than the picture goes anywhere: the
//! request has no key, and what is no picture is not used.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::join_all;
use http::{Request, StatusCode};
use pulldown_cmark::{Event, Parser, Tag};
use tokio::time::timeout;
use wxbot_sdk::api::{MediaKind, Upload};
use wxbot_sdk::context::Context;
use wxbot_sdk::reply::Reply;

use crate::public_web::is_public;
use crate::wire::Wire;

/// Of one answer; the others stay links.
const MOST: usize = 3;
/// What WeChat surely takes.
const MOST_BYTES: usize = 2 << 20;
const TIMEOUT: Duration = Duration::from_secs(5);

/// A picture that is on WeChat's servers.
pub(crate) struct Illustration {
    /// Where the answer has it.
    pub(crate) url: String,
    pub(crate) reply: Reply,
}

/// Those of an answer that could be fetched, within this time.
pub(crate) async fn fetch(
    ctx: &Context,
    wire: &dyn Wire,
    markdown: &str,
    within: Duration,
) -> Vec<Illustration> {
    let all = found(markdown).into_iter().map(async |url| {
        let fetched = timeout(within.min(TIMEOUT), upload(ctx, wire, &url)).await;
        match fetched.unwrap_or_else(|_| Err("it took too long".into())) {
            Ok(reply) => Some(Illustration { url, reply }),
            Err(error) => {
                tracing::info!(error, "a picture of an answer stays a link");
                None
            }
        }
    });
    join_all(all).await.into_iter().flatten().collect()
}

/// Where they are, each once.
fn found(markdown: &str) -> Vec<String> {
    let mut urls = Vec::new();
    for event in Parser::new(markdown) {
        if let Event::Start(Tag::Image { dest_url, .. }) = event {
            let url = dest_url.into_string();
            if urls.len() < MOST && !urls.contains(&url) && is_public(&url) {
                urls.push(url);
            }
        }
    }
    urls
}

async fn upload(ctx: &Context, wire: &dyn Wire, url: &str) -> Result<Reply, String> {
    let bytes = download(wire, url).await?;
    let (ending, content_type) = kind(&bytes).ok_or("it is no PNG, JPEG or GIF")?;
    let (filename, content_type) = (format!("picture.{ending}"), content_type.to_owned());
    let upload = Upload { kind: MediaKind::Image, filename, content_type, content: bytes.into() };
    let uploaded = ctx.api().upload(upload).await.map_err(|error| error.to_string())?;
    Ok(Reply::image(uploaded.media_id))
}

async fn download(wire: &dyn Wire, url: &str) -> Result<Bytes, String> {
    let request = Request::get(url).body(Bytes::new()).map_err(|error| error.to_string())?;
    let response = wire.send(request).await.map_err(|error| error.to_string())?;
    if response.status() != StatusCode::OK {
        return Err(format!("its server said {}", response.status().as_u16()));
    }
    let (mut body, mut bytes) = (response.into_body(), Vec::new());
    while let Some(piece) = body.next().await {
        bytes.extend(piece.map_err(|error| error.to_string())?);
        if bytes.len() > MOST_BYTES {
            return Err("it is larger than 2 MiB".into());
        }
    }
    Ok(bytes.into())
}

/// By how it begins, whatever the server says of it: how a name ends, and the content type.
fn kind(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let kinds: [(&[u8], _); 4] = [
        (b"\x89PNG\r\n\x1a\n", ("png", "image/png")),
        (b"\xff\xd8\xff", ("jpg", "image/jpeg")),
        (b"GIF87a", ("gif", "image/gif")),
        (b"GIF89a", ("gif", "image/gif")),
    ];
    kinds.into_iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| kind)
}
