//! Uploads: `multipart/form-data`.

use memchr::memmem;

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'b> {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) bytes: &'b [u8],
}

/// The parts of a form; none if it is no form.
pub(super) fn read<'b>(content_type: &str, body: &'b [u8]) -> Vec<Part<'b>> {
    let Some(boundary) = parameter(content_type, "boundary") else { return Vec::new() };
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let Some((_, mut rest)) = split_once(body, delimiter.as_bytes()) else { return parts };
    let closing = format!("\r\n{delimiter}");
    while let Some(inside) = rest.strip_prefix(b"\r\n") {
        let Some((part, behind)) = split_once(inside, closing.as_bytes()) else { break };
        parts.extend(read_part(part));
        rest = behind;
    }
    parts
}

fn read_part(part: &[u8]) -> Option<Part<'_>> {
    let (head, bytes) = split_once(part, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(head);
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let name = parameter(disposition, "name")?.to_owned();
    let file_name = parameter(disposition, "filename").map(str::to_owned);
    Some(Part { name, file_name, bytes })
}

/// The value of `; name=value` or `; name="value"`.
fn parameter<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    let mut parameters = header.split(';').skip(1).filter_map(|part| part.trim().split_once('='));
    let (_, value) = parameters.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(value.trim_matches('"'))
}

fn split_once<'b>(bytes: &'b [u8], at: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let start = memmem::find(bytes, at)?;
    Some((&bytes[..start], &bytes[start + at.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names_file_names_and_bytes() {
        let body = b"--B\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\
                     Content-Type: image/jpeg\r\n\r\n\xff\xd8\r\n\xd9\r\n--B\r\n\
                     content-disposition: form-data; name=description\r\n\r\n{}\r\n--B--\r\n";
        let parts = read("multipart/form-data; boundary=B", body);
        let part = |name: &str, file_name: Option<&str>, bytes| Part {
            name: name.into(),
            file_name: file_name.map(Into::into),
            bytes,
        };
        let expected =
            [part("media", Some("a.jpg"), b"\xff\xd8\r\n\xd9"), part("description", None, b"{}")];
        assert_eq!(parts, expected);
    }

    #[test]
    fn a_body_that_is_no_form_has_no_parts() {
        for body in [&b""[..], b"--B", b"--B\r\nno end", b"--B\r\n\r\n--B--"] {
            assert!(read("multipart/form-data; boundary=B", body).is_empty(), "{body:?}");
        }
        assert!(read("application/json", b"--B").is_empty());
    }
}
