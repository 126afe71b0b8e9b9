//! Files over a real socket, on loopback: whatever the other side does, no more than a few pieces are
//! in memory, and half a file is not taken for a whole one.

mod server;
mod pieces;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tokio::sync::Notify;
use wxbot_client::Client;
use wxbot_sdk::api::{
    Api, ApiError, Class, ContentError, Download, FileContent, FileStream, MediaKind, OpenDownload,
    SaveError, Upload,
};

use pieces::Pieces;
use server::{Server, Step, jpeg, json};

const MB: usize = 1 << 20;
const PIECE: usize = 64 << 10;
/// What the sockets of loopback take on their own, and some.
const IN_SOCKETS: usize = 32 * MB;
const TAKEN: &str = r#"{"type":"image","media_id":"M1","created_at":1735690000}"#;

fn upload(content: impl Into<FileContent>) -> Upload {
    Upload {
        kind: MediaKind::Video,
        filename: "tea.mp4".into(),
        content_type: "video/mp4".into(),
        content: content.into(),
    }
}

async fn opened(client: &Client) -> Result<FileStream, ApiError> {
    match client.open_download("M1").await? {
        OpenDownload::File(file) => Ok(file),
        video => panic!("{video:?}"),
    }
}

/// The source of an error, and its class.
fn known(error: &ApiError) -> (Class, String) {
    let source = std::error::Error::source(error).map(ToString::to_string);
    (error.class(), source.unwrap_or_else(|| error.to_string()))
}

/// More than any of these tests takes.
const LONG: Duration = Duration::from_secs(60);
/// For what hangs.
const SHORT: Duration = Duration::from_millis(200);

/// How long a server that does this may be silent.
fn patience(steps: &[Step]) -> Duration {
    if steps.iter().any(|step| matches!(step, Step::Hangs)) { SHORT } else { LONG }
}

#[tokio::test]
async fn an_upload_of_100_mb_has_few_pieces_in_memory() {
    let server = Server::start(vec![vec![Step::ReadsAll, Step::Sends(json(TAKEN))]]).await;
    let pieces = Pieces::default();
    let content = pieces.content(100 * MB / PIECE, 100 * MB);
    let uploaded = server.client(LONG).upload(upload(content)).await.unwrap();
    assert_eq!(uploaded.media_id, "M1");
    let most = pieces.most_alive.load(Ordering::SeqCst);
    assert!(most <= 16, "{most} pieces at once");
    assert_eq!(pieces.alive.load(Ordering::SeqCst), 0);
    assert!(server.seen.read.load(Ordering::SeqCst) > 100 * MB, "the form, too");
    let body = server.seen.last_body.lock().unwrap().clone();
    let (begins, ends) = (&body[..PIECE], String::from_utf8_lossy(&body[body.len() - 50..]));
    let begins = String::from_utf8_lossy(begins);
    assert!(begins.contains("name=\"media\"; filename=\"tea.mp4\"\r\nContent-Type: video/mp4\r\n"));
    assert!(ends.ends_with("--\r\n") && ends.contains("x\r\n--wxbot-"), "{ends}");
}

#[tokio::test]
async fn a_server_that_reads_slowly_slows_the_file_down() {
    let go_on = Arc::new(Notify::new());
    let steps = vec![Step::Waits(Arc::clone(&go_on)), Step::ReadsAll, Step::Sends(json(TAKEN))];
    let server = Server::start(vec![steps]).await;
    let pieces = Pieces::default();
    let (seen, given) = (Arc::clone(&server.seen), pieces.given.clone());
    let ahead = stream::iter(0..100 * MB / PIECE).map(move |_| {
        let ahead = given.load(Ordering::SeqCst).saturating_sub(seen.read.load(Ordering::SeqCst));
        assert!(ahead <= IN_SOCKETS, "{ahead} bytes were taken that nobody read");
        Ok(pieces.next())
    });
    let content = FileContent::stream(100 * MB as u64, ahead);
    let client = server.client(LONG);
    let (uploaded, ()) = tokio::join!(client.upload(upload(content)), async {
        while server.requests() == 0 {
            tokio::task::yield_now().await;
        }
        go_on.notify_one();
    });
    uploaded.unwrap();
}

#[tokio::test]
async fn a_download_of_100_mb_is_read_as_fast_as_whoever_reads_it() {
    let length = jpeg(&format!("Content-Length: {}", 100 * MB));
    let server = Server::start(vec![vec![length, Step::SendsFile(100 * MB)]]).await;
    let client = server.client(LONG);
    let call = wxbot_sdk::api::Call::get("/cgi-bin/media/get");
    let wxbot_sdk::api::Fetched::File(mut file) =
        client.fetch(call, 100 * MB as u64).await.unwrap()
    else {
        panic!("it is a file")
    };
    assert_eq!((file.length, &*file.content_type), (Some(100 * MB as u64), "image/jpeg"));
    let mut came = 0;
    while let Some(chunk) = file.chunk().await.unwrap() {
        came += chunk.len();
        let ahead = server.seen.written.load(Ordering::SeqCst).saturating_sub(came);
        assert!(ahead <= IN_SOCKETS, "{ahead} bytes were taken that nobody read");
        assert!(chunk.len() <= MB, "{} bytes at once", chunk.len());
    }
    assert_eq!(came, 100 * MB);
}

#[tokio::test]
async fn a_file_ends_up_on_disk_whole_or_not_at_all() {
    let folder = std::env::temp_dir().join(format!("wxbot-transfers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("tea.jpg");
    let whole = jpeg(&format!("Content-Length: {}", 10 * MB));
    let (whole, half) =
        (vec![whole.clone(), Step::SendsFile(10 * MB)], [whole, Step::SendsFile(MB)]);
    let server = Server::start(vec![half.to_vec(), whole]).await;
    let client = server.client(LONG);
    let error = opened(&client).await.unwrap().save(&path).await.unwrap_err();
    let SaveError::Api(error) = error else { panic!("{error:?}") };
    assert_eq!(error.class(), Class::Unclear);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "it broke off");
    assert_eq!(opened(&client).await.unwrap().save(&path).await.unwrap(), 10 * MB as u64);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 10 * MB as u64);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What a server does, and what is known of the file.
#[tokio::test]
async fn a_download_that_is_not_whole_is_an_error_by_what_is_known() {
    let long = jpeg(&format!("Content-Length: {}", 128 * MB));
    let ten = || jpeg("Content-Length: 10");
    let chunked = || jpeg("Transfer-Encoding: chunked");
    let sends = |text: &str| Step::Sends(text.to_owned());
    let refused = r#"{"errcode":40007,"errmsg":"invalid media_id"}"#;
    let plain = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{refused}");
    let hangs = [ten(), Step::SendsFile(5), Step::Hangs].to_vec();
    let table = [
        (vec![ten(), Step::SendsFile(10)], None, "whole"),
        (vec![ten(), Step::SendsFile(20)], None, "what comes behind it is no part of it"),
        (vec![jpeg("X: y"), Step::SendsFile(10)], None, "without a length, until it closes"),
        (vec![chunked(), sends("a\r\nxxxxxxxxxx\r\n0\r\n\r\n")], None, "in chunks"),
        (vec![ten(), Step::SendsFile(9)], Some(Class::Unclear), "shorter than it was said to be"),
        (vec![ten()], Some(Class::Unclear), "nothing of it"),
        (vec![chunked(), sends("a\r\nxxxxx")], Some(Class::Unclear), "cut off in a chunk"),
        (vec![chunked(), sends("a\r\nxxxxxxxxxx\r\n")], Some(Class::Unclear), "no last chunk"),
        (hangs, Some(Class::Unclear), "it hangs in the middle"),
        (vec![ten(), Step::Hangs], Some(Class::Unclear), "it hangs before the file"),
        (vec![Step::Hangs], Some(Class::Unclear), "it hangs before the answer"),
        (vec![long, Step::SendsFile(128 * MB)], Some(Class::Unclear), "it is said to be too long"),
        (vec![jpeg("X: y"), Step::SendsFile(128 * MB)], Some(Class::Unclear), "it is too long"),
        (vec![jpeg("Content-Length: 0")], Some(Class::Unclear), "an empty one"),
        (vec![sends(&plain)], Some(Class::Permanent), "a refusal as text"),
        (vec![sends(&json(refused))], Some(Class::Permanent), "a refusal"),
        (vec![sends("HTTP/1.1 503 x\r\n\r\n")], Some(Class::Transient), "turned away"),
        (vec![sends("HTTP/1.1 502 x\r\n\r\nxxxxxxxxxx")], Some(Class::Unclear), "a gateway"),
    ];
    for (steps, class, reason) in table {
        let patience = patience(&steps);
        let server = Server::start(vec![steps]).await;
        let client = server.client(patience);
        let downloaded = client.download("M1").await;
        match (&downloaded, class) {
            (Ok(Download::File { bytes, .. }), None) => assert_eq!(bytes.len(), 10, "{reason}"),
            (Err(error), Some(class)) => assert_eq!(error.class(), class, "{reason}: {error:?}"),
            _ => panic!("{reason}: {downloaded:?}"),
        }
        assert_eq!(server.requests(), 1, "{reason}: it is not made again");
        let text = format!("{downloaded:?}");
        assert!(!text.contains("canary") && !text.contains("127.0.0.1"), "{text}");
        let written = server.seen.written.load(Ordering::SeqCst);
        assert!(written <= 32 * MB + IN_SOCKETS, "{reason}: {written} bytes were taken");
        assert_eq!(client.condition().calling, 0, "{reason}: nothing is held");
    }
}

/// What a server does while a file is uploaded, and what is known of it.
#[tokio::test]
async fn an_upload_that_fails_is_sorted_by_what_is_known() {
    let too_big = json(r#"{"errcode":40011,"errmsg":"invalid video size"}"#);
    let none = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned();
    let sends = Step::Sends;
    let table = [
        (vec![Step::ReadsAll, Step::Hangs], Class::Unclear, "no answer"),
        (vec![Step::ReadsAll, sends(none)], Class::Unclear, "an empty answer"),
        (vec![Step::ReadsAll], Class::Unclear, "it closes without an answer"),
        (vec![Step::Reads(MB), Step::Hangs], Class::Transient, "it hangs in the middle"),
        (vec![Step::Reads(MB)], Class::Transient, "it closes in the middle"),
        (
            vec![Step::Reads(MB), sends(too_big), Step::Hangs],
            Class::Permanent,
            "it answers before it has read all",
        ),
    ];
    for (steps, class, reason) in table {
        let patience = patience(&steps);
        // What is not read whole is more than the sockets take.
        let is_read = steps.iter().any(|step| matches!(step, Step::ReadsAll));
        let bytes = if is_read { PIECE } else { 128 * MB };
        let server = Server::start(vec![steps]).await;
        let client = server.client(patience);
        let content = Pieces::default().content(bytes / PIECE, bytes);
        let error = client.upload(upload(content)).await.expect_err(reason);
        assert_eq!(error.class(), class, "{reason}: {error:?}");
        let text = format!("{error} {error:?}");
        assert!(!text.contains("canary") && !text.contains("127.0.0.1"), "{text}");
        assert_eq!(client.condition().calling, 0, "{reason}: nothing is held");
    }
}

/// Files that are not what they were said to be: WeChat gets no request that is whole.
#[tokio::test]
async fn a_file_that_can_not_be_sent_says_why() {
    let pieces = Pieces::default();
    let unreadable = stream::iter([Ok(pieces.next()), Err(std::io::Error::other("unplugged"))]);
    let stuck = stream::iter([Ok(pieces.next())]).chain(stream::pending());
    let shrunk = std::env::temp_dir().join(format!("wxbot-shrunk-{}", std::process::id()));
    std::fs::write(&shrunk, [b'x'; PIECE]).unwrap();
    let file = FileContent::file(&shrunk).await.unwrap();
    let gone = FileContent::file(&shrunk).await.unwrap();
    std::fs::write(&shrunk, "x").unwrap();
    let table = [
        (pieces.content(2, 2 * PIECE + 1), "it ends after 131072 of 131073 bytes"),
        (pieces.content(3, 2 * PIECE), "it is longer than the 131072 bytes"),
        (FileContent::stream(2 * PIECE as u64, unreadable), "it can't be read: unplugged"),
        (FileContent::stream(2 * PIECE as u64, stuck), "it gave nothing for 200ms"),
        (file, "it ends after 1 of 65536 bytes"),
        (gone, "it can't be read: No such file"),
    ];
    for (content, expected) in table {
        if expected.contains("No such file") {
            std::fs::remove_file(&shrunk).unwrap();
        }
        let server = Server::start(vec![vec![Step::ReadsAll, Step::Sends(json(TAKEN))]]).await;
        let patience = if expected.contains("gave nothing") { SHORT } else { LONG };
        let error = server.client(patience).upload(upload(content)).await.expect_err(expected);
        let (class, source) = known(&error);
        assert_eq!(class, Class::Permanent, "{error:?}");
        assert!(source.starts_with(expected), "{source}");
        assert!(error.to_string().contains("the file can't be sent"), "{error}");
    }
}

#[tokio::test]
async fn a_file_is_sent_again_with_a_new_token_and_a_stream_says_that_it_can_not() {
    let spent = json(r#"{"errcode":40001,"errmsg":"invalid credential"}"#);
    let again = || {
        vec![
            vec![Step::ReadsAll, Step::Sends(spent.clone())],
            vec![Step::ReadsAll, Step::Sends(json(TAKEN))],
        ]
    };
    let path = std::env::temp_dir().join(format!("wxbot-again-{}", std::process::id()));
    std::fs::write(&path, vec![b'x'; 3 * MB]).unwrap();
    for content in [FileContent::file(&path).await.unwrap(), vec![b'x'; 3 * MB].into()] {
        let server = Server::start(again()).await;
        server.client(LONG).upload(upload(content)).await.unwrap();
        let read = server.seen.read.load(Ordering::SeqCst);
        assert!(server.requests() == 2 && read > 6 * MB, "{read} bytes: whole, and whole again");
    }
    std::fs::remove_file(&path).unwrap();

    let server = Server::start(again()).await;
    let client = server.client(LONG);
    let pieces = Pieces::default();
    let error = client.upload(upload(pieces.content(16, MB))).await.unwrap_err();
    let ApiError::Content { source: ContentError::ReadOnce, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(error.class(), Class::TokenSpent, "make it again");
    assert!(error.to_string().contains("can't be read again"), "{error}");
    assert_eq!(server.requests(), 1);
    client.upload(upload(pieces.content(16, MB))).await.expect("another stream is sent");
}

#[tokio::test]
async fn whoever_lets_go_of_a_file_frees_its_place() {
    let endless = vec![jpeg("X: y"), Step::SendsFile(usize::MAX)];
    let server = Server::start(vec![endless]).await;
    let client = server.client(LONG);
    for _ in 0..20 {
        let mut file = opened(&client).await.unwrap();
        assert!(file.chunk().await.unwrap().is_some());
        assert_eq!(client.condition().calling, 1);
    }
    assert_eq!(client.condition().calling, 0);
}
