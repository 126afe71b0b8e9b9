//! Files in both directions.

use wxbot_sdk::api::{Api, Download, MediaKind, Upload};

use crate::wechat::{Odd, WeChat, memory};

const UPLOAD: &str = "/cgi-bin/media/upload";
const GET: &str = "/cgi-bin/media/get";

fn picture() -> Upload {
    Upload {
        kind: MediaKind::Image,
        filename: "cat.png".into(),
        content_type: "image/png".into(),
        content: "PNG".into(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_is_uploaded_as_a_form_and_named_by_an_id() {
    let wechat = WeChat::new();
    wechat.next(UPLOAD, Odd::Answer(r#"{"type":"image","media_id":"M1","created_at":1735690000}"#));
    let uploaded = wechat.client(memory()).upload(picture()).await.unwrap();
    assert_eq!((uploaded.media_id.as_str(), uploaded.created_at), ("M1", 1_735_690_000));
    let call = wechat.calls().pop().unwrap();
    assert_eq!(call.query("type"), Some("image"));
    let body = call.request.body.as_ref().unwrap();
    let boundary = body.content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let bytes = call.bytes();
    assert_eq!(body.length(), bytes.len() as u64);
    let text = std::str::from_utf8(&bytes).unwrap();
    assert!(text.starts_with(&format!("--{boundary}\r\n")), "{text}");
    assert!(
        text.contains("name=\"media\"; filename=\"cat.png\"") && text.contains("\r\n\r\nPNG\r\n")
    );
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_token_was_spent_is_made_again() {
    let wechat = WeChat::new();
    wechat.next(UPLOAD, Odd::Answer(r#"{"errcode":42001,"errmsg":"expired"}"#));
    wechat.next(UPLOAD, Odd::Answer(r#"{"type":"thumb","thumb_media_id":"M2"}"#));
    let uploaded = wechat.client(memory()).upload(picture()).await.unwrap();
    assert_eq!(uploaded.media_id, "M2");
    let [first, second] = &wechat.calls()[..] else { panic!("two calls") };
    assert_eq!(first.bytes(), second.bytes());
}

#[tokio::test(start_paused = true)]
async fn a_video_comes_as_its_url_and_a_lost_file_as_a_refusal() {
    let wechat = WeChat::new();
    wechat.next(GET, Odd::Answer(r#"{"video_url":"http://e.com/v"}"#));
    wechat.next(GET, Odd::Answer(r#"{"errcode":40007,"errmsg":"invalid media_id"}"#));
    let client = wechat.client(memory());
    let video = client.download("M1").await.unwrap();
    assert_eq!(video, Download::Video { url: "http://e.com/v".into() });
    assert_eq!(client.download("M+/=2").await.unwrap_err().code(), Some(40007));
    assert_eq!(wechat.calls()[1].query("media_id"), Some("M+/=2"));
}
