//! The form that a file is uploaded in: one part, `media`, with a name and a type (section 7.7).

use bytes::BytesMut;
use wxbot_sdk::api::Upload;

use crate::transport::RequestBody;

/// Writes the form. The boundary must not occur in the file: 128 random bits will not.
pub(crate) fn form(upload: &Upload, boundary: &str) -> RequestBody {
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{}\"\r\n\
         Content-Type: {}\r\n\r\n",
        quoted(&upload.filename),
        upload.content_type.replace(|c: char| c.is_control(), ""),
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    let mut bytes = BytesMut::with_capacity(head.len() + upload.bytes.len() + tail.len());
    for part in [head.as_bytes(), &upload.bytes, tail.as_bytes()] {
        bytes.extend_from_slice(part);
    }
    let content_type = format!("multipart/form-data; boundary={boundary}");
    RequestBody { content_type, bytes: bytes.freeze() }
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
        let body = form(&upload, "B0");
        assert_eq!(body.content_type, "multipart/form-data; boundary=B0");
        let expected = "--B0\r\nContent-Disposition: form-data; name=\"media\"; \
                        filename=\"猫%22%0D%0A.png\"\r\nContent-Type: image/pngX: y\r\n\r\n\
                        PNG\r\n\r\n--B0--\r\n";
        assert_eq!(body.bytes, expected);
    }
}
