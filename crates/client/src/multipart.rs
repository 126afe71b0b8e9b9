//! The form that a file is uploaded in: a part `media` with a name and a type, and for a permanent
//! video a part `description` (section 7.7).

use bytes::BytesMut;
use serde_json::json;
use wxbot_sdk::api::{Upload, VideoText};

use crate::body;
use crate::transport::RequestBody;

/// Writes the form. The boundary must not occur in the file: 128 random bits will not.
pub(crate) fn form(upload: &Upload, video: Option<&VideoText>, boundary: &str) -> RequestBody {
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{}\"\r\n\
         Content-Type: {}\r\n\r\n",
        quoted(&upload.filename),
        upload.content_type.replace(|c: char| c.is_control(), ""),
    );
    let description = video.map(|video| description(video, boundary)).unwrap_or_default();
    let tail = format!("\r\n--{boundary}--\r\n");
    let parts = [head.as_bytes(), &upload.bytes, &description, tail.as_bytes()];
    let mut bytes = BytesMut::with_capacity(parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    let content_type = format!("multipart/form-data; boundary={boundary}");
    RequestBody { content_type, bytes: bytes.freeze() }
}

fn description(video: &VideoText, boundary: &str) -> Vec<u8> {
    let text = json!({"title": video.title, "introduction": video.introduction});
    let head =
        format!("\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\n");
    [head.as_bytes(), &body::json(&text).bytes].concat()
}

/// As browsers write a name into quotes.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::api::MediaKind;

    use super::*;

    #[test]
    fn a_form_has_one_part_whose_name_stays_in_its_quotes() {
        let upload = Upload {
            kind: MediaKind::Image,
            filename: "猫\"\r\n.png".into(),
            content_type: "image/png\r\nX: y".into(),
            bytes: "PNG\r\n".into(),
        };
        let body = form(&upload, None, "B0");
        assert_eq!(body.content_type, "multipart/form-data; boundary=B0");
        let expected = "--B0\r\nContent-Disposition: form-data; name=\"media\"; \
                        filename=\"猫%22%0D%0A.png\"\r\nContent-Type: image/pngX: y\r\n\r\n\
                        PNG\r\n\r\n--B0--\r\n";
        assert_eq!(body.bytes, expected);
        let video = VideoText { title: "茶".into(), introduction: "\"green\"".into() };
        let body = form(&upload, Some(&video), "B0");
        let end = "PNG\r\n\r\n--B0\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\n\
                   {\"introduction\":\"\\\"green\\\"\",\"title\":\"茶\"}\r\n--B0--\r\n";
        assert!(body.bytes.ends_with(end.as_bytes()), "{:?}", body.bytes);
    }
}
