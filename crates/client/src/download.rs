//! What a call for a file is answered with: the file, or JSON (section 7.7).

use std::pin::Pin;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream, StreamExt};
use tokio::time::{Instant, timeout};
use wxbot_sdk::api::{ApiError, Fetched, FileStream};

use crate::answer::{self, About, Answer};
use crate::limiter::Slot;
use crate::transport::{Bounds, Cause, HttpRequest, OpenResponse, Transport};

/// As JSON may have in other calls.
const MOST_JSON: u64 = 8 << 20;
/// A byte order mark and a brace.
const PEEKED: usize = 4;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[async_trait]
impl Answer for Fetched {
    async fn obtain(
        transport: &dyn Transport,
        request: HttpRequest,
        about: About<'_>,
        slot: Slot,
    ) -> Result<Self, ApiError> {
        let (mut bounds, began) = (request.bounds, Instant::now());
        let response = answer::open(transport, request, about).await?;
        bounds.time = bounds.time.saturating_sub(began.elapsed());
        read(about, response, bounds, slot).await
    }
}

/// The first byte decides, as no file of WeChat's begins with `{`; then the Content-Type.
async fn read<S: Send + 'static>(
    about: About<'_>,
    response: OpenResponse,
    bounds: Bounds,
    slot: S,
) -> Result<Fetched, ApiError> {
    let OpenResponse { head, length, body } = response;
    answer::check_status(about, &head)?;
    let mut incoming = Incoming::new(about.path, body, length, bounds, slot);
    incoming.check_length(length)?;
    let begins = incoming.peek().await?;
    if begins.is_empty() {
        return Err(about.unclear("the answer is empty"));
    }
    let text = begins.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&begins);
    if text.starts_with(b"{") || head.content_type.contains("json") {
        let json = incoming.whole(MOST_JSON).await?;
        return answer::read_json(about, &json).map(Fetched::Json);
    }
    let mut file = FileStream::new(incoming.into_stream());
    file.content_type = head.content_type;
    file.filename = filename(&head.content_disposition);
    file.length = length;
    Ok(Fetched::File(file))
}

/// The body of an answer, held to its bounds.
struct Incoming<S> {
    path: String,
    body: Pin<Box<dyn Stream<Item = Result<Bytes, Cause>> + Send>>,
    /// What was peeked at.
    begins: Bytes,
    length: Option<u64>,
    came: u64,
    bounds: Bounds,
    _slot: S,
}

impl<S: Send + 'static> Incoming<S> {
    fn new(
        path: &str,
        body: Pin<Box<dyn Stream<Item = Result<Bytes, Cause>> + Send>>,
        length: Option<u64>,
        bounds: Bounds,
        slot: S,
    ) -> Self {
        let (path, begins) = (path.to_owned(), Bytes::new());
        Self { path, body, begins, length, came: 0, bounds, _slot: slot }
    }

    /// What it begins with; all of it if it is shorter.
    async fn peek(&mut self) -> Result<Bytes, ApiError> {
        let mut begins = BytesMut::new();
        while begins.len() < PEEKED
            && let Some(chunk) = self.chunk().await?
        {
            begins.extend_from_slice(&chunk);
        }
        self.begins = begins.freeze();
        Ok(self.begins.clone())
    }

    async fn whole(mut self, most: u64) -> Result<Bytes, ApiError> {
        self.bounds.answer_bytes = self.bounds.answer_bytes.min(most);
        let mut all = BytesMut::from(std::mem::take(&mut self.begins));
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    fn into_stream(self) -> impl Stream<Item = Result<Bytes, ApiError>> + Send {
        stream::try_unfold(self, async |mut incoming| {
            let begins = std::mem::take(&mut incoming.begins);
            let chunk = if begins.is_empty() { incoming.chunk().await? } else { Some(begins) };
            Ok(chunk.map(|chunk| (chunk, incoming)))
        })
    }

    /// What comes next. Only the time counts in which it is waited for.
    async fn chunk(&mut self) -> Result<Option<Bytes>, ApiError> {
        let patience = self.bounds.idle.min(self.bounds.time);
        let began = Instant::now();
        let next = timeout(patience, self.body.next()).await;
        self.bounds.time = self.bounds.time.saturating_sub(began.elapsed());
        match next {
            Ok(Some(Ok(chunk))) => {
                self.came += chunk.len() as u64;
                self.check_length(Some(self.came))?;
                Ok(Some(chunk))
            }
            Ok(Some(Err(cause))) => Err(self.unclear(cause)),
            Ok(None) => match self.length {
                Some(length) if self.came < length => {
                    let came = self.came;
                    Err(self.unclear(format!("the answer ends after {came} of {length} bytes")))
                }
                _ => Ok(None),
            },
            Err(_) => Err(self.unclear(format!("nothing more came within {patience:?}"))),
        }
    }

    fn check_length(&self, length: Option<u64>) -> Result<(), ApiError> {
        let most = self.bounds.answer_bytes;
        match length.is_some_and(|length| length > most) {
            true => Err(self.unclear(format!("the answer is longer than {most} bytes"))),
            false => Ok(()),
        }
    }

    fn unclear(&self, why: impl Into<Cause>) -> ApiError {
        About { path: &self.path, secrets: ["", ""] }.unclear(why)
    }
}

/// The last part of the name only: it comes from outside.
fn filename(disposition: &str) -> Option<String> {
    let (_, name) = disposition.split_once("filename=")?;
    let name = match name.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => name.split(';').next()?.trim(),
    };
    let name = name.rsplit(['/', '\\']).next()?;
    let is_file = !["", ".", ".."].contains(&name) && !name.contains(char::is_control);
    is_file.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::transport::HttpResponse;

    const BOUNDS: Bounds = Bounds {
        time: Duration::from_secs(600),
        idle: Duration::from_secs(60),
        answer_bytes: 1000,
    };

    async fn answer(content_type: &str, pieces: &[&'static str]) -> Result<Fetched, ApiError> {
        let head = HttpResponse {
            status: 200,
            content_type: content_type.into(),
            content_disposition: r#"attachment; filename="a.jpg""#.into(),
            ..HttpResponse::default()
        };
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from(*piece))).collect();
        let response = OpenResponse { head, length: None, body: Box::pin(stream::iter(pieces)) };
        let about = About { path: "/cgi-bin/media/get", secrets: ["", ""] };
        read(about, response, BOUNDS, ()).await
    }

    #[tokio::test]
    async fn a_file_comes_with_its_name_and_type() {
        for pieces in [&["JPG and more"][..], &["J", "", "PG", " and", " more"]] {
            let Ok(Fetched::File(file)) = answer("image/jpeg", pieces).await else {
                panic!("it is a file")
            };
            assert_eq!(
                (&*file.content_type, file.filename.as_deref()),
                ("image/jpeg", Some("a.jpg"))
            );
            assert_eq!(file.whole().await.unwrap(), "JPG and more");
        }
    }

    #[tokio::test]
    async fn a_video_is_somewhere_else() {
        for content_type in ["application/json", "text/plain", ""] {
            let answer =
                answer(content_type, &[r#"{"video_url":"#, r#""http://e.com/v.mp4"}"#]).await;
            let Ok(Fetched::Json(video)) = answer else { panic!("{answer:?}") };
            assert_eq!(video["video_url"], "http://e.com/v.mp4");
        }
    }

    #[tokio::test]
    async fn a_refusal_is_seen_whatever_its_content_type_and_wherever_it_is_cut() {
        const REFUSED: &str = "\u{feff}{\"errcode\":40007,\"errmsg\":\"x\"}";
        let pieces: Vec<_> = REFUSED.split_inclusive(|_| true).collect();
        for content_type in ["application/json; encoding=utf-8", "text/plain", "image/jpeg"] {
            for pieces in [&[REFUSED][..], &[&REFUSED[3..]], &pieces] {
                let error = answer(content_type, pieces).await.unwrap_err();
                assert_eq!(error.code(), Some(40007), "{content_type}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_neither_is_unclear() {
        for (content_type, body) in [("application/json", "<"), ("", ""), ("text/plain", "{")] {
            let error = answer(content_type, &[body]).await.expect_err(body);
            assert!(error.may_be_done(), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_is_held_to_its_bounds_and_whoever_reads_it_is_not() {
        let waits = |seconds, pieces: u64| {
            let wait = move |at| async move {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                (at < pieces).then(|| (Ok(Bytes::from("piece")), at + 1))
            };
            OpenResponse {
                head: HttpResponse { status: 200, ..HttpResponse::default() },
                length: None,
                body: Box::pin(stream::unfold(0, wait)),
            }
        };
        let table = [
            (1, 200, 0, None, "1000 bytes"),
            (1, 201, 0, Some("the answer is longer than 1000 bytes"), "one piece more"),
            (59, 9, 0, None, "slowly, and in 10 minutes"),
            (59, 10, 0, Some("nothing more came within 10s"), "and longer"),
            (61, 1, 0, Some("nothing more came within 60s"), "nothing for more than a minute"),
            (1, 100, 3600, None, "whoever reads it takes days"),
        ];
        for (seconds, pieces, reads_for, expected, reason) in table {
            let about = About { path: "/x", secrets: ["", ""] };
            let outcome = async {
                let Fetched::File(mut file) =
                    read(about, waits(seconds, pieces), BOUNDS, ()).await?
                else {
                    panic!("{reason}")
                };
                while file.chunk().await?.is_some() {
                    tokio::time::sleep(Duration::from_secs(reads_for)).await;
                }
                Ok::<_, ApiError>(())
            };
            let error = outcome.await.err().map(|error| match error {
                ApiError::Unclear { source, .. } => source.to_string(),
                other => panic!("{reason}: {other:?}"),
            });
            assert_eq!(error.as_deref(), expected, "{reason}");
        }
    }

    #[test]
    fn a_name_never_leads_into_a_folder() {
        let names = [
            (r#"attachment; filename="../../x.jpg""#, Some("x.jpg")),
            (r#"attachment; filename="a\b.jpg""#, Some("b.jpg")),
            ("attachment; filename=a.jpg; x=y", Some("a.jpg")),
            (r#"attachment; filename="""#, None),
            (r#"attachment; filename="../..""#, None),
            ("attachment; filename=.", None),
            ("attachment; filename=\"a\u{7}.jpg\"", None),
            ("attachment", None),
        ];
        for (disposition, expected) in names {
            assert_eq!(filename(disposition).as_deref(), expected, "{disposition}");
        }
    }
}
