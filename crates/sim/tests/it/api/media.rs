//! Media and material (section 7.7).

use serde_json::{Value, json};
use wxbot_sim::{ApiRequest, ApiResponse};

use super::{Caller, pass};

fn form(file_name: Option<&str>, bytes: &[u8], description: Option<&str>) -> Vec<u8> {
    let file_name = file_name.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
    let mut body = format!("--B\r\nContent-Disposition: form-data; name=\"media\"{file_name}\r\n");
    body.push_str("Content-Type: application/octet-stream\r\n\r\n");
    let mut body = body.into_bytes();
    body.extend_from_slice(bytes);
    if let Some(description) = description {
        let head = "\r\n--B\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\n";
        body.extend(format!("{head}{description}").into_bytes());
    }
    body.extend(b"\r\n--B--\r\n");
    body
}

async fn upload(caller: &Caller, path: &str, kind: &str, body: Vec<u8>) -> Value {
    let query = caller.query(&format!("type={kind}"));
    let request = ApiRequest::post(format!("/cgi-bin/{path}"), query, body);
    let content_type = Some("multipart/form-data; boundary=B".to_owned());
    caller.send(ApiRequest { content_type, ..request }).await
}

async fn fetch(caller: &Caller, media_id: &Value) -> ApiResponse {
    let query = caller.query(&format!("media_id={}", media_id.as_str().unwrap()));
    caller.wechat.api(ApiRequest::get("/cgi-bin/media/get", query)).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_uploaded_can_be_fetched_for_three_days() {
    let mut caller = Caller::new().await;
    let bytes = b"\xff\xd8\r\n--\xff\xd9";
    let up = upload(&caller, "media/upload", "image", form(Some("a.JPG"), bytes, None)).await;
    assert_eq!((&up["type"], &up["created_at"]), (&json!("image"), &json!(crate::bot::START)));
    let down = fetch(&caller, &up["media_id"]).await;
    assert_eq!((&down.body[..], down.file_name.as_deref()), (&bytes[..], Some("a.JPG")));
    assert_eq!(down.content_type, "image/jpeg");
    for (passes, there) in [(3 * 86_400 - 1, true), (1, false)] {
        pass(passes).await;
        caller.token = caller.stable(false).await["access_token"].as_str().unwrap().to_owned();
        let down = fetch(&caller, &up["media_id"]).await;
        assert_eq!(down.errcode(), (!there).then_some(40007));
    }
}

#[tokio::test(start_paused = true)]
async fn a_video_is_fetched_by_an_address_and_a_thumb_has_an_id_of_another_name() {
    let caller = Caller::new().await;
    let video = upload(&caller, "media/upload", "video", form(Some("a.mp4"), b"v", None)).await;
    let down = fetch(&caller, &video["media_id"]).await.json().unwrap();
    assert!(down["video_url"].as_str().unwrap().starts_with("http://"), "{down}");
    let thumb = upload(&caller, "media/upload", "thumb", form(Some("a.jpg"), b"t", None)).await;
    assert!(thumb["thumb_media_id"].is_string() && thumb.get("media_id").is_none());
}

#[tokio::test(start_paused = true)]
async fn an_upload_has_a_type_a_name_and_a_size() {
    let caller = Caller::new().await;
    let zeros = |bytes: usize| vec![0; bytes];
    let mb = 1024 * 1024;
    let rows = [
        ("sticker", Some("a.jpg"), zeros(1), 40004, "no such type"),
        ("image", None, zeros(1), 41005, "no file name"),
        ("image", Some("a.jpg"), zeros(0), 44001, "no bytes"),
        ("image", Some("a.mp3"), zeros(1), 40005, "no picture"),
        ("image", Some("noending"), zeros(1), 40005, "no ending"),
        ("image", Some("a.png"), zeros(10 * mb + 1), 40009, "more than 10 MB"),
        ("voice", Some("a.amr"), zeros(2 * mb + 1), 40010, "more than 2 MB"),
        ("video", Some("a.mp4"), zeros(10 * mb + 1), 40011, "more than 10 MB"),
        ("thumb", Some("a.jpg"), zeros(65_537), 40012, "more than 64 KB"),
        ("thumb", Some("a.jpg"), zeros(65_536), 0, "64 KB"),
    ];
    for (kind, file_name, bytes, errcode, reason) in rows {
        let up = upload(&caller, "media/upload", kind, form(file_name, &bytes, None)).await;
        assert_eq!(up["errcode"].as_i64().unwrap_or_default(), errcode, "{kind}: {reason}");
    }
    assert_eq!(caller.code("media/upload", json!({})).await, 40004, "no form");
    let missing = caller.get("media/get", "media_id=none").await;
    assert_eq!(
        (&missing["errcode"], &caller.get("media/get", "").await["errcode"]),
        (&json!(40007), &json!(41006))
    );
}

#[tokio::test(start_paused = true)]
async fn material_stays_until_it_is_deleted() {
    let mut caller = Caller::new().await;
    let add = "material/add_material";
    let image = upload(&caller, add, "image", form(Some("a.bmp"), b"i", None)).await;
    assert!(image["url"].as_str().unwrap().starts_with("http"), "{image}");
    let about = "{\"title\":\"标题\",\"introduction\":\"说明\"}";
    let video = upload(&caller, add, "video", form(Some("a.mp4"), b"v", Some(about))).await;
    let without = upload(&caller, add, "video", form(Some("a.mp4"), b"v", None)).await;
    assert_eq!((video.get("url"), &without["errcode"]), (None, &json!(47001)));

    pass(30 * 86_400).await;
    caller.token = caller.stable(false).await["access_token"].as_str().unwrap().to_owned();
    let by_id = |media: &Value| json!({ "media_id": media["media_id"] });
    let got = caller.post("material/get_material", by_id(&video)).await;
    assert_eq!((&got["title"], &got["description"]), (&json!("标题"), &json!("说明")));
    let count = caller.get("material/get_materialcount", "").await;
    assert_eq!((&count["image_count"], &count["video_count"]), (&json!(1), &json!(1)));
    let page = json!({ "type": "image", "offset": 0, "count": 20 });
    let list = caller.post("material/batchget_material", page).await;
    assert_eq!((&list["total_count"], &list["item"][0]["name"]), (&json!(1), &json!("a.bmp")));
    let page = json!({ "type": "image", "offset": 0, "count": 21 });
    assert_eq!(caller.code("material/batchget_material", page).await, 40035);

    assert_eq!(caller.code("material/del_material", by_id(&image)).await, 0);
    assert_eq!(caller.code("material/del_material", by_id(&image)).await, 40007);
    assert_eq!(caller.code("material/get_material", by_id(&image)).await, 40007);
}

#[tokio::test(start_paused = true)]
async fn a_picture_for_an_article_is_smaller_than_1_mb() {
    let caller = Caller::new().await;
    let rows = [("a.png", 1024 * 1024 - 1, 0), ("a.png", 1024 * 1024, 40009), ("a.gif", 1, 40005)];
    for (file_name, bytes, errcode) in rows {
        let body = form(Some(file_name), &vec![0; bytes], None);
        let up = upload(&caller, "media/uploadimg", "", body).await;
        assert_eq!(up["errcode"].as_i64().unwrap_or_default(), errcode, "{file_name} {bytes}");
    }
}
