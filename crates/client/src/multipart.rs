//! A form with files as it goes over the wire: `multipart/form-data` (section 7.7).

use wxbot_sdk::api::{FileContent, FileName, Form};

use crate::transport::RequestBody;

/// The body of a form. The boundary must not occur in a file: 128 random bits will not.
pub(crate) fn body(form: Form, boundary: &str) -> RequestBody {
    let mut pieces: Vec<FileContent> = Vec::with_capacity(2 * form.parts.len() + 1);
    for part in form.parts {
        let line_break = if pieces.is_empty() { "" } else { "\r\n" };
        let head = head(&part.name, part.file.as_ref());
        pieces.push(format!("{line_break}--{boundary}\r\n{head}\r\n").into());
        pieces.push(part.content);
    }
    pieces.push(format!("\r\n--{boundary}--\r\n").into());
    let content_type = format!("multipart/form-data; boundary={boundary}");
    RequestBody { content_type, pieces: pieces.into() }
}

fn head(name: &str, file: Option<&FileName>) -> String {
    let disposition = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
    let Some(FileName { filename, content_type }) = file else { return disposition + "\r\n" };
    let content_type = content_type.replace(|c: char| c.is_control(), "");
    let filename = quoted(filename);
    format!("{disposition}; filename=\"{filename}\"\r\nContent-Type: {content_type}\r\n")
}

/// As browsers write a name into quotes.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_form_has_parts_whose_names_stay_in_their_quotes() {
        let file = |content_type: &str| FileName {
            filename: "猫\"\r\n.png".into(),
            content_type: content_type.into(),
        };
        let form = || Form::default().file("media", file("image/png\r\nX: y"), "PNG\r\n".into());
        let body = super::body(form(), "B0");
        assert_eq!(body.content_type, "multipart/form-data; boundary=B0");
        let expected = "--B0\r\nContent-Disposition: form-data; name=\"media\"; \
                        filename=\"猫%22%0D%0A.png\"\r\nContent-Type: image/pngX: y\r\n\r\n\
                        PNG\r\n\r\n--B0--\r\n";
        assert_eq!(body.length(), expected.len() as u64);
        assert_eq!(body.whole().await.unwrap(), expected);
        let body = super::body(form().text("description", "{\"title\":\"茶\"}".into()), "B0");
        let end = "PNG\r\n\r\n--B0\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\n\
                   {\"title\":\"茶\"}\r\n--B0--\r\n";
        let whole = body.whole().await.unwrap();
        assert_eq!(body.length(), whole.len() as u64);
        assert!(whole.ends_with(end.as_bytes()), "{whole:?}");
    }
}
